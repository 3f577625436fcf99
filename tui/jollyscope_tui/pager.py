"""A long text in the person's own pager, with the explorer out of the way meanwhile."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile

__all__ = ["page"]


def page(text: str) -> None:
    """Show `text` in `$PAGER` (else `less`). Raises OSError where that cannot be started."""
    command = shlex.split(os.environ.get("PAGER") or "less -R")
    with tempfile.NamedTemporaryFile(
        "w", suffix=".txt", encoding="utf-8", errors="replace"
    ) as file:
        file.write(text)
        file.flush()
        subprocess.run([*command, file.name], check=False)
