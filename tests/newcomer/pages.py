"""What README and docs tell a reader to type, found by the fences of their blocks."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

__all__ = ["PAGES", "ROOT", "Block", "Line", "blocks", "lines", "text"]

ROOT = Path(__file__).parents[2]
PAGES = ("README.md", *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")))


class Block(NamedTuple):
    """A fenced block: the word behind the fence, what stands in it, and its first line's number."""

    language: str
    text: str
    at: int


class Line(NamedTuple):
    """What is typed at once, and, in a `console` block, what then stands on the screen."""

    command: str
    shown: str | None
    at: int


@cache
def text(page: str) -> str:
    """The page as it is."""
    return (ROOT / page).read_text(encoding="utf-8")


def blocks(page: str, *languages: str) -> list[Block]:
    """The blocks of these languages, in their order."""
    fences = re.finditer(r"(?ms)^( *)```(\w*)\n(.*?)^\1```$", text(page))
    return [
        Block(found[2], found[3], text(page)[: found.start(3)].count("\n") + 1)
        for found in fences
        if found[2] in languages
    ]


def lines(page: str) -> Iterator[Line]:
    """Everything that the page's `sh` and `console` blocks have a reader type, in its order."""
    for block in blocks(page, "sh", "console"):
        yield from _typed(block) if block.language == "sh" else _session(block)


def _typed(block: Block) -> Iterator[Line]:
    """A command may go on over several lines: as long as the shell would ask for more."""
    if block.text.startswith("#!"):  # a file
        yield Line(block.text, None, block.at)
        return
    waiting, begun = "", block.at
    for number, line in enumerate(block.text.splitlines(), block.at):
        if not waiting and not shlex.split(line, comments=True):
            continue
        begun = begun if waiting else number
        waiting += line + "\n"
        if not line.endswith("\\") and _whole(waiting):
            yield Line(waiting.strip(), None, begun)
            waiting = ""
    assert not waiting, f"the shell waits for more: {waiting}"


def _whole(command: str) -> bool:
    return (
        subprocess.run(["bash", "-n"], input=command.encode(), capture_output=True).returncode == 0
    )


def _session(block: Block) -> Iterator[Line]:
    """`$ command`, and below it what it prints."""
    for part in re.finditer(r"(?ms)^\$ (.*?)\n(.*?)(?=^\$ |\Z)", block.text):
        yield Line(part[1], part[2], block.at + block.text[: part.start()].count("\n"))
