"""Each dependency is used, has its reason and its version; whatever is imported is one of them."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from importlib import metadata
from pathlib import Path

import msgspec
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.hostile.audit import CONSTRAINTS, ROOT, advisories, licence, needed, pinned

PYPROJECT = (ROOT / "pyproject.toml").read_text("utf-8")
PROJECT = tomllib.loads(PYPROJECT)["project"]
GROUPS = {"program": PROJECT["dependencies"], **PROJECT["optional-dependencies"]}
OURS = {"jollyscope", "jollyscope_cli", "jollyscope_tui", "tests"}
BY_ANOTHER = {
    "httptools": "uvicorn's parser, chosen by name in receive/otlp",
    "tzdata": "data, read by zoneinfo on Windows",
    "pytest-asyncio": "a plugin of pytest", "pytest-textual-snapshot": "a plugin of pytest",
    "pytest-xdist": "a plugin of pytest", "opentelemetry-distro": "a program that `run` wraps with",
    "trace-view": "a program that the benchmark starts",
}  # fmt: skip
"""Used without an import of ours."""
BROUGHT = {
    "protobuf": "opentelemetry-proto's messages are its",
    "opentelemetry-api": "opentelemetry-sdk's other half",
    "opentelemetry-semantic-conventions": "opentelemetry-sdk's names",
}
"""Imported, and a part of what brings it."""


def names(group: str) -> list[str]:
    return [canonicalize_name(Requirement(text).name) for text in GROUPS[group]]


def imported(*folders: str) -> dict[str, str]:
    """Modules of others that files import, dotted, and a file that does."""
    found: dict[str, str] = {}
    for folder in folders:
        for file in (ROOT / folder).rglob("*.py"):
            for name in modules(file):
                if name.partition(".")[0] not in {*sys.stdlib_module_names, *OURS}:
                    found.setdefault(name, str(file.relative_to(ROOT)))
    return found


def modules(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@cache
def owners() -> dict[str, set[str]]:
    """Who has a module, by its dotted name."""
    found: dict[str, set[str]] = {}
    for name in {*BROUGHT, *(each for group in GROUPS for each in names(group))}:
        with suppress(
            metadata.PackageNotFoundError
        ):  # a peer of the benchmark, or of another system
            for file in metadata.files(name) or ():
                if file.suffix in (".py", ".so"):
                    parts = [*file.parts[:-1], file.name.partition(".")[0]]
                    found.setdefault(".".join(parts).removesuffix(".__init__"), set()).add(name)
    return found


def owner(module: str) -> set[str]:
    parts = module.split(".")
    wholes = (".".join(parts[:n]) for n in range(len(parts), 0, -1))
    return next((owners()[whole] for whole in wholes if whole in owners()), set())


PROGRAM = imported("jollyscope", "cli", "tui")
EVERYTHING = imported("jollyscope", "cli", "tui", "tests")
SCRIPTS = "".join((ROOT / path).read_text("utf-8") for path in ("Makefile", ".ci/run", ".ci/smoke"))


@pytest.mark.parametrize("name", names("program"))
def test_the_program_uses_each(name: str):
    assert name in BY_ANOTHER or any(name in owner(module) for module in PROGRAM)


@pytest.mark.parametrize("name", sorted({*names("test"), *names("dev")}))
def test_the_tests_use_each(name: str):
    tool = name.removeprefix("import-").replace("linter", "lint-imports")
    called = re.search(rf"(\b{tool}\b|-m {name}\b)", SCRIPTS)
    # What is only asked for where it is there (bench's peers) may be missing here.
    assert name in BY_ANOTHER or called or any(name in owner(module) for module in EVERYTHING)


def test_whatever_the_program_imports_is_a_dependency():
    known = {*names("program"), *BROUGHT}
    strangers = {
        module: file for module, file in PROGRAM.items() if known.isdisjoint(owner(module))
    }
    assert strangers == {}


@pytest.mark.parametrize("group", GROUPS)
def test_each_has_its_reason_beside_it(group: str):
    lines = PYPROJECT.splitlines()
    for text in GROUPS[group]:
        [at] = [n for n, line in enumerate(lines) if line.strip().startswith(f'"{text}"')]
        said = lines[at].partition("#")[2] or lines[at - 1].strip().removeprefix("#")
        same = group == "dev" and '"polars' in lines[at - 1]  # one reason for two
        assert len(said.split()) >= 2 or same, text


def test_constraints_name_every_package_that_is_installed():
    wanted = needed(("test", "dev"))
    assert wanted - set(pinned()) == set()
    for name in wanted:
        assert metadata.version(name) == pinned()[name], "as make installs them"


def test_constraints_are_plain():
    lines = [line for line in CONSTRAINTS.read_text("utf-8").splitlines() if line]
    assert lines[0].startswith("#")
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.!+]+", line) for line in lines[1:])
    assert len(pinned()) == len(lines) - 1


def test_licences_let_the_program_be_passed_on():
    """Permissive ones, or weak copyleft by file (MPL)."""
    good = re.compile(
        r"MIT|BSD|Apache|PSF|Python Software|ISC|MPL|Mozilla|0BSD|Unlicense", re.IGNORECASE
    )
    assert {name: licence(name) for name in needed() if not good.search(licence(name))} == {}


ADVISORY = {
    "id": "X-1", "summary": "It breaks.",
    "affected": [{
        "package": {"ecosystem": "PyPI", "name": "Some.Thing"}, "versions": ["0.9"],
        "ranges": [{"type": "ECOSYSTEM", "events": [
            {"introduced": "1.0"}, {"fixed": "1.4"}, {"introduced": "2.0rc1"}, {"last_affected": "2.2"},
        ]}],
    }],
}  # fmt: skip


@pytest.mark.parametrize(
    ("version", "hit"),
    [
        ("0.9", True), ("0.9.1", False), ("1.0", True), ("1.3.9", True), ("1.4", False), ("1.9", False),
        ("2.0", True), ("2.2", True), ("2.2.1", False), ("10.0", False),
    ],
)  # fmt: skip
def test_an_advisory_is_of_some_versions(tmp_path: Path, version: str, hit: bool):
    file = tmp_path / "all.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("X-1.json", msgspec.json.encode(ADVISORY))
        archive.writestr(
            "X-2.json", msgspec.json.encode({**ADVISORY, "id": "X-2", "withdrawn": "2026"})
        )
        archive.writestr("readme.txt", "no advisory")
    found = list(advisories(file, {"some-thing": version, "other": version}))
    assert found == ([f"some-thing {version}: X-1 It breaks."] if hit else [])
