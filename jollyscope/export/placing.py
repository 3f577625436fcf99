"""Files that are there whole or not at all: written under another name beside, then renamed."""

from __future__ import annotations

import os
import secrets
import shutil
import stat
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from jollyscope.errors import JollyScopeError, UsageError

__all__ = ["placed", "told"]


@contextmanager
def placed(path: Path, *, replace: bool = True, folder: bool = False) -> Generator[Path]:
    """A folder to write in. In the end its files stand beside `path`, or with `folder` in `path`,
    which must be new or empty then; after any error or interrupt all is as it was before.

    `replace` false refuses a file that exists. A file called like a device or a pipe is written to it.
    Raises `UsageError`, `JollyScopeError`.
    """
    target = path.resolve()  # Through a link its target is replaced, not the link.
    if folder:
        if target.exists() and (not target.is_dir() or any(target.iterdir())):
            raise UsageError(
                f"{path} is there already.", hint="Name a folder that is new or empty."
            )
    elif target.is_dir():
        raise UsageError(f"{path} is a directory.", hint="Name the file to write.")
    elif not replace and target.exists():
        raise UsageError(f"{path} exists already.", hint="Choose another name.")
    with told(path):
        if target.exists() and not folder and not stat.S_ISREG(target.stat().st_mode):
            with tempfile.TemporaryDirectory(prefix="jollyscope-") as made:
                yield Path(made)
                _pour(Path(made) / target.name, target)
            return
        fresh = target.with_name(f".{target.name[:200]}.{secrets.token_hex(4)}")
        fresh.mkdir()
        try:
            yield fresh
            _move(fresh, target if folder else target.parent)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)


@contextmanager
def told(path: Path) -> Generator[None]:
    """What the system says of a file as one sentence."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        reason = error.strerror or str(error)
        raise JollyScopeError(f"{path} cannot be written: {reason}.") from error


def _pour(file: Path, device: Path) -> None:
    with file.open("rb") as source, device.open("wb") as out:
        shutil.copyfileobj(source, out, 1 << 20)


def _move(fresh: Path, folder: Path) -> None:
    files = sorted(fresh.iterdir())
    for file in files:
        with file.open("rb") as written:
            os.fsync(written.fileno())
    folder.mkdir(exist_ok=True)
    for file in files:
        os.replace(file, folder / file.name)
