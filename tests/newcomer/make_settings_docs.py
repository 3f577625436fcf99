"""Writes docs/settings.md from the settings themselves: `python -m tests.newcomer.make_settings_docs`.

A test holds the file fresh, so that no setting goes undocumented.
"""

from __future__ import annotations

import ast
import inspect
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import msgspec

from jollyscope import config

__all__ = ["FILE", "settings"]

FILE = Path(__file__).parents[2] / "docs" / "settings.md"

HEAD = """\
# Settings

Made from the program by `python -m tests.newcomer.make_settings_docs`; a test holds it fresh.

All of them have a value that will do. `jollyscope config` shows each with where its value comes from,
and `jollyscope config set lake.retention_days 30` changes one. Options of a command win over variables,
variables over the file, the file over the defaults. A wrong name or value is told with its place. The
settings of the backend's containers are variables of their own ([backend.md](backend.md#configuration)).

The file is `config.toml` in the user's configuration directory; `jollyscope config path` says where
that is, and `JOLLYSCOPE_CONFIG` names another:

```toml
[sdk]
flush_ms = 250

[lake]
retention_days = 30
```
"""


def settings() -> str:
    """The whole document."""
    parts = [HEAD, _table(config.Config, "")]
    for field in msgspec.structs.fields(config.Config):
        if _is_section(field.type):
            about = inspect.cleandoc(field.type.__doc__ or "")
            parts.append(f"## `[{field.name}]`\n\n{about}\n".replace("\\\n", "\n"))
            parts.append(_table(field.type, field.name))
    return "\n".join(parts)


def _is_section(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


def _table(struct: type[msgspec.Struct], section: str) -> str:
    said = _docstrings(struct)
    rows = ["| setting | variable | default | what |", "|---|---|---|---|"]
    for field in msgspec.structs.fields(struct):
        if not _is_section(field.type):
            key = f"{section}.{field.name}".strip(".")
            default = "none" if field.default is None else f"`{_plain(field)}`"
            what = said[field.name] + _choices(field.type)
            rows.append(f"| `{key}` | `{config.variable_of(key)}` | {default} | {what} |")
    return "\n".join([*rows, ""])


def _plain(field: Any) -> str:
    if field.default is msgspec.NODEFAULT:
        return str(field.default_factory())
    return str(field.default).lower() if isinstance(field.default, bool) else str(field.default)


def _choices(kind: Any) -> str:
    return f" One of {', '.join(get_args(kind))}." if get_origin(kind) is Literal else ""


def _docstrings(struct: type[msgspec.Struct]) -> dict[str, str]:
    """The words below each field."""
    (made,) = ast.parse(inspect.getsource(struct)).body
    assert isinstance(made, ast.ClassDef)
    return {
        field.target.id: " ".join(words.value.value.split())
        for field, words in pairwise(made.body)
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        and isinstance(words, ast.Expr) and isinstance(words.value, ast.Constant)
    }  # fmt: skip


if __name__ == "__main__":
    FILE.write_text(settings(), encoding="utf-8")
