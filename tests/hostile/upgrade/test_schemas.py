"""What a version looks like is settled when it is out: a change is a new version, with a store kept."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from jollyscope.model.records import SCHEMA
from jollyscope.model.wire import InvalidRecordError, decode, encode_lines
from jollyscope.store.lake import layouts
from tests.hostile.upgrade import stored as s
from tests.hostile.upgrade.make import SCHEMAS, schemas

KEPT: dict[str, dict[str, Any]] = msgspec.json.decode(SCHEMAS.read_bytes())
WHAT_TO_DO = (
    "{what} {version} changed. Once it is released, add a version instead (a file or folder with "
    "the next number; SCHEMA for records) and run `python -m tests.hostile.upgrade.make`, which "
    "keeps it. Before its release, `--unreleased` keeps it as it is now."
)


@pytest.mark.parametrize("what", sorted(KEPT))
def test_no_version_changes(what: str):
    now = schemas()[what]
    for version, kept in KEPT[what].items():
        assert now.get(version) == kept, WHAT_TO_DO.format(what=what, version=version)
    assert list(now) == list(KEPT[what]), f"{what}: run `python -m tests.hostile.upgrade.make`"


def test_a_store_of_every_version_is_kept():
    kept = {int(file.name[5:9]) for file in s.STORES.glob("lake-*.tar.gz")}
    assert kept == set(range(1, layouts.MANIFEST.newest + 1)), (
        "python -m tests.hostile.upgrade.make"
    )


def test_lines_of_every_version_are_read_and_newer_ones_refused():
    [first, *_] = encode_lines(s.FIRST).splitlines()
    for version in range(1, SCHEMA + 1):
        line = first.replace(b'"schema":1', b'"schema":%d' % version)
        assert msgspec.structs.replace(decode(line), schema=SCHEMA) == s.FIRST[0]
    with pytest.raises(InvalidRecordError, match="newer than"):
        decode(first.replace(b'"schema":1', b'"schema":%d' % (SCHEMA + 1)))
