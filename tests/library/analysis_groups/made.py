"""Two weeks of an agent's runs in which the truth is known."""

from __future__ import annotations

import math
import random

from jollyscope.model.records import SpanRecord

MS = 10**6
HOUR = 3600 * 10**9
DAY = 24 * HOUR
START = 1_799_971_200 * 10**9
"""A midnight in UTC, of a Friday."""
DAYS = 14
CHANGE = START + 9 * DAY + 14 * HOUR
"""From then on version 1.4 runs, and `search` takes twice as long."""
SPELL = (START + 4 * DAY, START + 4 * DAY + 18 * HOUR)
"""In between half of the calls of `mail` fail."""
WILD = 500
"""The number of a run that takes fifty times as long as others."""


def planted() -> list[SpanRecord]:
    """A run every twenty minutes: a thought and two tool calls. At 14:00 runs take twice as long. Four
    runs make a session, but for one in ten that has one run.
    """
    chance = random.Random(11)
    found: list[SpanRecord] = []
    session = 0
    for n in range(DAYS * 72):
        start = START + n * 20 * 60 * 10**9
        if n % 4 == 0:
            session += 1
        found += _run(chance, n, start, f"s{session}", f"u{session % 50}")
    return found


def _run(chance: random.Random, n: int, start: int, session: str, user: str) -> list[SpanRecord]:
    new = start >= CHANGE
    hour = start // HOUR % 24
    search = 100 * math.exp(chance.gauss(0, 0.3)) * (2 if new else 1)
    mail = 20 * math.exp(chance.gauss(0, 0.3))
    think = 1000 * math.exp(chance.gauss(0, 0.3)) * (2 if hour == 14 else 1)
    think *= 50 if n == WILD else 1
    failed = chance.random() < (0.5 if SPELL[0] <= start < SPELL[1] else 0.01)
    length = think + search + mail + 5
    broken = {"status": "error", "error_type": "Timeout"} if failed else {}
    tokens = {"input_tokens": chance.randint(80, 120), "output_tokens": 10, "cost_usd": 0.01}
    common = {
        "trace_id": f"{n + 1:032x}",
        "session_id": session,
        "user_id": user,
        "service": "desk",
        "resource": {"service.name": "desk", "service.version": "1.4" if new else "1.3"},
        "state": "closed",
    }
    steps = [
        ("answer", "user_input", None, None, 0.0, length),
        ("plan", "think", None, "gpt-4o", 0.0, think),
        ("search", "act", "search", None, think, search),
        ("mail", "act", "mail", None, think + search, mail),
    ]
    return [
        SpanRecord(
            span_id=f"{number:016x}",
            parent_span_id=f"{1:016x}" if number > 1 else None,
            name=name,
            step_type=step,
            tool_name=tool,
            model=model,
            start_time=start + int(at * MS),
            end_time=start + int((at + ms) * MS),
            duration_ms=ms,
            input="hello" if step == "user_input" else None,
            **common,
            **(tokens if step == "think" else {}),
            **(broken if tool == "mail" or step == "user_input" else {}),
        )
        for number, (name, step, tool, model, at, ms) in enumerate(steps, 1)
    ]
