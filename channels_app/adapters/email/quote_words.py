"""The words mail programs put around what they repeat, by language. Every pattern is linear.

Data only; the reading is in quote.py. English, Italian, Romanian, German and French first.
"""

import re


def _any(*words: str) -> str:
    return "(?:" + "|".join(words) + ")"


_VERB = _any(
    "wrote", "writes", "schrieb", "geschrieben", "a écrit", "a ecrit", "ha scritto", "scrisse",
    "a scris", "escribió", "escribio", "escreveu", "schreef", "geschreven", "skrev", "napsala?",
    r"napsal\(a\)", r"napisała?", r"napisał\(a\)", "kirjoitti", "написала?", "пишет", "пише", "yazdı",
    "写道", "寫道", "作成", "작성", "님이 작성", "wrote via", "ezt írta", "je napisao", "έγραψε",
)  # fmt: skip
_START = _any(
    "On", "At", "Am", "Le", "El", "Il", "In data", "Pe", "La data de", "În data de", "Em", "Op",
    "Den", "Dne", "Dnia", "W dniu", "Vào", "På", "Dnya", "Le jeu", "Il giorno", "V", "В", "Dana",
    "在", "于", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun", "Date", "Man", "Tir", "Ons", "Tor",
    "Fre", "Lør", "Søn", "Mån", "Tis", "Lör", "Sön", "понедельник", "вторник", "среда", "четверг",
    "пятница", "суббота", "воскресенье",
)  # fmt: skip

# One line, or up to five joined ones: a date or an address, a verb, a colon.
WROTE_START = re.compile(
    rf"[\s>*|-]{{0,20}}(?:{_START}[\s,.:]|在|于|\d{{1,4}}[-/.年 ]|[\"'«]?[^@<>:]{{1,60}}[\"'»]?\s?<[^<>\s]+@)"
)
WROTE_END = re.compile(
    rf"{_VERB}(?![^\W\d_])[^:：]{{0,120}}(?:\d\d?:\d\d[^:：]{{0,40}})?[:：]\s*[>]?\s*\Z"
    rf"|{_VERB} ?-{{2,6}}\s*\Z|\d\d?:\d\d[^:]{{1,160}}<?[^<>\s]+@[^<>\s]+>:\s*\Z",
    re.I,
)
# Old Gmail: a date, a name and an address alone on a line.
DATED_SENDER = re.compile(r"\s{0,3}\d{4}[-/]\d{1,2}[-/]\d{1,2} [^<>]{1,80}<[^<>\s]+@[^<>\s]+>:?\s*\Z")

_TITLES = _any(
    "original message", "original email", "original appointment", "reply message", "forwarded message",
    "forwarded by [^-]{1,60}", "forwarded mail", "message d'origine", "message d’origine",
    "message original", "message transféré", "messaggio originale", "messaggio inoltrato",
    "mesaj original", "mesajul original", "mesaj inițial", "mesaj redirecționat",
    "ursprüngliche nachricht", "urspruengliche nachricht", "originalnachricht",
    "weitergeleitete nachricht", "ursprüngliche e-mail", "mensaje original", "mensaje reenviado",
    "mensagem original", "mensagem encaminhada", "oorspronkelijk bericht", "doorgestuurd bericht",
    "oprindelig meddelelse", "opprinnelig melding", "originalmeddelande", "ursprungligt meddelande",
    "vidarebefordrat meddelande", "původní zpráva", "wiadomość oryginalna", "oryginalna wiadomość",
    "исходное сообщение", "пересылаемое сообщение", "alkuperäinen viesti", "原始邮件", "原始郵件",
    "元のメッセージ", "原邮件",
)  # fmt: skip
SEPARATOR = re.compile(rf"[\s>*]{{0,10}}[-_=]{{2,40}}\s?{_TITLES}\s?[-_=]{{0,40}}[\s*]{{0,5}}\Z", re.I)
FORWARD = re.compile(
    r"[\s>*_-]{0,20}(?:begin forwarded message|forwarded message|forwarded mail|anfang der weitergeleiteten"
    r"|weitergeleitete nachricht|début du message (?:réexpédié|transféré)|message transféré"
    r"|inizio messaggio inoltrato|messaggio inoltrato|mesaj redirecționat|început mesaj"
    r"|mensaje reenviado|doorgestuurd bericht|vidarebefordrat)",
    re.I,
)
REPLY_ABOVE = re.compile(
    r"[\s>#*=-]{0,20}(?:please )?(?:type your |write your )?(?:reply|respond|antworten sie|rispondi"
    r"|répondez|răspundeți)[^.]{0,30}(?:above|oberhalb|sopra|au-dessus|deasupra)[^.]{0,40}[\s#*=-]{0,20}\Z",
    re.I,
)

_FIELD_FROM = _any(
    "from", "von", "da", "de", "de la", "van", "od", "fra", "från", "expéditeur", "mittente",
    "lähettäjä", "от", "отправитель", "发件人", "寄件者", "差出人", "보낸\\s?사람", "kimden", "від",
)  # fmt: skip
_FIELD_OTHER = _any(
    "sent", "date", "to", "subject", "cc", "reply-to", "organi[sz]ation", "gesendet", "datum",
    "an", "betreff", "kopie", "inviato", "data", "a", "oggetto", "risposta", "trimis", "către",
    "catre", "subiect", "envoyé", "envoyé le", "envoye", "à", "objet", "enviado", "enviado el",
    "fecha", "para", "asunto", "enviada em", "assunto", "verzonden", "aan", "onderwerp", "sendt",
    "til", "emne", "skickat", "till", "ämne", "odesláno", "komu", "předmět", "wysłano", "do",
    "temat", "dw", "lähetetty", "vastaanottaja", "aihe", "дата", "кому", "тема", "копия",
    "发送时间", "收件人", "主题", "抄送", "日期", "送信日時", "宛先", "件名", "보낸\\s?날짜",
    "받는\\s?사람", "제목", "gönderilme", "kime", "konu", "importance", "sent at", "kopi",
)  # fmt: skip
FIELD_FROM = re.compile(rf"[\s>*|]{{0,20}}{_FIELD_FROM}[\s*]{{0,4}}[:：]", re.I)
FIELD = re.compile(rf"[\s>*|]{{0,20}}({_FIELD_FROM}|{_FIELD_OTHER})[\s*]{{0,4}}[:：]", re.I)

DELIMITER = re.compile(r"\s{0,5}(?:[_=*-]{3,}|(?:[-*_] ){3,}[-*_]?|—{1,3})\s*\Z")
SIGNATURE = re.compile(r"\s{0,3}(?:-- ?|__ ?|–|—|--\u200b?)\s*\Z")
LIST_FOOTER = re.compile(r"\s{0,3}(?:_{30,}|-{30,}|={30,})\s*\Z")
_DEVICE = (
    r"(?:i?phone|ipad|ipod|android|mobil|mobile|smartphone|cell|tablet|samsung|galaxy|huawei|xiaomi"
    r"|htc|nexus|pixel|lumia|nokia|sony|lg|blackberry|windows|outlook|mailbox|yahoo|airmail|mail\b|gmail"
    r"|k-9|thunderbird|proton|device|gerät|telefon|téléphone|telefono|telefonul|verizon|telus|ti-\d+"
    r"|alcatel|mac\b|surface|handy|appareil|dispositivo|bluemail|aqua mail|spark|phone|mobiel)"
)
SENT_FROM = re.compile(
    r"[\s<(\[*_-]{0,8}(?:sent (?:from|via|with|by|using)|sent on the|get outlook for|from my"
    r"|von meinem|gesendet (?:von|mit|über)|diese nachricht wurde von|envoyé (?:de|depuis|à partir|avec)"
    r"|inviato (?:da|dal|con)|trimis (?:de pe|din|cu)|enviado (?:desde|do|de|con)|verzonden (?:met|vanaf|via)"
    r"|sendt fra|skickat från|wysłane? z|odesláno z|lähetetty|отправлено (?:с|из)|obtenez outlook"
    r"|scarica outlook|ottieni outlook|hämta outlook|hent outlook|outlook (?:für|für)|descărcați outlook"
    r"|從我的|从我的|發自我的|发自我的|iphoneから)"
    rf"(?:[^\n,.]{{0,40}}{_DEVICE}|[^\n]{{0,10}}傳送|[^\n]{{0,10}}发送)",
    re.I,
)
