"""Hypothesis strategies: traces with few, odd values, and filters about just these."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from jollyscope.model.records import SpanRecord
from jollyscope.store.state import Annotation

NOW = 1_795_183_391_000_000_000  # 2026-11-20T14:03:11Z
SECOND = 10**9

WORDS = [
    "search", "Search", "search*", "se?rch", "a%b_c", "it's", "x\\y", 'q"q', "a\nb", "nul\x00l", "",
    "ΟΔΟΣ", "οδος", "İstanbul", "straße", "STRASSE", "你好世界", "👩‍👩‍👧", "é", "e\u0301",
    "500", "true", "NaN", "OR",
]  # fmt: skip
TEXTS = [*WORDS, "The SEARCH of İstanbul\nhas 100% ended_", "ΜΕΓΑΛΗ ΟΔΟΣ", "ﬁ ǅ ẞ Ω K"]
COUNTS = [0, 1, 2, 5, 1000, 1500, 2**53 + 1]
FLOATS = [0.0, 0.125, 0.5, 1.0, 5.0, 150.0, 1500.0, 1e300]
KEYS = ["x", "http.status_code", "a b", "a/b~c", 'q"', "0", "", "ключ", "nul\x00"]
SPECIALS = [{"@double": "NaN"}, {"@double": "Infinity"}, {"@double": "-Infinity"}]
SCALARS: list[Any] = [
    *WORDS[:8], "500", "true", "你好世界", True, False, 0, 1, 5, 500, -3, 2**53 + 1, 2**63 - 1, -(2**63),
    0.1, 5.0, 500.0, 5.5, -0.0, 1e300, 2.0**53, None, *SPECIALS, {"@bytes": "AAA="}, {"k": "search"},
    {"@kvlist": {"@double": "NaN"}},
]  # fmt: skip

words = st.sampled_from(WORDS)
optional_words = st.none() | words
texts = st.none() | st.sampled_from(TEXTS)
counts = st.none() | st.sampled_from(COUNTS)
floats = st.none() | st.sampled_from(FLOATS)
scalars = st.sampled_from(SCALARS)
attributes = st.dictionaries(
    st.sampled_from(KEYS), scalars | st.lists(scalars, max_size=3), max_size=3
)


def choice(*values: str) -> st.SearchStrategy[str]:
    """One of a few words."""
    return st.sampled_from(values)


@st.composite
def span(draw: st.DrawFn, trace: int, number: int) -> SpanRecord:
    """One span of a trace. Parents are earlier spans, later ones, itself, or nobody that is there."""
    state = draw(st.sampled_from(["open", "closed", "closed", "interrupted"]))
    start = NOW - draw(st.sampled_from([0, 1, 60, 3600, 7200, 90_000])) * SECOND
    end = None if state == "open" else start + draw(st.sampled_from([0, 150, 2000])) * 10**6
    parents = st.none() | st.sampled_from([f"{n + trace * 16:016x}" for n in range(1, 9)])
    call = draw(st.booleans())
    return SpanRecord(
        trace_id=f"{trace:032x}",
        span_id=f"{number + trace * 16:016x}",
        parent_span_id=draw(parents),
        session_id=draw(st.none() | st.sampled_from(["s1", "s2"])),
        conversation_id=draw(optional_words),
        user_id=draw(optional_words),
        service=draw(optional_words),
        name=draw(st.sampled_from(TEXTS)),
        kind=draw(choice("internal", "client")),  # pyright: ignore[reportArgumentType]
        step_type="act" if call else draw(choice("user_input", "think", "response", "other")),  # pyright: ignore[reportArgumentType]
        start_time=start,
        end_time=end,
        duration_ms=None if end is None else (end - start) / 1e6,
        state=state,
        status=draw(choice("unset", "ok", "error")),  # pyright: ignore[reportArgumentType]
        error_type=draw(texts),
        error_message=draw(texts),
        input=draw(texts),
        output=draw(texts),
        tool_name=draw(st.sampled_from(["search", "search", "Search"])) if call else draw(texts),
        model=draw(optional_words),
        provider=draw(optional_words),
        input_tokens=draw(counts),
        output_tokens=draw(counts),
        cached_tokens=draw(counts),
        reasoning_tokens=draw(counts),
        cost_usd=draw(floats),
        cpu_percent=draw(floats),
        memory_mb=draw(floats),
        attributes=draw(attributes),
        resource=draw(attributes),
    )


@st.composite
def traces(draw: st.DrawFn) -> list[SpanRecord]:
    """A few traces' settled spans."""
    found: list[SpanRecord] = []
    for trace in range(1, draw(st.integers(1, 4)) + 1):
        for number in range(1, draw(st.integers(1, 5)) + 1):
            found.append(draw(span(trace, number)))  # noqa: PERF401 - draws are no comprehension
    return found


Annotated = tuple[list[SpanRecord], list[Annotation]]


@st.composite
def annotated(draw: st.DrawFn) -> Annotated:
    """Traces, and what people added to them."""
    records = draw(traces())
    return records, draw(annotations(records))


def quoted(text: str) -> str:
    """A text as a filter quotes it."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def bare(text: str) -> str:
    """A text without quotes, every sign that means something guarded; and the first one, as it may
    begin a keyword.
    """
    return "".join(c if at and c.isalnum() else "\\" + c for at, c in enumerate(text))


@st.composite
def pattern(draw: st.DrawFn, of: list[str]) -> str:
    """A value quoted, guarded, or with wildcards in place of some of it."""
    text = draw(st.sampled_from(of))
    form = draw(st.sampled_from(["quoted", "bare", "starts", "ends", "wild", "any"]))
    if form == "quoted":
        return quoted(text)
    if form == "any":
        return "*"
    cut = draw(st.integers(0, len(text)))
    start, end = bare(text[:cut]), bare(text[cut:])
    whole = {"starts": start + "*", "ends": "*" + end, "wild": f"{start}*{bare(text[cut + 1 :])}?"}
    return whole.get(form) or bare(text) or '""'


def listed(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """One value, or several."""
    return st.lists(values, min_size=1, max_size=2).map(",".join)


def numbered(names: list[str], values: list[str], bounds: list[str]) -> st.SearchStrategy[str]:
    """Comparisons and ranges."""
    ops = st.sampled_from([":", "=", "!=", ">", ">=", "<", "<="])
    compared = st.builds("{}{}{}".format, st.sampled_from(names), ops, st.sampled_from(values))
    ranged = st.builds("{}:{}".format, st.sampled_from(names), listed(st.sampled_from(bounds)))
    return compared | ranged


@st.composite
def annotations(draw: st.DrawFn, records: list[SpanRecord]) -> list[Annotation]:
    """Labels and notes on some of these spans and their traces."""
    found: list[Annotation] = []
    for number in range(draw(st.integers(0, 4))):
        on = draw(st.sampled_from(records))
        found.append(
            Annotation(
                id=f"{number:016x}",
                trace_id=on.trace_id,
                span_id=draw(st.sampled_from([on.span_id, None])),
                kind=draw(choice("label", "note")),  # pyright: ignore[reportArgumentType]
                text=draw(st.sampled_from(TEXTS)),
                author="ann",
                time=NOW,
            )
        )
    return found


_keys = st.sampled_from([quoted(key) for key in KEYS] + ["x", "http.status_code"])
_attributes = st.sampled_from(["attr", "resource"]).flatmap(
    lambda name: _keys.map(lambda key: f"{name}.{key}")
)
_plain = [
    "500", "5", "5.0", "5e2", "-3", "true", "FALSE", "NaN", "Infinity", "5*", "*0*", "0.1", "1e300",
    "9007199254740993", "9223372036854775808", "1e30", "-1e999", "1..500", "5..", "..0.5",
]  # fmt: skip
_words = ["tool", "model", "provider", "service", "conversation", "user", "name", "label", "label"]
term = st.one_of(
    pattern(TEXTS),
    st.builds(
        "{}{}{}".format,
        st.sampled_from(_words),
        st.sampled_from([":", "=", "!="]),
        listed(pattern(WORDS)),
    ),
    st.builds(
        "{}{}{}".format,
        st.sampled_from(["input", "output", "error", "note"]),
        st.sampled_from([":", "=", "!="]),
        listed(pattern(TEXTS)),
    ),
    st.sampled_from(
        [
            "status:error", "STATUS:OK,unset", "state:open", "state!=closed", "step:act,think", "kind:client",
            "session:s1", "session:s*", "session!=s2", "trace:" + "0" * 31, f"trace:{1:032x}", "span:0*",
            f"span:{17:016x}", f"parent:{17:016x}", "parent:*", "parent:00", "trace:ff",
        ]
    ),
    st.builds("has:{}".format, st.sampled_from(
        [
            "error", "input", "output", "tool", "model", "cost", "parent", "tokens", "user", "steps",
            "duration,cpu", "session", "status", "provider", "errors", "label", "note", "attr.x",
            'resource."a b"', "name",
        ]
    )),
    numbered(
        ["tokens", "input_tokens", "output_tokens", "cached_tokens", "reasoning_tokens"],
        ["0", "1", "1.5k", "2.5", "1500.0", "9007199254740993", "9e18", "1e19", "1e99", "-1"],
        ["1..2", "1.5..1k", "1k..", "..0"],
    ),
    numbered(["steps", "spans", "errors", "tools", "calls.search", "calls.*", "calls.S*"],
             ["0", "1", "2", "1.5", "3"], ["0..1", "2..", "..0"]),
    numbered(["duration"], ["0", "150ms", "2s", "1m30s", "1h", "150.0000001ms"], ["1ms..2s", "2s.."]),
    numbered(["cost"], ["$0.125", "0.5", "1", "1e300", "1e999"], ["0..$1", "..0.5"]),
    numbered(["cpu"], ["5", "150%", "0"], ["1..150"]),
    numbered(["memory"], ["5MB", "1.5GB", "500kB", "0"], ["1MB..150MB"]),
    st.builds("{}{}{}".format, _attributes, st.sampled_from([":", "=", "!="]),
              listed(st.sampled_from(_plain) | pattern(WORDS))),
    st.builds("{}{}{}".format, _attributes, st.sampled_from([">", ">=", "<", "<="]),
              st.sampled_from(["5", "0.1", "500", "-1", "9007199254740992", "1e300", "1e999", "1k"])),
    st.sampled_from(
        [
            "since:1h", "until:1m", "at:today", "at:yesterday,today", "since:yesterday", "until:today",
            "at:2026-11-20T12:00..14:00", "at:2026-11-19..2026-11-20", "at:2026-11", "at:2h..30m",
        ]
    ),
)  # fmt: skip
filters = st.recursive(
    term,
    lambda inner: st.one_of(
        st.builds("{} {}".format, inner, inner),
        st.builds("({} OR {})".format, inner, inner),
        st.builds("-({})".format, inner),
        st.builds("NOT ({} AND {})".format, inner, inner),
    ),
    max_leaves=4,
)
