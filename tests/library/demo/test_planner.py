"""The offline planner on questions that no task asks."""

import re
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jollyscope.demo.api import build_agent
from jollyscope.demo.chat import Decision, Message
from jollyscope.demo.latency import Latency
from jollyscope.demo.plan import Ask, Plan, Step, together
from jollyscope.demo.planner import OfflinePlanner, count_tokens, resolved
from jollyscope.demo.reading import clauses, expression_in, measure_in, quantity_in
from jollyscope.demo.tasks import TASKS
from jollyscope.demo.tools import Tool, standard_tools

UNSEEN = [
    # arithmetic inside text
    ("If one box holds 24 eggs, what is 24 times 17?", ["calculator"], "408"),
    ("What is 12 * (3 + 4)?", ["calculator"], "84"),
    ("请计算 3加5乘以2", ["calculator"], "13"),
    ("１２００除以４是多少？", ["calculator"], "300"),
    ("What is the square root of 1764?", ["calculator"], "42"),
    ("What is 10 / 0?", ["calculator"], "Division by zero"),
    ("What is 2 + 2 and what is 1,000 - 1?", ["calculator", "calculator"], "999"),
    # times and weather
    ("what time is it in Reykjavik", ["clock"], "Atlantic/Reykjavik"),
    ("Lima, Oslo and New York: what time is it in Lima, Oslo and New York right now?",
     ["clock", "clock", "clock"], "America/Lima"),
    ("What time is it in Asia/Kathmandu?", ["clock"], "UTC+05:45"),
    ("东京和伦敦现在几点？", ["clock", "clock"], "Europe/London"),
    ("What is the time difference between Tokyo and Singapore?",
     ["clock", "clock", "calculator"], "1 hours"),
    ("What time is it in Atlantis?", ["clock"], "No time zone is known"),
    ("What's the weather in Atlantis?", ["weather"], "no weather station"),
    # files
    ("read file meeting-notes.md and tell me what the budget is", ["read_file"], "12,000 euros"),
    ("What is the average of the meals in expenses.csv?", ["read_file", "calculator"], "109.8"),
    ("trip-plan.txt里一共花多少钱？", ["read_file", "calculator"], "3353"),
    ("Read nothing-like-it.log", ["read_file"], "There is no file"),
    # comparisons: two searches, then a calculation
    ("How much longer is the Nile than the Danube?", ["search", "search", "calculator"], "3800 km"),
    ("Which is taller, the Burj Khalifa or the Eiffel Tower, and by how much?",
     ["search", "search", "calculator"], "498 m"),
    ("What is the difference in height between Kilimanjaro and K2?",
     ["search", "search", "calculator"], "2716 m"),
    ("Is the Channel Tunnel longer than the Golden Gate Bridge?",
     ["search", "search", "calculator"], "47713 m"),
    ("长城和京杭大运河哪个更长？", ["search", "search", "calculator"], "19402公里"),
    ("广州塔比东方明珠高多少？", ["search", "search", "calculator"], "132米"),
    ("Was the Golden Gate Bridge opened later than the Eiffel Tower?",
     ["search", "search", "calculator"], "48 years"),
    # a fact, then a calculation with it
    ("How tall is the Burj Khalifa in feet?", ["search", "calculator"], "2,716.54 ft"),
    ("What is twice the length of the Channel Tunnel?", ["search", "calculator"], "100.9 km"),
    ("每天走30公里，走完长城要多少天？", ["search", "calculator"], "706.53天"),
    ("京沪高铁以每小时350公里跑完全程要几小时？", ["search", "calculator"], "3.77小时"),
    ("How long would it take to drive to the Moon at 100 km/h?",
     ["search", "calculator"], "3,844 hours"),
    # looking things up
    ("How many hearts does an octopus have?", ["search"], "three hearts"),
    ("How many floors does the Burj Khalifa have?", ["search"], "163 floors"),
    ("When did the Golden Gate Bridge open?", ["search"], "1937"),
    ("谁发明了活字印刷？", ["search"], "毕昇"),
    ("长江发源于哪里？", ["search"], "青藏高原"),
    ("故宫是哪一年建成的？", ["search"], "1420年"),
    # handing on, and two things at once
    ("写一份关于长城和故宫的简报", ["researcher"], "故宫"),
    ("Give me an overview of DuckDB", ["researcher"], "CWI"),
    ("What is 6 * 7, and who created Python?", ["calculator", "search"], "Guido van Rossum"),
]  # fmt: skip


class Watched(OfflinePlanner):
    """Keeps the decisions it makes."""

    def __init__(self) -> None:
        super().__init__(Latency(0))
        self.decisions: list[tuple[int, Decision]] = []

    async def decide(self, messages: Sequence[Message], tools: Sequence[Tool]) -> Decision:
        decision = await super().decide(messages, tools)
        self.decisions.append((len(tools), decision))
        return decision


@pytest.mark.parametrize(("question", "tools", "expected"), UNSEEN, ids=[q for q, _, _ in UNSEEN])
async def test_unseen_questions(question: str, tools: list[str], expected: str) -> None:
    assert question not in [task.question for task in TASKS]
    planner = Watched()
    agent = build_agent(planner, Latency(0))
    answer = await agent.answer(question)
    assert expected in answer
    own = [d for count, d in planner.decisions if count == len(agent.tools)]
    called = [call.tool for decision in own for call in decision.calls]
    assert list(dict.fromkeys(called)) == list(dict.fromkeys(tools))
    if "researcher" not in tools and "error" not in expected:
        assert len(called) >= len(tools)
    assert all(decision.thought for decision in own)


async def test_what_was_observed_decides() -> None:
    """The same question goes on differently when a tool says something else."""
    tools = standard_tools(Latency(0))
    messages: list[Message] = [{"role": "user", "content": "How many km longer is Foo than Bar?"}]
    planner = OfflinePlanner(Latency(0))
    first = await planner.decide(messages, tools)
    assert [call.tool for call in first.calls] == ["search", "search"]

    def hit(title: str, length: str) -> str:
        return f'[{{"title": "{title}", "text": "Its length is {length}.", "score": 1}}]'

    async def after(*results: str) -> Decision:
        observed = [
            {"role": "tool", "tool_call_id": call.id, "content": result}
            for call, result in zip(first.calls, results, strict=True)
        ]
        return await planner.decide([*messages, first.message(), *observed], tools)

    found = await after(hit("Foo", "30 km"), hit("Bar", "1,200 m"))
    assert [str(call) for call in found.calls] == ["calculator(expression='30 * 1000 - 1200')"]
    missing = await after(hit("Foo", "30 km"), "[]")
    assert [str(call) for call in missing.calls] == ["search(query='Bar')"]
    failed = await after("error: away", "error: away")
    assert len(failed.calls) == 2
    ids = [call.id for decision in (first, found, missing) for call in decision.calls]
    assert ids == ["call_1", "call_2", "call_3", "call_3"]


@given(st.text(max_size=80))
async def test_any_question_gets_a_decision(question: str) -> None:
    tools = standard_tools(Latency(0))
    decision = await OfflinePlanner(Latency(0)).decide(
        [{"role": "user", "content": question}], tools
    )
    assert decision.calls or decision.answer is not None


async def test_without_tools_it_says_so() -> None:
    decision = await OfflinePlanner(Latency(0)).decide(
        [{"role": "user", "content": "Who wrote this?"}], []
    )
    assert decision.answer == "I have no tool for that."


@pytest.mark.parametrize(
    ("questions", "expected"),
    [
        (["长江有多长？", "它比黄河长多少公里？"], "长江比黄河长多少公里？"),
        (["How tall is K2?", "Is it higher than Mount Everest?"],
         "Is K2 higher than Mount Everest?"),
        (["What time is it in Tokyo?", "And in London?"], "What time is it in London?"),
        (["北京天气怎么样？", "那上海呢？"], "上海天气怎么样？"),
        (["How tall is K2?", "What about Kilimanjaro?", "How many cones does it have?"],
         "How many cones does Kilimanjaro have?"),
        (["What is 1 + 1?", "How long would it take to walk the Nile at 5 km per hour?"],
         "How long would it take to walk the Nile at 5 km per hour?"),
    ],
)  # fmt: skip
def test_follow_ups_lean_on_what_came_before(questions: list[str], expected: str) -> None:
    assert resolved(questions) == expected


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("What is 1+1, and who made Python?", ["What is 1+1", "who made Python"]),
        ("What time is it in Lima, Oslo and Rome?", ["What time is it in Lima, Oslo and Rome"]),
        ("北京天气怎么样，上海现在几点？", ["北京天气怎么样", "上海现在几点"]),
        ("If I eat 3 eggs a day, how many is that?", ["If I eat 3 eggs a day, how many is that"]),
        ("hello", ["hello"]),
    ],
)
def test_clauses(question: str, parts: list[str]) -> None:
    assert [re.sub(r"[?？]$", "", part) for part in clauses(question)] == parts


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("what is 18% of 240?", "240*18/100"),
        ("1,200 + 3", "1200 + 3"),
        ("on 2026-03-02 in room 4", None),
        ("open report-2019-10.csv", None),
        ("chapter 4 of 7", None),
        ("2 ^ 10", "2 ** 10"),
        ("240的18%", "240*18/100"),
        ("-3 - -4", "-3 - -4"),
    ],
)
def test_expressions(text: str, expression: str | None) -> None:
    assert expression_in(text) == expression


def test_quantities_of_the_measure_asked_for() -> None:
    height, length = measure_in("how tall"), measure_in("有多长")
    assert height is not None
    assert length is not None
    text = "It is 3 km long. Opened in 1890, it has a height of 1,234.5 m."
    assert str(quantity_in(text, height)) == "1234.5 m"
    assert str(quantity_in(text, length)) == "3 km"
    assert quantity_in("no number", height) is None
    assert measure_in("长江发源于哪里") is None


def test_plans_side_by_side_share_rounds() -> None:
    def plan(name: str, rounds: int) -> Plan[str]:
        heard: list[str] = []
        for number in range(rounds):
            heard += yield Step(name, [Ask("t", "a", f"{name}{number}")])
        return "".join(heard)

    answers, sent = played(together([plan("x", 1), plan("y", 3), plan("z", 0)]))
    assert answers == ["X0", "Y0Y1Y2", ""]
    assert sent == [["x0", "y0"], ["y1"], ["y2"]]


def played(plan: Plan[list[str]]) -> tuple[list[str], list[list[str]]]:
    """A plan's answer when every call is answered in capitals, and the calls of each round."""
    sent: list[list[str]] = []
    step = next(plan)
    while True:
        sent.append([call.value for call in step.calls])
        try:
            step = plan.send([value.upper() for value in sent[-1]])
        except StopIteration as done:
            return done.value, sent


def test_tokens_are_counted_from_the_text() -> None:
    assert count_tokens("") == 0
    assert count_tokens("How tall is K2?") == 6
    assert count_tokens("长江有多长？") == 6
    assert count_tokens("observability 1794") == 5
