"""The places in a document that somebody asks for."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["NOTHING", "Places"]

_OBJECT, _ARRAY = b"{["


class Places:
    """The places asked for, as a tree."""

    __slots__ = ("any_key", "item", "keys", "wanted")

    def __init__(self, places: Iterable[str] = ()) -> None:
        self.wanted = False
        self.keys: dict[str, Places] = {}
        self.any_key: Places | None = None
        self.item: Places | None = None
        for place in places:
            node = self
            for part in place.split(".") if place else ():
                node = node._under(part)
            node.wanted = True

    def _under(self, part: str) -> Places:
        if part == "[]":
            self.item = self.item or Places()
            return self.item
        if part == "*":
            self.any_key = self.any_key or Places()
            return self.any_key
        return self.keys.setdefault(part, Places())

    def key(self, name: str) -> Places:
        """What is asked for below a key."""
        return self.keys.get(name) or self.any_key or NOTHING

    def opens(self, first: int) -> bool:
        """Whether something is asked for inside a value that begins with this byte."""
        if first == _OBJECT:
            return bool(self.keys) or self.any_key is not None
        return first == _ARRAY and self.item is not None


NOTHING = Places()
