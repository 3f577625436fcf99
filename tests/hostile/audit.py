"""What the program stands on: licences, and known faults of the versions in `constraints.txt`.

    make audit                                   # asks PyPI, by pip-audit
    make audit ARGS="--advisories all.zip"       # where there is no way out: a file of OSV's

The file is OSV's own export of all advisories on PyPI's packages (https://google.github.io/osv.dev/data/),
carried over from a machine that can fetch it.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

import msgspec
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

ROOT = Path(__file__).parents[2]
CONSTRAINTS = ROOT / "constraints.txt"


def pinned() -> dict[str, str]:
    """Versions by package, as `constraints.txt` has them."""
    lines = CONSTRAINTS.read_text("utf-8").splitlines()
    pairs = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(name): version for name, version in pairs}


def needed(extras: Iterable[str] = ()) -> set[str]:
    """Every package that the program and these extras bring, here on this system."""
    found: set[str] = set()
    waiting = [("jollyscope", frozenset(extras))]
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        name, wanted = waiting.pop()
        if (name, wanted) in seen:
            continue
        seen.add((name, wanted))
        for text in metadata.requires(name) or ():
            need = Requirement(text)
            around = [{"extra": extra} for extra in wanted] or [{"extra": ""}]
            if need.marker is None or any(need.marker.evaluate(each) for each in around):
                found.add(canonicalize_name(need.name))
                waiting.append((canonicalize_name(need.name), frozenset(need.extras)))
    return found


def licence(name: str) -> str:
    """What a package says of its licence: the SPDX expression, else the first line, else a classifier."""
    told = metadata.metadata(name)
    classes = [
        each.rpartition("::")[2].strip()
        for each in told.get_all("Classifier") or ()
        if each.startswith("License ::")
    ]
    first = (told.get("License") or "").strip().partition("\n")[0]
    short = first if len(first) < 60 else ""
    return told.get("License-Expression") or short or ", ".join(classes) or "not said"


def advisories(file: Path, versions: Mapping[str, str]) -> Iterator[str]:
    """What OSV's export knows of these versions."""
    with zipfile.ZipFile(file) as archive:
        for name in archive.namelist():
            if not name.endswith(".json"):
                continue
            advisory: dict[str, Any] = msgspec.json.decode(archive.read(name))
            if "withdrawn" in advisory:
                continue
            for affected in advisory.get("affected", ()):
                package = affected.get("package", {})
                known = canonicalize_name(package.get("name", ""))
                ours = package.get("ecosystem") == "PyPI" and known in versions
                if ours and _hit(affected, versions[known]):
                    said = advisory.get("summary") or advisory.get("details", "")[:80]
                    yield f"{known} {versions[known]}: {advisory['id']} {said}".rstrip()
                    break


def _hit(affected: dict[str, Any], version: str) -> bool:
    if version in affected.get("versions", ()):
        return True
    here = Version(version)
    for within in affected.get("ranges", ()):
        if within.get("type") != "ECOSYSTEM":
            continue
        inside = False
        for event in within.get("events", ()):
            # In their order: introduced, then fixed or the last one affected.
            for kind, text in event.items():
                at = _version(text)
                if kind == "introduced" and at <= here:
                    inside = True
                elif (kind == "fixed" and at <= here) or (kind == "last_affected" and at < here):
                    inside = False
        if inside:
            return True
    return False


def _version(text: str) -> Version:
    try:
        return Version(text)
    except InvalidVersion:
        return Version(re.match(r"\d*(?:\.\d+)*", text)[0] or "0")  # pyright: ignore[reportOptionalSubscript]


def main() -> int:
    """Prints what there is; 1 where a version has a known fault or that cannot be found out."""
    asked = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    asked.add_argument("--advisories", type=Path, metavar="ZIP", help="OSV's export for PyPI")
    asked.add_argument("--pip-audit", default="pip-audit", metavar="PROGRAM")
    said = asked.parse_args()
    runs = needed()
    everything = needed(("test", "dev"))
    for name, version in sorted(pinned().items()):
        if name in everything:
            print(f"{name:40} {version:16} {'' if name in runs else 'tests ':6} {licence(name)}")
    print(flush=True)
    if said.advisories:
        found = sorted(set(advisories(said.advisories, pinned())))
        print("\n".join(found) or "No known fault in these versions.")
        return min(len(found), 1)
    if shutil.which(said.pip_audit) is None:
        print(
            "pip-audit is not installed; --advisories reads OSV's export instead.", file=sys.stderr
        )
        return 1
    # --strict: a package that could not be looked up is no good news.
    done = subprocess.run(
        [said.pip_audit, "--strict", "--no-deps", "--disable-pip", "--requirement", CONSTRAINTS],
        check=False,
    )
    if done.returncode:
        print("Where PyPI's advisories cannot be reached: --advisories ZIP.", file=sys.stderr)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
