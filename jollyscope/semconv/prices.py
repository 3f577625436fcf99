"""What a model's tokens cost: the price table that comes with JollyScope, and the user's own.

`prices.json` beside this file is condensed from the package genai-prices, which its first line
names with date and licence. `$JOLLYSCOPE_PRICES`, else `prices.json` in the config directory, is
asked before it. Both have the same shape (`Book`); `models` is the short form for one's own:

    {"models": {"my-model": {"input": 0.5, "output": 1.5, "cache_read": 0.05}}}

Nothing is read before the first price is asked for, and then only the models of whom it is asked of:
it happens within an agent's process, whose interpreter lock decoding all 1,500 held for 10 ms.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import ClassVar

import msgspec

from jollyscope.errors import JollyScopeError
from jollyscope.paths import config_file

__all__ = [
    "GATEWAYS",
    "Book",
    "Price",
    "Rate",
    "Steps",
    "price_of",
    "read_book",
    "reset",
    "user_file",
]

GATEWAYS: frozenset[str] = frozenset(
    {
        "gateway",
        "gcp.vertex.agent",
        "langchain",
        "litellm",
        "litellm_proxy",
        "pydantic-ai",
        "portkey",
        "strands-agents",
        "vercel",
    }
)
"""Given for the provider by some, but names what stands between: the model's name tells more."""

_LONGEST = 256
"""Characters of a name; what is longer is none, and not worth 2,000 comparisons."""

_log = logging.getLogger("jollyscope")


class Steps(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A price that depends on how long the input is."""

    base: float
    above: list[tuple[int, float]]
    """From more than so many input tokens on, all tokens cost so much; ascending."""


Rate = float | Steps
"""US dollars per million tokens."""


class Price(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a model's tokens cost. What has no price of its own costs what holds it costs."""

    began: str = msgspec.field(default="", name="from")
    """Day from which on it holds, `2025-01-31`, UTC; empty: from the beginning."""
    input: Rate | None = None
    output: Rate | None = None
    cache_read: Rate | None = None
    cache_write: Rate | None = None
    reasoning: Rate | None = None
    request: float = 0.0
    """US dollars a call, beside its tokens."""


class Match(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which names are meant: those that any of these alternatives fits, in lower case."""

    equals: frozenset[str] = frozenset()
    starts_with: tuple[str, ...] = ()
    ends_with: tuple[str, ...] = ()
    contains: tuple[str, ...] = ()
    regex: tuple[str, ...] = ()
    all: tuple[tuple[Match, ...], ...] = ()
    """Alternatives of several conditions at once."""

    def fits(self, name: str) -> bool:
        """Whether `name`, in lower case, is meant."""
        return (
            name in self.equals
            or name.startswith(self.starts_with)
            or name.endswith(self.ends_with)
            or any(part in name for part in self.contains)
            or any(re.search(pattern, name) for pattern in self.regex)
            or any(all(match.fits(name) for match in matches) for matches in self.all)
        )


class Model(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A model of a provider."""

    id: str
    match: Match
    prices: list[Price]
    """The latest that has begun holds; none: known, but not what it costs."""


_models = msgspec.json.Decoder(list[Model])


class Provider(msgspec.Struct, frozen=True, forbid_unknown_fields=True, dict=True):
    """Who serves models. The first model that a name fits is the one."""

    id: str
    listed: msgspec.Raw = msgspec.field(default=msgspec.Raw(b"[]"), name="models")
    """`models`, as JSON."""
    match: Match = Match()
    """What the provider is called."""
    owns: Match = Match()
    """Models that are this provider's where nobody is named."""
    fallback: list[str] = []
    """Whose models it serves besides, at their price."""

    @cached_property
    def models(self) -> list[Model]:
        """Decoded when first looked at. Raises msgspec.DecodeError."""
        return _models.decode(self.listed)


class Book(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A price table."""

    about: dict[str, str] = {}
    models: dict[str, Price] = {}
    """By name, whoever serves them; a name may end with `*`."""
    providers: list[Provider] = []

    def find(self, model: str, provider: str | None) -> list[Price] | None:
        """The prices of a model, both names in lower case; None where it is not known."""
        for name, price in self.models.items():
            known = name.lower()
            if model == known or (known.endswith("*") and model.startswith(known[:-1])):
                return [price]
        if provider in GATEWAYS:
            provider = None
        elif provider and self._named(provider) is None:
            return None  # somebody's own machine, perhaps: another's price would be made up
        for host, name in _readings(model, provider):
            found = self._of(host, name)
            if found is not None:
                return found
        return None

    def _of(self, host: str | None, name: str) -> list[Price] | None:
        if host is None:
            asked = [one for one in self.providers if one.owns.fits(name)]
        else:
            named = self._named(host)
            asked = [] if named is None else [named]
        for one in asked:
            for other in (one, *filter(None, map(self._named, one.fallback))):
                for candidate in other.models:
                    if candidate.match.fits(name):
                        return candidate.prices
        return None

    def _named(self, name: str) -> Provider | None:
        for part in (name, name.partition(".")[0]):  # `openai.responses`
            exact = (one for one in self.providers if part == one.id or part in one.match.equals)
            loose = (one for one in self.providers if one.match.fits(part))
            found = next(exact, None) or next(loose, None)
            if found is not None:
                return found
        return None


_PATH = re.compile(r"(?:models|publishers/[^/]+/models|projects/.+/models)/(.+)", re.DOTALL)
_BEDROCK = re.compile(r"(?:arn:.*[:/])?((?:[a-z]{2,6}\.)?[a-z0-9]+\.[a-z].*)", re.DOTALL)
_SNAPSHOT = re.compile(
    r"(.+?)(?:[-@](?:\d{8}|\d{4}-\d{2}-\d{2}|\d{3}|latest|default)|-v\d+(?::\d+)?|-\d{2}-\d{2})"
)


def _readings(model: str, provider: str | None) -> Iterator[tuple[str | None, str]]:
    """Ways to read a model's name, likeliest first: (provider or None, model)."""
    path = _PATH.fullmatch(model)
    names = [model] if path is None else [path[1]]
    dashed = re.sub(r"-(20\d\d)(\d\d)(\d\d)(?=-|:|$)", r"-\1-\2-\3", names[0])
    if dashed != names[0]:
        names.append(dashed)
    snapshot = _SNAPSHOT.fullmatch(names[0])
    while snapshot and len(names) < 5:
        names.append(snapshot[1])
        snapshot = _SNAPSHOT.fullmatch(snapshot[1])
    for name in names:
        if provider:
            yield provider, name
        host, slash, rest = name.partition("/")
        if slash:
            yield host, rest
    for name in names if not provider else ():
        bedrock = _BEDROCK.fullmatch(name)
        if bedrock is not None:
            yield "aws", bedrock[1]
        yield None, name


def user_file() -> Path:
    """Where the user's own prices are looked for."""
    named = os.environ.get("JOLLYSCOPE_PRICES")
    return Path(named).expanduser() if named else config_file().with_name("prices.json")


def read_book(path: Path) -> Book:
    """The price table in a file, all of it looked at. Raises JollyScopeError where it is none."""
    try:
        book = msgspec.json.decode(path.read_bytes(), type=Book)
        for provider in book.providers:
            provider.models  # noqa: B018 - decodes them
        return book
    except OSError as error:
        raise JollyScopeError(
            f"Cannot read the prices in {path}: {error.strerror}.",
            hint="JOLLYSCOPE_PRICES names the file, else prices.json in the config directory.",
        ) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise JollyScopeError(
            f"{path} is no price table: {error}.",
            hint='A model\'s price: {"models": {"my-model": {"input": 0.5, "output": 1.5}}}',
        ) from error


class _Books:
    """What was read, once a process, and what was found in it."""

    read: list[Book] | None = None
    found: ClassVar[dict[tuple[str, str | None], list[Price]]] = {}


def reset() -> None:
    """Read the files again when the next price is asked for."""
    _Books.read = None
    _Books.found.clear()


def _books() -> list[Book]:
    if _Books.read is None:
        ours = Path(__file__).with_name("prices.json").read_bytes()
        books = [msgspec.json.decode(ours, type=Book)]
        own = user_file()
        try:
            if "JOLLYSCOPE_PRICES" in os.environ or own.exists():
                books.insert(0, read_book(own))
        except (JollyScopeError, OSError) as error:
            # Told once, and spans are kept: their cost is then by the table that comes with us.
            _log.warning("%s", error)
        _Books.read = books
    return _Books.read


def _found(model: str, provider: str | None) -> list[Price]:
    for book in _books():
        prices = book.find(model, provider)
        if prices is not None:
            return prices
    return []


def price_of(model: str, provider: str | None, time: int | None = None) -> Price | None:
    """The price of a model at a time (Unix ns; None: now). None where it is not known."""
    prices = _Books.found.get((model, provider))
    if prices is None:
        if len(model) > _LONGEST or len(provider or "") > _LONGEST:
            return None
        if len(_Books.found) > 4096:
            _Books.found.clear()
        asked = model.lower(), provider.lower() if provider else None
        prices = _found(*asked)
        _Books.found[model, provider] = prices
    if len(prices) < 2:
        return prices[0] if prices else None
    return _at(prices, time)


def _at(prices: list[Price], time: int | None) -> Price:
    when = datetime.now(UTC) if time is None else datetime.fromtimestamp(time / 1e9, UTC)
    day = when.date().isoformat()
    # From the last: as in the source, later entries come before earlier ones.
    return next((price for price in reversed(prices) if price.began <= day), prices[0])
