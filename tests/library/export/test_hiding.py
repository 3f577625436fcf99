"""Users, sessions and names hidden: nothing of them is left, and the words are the same everywhere."""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import stat
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jollyscope.errors import JollyScopeError, UsageError
from jollyscope.export.anonymous import Guise
from jollyscope.export.asked import Asked
from jollyscope.export.piping import export_out
from jollyscope.export.salt import kept_salt, salt_of
from jollyscope.store.lake.engine import connect
from jollyscope.store.lake.store import LakeStore
from jollyscope.store.state import note
from tests.cli import records
from tests.strategies import texts

NOW = records.START + 3600 * 10**9
GUISE = Guise(b"salt and pepper", (r"[\w.]+@[\w.]+", r"\bsk-[a-z0-9]+"))
FORMS = ("json", "jsonl", "otlp.json", "chat.jsonl", "csv", "parquet")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory):
    home = tmp_path_factory.mktemp("home")
    first, second, *others = records.run()
    told = msgspec.structs.replace(
        first,
        user_id="wanda.smith",
        session_id="secret-session",
        conversation_id="secret-talk",
        service="acme-bot",
        input="mail wanda@example.org the key sk-abc123",
        attributes={"user.id": "wanda.smith", "enduser.name": 'Wanda "W" Smith', "n": 1,
                    "session.id": "secret-session", "note": "ask wanda@example.org"},
        resource={"service.name": "acme-bot", "host.name": "wandas-laptop"},
    )  # fmt: skip
    rest = [msgspec.structs.replace(span, user_id="wanda.smith", session_id="secret-session")
            for span in (second, *others)]  # fmt: skip
    records.store(home, told, *rest).close()
    opened = LakeStore(home)
    opened.state.annotate(
        [note(records.TRACE, None, "from wanda@example.org", by="wanda.smith", now=NOW)]
    )
    yield opened
    opened.close()


def out(store: LakeStore, form: str, **more: str) -> bytes:
    file = io.BytesIO()
    job = Asked(output="-", format=form, **more).job(NOW, GUISE)
    with store.reader() as reader:
        export_out(reader, store.state, job, file)
    return file.getvalue()


@pytest.mark.parametrize("form", FORMS)
def test_nothing_is_left(store: LakeStore, form: str) -> None:
    more = {"fields": "user,session,service,input,resource,attributes,attr.user.id"}
    found = out(store, form, **(more if form in ("csv", "parquet") else {})).lower()
    for secret in (b"wanda", b"secret-session", b"secret-talk", b"acme-bot", b"sk-abc"):
        assert secret not in found, secret
    if form != "parquet":
        assert b"[redacted] the key [redacted]" in found


def test_tables_and_traces_use_the_same_words(store: LakeStore) -> None:
    span = json.loads(out(store, "jsonl").splitlines()[0])
    row = json.loads(out(store, "jsonl", table="steps", filter="step:user_input").splitlines()[0])
    for name in (
        "user_id",
        "session_id",
        "conversation_id",
        "service",
        "input",
        "attributes",
        "resource",
    ):
        assert span[name] == row[name], name
    assert span["attributes"]["n"] == 1
    assert span["user_id"] == GUISE.word("user", "wanda.smith")


@settings(max_examples=25)
@given(st.lists(texts, min_size=1, max_size=20))
def test_words_are_hmacs_in_sql_and_in_python(values: list[str]) -> None:
    sql = GUISE.sql("user_id", "v")
    with connect(256) as con:
        found = con.execute(f"SELECT {sql} FROM (SELECT unnest(?::VARCHAR[]) AS v)", [values])
        words = [row[0] for row in found.fetchall()]
    assert sorted(words) == sorted(GUISE.word("user", value) for value in values)
    mac = hmac.new(b"salt and pepper", f"user:{values[0]}".encode(), hashlib.sha256)
    assert GUISE.word("user", values[0]) == f"user-{mac.hexdigest()[:16]}"


def test_a_rule_that_breaks_json_leaves_none() -> None:
    broken = Guise(b"salt and pepper", ('"',))
    with connect(256) as con:
        sql = broken.sql("attributes", "v", json=True)
        rows = con.execute(
            f"SELECT {sql} FROM (VALUES ('{{\"a\":1}}'), ('[\"a\"]')) AS t(v)"
        ).fetchall()
    assert sorted(rows) == [("[]",), ("{}",)]
    assert broken.text('{"a":1}', json=True) == "{}"
    assert broken.text('["a"]', json=True) == "[]"


def test_the_salt_is_kept_for_its_owner_alone(tmp_path: Path) -> None:
    salt = kept_salt(tmp_path / "data")
    assert kept_salt(tmp_path / "data") == salt
    (file,) = (tmp_path / "data").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert kept_salt(tmp_path / "other") != salt
    file.write_text("x")
    with pytest.raises(JollyScopeError, match="broken"):
        kept_salt(tmp_path / "data")
    with pytest.raises(UsageError, match="at least 8"):
        salt_of("short")
    with pytest.raises(UsageError, match="no regular expression"):
        Guise(b"12345678", ("(",))
