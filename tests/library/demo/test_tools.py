import asyncio
import contextlib
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfoNotFoundError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jollyscope.demo.latency import Latency
from jollyscope.demo.tools import Tool, ToolError, standard_tools
from jollyscope.demo.tools.calculator import calculator, evaluate
from jollyscope.demo.tools.clock import Clock
from jollyscope.demo.tools.files import FileReader, shipped_files
from jollyscope.demo.tools.search import Index, shipped_passages
from jollyscope.demo.tools.weather import Weather

numbers = st.one_of(
    st.integers(0, 10**6).map(str),
    st.floats(0, 1e6, allow_nan=False).map(lambda x: f"{x:.3f}"),
)
expressions = st.recursive(
    numbers,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "//", "%"]), inner).map(" ".join),
        inner.map(lambda e: f"({e})"),
        inner.map(lambda e: f"-({e})"),
        st.tuples(inner, st.integers(0, 3)).map(lambda e: f"({e[0]}) ** {e[1]}"),
    ),
    max_leaves=6,
)


@given(expressions)
def test_calculator_agrees_with_python(expression: str) -> None:
    try:
        expected = eval(expression, {"__builtins__": {}})
    except ZeroDivisionError:
        with pytest.raises(ToolError, match="Division by zero"):
            evaluate(expression)
        return
    except OverflowError:
        with pytest.raises(ToolError, match="too large"):
            evaluate(expression)
        return
    assert evaluate(expression) == expected
    assert type(evaluate(expression)) is type(expected)


@given(st.text(max_size=60))
def test_calculator_refuses_or_computes_any_text(text: str) -> None:
    with contextlib.suppress(ToolError):
        assert isinstance(evaluate(text), int | float)


@pytest.mark.parametrize(
    "expression",
    [
        "x",
        "__import__('os')",
        "abs(-1)",
        "(1).real",
        "[1][0]",
        "'a' * 9",
        "True + 1",
        "1 if 1 else 2",
        "1; 2",
        "9 ** 9 ** 9",
        "10 ** 100000",
        "(2 ** 4000) * (2 ** 4000) * (2 ** 4000)",
        "(-8) ** 0.5",
        "1e308 * 10 ** 400",
        "1 << 2",
        "1 +",
        "",
        "(" * 400 + ")" * 400,
        "-" * 990 + "1",
        "1" * 2000,
        "2\x00",
    ],
)
def test_calculator_refuses(expression: str) -> None:
    with pytest.raises(ToolError):
        evaluate(expression)


async def test_calculator_writes_numbers_for_people() -> None:
    assert await calculator("0.1 + 0.2") == "0.3"
    assert await calculator("2 ** 70") == str(2**70)


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("length of the Grand Canal", "Grand Canal"),
        ("highest mountain Africa", "Kilimanjaro"),
        ("who developed movable type", "Movable type"),
        ("hearts octopus", "Octopus"),
        ("agent thought action observation", "ReAct"),
        ("streams of records brokers", "Apache Kafka"),
        ("长江 全长", "长江"),
        ("京杭大运河", "京杭大运河"),
        ("谁改进了造纸术", "造纸术"),
        ("上海最高的楼 上海中心大厦 高度", "上海中心大厦"),
        ("大熊猫吃什么", "大熊猫"),
        ("毕昇", "活字印刷"),
    ],
)
def test_search_finds_the_passage(query: str, title: str) -> None:
    assert Index(shipped_passages()).search(query)[0].title == title


@pytest.mark.parametrize("query", ["", "   ", "zorblax", "Glass Lighthouse Veldmoor", "火星"])
def test_search_finds_nothing_rather_than_something(query: str) -> None:
    assert Index(shipped_passages()).search(query) == []


def test_passages_are_bilingual_and_unique() -> None:
    passages = shipped_passages()
    assert len(passages) >= 40
    assert len({p.id for p in passages}) == len(passages)
    assert {p.language for p in passages} == {"en", "zh"}


async def test_clock_knows_cities_zones_and_chinese_names() -> None:
    clock = Clock(lambda: datetime(2026, 1, 2, 3, 4, tzinfo=UTC))
    assert await clock("Tokyo") == "2026-01-02 12:04, Friday, UTC+09:00 (Asia/Tokyo)"
    assert await clock("纽约") == "2026-01-01 22:04, Thursday, UTC-05:00 (America/New_York)"
    assert await clock("reykjavik") == "2026-01-02 03:04, Friday, UTC+00:00 (Atlantic/Reykjavik)"
    assert "(America/Argentina/Ushuaia)" in await clock("America/Argentina/Ushuaia")
    with pytest.raises(ToolError, match="Atlantis"):
        await clock("Atlantis")


async def test_clock_without_time_zone_data_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(key: str) -> None:
        raise ZoneInfoNotFoundError(key)

    monkeypatch.setattr("jollyscope.demo.tools.clock.ZoneInfo", missing)
    with pytest.raises(ToolError, match="pip install tzdata"):
        await Clock()("Tokyo")


async def test_files_stay_in_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    (folder / "sub").mkdir(parents=True)
    (folder / "sub" / "a.txt").write_text("甲", encoding="utf-8")
    (folder / "big.txt").write_bytes(b"x" * 70_000)
    (tmp_path / "secret.txt").write_text("no")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    read = FileReader(folder)
    assert await read("sub/a.txt") == "甲"
    for outside in (
        "../secret.txt",
        str(tmp_path / "secret.txt"),
        "sub/../../secret.txt",
        "link.txt",
    ):
        with pytest.raises(PermissionError):
            await read(outside)
    with pytest.raises(ToolError, match=r"There are: big\.txt"):
        await read("none.txt")
    with pytest.raises(ToolError):
        await read("sub")
    with pytest.raises(ToolError, match="larger"):
        await read("big.txt")


async def test_the_old_file_really_is_in_another_encoding() -> None:
    with pytest.raises(UnicodeDecodeError):
        await FileReader(shipped_files())("orders-2019.txt")


async def test_weather_times_out_alike_every_time() -> None:
    async def outcomes() -> list[str]:
        weather, told = Weather(Latency(0), timeout=0.02), []
        for _ in range(6):
            try:
                told.append(await weather("Shanghai"))
            except TimeoutError as error:
                told.append(str(error))
        return told

    first = await outcomes()
    assert first == await outcomes()
    silent = "The station in Shanghai did not answer within 20 ms."
    assert first[:3] == [silent, silent, "Shanghai: light rain, 12 °C"]
    with pytest.raises(ToolError):
        await Weather(Latency(0))("Atlantis")


async def test_weather_waits_for_its_timeout() -> None:
    loop = asyncio.get_running_loop()
    start = loop.time()
    with pytest.raises(TimeoutError):
        await Weather(Latency(0), timeout=0.05)("上海")
    assert 0.045 <= loop.time() - start < 1


async def test_a_tool_refuses_arguments_that_do_not_fit() -> None:
    tool = next(t for t in standard_tools(Latency(0)) if t.name == "calculator")
    assert await tool({"expression": "6 * 7"}) == "42"
    for wrong in ({}, {"expression": 1}, {"expression": "1", "more": "2"}, {"sum": "1"}):
        with pytest.raises(ToolError):
            await tool(wrong)


def test_a_tool_describes_itself_as_the_api_wants() -> None:
    async def nothing(a: str) -> str:
        return a

    assert Tool("t", "does", {"a": "an a"}, nothing).schema() == {
        "type": "function",
        "function": {
            "name": "t",
            "description": "does",
            "parameters": {
                "type": "object",
                "properties": {"a": {"type": "string", "description": "an a"}},
                "required": ["a"],
            },
        },
    }


async def test_latency_is_drawn_alike_every_time() -> None:
    waits: list[float] = []

    class Recorded(Latency):
        async def exactly(self, seconds: float) -> None:
            waits.append(seconds)

    for _ in range(2):
        latency = Recorded()
        for key in ("a", "b", "a"):
            await latency.between(1, 2, key)
    assert waits[:3] == waits[3:]
    assert len(set(waits[:3])) == 3
    assert all(1 <= wait <= 2 for wait in waits)
