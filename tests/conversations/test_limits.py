"""The counter of the composer and the server count every text alike."""

import json
import subprocess
from itertools import product
from typing import Any

from helpdesk.embedded import PROJECT
from helpdesk.lib import gsm, markup, pieces
from helpdesk.lib.outbound import Capabilities

ROMANIAN = (
    "Bună ziua, coletul dumneavoastră cu comanda 9981 ajunge mâine între orele 10 și 14. Răspundeți DA dacă sunteți"
    " acasă sau NU pentru altă zi."
)
ITALIAN = (
    "Buongiorno, il suo ordine 10432 arriverà martedì 24 novembre tra le 10 e le 14. Risponda SÌ se sarà a casa oppure"
    " NO per un altro giorno."
)
FAMILY = "👨\u200d👩\u200d👧\u200d👦"
TEXTS = [
    "", " \n ", "a" * 160, "a" * 161, "ș" * 70, "ș" * 71, "€" * 80, "€" * 81, "a" * 152 + "€" + "a" * 152, "😀" * 36,
    ROMANIAN, ITALIAN, "“L’ordine”\u00a0– ok…", "perche\u0301", "Știți că „mâine” è già Łódź?", "Привет 😀",
    FAMILY * 20, "è" * 501, "x" * 1001, "line\r\n\tof ‹two›\u200b\n", "\f^{}\\[~]|€",
]  # fmt: skip
MARKED = [
    *TEXTS, "**b** _i_ ~~s~~ `c` 2*3*4 __init__", "[shop](https://x.test/a_(b)) [https://x.test](https://x.test)",
    "> **q**\n- _i_\n12. ~~x~~", "```py\n**a**\n\n``` b\n```\nend `", "*x* _y_ ~z~ `` ` ** **a **b** c", "**a _b** c_*",
    "https://x.test/_a_ **https://x.test/b_** [m](mailto:a@x.test)", "😀**b**😀 **😀** ș_i_ _ș_", "**a* b**\n*c\n*d e*",
    "[ ](https://x.test) ```x``` ` `", "```\n\n```", "_**both**_ (**x**), **never\nclosed**", "- \n> \n>> a\n>b",
    "a*b _[c](https://x.test)_ `_` ~~[`~~", "\n\n```\nx\n```\n```\ny\n```",
]  # fmt: skip
STYLES = ["", "html", "stars", "marks"]
UNITS = ["characters", "bytes", "utf16", "segments"]
ASK = """
const { measure, size, normalised, withoutAccents, fitting } = await import(process.argv[1] + "/measuring.ts");
const { carried } = await import(process.argv[1] + "/marks.ts");
let all = ""; for await (const part of process.stdin) all += part;
const { texts, units, marked, styles } = JSON.parse(all);
console.log(JSON.stringify({
  used: texts.flatMap((text) => units.map((unit) => measure(text, unit, 9).used)),
  sizes: texts.map((text) => size(normalised(text))), plain: texts.map(withoutAccents),
  carried: marked.flatMap((text) => styles.map((style) => carried(text, style))),
  fits: texts.map((text) => text.slice(0, fitting(text, "bytes", 60))),
}));
"""


def _in_the_browser() -> dict[str, Any]:
    given = json.dumps({"texts": TEXTS, "units": UNITS, "marked": MARKED, "styles": STYLES})
    command = [
        "./bin/node",
        "--no-warnings",
        "--input-type=module",
        "-e",
        ASK,
        str(PROJECT / "static/src"),
    ]
    done = subprocess.run(command, cwd=PROJECT, input=given, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def test_the_page_counts_as_the_server_does() -> None:
    found = _in_the_browser()
    sizes = [gsm.size(gsm.normalised(text)) for text in TEXTS]
    assert found["used"] == [_used(text, unit) for text, unit in product(TEXTS, UNITS)]
    assert [(one["segments"], one["left"], tuple(one["because"])) for one in found["sizes"]] == [
        (one.segments, one.left, one.because) for one in sizes
    ]
    assert found["plain"] == [gsm.without_accents(text) for text in TEXTS]
    for text, fits in zip(TEXTS, found["fits"], strict=True):
        assert text.startswith(fits) and len(fits.strip().encode()) <= 60
    assert found["carried"] == [_carried(text, style) for text, style in product(MARKED, STYLES)]
    # A sign that people see as one stays whole.
    assert found["fits"][TEXTS.index(FAMILY * 20)] == FAMILY * 2


def test_the_texts_of_the_two_languages_cost_what_was_measured() -> None:
    assert [gsm.size(gsm.normalised(text)).segments for text in (ROMANIAN, ITALIAN)] == [3, 3]
    assert [gsm.size(gsm.without_accents(text)).segments for text in (ROMANIAN, ITALIAN)] == [1, 1]
    assert gsm.size(ITALIAN).because == ("Ì",)


def _carried(text: str, style: str) -> str:
    return markup.leaving(text, style, is_marked=True).part(0, len(text)).text


def _used(text: str, unit: str) -> int:
    return pieces.measure(text.strip(), Capabilities(max_text_characters=9, max_files_bytes=0, text_unit=unit))
