"""Cost: our sums against genai-prices' own, names of models, the user's prices, unknowns."""

from __future__ import annotations

import datetime
import json
import logging
import math
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import genai_prices
import pytest
from genai_prices import types
from genai_prices.data import providers as PROVIDERS
from hypothesis import given, settings
from hypothesis import strategies as st

from jollyscope.errors import JollyScopeError
from jollyscope.semconv import give_meaning, prices
from jollyscope.semconv.cost import bill
from jollyscope.semconv.prices import Price, price_of, read_book
from tests.library import make_prices

TOKEN_UNITS = {
    *make_prices.UNITS,
    "requests_kcount",
    "web_searches_kcount",
    "storage_searches_kcount",
}
NOW = datetime.datetime(2026, 11, 21, 12, tzinfo=datetime.UTC)


def nanos(when: datetime.datetime) -> int:
    return int(when.timestamp()) * 10**9


@pytest.fixture(autouse=True)
def no_prices_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("JOLLYSCOPE_PRICES", raising=False)
    monkeypatch.setenv("JOLLYSCOPE_CONFIG", str(tmp_path / "config.toml"))
    prices.reset()
    yield
    prices.reset()


def test_the_table_is_what_the_script_makes():
    made = json.loads(make_prices.FILE.read_text("utf-8"))
    date, source = made["about"]["date"], made["about"]["source"]
    assert datetime.date.fromisoformat(date)
    assert "genai-prices" in source
    assert "MIT" in made["about"]["licence"]
    if source == make_prices.about(date)["source"]:  # else another version is installed
        assert make_prices.render(date) == make_prices.FILE.read_text("utf-8")


def _priced() -> list[tuple[str, str]]:
    """Provider and a name of every model that tokens alone are billed for."""
    found: list[tuple[str, str]] = []
    for provider in PROVIDERS:
        for model in provider.models:
            given_ = model.prices
            timed = isinstance(given_, list) and any(
                isinstance(one.constraint, types.TimeOfDateConstraint) for one in given_
            )
            standard = model.get_prices(NOW)
            units = {k for k, v in standard.__dict__.items() if v is not None}
            if (
                not timed
                and units & set(make_prices.UNITS)
                and provider.find_model(model.id) is model
            ):
                found.append((provider.id, model.id))
    return found


PRICED = _priced()


@settings(deadline=None)
@given(data=st.data())
def test_the_cost_is_that_of_genai_prices(data: st.DataObject):
    provider, model = data.draw(st.sampled_from(PRICED))
    input_tokens = data.draw(st.integers(0, 2_000_000))
    cached = data.draw(st.integers(0, input_tokens))
    write = data.draw(st.integers(0, input_tokens - cached))
    output_tokens = data.draw(st.integers(0, 100_000))
    when = data.draw(st.sampled_from([NOW, datetime.datetime(2025, 3, 1, tzinfo=datetime.UTC)]))
    assert_equal(provider, model, when, input_tokens, output_tokens, cached, write)


def assert_equal(
    provider: str,
    model: str,
    when: datetime.datetime,
    given_: int,
    made: int,
    cached: int,
    write: int,
) -> None:
    theirs = genai_prices.calc_price(
        types.Usage(
            input_tokens=given_,
            output_tokens=made,
            cache_read_tokens=cached,
            cache_write_tokens=write,
        ),
        model_ref=model,
        provider_id=provider,
        genai_request_timestamp=when,
    )
    price = price_of(model, provider, nanos(when))
    assert price is not None, (provider, model)
    ours = bill(price, given_, made, cached, write)
    assert ours is not None
    assert math.isclose(ours, float(theirs.total_price), rel_tol=1e-9, abs_tol=1e-11), (
        provider,
        model,
    )


def test_the_cost_of_every_model_is_that_of_genai_prices():
    assert len(PRICED) > 1500
    for provider, model in PRICED:
        assert_equal(provider, model, NOW, 300_000, 1_000, 50_000, 10_000)


@pytest.mark.parametrize(
    ("model", "provider", "like"),
    [
        ("gpt-4o-2024-08-06", "openai", ("openai", "gpt-4o")),
        ("gpt-4o-20240806", "openai", ("openai", "gpt-4o")),
        ("gpt-4o-2031-01-31", "openai", ("openai", "gpt-4o")),
        ("GPT-4o", "OpenAI", ("openai", "gpt-4o")),
        ("gpt-4o", None, ("openai", "gpt-4o")),
        ("openai/gpt-4o", None, ("openai", "gpt-4o")),
        ("openai/gpt-4o", "openai", ("openai", "gpt-4o")),
        ("openai/gpt-4o", "litellm", ("openai", "gpt-4o")),
        ("gpt-5", "openai.responses", ("openai", "gpt-5")),
        ("gpt-4o", "azure.ai.openai", ("azure", "gpt-4o")),
        ("anthropic.claude-3-5-sonnet-20241022-v2:0", "aws.bedrock",
         ("aws", "anthropic.claude-3-5-sonnet-20241022-v2:0")),
        ("us.anthropic.claude-3-5-sonnet-20241022-v2:0", None,
         ("aws", "anthropic.claude-3-5-sonnet-20241022-v2:0")),
        ("claude-3-5-sonnet-20241022", "anthropic", ("anthropic", "claude-3-5-sonnet")),
        ("claude-3-5-sonnet@20240620", "gcp.vertex_ai", ("anthropic", "claude-3-5-sonnet")),
        ("anthropic/claude-3.5-sonnet", "openai", ("anthropic", "claude-3.5-sonnet")),
        ("models/gemini-2.0-flash", "gcp.gemini", ("google", "gemini-2.0-flash")),
        ("publishers/google/models/gemini-2.0-flash-001", "gcp.gen_ai",
         ("google", "gemini-2.0-flash")),
        ("gemini-2.0-flash", "gcp.vertex.agent", ("google", "gemini-2.0-flash")),
        ("mistral-large-latest", "mistral_ai", ("mistral", "mistral-large-latest")),
        ("grok-3", "x_ai", ("x-ai", "grok-3")),
    ],
)  # fmt: skip
def test_names_of_models(model: str, provider: str | None, like: tuple[str, str]):
    price = price_of(model, provider, nanos(NOW))
    expected = genai_prices.calc_price(
        types.Usage(input_tokens=1000, output_tokens=100),
        model_ref=like[1],
        provider_id=like[0],
        genai_request_timestamp=NOW,
    )
    assert price is not None
    assert bill(price, 1000, 100) == pytest.approx(float(expected.total_price))


@pytest.mark.parametrize(
    ("model", "provider"),
    [
        ("my-own-model", None),
        ("my-own-model", "openai"),
        ("deepseek-chat", "ollama"),
        ("gpt-4o", "vllm"),
        ("", None),
        ("/", None),
        ("-2024-08-06", None),
        ("x" * 10_000, "y" * 10_000),
        ("-latest" * 5_000, None),
    ],
)
def test_what_is_not_known_has_no_price(model: str, provider: str | None):
    assert price_of(model, provider) is None


@settings(deadline=None)
@given(st.text(max_size=60), st.none() | st.text(max_size=20))
def test_any_name_is_answered(model: str, provider: str | None):
    price_of(model, provider)


def call(**fields: Any) -> float | None:
    attributes = {"gen_ai.operation.name": fields.pop("operation", "chat")}
    attributes |= {f"gen_ai.{name.replace('__', '.')}": value for name, value in fields.items()}
    return give_meaning(attributes, root=False, time=nanos(NOW)).get("cost_usd")


def test_the_cost_of_a_span():
    tokens = {"usage__input_tokens": 1_000_000, "usage__output_tokens": 100_000}
    named = {"provider__name": "openai", "request__model": "gpt-4o"}
    assert call(**tokens, **named) == 3.5
    assert call(**tokens, **named, **{"usage__cache_read__input_tokens": 400_000}) == 3.0
    assert call(**tokens, **named, usage__cost=9) == 9.0
    assert call(**tokens, **named, operation="invoke_agent") is None
    assert call(**tokens, **named, operation="execute_tool") is None
    assert call(**tokens, provider__name="openai", request__model="nobody's") is None
    assert call(**tokens) is None
    assert call(**named, usage__input_tokens=5) is None
    assert call(**named, usage__output_tokens=5) is None
    # Deployments have names of their own; what was asked for may be known where the answer is not.
    assert call(**tokens, **named, response__model="our-deployment") == 3.5
    embedding = {"provider__name": "openai", "request__model": "text-embedding-3-small"}
    assert call(**embedding, operation="embeddings", usage__input_tokens=1_000_000) == 0.02


def test_steps_caches_and_reasoning():
    price = Price(
        input=prices.Steps(base=1.0, above=[(100, 2.0), (200, 3.0)]),
        output=10.0,
        cache_read=0.5,
        reasoning=20.0,
    )
    assert bill(price, 100, 0) == pytest.approx(100e-6)
    assert bill(price, 101, 0) == pytest.approx(202e-6)
    assert bill(price, 201, 0) == pytest.approx(603e-6)
    # Without a price of its own, what is written to the cache costs what the input costs.
    assert bill(price, 100, 10, 40, 20, 4) == pytest.approx((60 + 20 + 60 + 80) * 1e-6)
    # More cached than came in: it was counted apart.
    assert bill(price, 10, 0, 40) == pytest.approx((10 + 20) * 1e-6)
    assert bill(Price(input=1.0), 10, None) == pytest.approx(10e-6)
    assert bill(Price(output=1.0), 10, None) is None
    assert bill(Price(), 10, 10) is None
    assert bill(Price(input=0.0, output=0.0), 10, 10) == 0.0
    assert bill(Price(request=0.005), 10, 10) == 0.005


def own(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    prices.reset()
    return path


SHORT = '{"models": {"gpt-4o": {"input": 100}, "our-*": {"input": 1, "output": 2}}}'
LONG = """{"providers": [{"id": "acme", "match": {"equals": ["acme-cloud"]},
 "owns": {"starts_with": ["acme-"]}, "models": [{"id": "l", "match": {"ends_with": ["large"]},
 "prices": [{"input": 3, "output": 15}, {"from": "2026-07-01", "input": 2, "output": 10}]}]}]}"""


def test_ones_own_prices_come_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    own(tmp_path / "prices.json", SHORT)
    assert price_of("gpt-4o", "openai") == Price(input=100.0)
    assert price_of("Our-small", "ollama") == Price(input=1.0, output=2.0)
    assert price_of("gpt-4o-mini", "openai") is not None
    elsewhere = own(tmp_path / "elsewhere.json", LONG)
    monkeypatch.setenv("JOLLYSCOPE_PRICES", str(elsewhere))
    prices.reset()
    before = nanos(datetime.datetime(2026, 6, 30, 23, 59, tzinfo=datetime.UTC))
    assert price_of("acme-large", None, before) == Price(input=3.0, output=15.0)
    latest = price_of("acme-large", "acme-cloud", before + 60 * 10**9)
    assert latest is not None
    assert (latest.input, latest.output) == (2.0, 10.0)
    assert price_of("gpt-4o", "openai") != Price(input=100.0)


WRONG_MODEL = '{"providers": [{"id": "acme", "models": [{"id": "m", "match": {}, "prices": 1}]}]}'


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"models": {"x": {"inputs": 1}}}', WRONG_MODEL, "\xff"]
)
def test_a_bad_price_table_is_told_once_and_costs_no_span(
    text: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    path = tmp_path / "prices.json"
    path.write_bytes(text.encode("latin-1"))
    prices.reset()
    with pytest.raises(JollyScopeError, match="is no price table"):
        read_book(path)
    with caplog.at_level(logging.WARNING, "jollyscope"):
        assert price_of("gpt-4o", "openai") is not None
        assert price_of("gpt-4o-mini", "openai") is not None
    assert [str(path) in record.getMessage() for record in caplog.records] == [True]


def test_a_price_table_that_is_named_but_missing_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    monkeypatch.setenv("JOLLYSCOPE_PRICES", str(tmp_path / "nowhere.json"))
    prices.reset()
    with caplog.at_level(logging.WARNING, "jollyscope"):
        assert price_of("gpt-4o", "openai") is not None
    assert "nowhere.json" in caplog.text


def test_only_the_models_of_whom_it_is_asked_are_decoded():
    """Decoding all took 10 ms of the agent's process."""
    assert price_of("nobody-has-this", None) is None
    assert price_of("claude-3-5-haiku-latest", "anthropic") is not None
    [book] = prices._Books.read or []  # pyright: ignore[reportPrivateUsage]
    assert [one.id for one in book.providers if "models" in vars(one)] == ["anthropic"]


def test_importing_reads_no_prices():
    script = (
        "import sys; opened = []; "
        "sys.addaudithook(lambda e, a: opened.append(str(a[0])) if e == 'open' else None); "
        "import jollyscope.semconv as s; "
        "s.give_meaning({'gen_ai.operation.name': 'chat'}, root=True); "
        "assert not [p for p in opened if p.endswith('prices.json')]; "
        "s.give_meaning({'gen_ai.request.model': 'gpt-4o', 'gen_ai.usage.input_tokens': 1,"
        " 'gen_ai.usage.output_tokens': 1}, root=True); "
        "assert [p for p in opened if p.endswith('prices.json')]"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr


def test_prices_are_exact_in_decimal():
    """What binary numbers lose is below a billionth of a dollar."""
    exact = Decimal("0.15") * 12_345 / 1_000_000 + Decimal("0.6") * 678 / 1_000_000
    ours = bill(Price(input=0.15, output=0.6), 12_345, 678)
    assert ours is not None
    assert abs(Decimal(ours) - exact) < Decimal("1e-9")
