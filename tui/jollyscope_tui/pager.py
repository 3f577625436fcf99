"""A long text in the person's own pager or editor, with the explorer out of the way meanwhile."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from jollyscope.errors import UsageError

__all__ = ["command", "page"]

_PAGERS = ("less -R", "more")
_EDITORS = ("nano", "vi")
_WAITING = {"code": "--wait", "codium": "--wait", "subl": "--wait", "zed": "--wait", "gedit": "-s"}
"""Editors that return at once unless told to wait: the file would be gone before they read it."""


def command(*, editor: bool = False, environment: Mapping[str, str] | None = None) -> list[str]:
    """The program and its options: `$PAGER`, or `$VISUAL` and `$EDITOR`, else what is installed of the
    usual ones. Raises `UsageError`.
    """
    known = os.environ if environment is None else environment
    names = ("VISUAL", "EDITOR") if editor else ("PAGER",)
    name = next((name for name in names if known.get(name, "").strip()), "")
    usual = _EDITORS if editor else _PAGERS
    if name:
        return _with_wait(_checked(_split(known[name], name), name))
    for text in usual:
        if shutil.which(text.split()[0]):
            return shlex.split(text)
    what = "editor" if editor else "pager"
    raise UsageError(
        f"There is no {what}: neither {' nor '.join(text.split()[0] for text in usual)} is installed.",
        hint=f"Set ${names[-1]} to one.",
    )


def _split(text: str, name: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError as error:
        raise UsageError(f"${name} is `{text}`, which is no command: {error}.") from None


def _checked(words: list[str], name: str) -> list[str]:
    if not words or shutil.which(words[0]) is None:
        what = words[0] if words else ""
        raise UsageError(
            f"${name} is `{what}`, and there is no such program.",
            hint=f"Set ${name} to one that is installed.",
        )
    return words


def _with_wait(words: list[str]) -> list[str]:
    option = _WAITING.get(Path(words[0]).stem)
    return [words[0], option, *words[1:]] if option and option not in words else words


def page(text: str, *, editor: bool = False, suffix: str = ".txt") -> None:
    """Show `text` in the pager, or open it in the editor, as a file of one's own alone that is gone
    afterwards. Raises `UsageError` where there is no such program, OSError where it does not start.
    """
    words = command(editor=editor)
    # The file is 0600 (mkstemp), and closed before it is opened: some systems hold it otherwise.
    descriptor, name = tempfile.mkstemp(prefix="jollyscope-", suffix=suffix)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace") as file:
            file.write(text)
        subprocess.run([*words, name], check=False)
    finally:
        Path(name).unlink(missing_ok=True)
