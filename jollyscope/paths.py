"""Where JollyScope keeps things. Nothing here creates a directory or reads one at import."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["compose_dir", "config_file", "data_dir", "make_private", "state_dir"]


def data_dir() -> Path:
    """Spool and lake live here: `$JOLLYSCOPE_HOME`, else the system's user data directory."""
    home = os.environ.get("JOLLYSCOPE_HOME")
    if home:
        return Path(home).expanduser()
    import platformdirs

    return Path(platformdirs.user_data_dir("jollyscope", appauthor=False))


def config_file() -> Path:
    """The settings file: `$JOLLYSCOPE_CONFIG`, else `config.toml` in the user config directory."""
    named = os.environ.get("JOLLYSCOPE_CONFIG")
    if named:
        return Path(named).expanduser()
    import platformdirs

    return Path(platformdirs.user_config_dir("jollyscope", appauthor=False)) / "config.toml"


def state_dir() -> Path:
    """What the explorer remembers of its person: `state` in `$JOLLYSCOPE_HOME`, else the system's
    user state directory.
    """
    if os.environ.get("JOLLYSCOPE_HOME"):
        return data_dir() / "state"
    import platformdirs

    return Path(platformdirs.user_state_dir("jollyscope", appauthor=False))


def compose_dir() -> Path:
    """The Compose files, in an installed wheel (`jollyscope/_compose`) and in a checkout alike."""
    package = Path(__file__).resolve().parent
    packed = package / "_compose"
    return packed if packed.is_dir() else package.parent / "compose"


def make_private(folder: Path) -> None:
    """Make a folder, and those above it that are missing, for its owner alone, whatever the umask.

    (`Path.mkdir(mode, parents=True)` gives the mode to the last one only.) Raises `OSError`.
    """
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except FileNotFoundError:
        make_private(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
