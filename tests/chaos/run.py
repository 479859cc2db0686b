"""Breaks a real desk on purpose, as `plan.toml` says, and counts: nothing lost, nothing twice, the books balance.

`python -m tests.chaos.run [CASE ...]` prints one line per case; `--list` says which there are.
"""

import json
import shutil
import smtplib
import socket
import subprocess
import sys
import tempfile
import time
import tomllib
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from helpdesk.embedded import PROJECT
from tests.desk import RunningDesk, plain_env, running_desk
from tests.waiting import until

PLAN = PROJECT / "tests" / "chaos" / "plan.toml"
LOOPBACK = "127.0.0.1"
CUSTOMERS = 5
# What is put in by the cases whose answers go out as messages over HTTP.
MESSAGE = "message"
# What is shown of a case besides its verdict.
COUNTED = ("acked", "refused", "provider", "lost", "duplicated", "reordered", "unsent", "sent_twice", "unmarked",
           "wrong_state", "sent_out_of_order", "recover_s", "seconds")  # fmt: skip


def runner() -> Path | None:
    """Return the fault runner, which lies beside the checkout; None where there is none."""
    found = (folder / "shared" / "tools" / "chaos.py" for folder in PROJECT.parents)
    return next(filter(Path.exists, found), None)


def cases() -> list[str]:
    """Return the names of all cases, in the order of the plan."""
    return [case["name"] for case in tomllib.loads(PLAN.read_text())["case"]]


def run(names: Iterable[str], folder: Path) -> Iterator[dict[str, Any]]:
    """Run cases one after another against one desk in `folder`; yield what each counted."""
    ports = dict(zip(("provider", "sink"), _free_ports(2), strict=True))
    sink_at = f"{LOOPBACK}:{ports['sink']}"
    provider_at = f"{LOOPBACK}:{ports['provider']}"
    settings = {"SMTP_URL": f"smtp://{sink_at}", "PRIVATE_HOSTS_ALLOWED": f"{sink_at},{provider_at}"}
    with _sink(ports), running_desk(folder / "desk", _with_parrot, **settings) as desk:
        plans = {"": folder / "plan.toml", MESSAGE: folder / "messages.toml"}
        text = _filled(desk, ports, folder)
        plans[""].write_text(text)
        plans[MESSAGE].write_text(text.replace("chaos{customer}@", "parrot{customer}@"))
        _make_known(desk)
        _make_known_by_message(desk, f"http://{provider_at}/")
        by_message = {case["name"] for case in tomllib.loads(PLAN.read_text())["case"] if case["inject"] == MESSAGE}
        for name in names:
            yield _one(name, plans[MESSAGE if name in by_message else ""], desk)


def line(result: dict[str, Any]) -> str:
    """Show one case as a line."""
    verdict = "PASS" if result["passed"] else "FAIL"
    counted = " ".join(f"{name}={result[name]}" for name in COUNTED if name in result)
    return f"{verdict} {result['case']:<24} {counted} {'; '.join(result['why'])}".rstrip()


def _one(name: str, plan: Path, desk: RunningDesk) -> dict[str, Any]:
    found = plan.with_name("result.json")
    found.unlink(missing_ok=True)
    command = [sys.executable, str(runner()), str(plan), "--case", name, "--json", str(found)]
    done = subprocess.run(command, capture_output=True, text=True, env=plain_env(), timeout=400)
    if not found.exists():
        return {"case": name, "passed": False, "why": [done.stderr[-2000:] + done.stdout[-500:]]}
    result: dict[str, Any] = json.loads(found.read_text())[0]
    if wrong := _books(desk.folder):
        result["why"].append(wrong)
    if desk.process.poll() is not None:
        result["why"].append("the desk has ended: " + desk.output[-500:])
    return result | {"passed": not result["why"]}


def _books(folder: Path) -> str:
    """Return what `reconcile` has to say against the books; empty when they balance."""
    command = [sys.executable, "manage.py", "reconcile"]
    done = subprocess.run(command, cwd=folder, env=plain_env(), capture_output=True, text=True, timeout=60)
    return "" if done.returncode == 0 else f"the books do not balance: {done.stdout}{done.stderr[-500:]}"


def _filled(desk: RunningDesk, ports: dict[str, int], folder: Path) -> str:
    facts = desk.facts
    values = {
        "pids": str(desk.folder / ".dev" / "pids"),
        "url": facts["url"],
        "token": facts["api_token"],
        "mailbox": facts["demo_mailbox"]["address"],
        "smtp_port": facts["smtp"].rpartition(":")[2],
        "provider": f"{LOOPBACK}:{ports['provider']}",
        "logs": str(folder / "logs"),
        "harm": f"cd '{PROJECT}' && '{sys.executable}' -m tests.chaos.harm '{desk.folder / '.dev'}'",
    }
    text = PLAN.read_text()
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    return text


def _make_known(desk: RunningDesk) -> None:
    """Let every customer of the plan write once, so that there is somebody to answer."""
    host, port = desk.facts["smtp"].split(":")
    to = desk.facts["demo_mailbox"]["address"]
    with smtplib.SMTP(host, int(port), timeout=10) as line:
        for number in range(CUSTOMERS):
            sender = f"chaos{number}@example.test"
            line.sendmail(sender, [to], f"From: {sender}\nTo: {to}\nSubject: Parcel\n\nWhere is it?\n")
    for number in range(CUSTOMERS):
        until(lambda address=f"chaos{number}@example.test": _has_entries(desk.facts, address), seconds=60)


def _with_parrot(folder: Path) -> None:
    """Give the copy one more kind of channel: a folder, and nothing else."""
    shutil.copytree(PROJECT / "tests" / "chaos" / "parrot", folder / "channels_app" / "adapters" / "parrot")


def _make_known_by_message(desk: RunningDesk, provider: str) -> None:
    """Connect the channel of messages and let every customer of its cases write there once."""
    desk.do(
        "import json\n"
        "from agents.models import Brand\n"
        "from channels_app import intake\n"
        "from channels_app.models import Channel\n"
        "channel = Channel(kind='parrot', name='Parrot', brand=Brand.objects.get(is_default=True))\n"
        f"channel.config = {{'url': {provider!r}}}\n"
        "channel.save()\n"
        f"for number in range({CUSTOMERS}):\n"
        "    said = {'from': f'parrot{number}@example.test', 'text': 'Where is it?'}\n"
        "    intake.process(intake.store(channel, body=json.dumps(said).encode(), headers={}).pk)\n"
    )


def _has_entries(facts: dict[str, Any], address: str) -> bool:
    url = f"{facts['url']}/api/v1/entries/?address={address}"
    asked = urllib.request.Request(url, headers={"Authorization": f"Bearer {facts['api_token']}"})
    try:
        with urllib.request.urlopen(asked, timeout=5) as answer:
            return bool(json.load(answer)["results"])
    except urllib.error.HTTPError:
        return False


@contextmanager
def _sink(ports: dict[str, int]) -> Iterator[None]:
    """Run the provider's SMTP server, in front of what the runner plays."""
    where = (f"{LOOPBACK}:{ports['sink']}", f"http://{LOOPBACK}:{ports['provider']}/")
    process = subprocess.Popen([sys.executable, "-m", "tests.chaos.sink", *where], cwd=PROJECT, env=plain_env())
    try:
        yield
    finally:
        process.terminate()
        process.wait(10)


def _free_ports(count: int) -> list[int]:
    held = [socket.create_server((LOOPBACK, 0)) for _ in range(count)]
    ports = [int(sock.getsockname()[1]) for sock in held]
    for sock in held:
        sock.close()
    return ports


def main(arguments: list[str]) -> int:
    """Run the named cases, or all of them."""
    if "--list" in arguments:
        print("\n".join(cases()))
        return 0
    if runner() is None:
        print("The fault runner (shared/tools/chaos.py) does not lie beside this checkout.")
        return 0
    began_at, failed = time.monotonic(), 0
    with tempfile.TemporaryDirectory(prefix="chaos-") as folder:
        for result in run(arguments or cases(), Path(folder)):
            print(line(result), flush=True)
            failed += not result["passed"]
    print(f"{failed} failed, {time.monotonic() - began_at:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
