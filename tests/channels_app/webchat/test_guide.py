"""The pieces of code in docs/widget.md sign as the desk reads, in each language that is installed here."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import jwt
import pytest

from channels_app.models import Visitor as Row
from tests.channels_app.webchat.talking import Visitor, make_widget

pytestmark = pytest.mark.django_db
GUIDE = Path(__file__).parents[3] / "docs" / "widget.md"
SECRET = "s" * 32
# What a shop may have to sign: letters beyond ASCII, quotes, slashes.
WHO = ("c-17/ă", "giulia@example.test", 'Giulia "Ță" Rossi \\ </script>')
# Of each language: the program, and what prints what the function of the guide returns.
PROGRAMS = {
    "php": (["php"], "<?php\n{code}\n$given = json_decode($argv[1]); echo json_encode({name}(...$given));"),
    "js": (
        ["node", "--input-type=module", "-"],
        "{code}\nconst given = JSON.parse(process.argv[2]); console.log(JSON.stringify({name}(...given)));",
    ),
}
NAMES = {"php": ("widget_token", "widget_identity"), "js": ("widgetToken", "widgetIdentity")}


@pytest.fixture
def visitor(team: Any) -> Visitor:
    visitor = Visitor(make_widget(team=team).public_key)
    visitor.arrive()
    return visitor


def code_of(language: str, name: str) -> str:
    found = re.findall(rf"```{language}\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    (code,) = [one for one in found if re.search(rf"(def|function) {name}\b", one)]
    return str(code)


def run(language: str, name: str) -> Any:
    command, frame = PROGRAMS[language]
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed here; the guide's {name} was not tried")
    text = frame.replace("{code}", code_of(language, name)).replace("{name}", name)
    given = json.dumps([SECRET, *WHO])
    arguments = [*command, given] if command[0] == "node" else [*command, "--", given]
    done = subprocess.run(arguments, input=text, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def believes(visitor: Visitor, given: Any) -> None:
    given = {"jwt": given} if isinstance(given, str) else given
    assert visitor.post("identity/", given).status_code == 204
    proved = Row.objects.get().proved
    assert proved is not None
    assert (proved.value, proved.customer.name) == (WHO[0], WHO[2])


@pytest.mark.parametrize("name", ["widget_token", "widget_identity"])
def test_the_guides_python_signs_as_the_desk_reads(visitor: Visitor, name: str) -> None:
    names: dict[str, Any] = {}
    exec(code_of("python", name), names)
    believes(visitor, names[name](SECRET, *WHO))


def test_the_guides_token_is_what_a_library_makes(visitor: Visitor) -> None:
    names: dict[str, Any] = {}
    exec(code_of("python", "widget_token"), names)
    claims = jwt.decode(names["widget_token"](SECRET, *WHO), SECRET, algorithms=["HS256"])
    believes(visitor, jwt.encode(claims, SECRET, algorithm="HS256"))


@pytest.mark.parametrize("which", [0, 1], ids=["token", "hash"])
@pytest.mark.parametrize("language", ["php", "js"])
def test_the_guides_other_languages_sign_as_the_desk_reads(visitor: Visitor, language: str, which: int) -> None:
    believes(visitor, run(language, NAMES[language][which]))
