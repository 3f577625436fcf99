"""Reading text files, from one folder only."""

from __future__ import annotations

from pathlib import Path

from jollyscope.demo.tools.base import ToolError

__all__ = ["FileReader", "shipped_files"]

MAX_BYTES = 64 * 1024


def shipped_files() -> Path:
    """The folder of files that comes with the demo."""
    return Path(__file__).resolve().parent.parent / "files"


class FileReader:
    """Reads files under `root` and refuses everything else."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()

    async def __call__(self, name: str) -> str:
        """The text of a file.

        Raises `ToolError` naming the files there are when it does not exist or is too large,
        `PermissionError` when it lies outside the folder, `UnicodeDecodeError` when it is not
        UTF-8.
        """
        path = (self.root / name).resolve()
        if not path.is_relative_to(self.root):
            raise PermissionError(f"{name} is outside the folder that may be read.")
        if not path.is_file():
            raise ToolError(f"There is no file {name}. There are: {', '.join(self.names())}.")
        if path.stat().st_size > MAX_BYTES:
            raise ToolError(f"{name} is larger than {MAX_BYTES // 1024} kB.")
        return path.read_text(encoding="utf-8")

    def names(self) -> list[str]:
        """The files there are."""
        return sorted(str(p.relative_to(self.root)) for p in self.root.rglob("*") if p.is_file())
