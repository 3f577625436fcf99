"""How the offline planner goes about each kind of question: one skill, one kind.

A skill is given the question and returns its plan, or None when it does not fit. The first that
fits is taken.
"""

from __future__ import annotations

import re
from difflib import get_close_matches

from jollyscope.demo.phrases import factor_in, pair_in, places_named
from jollyscope.demo.plan import (
    Ask,
    Plan,
    Question,
    Step,
    calculate,
    fact,
    lead,
    look_at_clocks,
    search,
    together,
    unless_error,
)
from jollyscope.demo.reading import (
    Measure,
    Quantity,
    clauses,
    expression_in,
    file_in,
    keywords,
    measure_in,
    quantity_in,
    sentences,
    subject_of,
    table_rows,
    without_measures,
)
from jollyscope.demo.tools.search import Hit, terms

__all__ = ["plan_for"]

WAY = Measure("length", "全长", r"\blength\b|\bdistance\b|全长|总长|距离", ("km", "m"))
"""How far something goes or is away."""
CHINESE_UNITS = {"km": "公里", "m": "米", "tonne": "吨", "kg": "公斤", "g": "克"}


def plan_for(question: Question) -> Plan[str]:
    """The plan for a whole question: its clauses side by side, unless one thing spans them."""
    for skill in (brief, read_file, compare, at_a_rate):
        if plan := skill(question):
            return plan
    return _each_clause(question)


def _each_clause(question: Question) -> Plan[str]:
    plans: list[Plan[str]] = []
    for text in clauses(question.text):
        part = question._replace(text=text)
        skills = (weather, time_difference, time, scaled, compute, compare)
        plans.append(
            next((plan for skill in skills if (plan := skill(part))), None) or lookup(part)
        )
    answers = yield from together(plans)
    return "\n".join(answers)


# --- one skill a kind of question; None when it does not fit -------------------------------------


def compute(question: Question) -> Plan[str] | None:
    """Arithmetic somewhere in the text."""
    expression = expression_in(question.text)
    if expression is None or "calculator" not in question.tools:
        return None

    def plan(expression: str) -> Plan[str]:
        result = yield from calculate(question, expression)
        return f"{expression} = {result}" if re.match(r"-?\d", result) else result

    return plan(expression)


def weather(question: Question) -> Plan[str] | None:
    """The weather in each place named."""
    asked = question.says(
        r"weather|temperature|how (?:hot|cold|warm)|raining|天气|气温|下雨|多少度|冷不冷"
    )
    places = places_named(question.text)
    if not asked or not places or "weather" not in question.tools:
        return None

    def plan() -> Plan[str]:
        readings = yield Step(
            question.tell(
                f"I ask the weather station in {', '.join(places)}.",
                f"我查一下{'、'.join(places)}的气象站。",
            ),
            [Ask("weather", "city", place) for place in places],
        )
        return "\n".join(map(unless_error, readings))

    return plan()


def time(question: Question) -> Plan[str] | None:
    """The time in each place or zone named."""
    asked = question.says(
        r"\bwhat time\b|\bthe time\b|\bclock\b|\bwhat day\b|几点|(?:现在|当地).*时间|什么时间"
    )
    places = places_named(question.text)
    if not asked or not places or "clock" not in question.tools:
        return None

    def plan() -> Plan[str]:
        times = yield from look_at_clocks(question, places)
        return "\n".join(
            f"{place}: {unless_error(told)}" for place, told in zip(places, times, strict=True)
        )

    return plan()


def time_difference(question: Question) -> Plan[str] | None:
    """How far apart the clocks of two places are."""
    asked = question.says(r"time difference|hours? (?:ahead|behind)|时差")
    places = places_named(question.text)
    if not asked or len(places) != 2 or not {"clock", "calculator"} <= question.tools:
        return None

    def plan() -> Plan[str]:
        times = yield from look_at_clocks(question, places)
        offsets = [re.search(r"UTC([+-])(\d\d):?(\d\d)", told) for told in times]
        hours = [f"{m[1]}({m[2]} + {m[3]}/60)".replace("+(", "(") for m in offsets if m]
        if len(hours) != 2:
            return " ".join(map(unless_error, times))
        result = yield from calculate(
            question, re.sub(r"\b0(\d)", r"\1", f"{hours[0]} - {hours[1]}")
        )
        return question.tell(
            f"{places[0]} is {result} hours from {places[1]} ({times[0]}; {times[1]}).",
            f"{places[0]}与{places[1]}相差{result}小时（{times[0]}；{times[1]}）。",
        )

    return plan()


def compare(question: Question) -> Plan[str] | None:
    """Two things, one measure: look both up, then subtract."""
    pair = pair_in(question.text)
    if pair is None or not {"search", "calculator"} <= question.tools:
        return None
    measure = measure_in(question.text)
    if measure is None:
        return None

    def plan(one: str, other: str) -> Plan[str]:
        a, b = yield from together([fact(question, one, measure), fact(question, other, measure)])
        if a is None or b is None:
            missing = one if a is None else other
            return question.tell(
                f"I found no {measure.name} for {missing}.",
                f"没有查到{missing}的{measure.chinese}。",
            )
        difference = yield from calculate(question, f"{_in_unit(a, b.unit)} - {b.value}")
        more = not difference.startswith("-")
        first, second = (one, other) if more else (other, one)
        amount = difference.lstrip("-")
        if b.unit == "year":
            return question.tell(
                f"{one}: {a}, {other}: {b}. {first} is {amount} years later than {second}.",
                f"{one}是{a}，{other}是{b}：{first}比{second}晚{amount}年。",
            )
        unit = CHINESE_UNITS.get(b.unit, b.unit)
        return question.tell(
            f"The {measure.name} of {one} is {a}, of {other} {b}: "
            f"{first} has {amount} {b.unit} more.",
            f"{one}{a}，{other}{b}：{first}比{second}多{amount}{unit}。",
        )

    return plan(*pair)


def at_a_rate(question: Question) -> Plan[str] | None:
    """How long something takes at a given speed: look up how far it is, then divide."""
    rate = question.says(
        r"(?P<n>\d[\d,.]*)\s*(?:km|kilomet(?:re|er)s|kph)\s*(?:/|per|an?|each|every)\s*"
        r"(?P<per>day|hour|h\b|second|s\b|minute|week)"
        r"|每(?P<zper>天|小时|秒|分钟|周)\S{0,2}?(?P<zn>\d+(?:\.\d+)?)\s*(?:公里|千米)"
    )
    if rate is None or not {"search", "calculator"} <= question.tools:
        return None
    asked = without_measures(question.text[: rate.start()] + question.text[rate.end() :])
    value = (rate["n"] or rate["zn"]).replace(",", "").rstrip(".")
    per = {"h": "hour", "s": "second"}.get(rate["per"] or "", rate["per"]) or rate["zper"]
    subject = re.sub(
        r"(?i)\b(?:days?|hours?|weeks?|minutes?|seconds?|walk|drive|run|cycle|ride|travel|cross|go"
        r"|fly|sail|swim|someone|somebody|needs?|along|whole|entire)\b"
        r"|全程|要|需要?|走完|跑完|骑完|走|跑|骑|开车|沿着?|一遍|如果|按|以|(?:小时|分钟|天|秒|周)",
        " ",
        keywords(asked),
    )
    subject = " ".join(subject.split())

    def plan(subject: str) -> Plan[str]:
        way = yield from fact(question, subject, WAY)
        if way is None:
            return question.tell(f"I found no length for {subject}.", f"没有查到{subject}的长度。")
        result = yield from calculate(question, f"{_in_unit(way, 'km')} / {value}")
        return question.tell(
            f"About {_rounded(result)} {per}s: {subject} is {way}, at {value} km per {per}.",
            f"大约{_rounded(result)}{per}：{subject}{way}，每{per}{value}公里。",
        )

    return plan(subject)


def scaled(question: Question) -> Plan[str] | None:
    """A measure in another unit, or a multiple of it: look it up, then multiply."""
    measure = measure_in(question.text)
    factor = factor_in(question.text)
    if measure is None or factor is None or not {"search", "calculator"} <= question.tools:
        return None
    words, number, unit = factor
    subject = subject_of(question.text.replace(words, " "))

    def plan(measure: Measure) -> Plan[str]:
        found = yield from fact(question, subject, measure)
        if found is None:
            return question.tell(f"I found nothing on {subject}.", f"没有查到{subject}。")
        base = _in_unit(found, "m") if unit else found.value
        result = yield from calculate(question, f"{base} * {number}")
        return f"{subject}: {found}; {words.strip()}: {_rounded(result)} {unit or found.unit}"

    return plan(measure)


def read_file(question: Question) -> Plan[str] | None:
    """Read a file; then add up, average or quote what the question is about."""
    name = file_in(question.text)
    if name is None or "read_file" not in question.tools:
        return None

    def plan(name: str) -> Plan[str]:
        [text] = yield Step(
            question.tell(f"I have to read {name}.", f"先读{name}。"),
            [Ask("read_file", "name", name)],
        )
        near = get_close_matches(
            name, re.findall(r"[\w./-]+\.\w+", text.partition("There are:")[2]), n=1
        )
        if text.startswith("error:") and near:
            [text] = yield Step(
                question.tell(
                    f"There is no {name}, but there is {near[0]}: they may mean that.",
                    f"没有{name}，但有{near[0]}，应该是指它。",
                ),
                [Ask("read_file", "name", near[0])],
            )
            name = near[0]
        if text.startswith("error:"):
            return unless_error(text)
        return (yield from _about_text(question, text.removeprefix("\ufeff"), name))

    return plan(name)


def _about_text(question: Question, text: str, name: str) -> Plan[str]:
    wanted = set(terms(keywords(question.text.replace(name, " ")))) - {"read", "file", "open"}
    mean = question.says(r"average|mean\b|平均")
    total = question.says(
        r"total|\bsum\b|add up|how much|altogether|合计|总共|总[额和计]|一共|加起来|多少钱"
    )
    rows = list(table_rows(text))
    matching = [row for row in rows if wanted & set(terms(" ".join(row[0])))] or rows
    if (mean or total) and matching and "calculator" in question.tools:
        numbers = " + ".join(number for _, number in matching)
        expression = f"({numbers}) / {len(matching)}" if mean else numbers
        result = yield from calculate(
            question,
            expression,
            question.tell(
                f"{len(matching)} of {len(rows)} lines with a number are about it.",
                f"{len(rows)}行数字里有{len(matching)}行与此有关。",
            ),
        )
        return question.tell(
            f"The {'average' if mean else 'total'} is {result} ({len(matching)} lines of {name}).",
            f"{'平均' if mean else '合计'}{result}（{name}中的{len(matching)}行）。",
        )
    lines = sorted(sentences(text), key=lambda line: -len(wanted & set(terms(line))))
    return (
        f"{lines[0]} ({name})" if lines else question.tell(f"{name} is empty.", f"{name}是空的。")
    )


def brief(question: Question) -> Plan[str] | None:
    """A short text on some topics: have the researcher do it, or be the researcher."""
    asked = question.says(
        r"\b(?:brief|overview|summary|report|introduction)\b.*?\b(?:on|of|about|to)\b(?P<en>.+)"
        r"|(?:写|做|给).*?(?:一[份个篇段])?(?:关于)?(?P<zh>.+?)的?(?:简报|概述|综述|介绍|简介)"
    )
    if asked is None:
        return None
    named = asked["en"] or asked["zh"]
    topics = [
        t
        for text in re.split(r",|\band\b|，|、|和|与|及", named)
        if (t := keywords(text.strip(" .。?？")))
    ]
    topics = [re.sub(r"^(?:一[份个篇段]|关于)+", "", topic) for topic in topics]

    def delegate() -> Plan[str]:
        [found] = yield Step(
            question.tell(
                f"A brief on {' and '.join(topics)} is work for the researcher.",
                f"关于{'、'.join(topics)}的简报，交给研究员来做。",
            ),
            [Ask("researcher", "question", question.text)],
        )
        return unless_error(found)

    def research() -> Plan[str]:
        found = yield from together([lead(question, topic) for topic in topics])
        return "\n".join(f"- {text}" for text in found)

    if "researcher" in question.tools:
        return delegate()
    return research() if "search" in question.tools else None


def lookup(question: Question) -> Plan[str]:
    """Search, and quote the sentence that says it.

    When nothing comes back it tries fewer words and then, for want of a better idea, the same
    again: the agent's guard against loops is what ends it.
    """
    if "search" not in question.tools:
        return question.tell("I have no tool for that.", "没有能回答这个问题的工具。")
    query = keywords(question.text) or question.text
    while True:
        hits = yield from search(question, query)
        if hits:
            sentence = _best_sentence(question.text, hits)
            return f"{sentence} ({hits[0].title})"
        query = _shorter(query)


def _best_sentence(question: str, hits: list[Hit]) -> str:
    measure = measure_in(question)
    wanted = set(terms(keywords(question))) - set(terms(hits[0].title))

    def worth(sentence: str) -> float:
        told = measure is not None and quantity_in(sentence, measure) is not None
        return len(wanted & set(terms(sentence))) + 1.5 * told

    return max(sentences(hits[0].text), key=worth)


def _shorter(query: str) -> str:
    """The half of the words that are names or long; two words cannot get shorter."""
    words = query.split()
    if len(words) <= 2:
        return query
    ranked = sorted(words, key=lambda word: (word[0].isupper(), len(word)), reverse=True)
    keep = set(ranked[: (len(words) + 1) // 2])
    return " ".join(word for word in words if word in keep)


def _in_unit(quantity: Quantity, unit: str) -> str:
    """The value as an expression in another unit of the same measure."""
    factor = {("km", "m"): " * 1000", ("m", "km"): " / 1000"}.get((quantity.unit, unit), "")
    return quantity.value + factor


def _rounded(number: str) -> str:
    try:
        return f"{float(number):,.2f}".rstrip("0").rstrip(".")
    except ValueError:
        return number
