"""Runs one parser under libFuzzer for a while, in a process of its own (`guided.py`)."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from tests.hostile.fuzz.mutate import LONGEST
from tests.hostile.fuzz.target import Target

__all__ = ["Done", "run"]

MEMORY_MB = 2048
INPUT_S = 30
"""What takes longer counts as broken."""

BEGIN_S = 1200
"""Instrumenting what is imported takes 10 s of a processor that has nothing else to do."""


class Done(NamedTuple):
    """How it went. `tries` is None where libFuzzer did not say: it did not run to its end."""

    tries: int | None
    broke: list[bytes]
    said: str


def run(target: Target, known: Iterable[bytes], folder: Path, seconds: int, seed: int) -> Done:
    """Try the parser for so long, beginning with what is known; the corpus stays in `folder`."""
    for name in ("begin", "corpus"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(known):
        (folder / "begin" / f"{number:04d}").write_bytes(data)
    options = [
        f"-max_total_time={seconds}", f"-max_len={LONGEST}", f"-seed={seed % 2**31}",
        f"-timeout={INPUT_S}", f"-rss_limit_mb={MEMORY_MB}", "-len_control=20", "-print_final_stats=1",
        f"-artifact_prefix={folder}/broke-", *_dictionary(target, folder),
    ]  # fmt: skip
    command = [sys.executable, "-m", "tests.hostile.fuzz.guided", target.name, *options]
    command += [str(folder / "corpus"), str(folder / "begin")]
    log = folder / "log"
    with log.open("wb") as out, suppress(subprocess.TimeoutExpired):
        subprocess.run(
            command, stdout=out, stderr=subprocess.STDOUT, check=False, timeout=seconds + BEGIN_S
        )
    said = log.read_text(errors="replace")
    tries = re.search(r"number_of_executed_units: (\d+)", said)
    return Done(int(tries[1]) if tries else None, list(_broke(folder)), said)


def _dictionary(target: Target, folder: Path) -> list[str]:
    """The grammar's words, each byte as `\\xHH`."""
    words = ["".join(f"\\x{byte:02x}" for byte in word) for word in target.words if len(word) <= 64]
    if not words:
        return []
    (folder / "words").write_text("".join(f'"{word}"\n' for word in words))
    return [f"-dict={folder / 'words'}"]


def _broke(folder: Path) -> Iterable[bytes]:
    for file in sorted(folder.glob("broke-*")):
        yield file.read_bytes()
        file.unlink()
