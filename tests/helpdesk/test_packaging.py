"""Locks, images and scripts: what others build from this folder."""

import json
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from helpdesk.embedded import PROJECT

LOCKS = sorted([*PROJECT.glob("requirements*.txt"), PROJECT / "package-lock.json"])
SERVICES = ["web", "worker", "sender", "hooks", "beat", "mail", "postgres", "redis"]
OURS = ["web", "worker", "sender", "hooks", "beat", "mail"]


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return dict(yaml.safe_load((PROJECT / "docker-compose.yml").read_text()))


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_no_lock_names_a_host(lock: Path) -> None:
    assert not re.search(r"://|--(extra-)?index-url|--find-links|\"resolved\"", lock.read_text())


@pytest.mark.parametrize("lock", [lock for lock in LOCKS if lock.suffix == ".txt"], ids=lambda lock: lock.name)
def test_every_python_package_is_pinned_with_hashes(lock: Path) -> None:
    packages = re.split(r"\n(?=\S)", lock.read_text().strip())
    assert all(re.match(r"\S+==\S+.*--hash=sha256:", package, re.DOTALL) for package in packages)


def test_every_npm_package_has_an_integrity() -> None:
    packages = json.loads((PROJECT / "package-lock.json").read_text())["packages"]
    assert [name for name, package in packages.items() if name and "integrity" not in package] == []


def test_smaller_locks_are_part_of_the_test_lock() -> None:
    everything = (PROJECT / "requirements-test.txt").read_text()
    for name in ("requirements.txt", "requirements-run.txt"):
        pins = re.findall(r"^\S+==\S+", (PROJECT / name).read_text(), re.MULTILINE)
        assert [pin for pin in pins if pin not in everything] == []


def test_every_dependency_says_why_it_is_here() -> None:
    lines = (PROJECT / "pyproject.toml").read_text().splitlines()
    packages = [number for number, line in enumerate(lines) if re.match(r'    "[A-Za-z0-9\[\],_-]+[=>~]', line)]
    assert len(packages) > 30
    # A reason may stand over several packages in a row.
    unexplained = [lines[n] for n in packages if not lines[n - 1].strip().startswith("#") and n - 1 not in packages]
    assert unexplained == []


def test_npm_settings_keep_addresses_out_of_the_lock() -> None:
    assert "omit-lockfile-registry-resolved=true" in (PROJECT / ".npmrc").read_text().splitlines()


def test_compose_runs_one_image(compose: dict[str, Any]) -> None:
    assert sorted(compose["services"]) == sorted(SERVICES)
    images = {compose["services"][name]["image"] for name in OURS}
    assert len(images) == 1


def test_compose_watches_every_service(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        assert service["healthcheck"]["test"][0] == "CMD"
        assert service["restart"] == "unless-stopped"


def test_compose_keeps_data_in_named_volumes(compose: dict[str, Any]) -> None:
    used = {volume.split(":")[0] for service in compose["services"].values() for volume in service.get("volumes", [])}
    assert used == set(compose["volumes"]) == {"database", "exports", "media", "redis"}


def test_compose_holds_no_secret(compose: dict[str, Any]) -> None:
    text = (PROJECT / "docker-compose.yml").read_text()
    assert not re.search(r"://[^/\s]*:[^/\s]*@", text)
    for service in compose["services"].values():
        names = [
            name for name in service.get("environment", {}) if re.search("SECRET|PASSWORD|DATABASE_URL|SMTP_URL", name)
        ]
        assert all(name.endswith("_FILE") for name in names)
    assert all(set(secret) == {"file"} for secret in compose["secrets"].values())


def test_compose_opens_ports_on_loopback_only(compose: dict[str, Any]) -> None:
    ports = [port for service in compose["services"].values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


@pytest.mark.skipif(not shutil.which("docker-compose"), reason="docker-compose is not installed")
def test_compose_is_accepted_by_its_program() -> None:
    env = {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "ALLOWED_HOSTS": "desk.example.test",
        "PUBLIC_URL": "https://desk.example.test",
    }
    subprocess.run(["docker-compose", "config", "--quiet"], cwd=PROJECT, env=env, check=True, timeout=60)


def test_image_installs_the_lock_and_runs_as_nobody_special() -> None:
    image = (PROJECT / "Dockerfile").read_text()
    assert "--require-hashes requirements.txt" in image
    assert re.search(r"^USER telaio$", image, re.MULTILINE)
    assert not re.search("SECRET_KEY|PASSWORD", image)


def test_pipeline_only_runs_the_tests() -> None:
    lines = [line for line in (PROJECT / ".ci" / "run").read_text().splitlines() if not line.startswith("#")]
    assert lines == ["set -eu", 'cd "$(dirname "$0")/.."', "exec make test"]


def test_make_targets_call_one_script_each() -> None:
    recipes = re.findall(r"^([a-z-]+):\n\t@(\S+)$", (PROJECT / "Makefile").read_text(), re.MULTILINE)
    assert dict(recipes).items() >= {(name, f"./bin/{name}") for name in ("run", "test", "test-all", "lint", "fmt")}
    assert all((PROJECT / script).stat().st_mode & 0o111 for _, script in recipes)


def test_project_needs_the_python_it_says() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    assert project["requires-python"] == ">=3.11"
