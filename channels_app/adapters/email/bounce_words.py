"""How mail systems word a delivery report. Data for bounce.py; every pattern is linear."""

import re

GOOD_ACTIONS = ("delivered", "relayed", "expanded")

ADDRESS = re.compile(r"[^\s<>()\[\],;:\"'@=]{1,64}@[A-Za-z0-9.-]{1,200}[A-Za-z0-9]")
REPORT_FIELD = re.compile(
    r"^[ \t>]{0,4}(original-recipient|final-recipient|x-actual-recipient|action|status|diagnostic-code"
    r"|original-envelope-id|reporting-mta|remote-mta)[ \t]*:[ \t]*([^\n]*(?:\n[ \t]+[^\n]*)*)",
    re.I | re.M,
)
STATUS = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b")
STATUS_IN_PROSE = re.compile(r"(?<![\d.])([45]\.[0-7]\.\d{1,3})(?![\d.])")
REPLY_CODE = re.compile(r"(?<![\d.])([45][0-5]\d)[ -](?!\d)")
DAEMON = re.compile(
    r"mailer[-_ ]?daemon|postmaster|mail delivery (?:sub)?system|mail[-_]?delivery|bounce[s+@-]|mdaemon"
    r"|mail administrator|mailadmin|mail system|microsoftexchange|delivery[-_ ]status|mail-daemon"
    r"|maildaemon|symantec_|<>",
    re.I,
)
SUBJECT = re.compile(
    r"undeliver|undelivr|not delivered|delivery (?:status|failure|failed|problem|report|notification|has failed)"
    r"|returned (?:mail|message|to sender)|mail delivery|failure notice|failed mail|mail failure"
    r"|unable to deliver|could ?n.t be delivered|could not be delivered|cannot deliver|non ?remis"
    r"|message delivery|mail system error|warning: message|warning: could not|unzustellbar|nicht zustellbar"
    r"|zustellung|unzustellbarkeit|mancato recapito|impossibile recapitare|mancata consegna|nedelivrat"
    r"|livrare eșuată|échec de (?:la )?(?:remise|distribution)|non (?:distribu|livr)|no se puede entregar"
    r"|onbestelbaar|ikke leveres|kunde inte levereras|undelivered|non[- ]?delivery|delivery error"
    r"|delayed|delivery delay|nondeliverable|rejected|permanent (?:fail|fatal)|user unknown|bounce"
    r"|message status|delivery incomplete|配信|配達|送信できません|unknown (?:user|address)|undeliverable",
    re.I,
)
PROSE = re.compile(
    r"could not be delivered|couldn.t be delivered|undeliver|user unknown|unknown user|delivery (?:has )?fail"
    r"|failed to deliver|unable to deliver|permanent (?:fatal )?error|was not delivered|not be delivered"
    r"|does not exist|mailbox (?:is )?(?:full|unavailable)|no such (?:user|recipient|mailbox)"
    r"|returned to (?:you|sender)"
    r"|delivery to the following|following (?:address|recipient|user|e-?mail|mail)|did not reach|recipient.{0,30}reject"
    r"|over ?quota|quota exceeded|transcript of session|could not deliver|cannot be delivered|can.t be delivered"
    r"|i.m afraid i wasn.t able|unable to relay|host unknown|unrouteable|temporarily deferred|not yet been delivered"
    r"|konnte nicht (?:zugestellt|übermittelt)|non è stato possibile|nu a putut fi livrat|n.a pas pu être"
    r"|message that you sent|your (?:message|mail|e-?mail) (?:was|has|could|to|cannot)|non[- ]?delivery|unknown address"
    r"|address.{0,20}(?:unknown|invalid|rejected)|no longer (?:valid|accept|in use|active)|宛先|届け|配信",
    re.I,
)
# What only mail systems write: reply codes, queue talk, the headers of the returned mail.
MACHINE = re.compile(
    r"(?<![\d.])5\d\d[ -]#?5\.\d\.\d|\b5\d\d [A-Za-z<]|(?<![\d.])[45]\.\d\.\d{1,3}(?![\d.])"
    r"|^[\s>]{0,6}(?:received: (?:from|by)|message-id:|return-path:)|transcript of session|smtp|\bmta\b"
    r"|mail (?:server|system|gateway)|mailer|relay|postmaster|<[^<>@\s]{1,64}@[^<>\s]{1,200}>:",
    re.I | re.M,
)
VACATION_SUBJECT = re.compile(
    r"\s*(?:out of (?:the )?office|automatic reply|auto(?:matische)? ?-?reply|vacation)", re.I
)
TEMPORARY = re.compile(
    r"delayed|still (?:trying|be re)|will (?:keep|be re|continue|retry)|not yet (?:been )?deliver|warning"
    r"|temporar(?:y|ily)|no action is required|do not need to resend|deferred|undeliverable for",
    re.I,
)
_BAD = (
    r"unknown|not (?:found|exist|listed|valid|deliver|a valid|accept)|no such|full|fail|reject|denied|disabled"
    r"|invalid|error|unavail|quota|55\d|45\d|does|couldn|could|undeliver|bounce|unrout|permanent|host|inactive|suspend"
)
_MAIL = r"<?([^\s<>()\[\],;:\"'@=]{1,64}@[A-Za-z0-9.-]{1,200}[A-Za-z0-9])>?"
# An address with the complaint beside it on the same line.
NAMED_ADDRESS = re.compile(
    rf"(?im)^[^\n@]{{0,80}}?(?:recipient|addressee|user|address|mailbox|to)\b[^\n@]{{0,40}}{_MAIL}[^\n]{{0,200}}(?:{_BAD})"
    rf"|^\W{{0,12}}{_MAIL}\W{{0,6}}(?:\s|\()[^\n]{{0,160}}(?:{_BAD})"
)
# An address alone on its line, as qmail, Postfix and Exim write it.
LINE_ADDRESS = re.compile(
    rf"(?im)^[\s>*•-]{{0,12}}(?:smtp;|to:|rfc822;|recipient:)?\s?[\"']?{_MAIL}[\"']?[\s:;.]{{0,8}}$"
)
ORIGINAL_BEGINS = re.compile(
    r"(?im)^[->\s=*]{0,12}(?:(?:this is a copy of|below this line is a copy|copy of the) .{0,40}(?:message|mail)"
    r"|original (?:message|mail)[^\n]{0,30}follow|(?:begin )?(?:the )?(?:original|returned|undelivered|unsent) "
    r"(?:message|mail)"
    r"|the (?:original|unsent) message|headers? of (?:the|your) |received: (?:from|by)|return-path:|message-id:)"
)
MESSAGE_ID = re.compile(r"(?im)^[\s>]{0,10}message-id:\s{0,10}<([^<>\s]{3,300})>")
