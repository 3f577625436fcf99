"""The Compose files: valid to Compose itself, read alike by us, every variable documented."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from jollyscope.backend.probes.flink import JOBS
from jollyscope.backend.probes.kafka import EXPECTED
from jollyscope.backend.stack import plan
from jollyscope.backend.stack.checks import check_memory
from jollyscope.backend.stack.plan import PROFILES, Profile
from jollyscope.backend.stack.trouble import BackendError
from jollyscope.paths import compose_dir
from tests import docker_engine

DOCS = Path(__file__).parents[3] / "docs" / "backend.md"


def composed(profile: Profile) -> list[dict[str, Any]]:
    """What each Compose here makes of the files, as the lines that matter."""
    ways = docker_engine.compose()
    if not ways:
        pytest.skip("there is no Compose here")
    words = [word for path in plan.files(compose_dir(), profile) for word in ("-f", str(path))]
    found: list[dict[str, Any]] = []
    for way in ways:
        done = subprocess.run([*way, *words, "config"], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        found.append(services_of(done.stdout))
    return found


def services_of(text: str) -> dict[str, Any]:
    body = re.search(r"^services:\n((?:  .*\n|\n)*)", text, re.MULTILINE)
    assert body is not None
    found: dict[str, Any] = {}
    for name, lines in re.findall(r"^  ([\w-]+):\n((?:   .*\n|\n)*)", body[1], re.MULTILINE):
        published = re.findall(r"127\.0\.0\.1:(\d+):(\d+)", lines) or re.findall(
            r"target: (\d+)\n\s+published: \"?(\d+)", lines
        )
        image = re.search(r"^    image: (.*)$", lines, re.MULTILINE)
        found[name] = {
            "image": image[1] if image else "",
            "ports": {int(port) for pair in published for port in pair},
            "builds": "\n    build:" in "\n" + lines,
            "healthcheck": "\n    healthcheck:" in "\n" + lines,
            "bounded": "mem_limit" in lines,
            "logging": "max-size" in lines,
        }
    return found


@pytest.mark.parametrize("profile", PROFILES)
def test_compose_takes_the_files_and_we_read_them_alike(profile: Profile):
    ours = {one.name: one for one in plan.services(plan.files(compose_dir(), profile), {})}
    for theirs in composed(profile):
        assert set(ours) == set(theirs)
        for name, service in ours.items():
            assert service.image == theirs[name]["image"]
            assert service.builds == theirs[name]["builds"]
            assert {n for p in service.ports for n in (p.number, p.inside)} == theirs[name]["ports"]
            assert theirs[name]["healthcheck"] or service.once
            assert theirs[name]["bounded"]
            assert theirs[name]["logging"]
            assert service.memory > 0


def test_every_image_is_pinned_and_has_its_variable():
    for service in plan.services(plan.files(compose_dir(), "cluster"), {}):
        assert service.image_variable.endswith("_IMAGE"), service.name
        assert service.builds or not service.image.endswith(":latest"), service.name
        other = plan.services(plan.files(compose_dir(), "cluster"), {service.image_variable: "x:1"})
        assert next(one for one in other if one.name == service.name).image == "x:1"


def test_ports_are_this_machines_own_and_each_can_be_moved():
    services = plan.services(plan.files(compose_dir(), "cluster"), {})
    ports = [port for service in services for port in service.ports]
    assert {port.host for port in ports} == {"127.0.0.1"}
    assert len({port.number for port in ports}) == len(ports)
    moved = {port.variable: str(port.number + 1000) for port in ports}
    again = plan.services(
        plan.files(compose_dir(), "cluster"), {**moved, "JOLLYSCOPE_BIND": "10.0.0.1"}
    )
    assert {p.number for s in again for p in s.ports} == {port.number + 1000 for port in ports}
    assert {p.host for s in again for p in s.ports} == {"10.0.0.1"}


def test_every_variable_is_documented_with_its_default():
    text = DOCS.read_text("utf-8")
    for name, default in plan.variables(plan.files(compose_dir(), "cluster")).items():
        row = re.search(rf"^\| `{name}` \|(.*)$", text, re.MULTILINE)
        assert row is not None, name
        if default:
            assert f"`{default}`" in row[1], name


def test_the_topics_are_those_that_are_asked_after():
    lines = (compose_dir() / "kafka" / "topics.txt").read_text("utf-8").splitlines()
    named = [line.split()[0] for line in lines if not line.startswith("#")]
    assert named == list(EXPECTED)
    submit = (compose_dir() / "flink" / "submit.sh").read_text("utf-8")
    assert f"set -- {' '.join(JOBS)}" in submit


def test_too_little_memory():
    services = plan.services(plan.files(compose_dir(), "small"), {})
    with pytest.raises(BackendError, match="Memory is short"):
        check_memory(services, 100 << 20)
