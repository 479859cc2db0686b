"""Mail domains of companies: one spelling each, and whose domains say nothing about where somebody works."""

from helpdesk.lib import emails

DOMAIN_MAX = 253
# Everybody can have an address there. A family stands for all its countries (yahoo.it, yahoo.co.uk).
FAMILIES = frozenset({"aol", "gmx", "googlemail", "hotmail", "live", "outlook", "yahoo", "yandex", "ymail", "zoho"})
PROVIDERS = frozenset(
    """
    126.com 139.com 163.com alice.it aliceadsl.fr arcor.de att.net bellsouth.net bk.ru bluewin.ch bol.com.br
    btinternet.com centrum.cz charter.net clix.pt comcast.net cox.net cs.com daum.net duck.com earthlink.net
    email.com email.cz email.it fastmail.com fastmail.fm fastwebnet.it free.fr freemail.hu freenet.de gmail.com
    hanmail.net hey.com home.nl home.ro hotmail.com hushmail.com icloud.com inbox.lv inbox.ru inwind.it iol.it
    juno.com k.ro laposte.net lavabit.com libero.it list.ru mac.com mail.com mail.de mail.ee mail.ru mailbox.org
    mailfence.com me.com msn.com naver.com neuf.fr ntlworld.com o2.pl onet.pl op.pl orange.fr pec.it pm.me
    posteo.de poste.it posteo.net proton.me protonmail.ch protonmail.com qq.com rambler.ru rdslink.ro
    rediffmail.com riseup.net rocketmail.com runbox.com sapo.pt sbcglobal.net seznam.cz sfr.fr sina.com sky.com
    skynet.be sohu.com t-online.de talktalk.net telenet.be terra.com.br tim.it tin.it tiscali.co.uk tiscali.it
    tuta.com tuta.io tutanota.com tutanota.de ukr.net uol.com.br verizon.net virgilio.it virgin.net
    virginmedia.com vodafone.it wanadoo.fr web.de wp.pl xs4all.nl xtra.co.nz ziggo.nl privaterelay.appleid.com
    users.noreply.github.com mozmail.com simplelogin.com anonaddy.com
    """.split()
)


def normalise(domain: str) -> str:
    """Return the one spelling of a domain, ASCII (IDNA) and lower case. Raises ValueError for what is none.

    A domain written with other letters that look alike has another spelling, which shows (`xn--…`).
    """
    spelled = emails.normalise_domain(domain.strip().lower().removeprefix("https://").removeprefix("www.").strip("@/ "))
    if not spelled or "." not in spelled or spelled.startswith("[") or len(spelled) > DOMAIN_MAX:
        raise ValueError(f"“{emails.one_line(domain)[:120]}” is not a domain.")
    if spelled.rpartition(".")[2].isdigit():
        raise ValueError("An internet address is not a domain.")
    return spelled


def is_public(domain: str) -> bool:
    """Whether everybody can have an address there, so that it tells nothing about where somebody works."""
    family, _, rest = domain.partition(".")
    # A country's part: it, co.uk, com.br; not somebody's own domain below.
    is_country = rest.count(".") <= 1 and (rest.count(".") == 0 or rest.split(".")[0] in {"co", "com", "net", "ne"})
    return domain in PROVIDERS or (family in FAMILIES and is_country)
