"""Colours that everyone can tell apart, beside Textual's own themes.

The eight colours are those of Okabe and Ito, "Color Universal Design" (2008,
https://jfly.uni-koeln.de/color/), chosen so that people with protanopia, deuteranopia or tritanopia
tell them apart. Where a text is to be read, Textual blends them towards the foreground.
"""

from __future__ import annotations

from difflib import get_close_matches

from textual.theme import BUILTIN_THEMES, Theme

from jollyscope.errors import UsageError

__all__ = ["DEFAULT", "OWN", "check_theme", "theme_names"]

DEFAULT = "textual-dark"

_ORANGE, _SKY, _GREEN, _YELLOW = "#E69F00", "#56B4E9", "#009E73", "#F0E442"
_BLUE, _VERMILLION, _PURPLE = "#0072B2", "#D55E00", "#CC79A7"

OWN: tuple[Theme, ...] = (
    Theme(
        name="okabe-ito-dark",
        primary=_SKY,
        secondary=_PURPLE,
        accent=_YELLOW,
        warning=_ORANGE,
        error=_VERMILLION,
        success=_GREEN,
        foreground="#E8E8E8",
        background="#101216",
        surface="#191C22",
        panel="#242932",
        dark=True,
    ),
    Theme(
        name="okabe-ito-light",
        primary=_BLUE,
        secondary=_PURPLE,
        accent=_BLUE,
        warning=_ORANGE,
        error=_VERMILLION,
        success=_GREEN,
        foreground="#1A1A1A",
        background="#FAFAF7",
        surface="#F0F0EC",
        panel="#E2E2DC",
        dark=False,
    ),
)


def theme_names() -> list[str]:
    """Every theme there is, ours first."""
    return [theme.name for theme in OWN] + sorted(BUILTIN_THEMES)


def check_theme(name: str) -> None:
    """Raise `UsageError` where there is no such theme."""
    names = theme_names()
    if name not in names:
        near = get_close_matches(name, names, n=1)
        said = f"Did you mean `{near[0]}`? " if near else ""
        raise UsageError(f"There is no theme `{name}`.", hint=f"{said}Themes: {', '.join(names)}.")
