"""Change one setting in the TOML file and leave every other byte as its owner wrote it.

The standard library reads TOML but does not write it, so lines are edited in place and the result
is parsed again: unless it says exactly the old settings and the one change, nothing is written.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
import tomllib
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from jollyscope.config import keys, load
from jollyscope.errors import JollyScopeError, UsageError
from jollyscope.paths import make_private

__all__ = ["check_key", "set_value", "unset_value"]


def check_key(key: str) -> None:
    """Raises `UsageError` for a key that is no setting, naming the nearest."""
    known = dict(keys())
    if key not in known:
        near = get_close_matches(key, known, n=1, cutoff=0.5)
        hint = f"Did you mean `{near[0]}`?" if near else "`jollyscope config` lists all settings."
        raise UsageError(f"There is no setting `{key}`.", hint=hint)


def set_value(path: Path, key: str, text: str) -> Any:
    """Write `key = text` into the file at `path`, made if need be; the value as it will be read.

    Raises `UsageError` for a key or value that cannot be, or a file too unusual to edit.
    """
    check_key(key)
    if not text.isprintable() and text.encode(errors="replace").decode() != text:
        raise UsageError(f"The value for `{key}` is not UTF-8.")
    value: Any = load(file=Path(os.devnull), environ={}, overrides={key: text})
    for part in key.split("."):
        value = getattr(value, part)
    before = _read(path)
    after = _with(before, key, f"{key.rpartition('.')[2]} = {_literal(value)}")
    _write(path, before, after, key, value)
    return value


def unset_value(path: Path, key: str) -> bool:
    """Take `key` out of the file; whether it was there."""
    check_key(key)
    before = _read(path)
    found = _find(_lines(before), key)
    if found is None:
        return False
    lines = _lines(before)
    del lines[found]
    _write(path, before, "".join(lines), key, None)
    return True


def _literal(value: Any) -> str:
    # JSON's strings, numbers and booleans are TOML's, but for the one control it leaves bare.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _lines(text: str) -> list[str]:
    """Lines as TOML has them; `splitlines` would also part a string at U+2028 and its like."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"The settings file {path} cannot be read: {error}.") from None


_HEADER = re.compile(r"\s*\[\s*([^\[\]]+?)\s*\]\s*(#.*)?$")


def _sections(lines: list[str]) -> list[str]:
    """Each line's section, by the last header above it."""
    section = ""
    found: list[str] = []
    for line in lines:
        header = _HEADER.match(line)
        section = header[1].replace('"', "") if header else section
        found.append(section)
    return found


def _find(lines: list[str], key: str) -> int | None:
    """The line that sets `key`, as a plain key in its section or a dotted one at the top."""
    section, _, name = key.rpartition(".")
    places = {section: name, "": re.escape(key)}
    for number, (line, where) in enumerate(zip(lines, _sections(lines), strict=True)):
        wanted = places.get(where)
        if wanted and re.match(rf'\s*"?{wanted}"?\s*=', line):
            return number
    return None


def _with(text: str, key: str, setting: str) -> str:
    lines = _lines(text)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    found = _find(lines, key)
    section = key.rpartition(".")[0]
    if found is not None:
        head, _, rest = lines[found].partition("=")
        lines[found] = f"{head.rstrip()} = {setting.partition(' = ')[2]}{_comment(rest)}\n"
        return "".join(lines)
    sections = _sections(lines)
    if section in sections or not section:
        # After the last line of the section that says something.
        inside = [n for n, where in enumerate(sections) if where == section and lines[n].strip()]
        at = inside[-1] + 1 if inside else 0
        return "".join([*lines[:at], setting + "\n", *lines[at:]])
    gap = "\n" if lines else ""
    return "".join([*lines, f"{gap}[{section}]\n{setting}\n"])


def _comment(rest: str) -> str:
    """The comment after a value, if any: from the first `#` that ends a whole TOML value."""
    for at, char in enumerate(rest):
        if char != "#":
            continue
        try:
            tomllib.loads(f"x = {rest[:at]}")
        except tomllib.TOMLDecodeError:
            continue
        return "  " + rest[at:].rstrip("\r\n")
    return ""


def _write(path: Path, before: str, after: str, key: str, value: Any) -> None:
    try:
        wanted = _changed(tomllib.loads(before), key, value)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"The settings file {path} is not TOML: {error}.") from None
    try:
        found = _plain(tomllib.loads(after))
    except tomllib.TOMLDecodeError:
        found = None
    if found != wanted:
        raise UsageError(
            f"{path} is laid out in a way that cannot be edited safely.",
            hint=f"Set `{key}` there by hand.",
        )
    _replace(path, after)


def _changed(table: dict[str, Any], key: str, value: Any) -> dict[str, Any]:
    """The settings with `key` set, or taken out for None."""
    section, _, name = key.rpartition(".")
    inside: dict[str, Any] = table.setdefault(section, {}) if section else table
    inside.pop(name, None)
    if value is not None:
        inside[name] = value
    return _plain(table)


def _plain(table: dict[str, Any]) -> dict[str, Any]:
    """Without empty sections, which say nothing."""
    return {name: value for name, value in table.items() if value != {}}


def _replace(path: Path, text: str) -> None:
    """Write beside, then rename over: a crash leaves the old file or the new one, never half."""
    target = path.resolve()  # a link into somebody's dotfiles stays a link
    try:
        make_private(target.parent)
        mode = target.stat().st_mode & 0o777 if target.exists() else 0o600
        fd, beside = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        try:
            with os.fdopen(fd, "wb") as file:
                file.write(text.encode("utf-8"))
                file.flush()
                os.fsync(file.fileno())
            os.chmod(beside, mode)
            os.replace(beside, target)
        except OSError:
            os.unlink(beside)
            raise
    except OSError as error:
        raise JollyScopeError(f"The settings file {path} cannot be written: {error}.") from None
