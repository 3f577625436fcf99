"""The formats that whole traces are written in, by the ending of the file's name.

Another is another `Form` in `FORMS`; nobody else has to know of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches
from typing import NamedTuple, Protocol

from jollyscope.errors import UsageError
from jollyscope.model.records import SpanRecord
from jollyscope.store.state import Annotation

__all__ = ["FORMS", "Form", "Out", "Traced", "form_named", "form_of"]


class Traced(NamedTuple):
    """A trace, whole: its settled spans by start time, and the labels and notes on it."""

    trace_id: str
    spans: Sequence[SpanRecord]
    annotations: Sequence[Annotation]


class Out(Protocol):
    """What a format writes to."""

    def write(self, data: bytes, /) -> int: ...


class Form(NamedTuple):
    """A format: the `suffix` of its files, what it is in a few words, and its writer, which takes the
    traces one by one and keeps none.
    """

    suffix: str
    title: str
    write: Callable[[Iterable[Traced], Out], None]


def _json(traces: Iterable[Traced], out: Out) -> None:
    from jollyscope.export.documents import write_documents

    write_documents(traces, out)


def _jsonl(traces: Iterable[Traced], out: Out) -> None:
    from jollyscope.export.documents import write_records

    write_records(traces, out)


def _otlp(traces: Iterable[Traced], out: Out) -> None:
    from jollyscope.export.documents import write_otlp_document

    write_otlp_document(traces, out)


FORMS: tuple[Form, ...] = (
    Form(".json", "one document a trace, as in `show --json`", _json),
    Form(".jsonl", "one record a line, whole; for `import`", _jsonl),
    Form(".otlp.json", "OTLP, which other tools read", _otlp),
)


def form_of(name: str) -> Form:
    """The format that a file's name says; the longest ending counts. Raises `UsageError`."""
    lower = name.lower()
    fit = [form for form in FORMS if lower.endswith(form.suffix)]
    if not fit:
        raise UsageError(
            f"`{name}` does not say in what format to write.", hint=f"{_known()} or --format."
        )
    return max(fit, key=lambda form: len(form.suffix))


def form_named(name: str) -> Form:
    """The format of a name such as `jsonl`. Raises `UsageError`."""
    known = {form.suffix[1:]: form for form in FORMS}
    found = known.get(name.lower().removeprefix("."))
    if found is None:
        near = get_close_matches(name.lower(), known, n=1)
        said = f"Did you mean `{near[0]}`? " if near else ""
        raise UsageError(
            f"There is no format `{name}`.", hint=f"{said}There are {', '.join(known)}."
        )
    return found


def _known() -> str:
    return "Name a file that ends in " + ", ".join(form.suffix for form in FORMS)
