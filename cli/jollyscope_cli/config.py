"""`jollyscope config`"""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from jollyscope_cli.options import AsJson
from jollyscope_cli.output import narrate, on_terminal, print_json

__all__ = ["COMMANDS", "config"]

Key = Annotated[str, typer.Argument(metavar="KEY", help="A setting, such as sdk.flush_ms.")]


def config(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Show the settings, and where each value came from.

    Options of a command win over JOLLYSCOPE_* variables, those over the settings file, that over
    the defaults.
    """
    if ctx.invoked_subcommand is not None:
        return
    from jollyscope.config import settings
    from jollyscope.redact import redact_setting

    rows = [(s.key, redact_setting(s.key, s.value), s.source, s.variable) for s in settings()]
    if as_json:
        names = ("key", "value", "source", "variable")
        print_json([dict(zip(names, row, strict=True)) for row in rows])
        return
    texts = [(key, _shown(value), source, variable) for key, value, source, variable in rows]
    texts.insert(0, ("key", "value", "source", "variable"))
    if not on_terminal():
        sys.stdout.writelines("\t".join(row) + "\n" for row in texts)
        return
    broad = [max(len(row[at]) for row in texts) for at in range(3)]
    for key, value, source, variable in texts:
        sys.stdout.write(f"{key:{broad[0]}}  {value:{broad[1]}}  {source:{broad[2]}}  {variable}\n")


def path() -> None:
    """Print where the settings file is, or would be."""
    from jollyscope.paths import config_file

    sys.stdout.write(f"{config_file()}\n")


def get(key: Key) -> None:
    """Print the value of one setting, whole."""
    from jollyscope.backend.settings_file import check_key
    from jollyscope.config import settings

    check_key(key)
    value = next(setting.value for setting in settings() if setting.key == key)
    sys.stdout.write(f"{_shown(value)}\n")


def change(
    key: Key, value: Annotated[str, typer.Argument(metavar="VALUE", help="Its new value.")]
) -> None:
    """Change one setting in the settings file; comments and other settings stay."""
    from jollyscope.backend.settings_file import set_value
    from jollyscope.config import settings
    from jollyscope.paths import config_file

    set_value(config_file(), key, value)
    source = next(setting.source for setting in settings() if setting.key == key)
    if source.startswith("JOLLYSCOPE_"):
        narrate(f"warning: {source} is set and wins over the file.")


def unset(key: Key) -> None:
    """Take one setting out of the settings file, back to its default."""
    from jollyscope.backend.settings_file import unset_value
    from jollyscope.paths import config_file

    if not unset_value(config_file(), key):
        narrate(f"{key} was not set in {config_file()}.")


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "-" if value is None else str(value)


COMMANDS: dict[str, Any] = {"path": path, "get": get, "set": change, "unset": unset}
