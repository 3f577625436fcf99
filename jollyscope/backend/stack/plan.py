"""What the Compose files say: services, images, ports, memory, and the variables they take.

Compose itself tells this only in version 2 (`config --format json`), so our own files are read
here, by their lines: two spaces a level, one key a line. A test holds the answer against what
`docker-compose config` makes of the same files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Literal

import msgspec

__all__ = ["PROFILES", "Port", "Profile", "Service", "expand", "files", "services", "variables"]

Profile = Literal["small", "cluster"]
PROFILES: tuple[Profile, ...] = ("small", "cluster")

_VARIABLE = re.compile(r"\$\{([A-Z][A-Z0-9_]*)(?::-([^}]*))?\}")
_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}


class Port(msgspec.Struct, frozen=True):
    """One published port, and the variable that moves it."""

    host: str
    number: int
    variable: str
    inside: int = 0


class Service(msgspec.Struct, frozen=True):
    """One service as it will be run."""

    name: str
    image: str
    image_variable: str
    builds: bool
    """Whether its image is made here where there is none."""
    once: bool
    """Whether it does its work and ends."""
    memory: int
    """Bytes it may take at most."""
    ports: tuple[Port, ...]


def files(folder: Path, profile: Profile) -> list[Path]:
    """The Compose files of a profile, in the order that they lie over one another."""
    names = ["compose.yaml"] if profile == "small" else ["compose.yaml", "compose.cluster.yaml"]
    return [folder / name for name in names]


def expand(text: str, environ: Mapping[str, str]) -> str:
    """`${NAME:-default}` replaced as Compose does it."""
    return _VARIABLE.sub(lambda found: environ.get(found[1]) or found[2] or "", text)


def variables(paths: Iterable[Path]) -> dict[str, str]:
    """Every variable that the files take, with its default, sorted by name."""
    found: dict[str, str] = {}
    for path in paths:
        for match in _VARIABLE.finditer(path.read_text("utf-8")):
            found.setdefault(match[1], match[2] or "")
    return dict(sorted(found.items()))


def services(paths: Iterable[Path], environ: Mapping[str, str]) -> list[Service]:
    """The services that start with the files, in their order; `environ` gives the variables."""
    merged: dict[str, list[str]] = {}
    for path in paths:
        text = path.read_text("utf-8")
        anchors = dict(_anchors(text))
        for name, lines in _blocks(text):
            shared = [key for line in lines if (key := _merged(line)) in anchors]
            merged.setdefault(name, []).extend([*(s for k in shared for s in anchors[k]), *lines])
    return [_service(name, lines, environ) for name, lines in merged.items()]


def _anchors(text: str) -> Iterator[tuple[str, list[str]]]:
    """Top-level `x-name: &anchor` blocks, their lines set in as those of a service are."""
    for found in re.finditer(r"^x-[\w-]+: &([\w-]+)\n((?:  .*\n|\n)*)", text, re.MULTILINE):
        yield found[1], ["  " + line for line in found[2].splitlines()]


def _blocks(text: str) -> Iterator[tuple[str, list[str]]]:
    body = re.search(r"^services:\n((?:  .*\n|\n)*)", text, re.MULTILINE)
    for found in re.finditer(
        r"^  ([\w-]+):.*\n((?:    .*\n|  #.*\n|\n)*)", body[1] if body else "", re.MULTILINE
    ):
        yield found[1], found[2].splitlines()


def _merged(line: str) -> str:
    found = re.fullmatch(r"    <<: \*([\w-]+)", line)
    return found[1] if found else ""


def _value(lines: list[str], key: str) -> str:
    start = f"    {key}: "
    found = [line[len(start) :].strip().strip('"') for line in lines if line.startswith(start)]
    return found[-1] if found else ""


def _service(name: str, lines: list[str], environ: Mapping[str, str]) -> Service:
    image = _value(lines, "image")
    named = _VARIABLE.search(image)
    return Service(
        name=name,
        image=expand(image, environ),
        image_variable=named[1] if named else "",
        builds="    build:" in lines,
        once=_value(lines, "restart") == "no",
        memory=_bytes(expand(_value(lines, "mem_limit"), environ)),
        ports=tuple(_ports(lines, environ)),
    )


def _ports(lines: list[str], environ: Mapping[str, str]) -> Iterator[Port]:
    for line in lines:
        found = re.fullmatch(r'      - "(\$\{[^}]+\}):(\$\{([A-Z0-9_]+):-\d+\}):(\d+)"', line)
        if found:
            number = expand(found[2], environ)
            yield Port(expand(found[1], environ), int(number), found[3], int(found[4]))


def _bytes(text: str) -> int:
    found = re.fullmatch(r"(\d+)([kmg]?)b?", text.lower())
    return int(found[1]) * _UNITS[found[2]] if found else 0
