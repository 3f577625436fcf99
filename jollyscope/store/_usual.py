"""The store when none is named: the backend that `jollyscope up` started, else the lake."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any, Never

from jollyscope.config import Config, LakeConfig
from jollyscope.errors import StoreError
from jollyscope.store.api import Capabilities, Store, StoreInfo
from jollyscope.store.backend_state import read_state
from jollyscope.store.clickhouse.url import Address, parse_address
from jollyscope.store.lake.state import LakeState
from jollyscope.store.lake.store import LakeStore
from jollyscope.store.state import Annotation, SavedView

__all__ = ["usual_store"]

_ANSWER_S = 1.0


def usual_store(home: Path, settings: Config) -> Store:
    """ClickHouse where a backend runs and answers, the lake where there is none. Where there is one
    that does not answer: the lake to read from, which says so, and nothing to change.
    """
    state = read_state(home)
    if state is None or not state.running:
        return LakeStore(home, settings.lake)
    address = parse_address(state.addresses.clickhouse)
    if _answers(address):
        from jollyscope.store.clickhouse.store import ClickHouseStore

        return ClickHouseStore(address, settings.clickhouse)
    return _Meanwhile(home, settings.lake, address.shown)


def _answers(address: Address) -> bool:
    link = HTTPConnection(address.host, address.port, timeout=_ANSWER_S)
    try:
        link.request("GET", "/ping")
        return link.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        link.close()


class _Meanwhile(LakeStore):
    """The lake while the backend is away: for reading alone, since what is changed in it would be
    missing from the backend when it is back.
    """

    def __init__(self, home: Path, settings: LakeConfig, away: str) -> None:
        super().__init__(home, settings)
        self.capabilities = Capabilities(maintain=False, local=True)
        self._note = (
            f"The backend does not answer at {away}: this is what lies in {self.url} instead. "
            "`jollyscope health` says more, `jollyscope down` ends it for good."
        )
        self._said = [self._note]
        self.state = _ReadState(self.manifest.lake, self._note)

    def info(self) -> StoreInfo:
        found = super().info()
        found.problems.insert(0, self._note)
        return found

    def compact(self, *_: Any, **__: Any) -> int:
        _refuse(self._note)

    def prune(self, *_: Any, **__: Any) -> int:
        _refuse(self._note)


class _ReadState(LakeState):
    def __init__(self, lake: Path, note: str) -> None:
        super().__init__(lake)
        self._note = note

    def annotate(self, annotations: Sequence[Annotation]) -> None:
        _refuse(self._note)

    def drop(self, ids: Iterable[str]) -> int:
        _refuse(self._note)

    def save_view(self, view: SavedView) -> None:
        _refuse(self._note)

    def drop_view(self, name: str) -> bool:
        _refuse(self._note)


def _refuse(note: str) -> Never:
    raise StoreError(
        f"Nothing can be changed now. {note}",
        hint="`--store lake:///path` changes the lake at that path all the same.",
    )
