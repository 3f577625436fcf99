"""The formats there are, by the ending of the file's name: of whole traces, of one table, of all tables.

Another is another entry of `FORMS`; nobody else has to know of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple, Protocol

from jollyscope.errors import UsageError
from jollyscope.export.choice import Choice
from jollyscope.export.tables import Column, Tables
from jollyscope.model.records import SpanEvent, SpanRecord
from jollyscope.store.answer import Answer, Share
from jollyscope.store.state import Annotation

__all__ = [
    "FORMS",
    "AnyForm",
    "Book",
    "BookForm",
    "Form",
    "Look",
    "Out",
    "TableForm",
    "Traced",
    "form_named",
    "form_of",
]


class Traced(NamedTuple):
    """A trace, whole: its settled spans by start time, and the labels and notes on it."""

    trace_id: str
    spans: Sequence[SpanRecord]
    annotations: Sequence[Annotation]
    said: Mapping[str, Sequence[SpanEvent]] = {}
    """By span id: messages that only log records carry, for formats that are `spoken`."""

    @property
    def span_count(self) -> int:
        """How many spans it has."""
        return len(self.spans)


class Out(Protocol):
    """What a format writes to."""

    def write(self, data: bytes, /) -> int: ...


class Look(NamedTuple):
    """How a table is written, where its format knows of it."""

    bom: bool = False
    """With a byte order mark before the first column's name, by which Excel knows UTF-8."""
    excel_safe: bool = False
    """With `'` before texts that a spreadsheet would take for formulas."""


class Form(NamedTuple):
    """A format of whole traces: the `suffix` of its files, what it is in a few words, and its writer,
    which takes the traces one by one and keeps none, and tells how many conversations it wrote where it
    writes them, not traces. `spoken`: it is made of what was said, a session at a time, the traces of
    one behind each other.
    """

    suffix: str
    title: str
    write: Callable[[Iterable[Traced], Out], int | None]
    spoken: bool = False
    binary: bool = False


class TableForm(NamedTuple):
    """A format of one table. Its writer has DuckDB write the answer to a file in the columns of the
    choice; rows written.
    """

    suffix: str
    title: str
    write: Callable[[Answer, Sequence[Column], Choice, Look, Path, Share | None], int]
    binary: bool = False
    """Whether it is nothing for a terminal."""


class Book(NamedTuple):
    """All tables, for one file that holds them, and what the file says of itself."""

    tables: Tables
    columns: Mapping[str, Sequence[Column]]
    about: Mapping[str, str]
    """`store`, `filter`, `time` (the stretch of it in words): as they are to be shown."""
    whole_texts: bool = False
    """Whether texts that the file has no room for are to stand, whole, in another beside it."""


class BookForm(NamedTuple):
    """A format of all tables. Its writer tells how many rows are written now and then, and in the end."""

    suffix: str
    title: str
    write: Callable[[Book, Path, Callable[[int], None]], int]
    binary: bool = True


AnyForm = Form | TableForm | BookForm


def _json(traces: Iterable[Traced], out: Out) -> None:
    from jollyscope.export.documents import write_documents

    write_documents(traces, out)


def _jsonl(traces: Iterable[Traced], out: Out) -> None:
    from jollyscope.export.documents import write_records

    write_records(traces, out)


def _otlp(traces: Iterable[Traced], out: Out) -> None:
    from jollyscope.export.documents import write_otlp_document

    write_otlp_document(traces, out)


def _chat(traces: Iterable[Traced], out: Out) -> int:
    from jollyscope.export.chat import write_chats

    return write_chats(traces, out)


def _csv(
    answer: Answer, columns: Sequence[Column], choice: Choice, look: Look, file: Path,
    share: Share | None,
) -> int:  # fmt: skip
    from jollyscope.export.tabular import write_csv

    return write_csv(answer, columns, choice, look, file, share)


def _parquet(
    answer: Answer, columns: Sequence[Column], choice: Choice, look: Look, file: Path,
    share: Share | None,
) -> int:  # fmt: skip
    from jollyscope.export.tabular import write_parquet

    return write_parquet(answer, columns, choice, look, file, share)


def _workbook(book: Book, file: Path, watch: Callable[[int], None]) -> int:
    from jollyscope.export.workbook.book import write_workbook

    return write_workbook(book, file, watch)


FORMS: tuple[AnyForm, ...] = (
    Form(".json", "one document a trace, as in `show --json`", _json),
    Form(".jsonl", "one record a line, whole; for `import`", _jsonl),
    Form(".otlp.json", "OTLP, which other tools read", _otlp),
    Form(".chat.jsonl", "one conversation a line, for fine-tuning", _chat, spoken=True),
    TableForm(".csv", "a row a step, for spreadsheets", _csv),
    TableForm(".parquet", "a row a step, for analysis", _parquet, binary=True),
    BookForm(".xlsx", "all tables, with pivot tables and charts", _workbook),
)


def form_of(name: str) -> AnyForm:
    """The format that a file's name says; the longest ending counts. Raises `UsageError`."""
    lower = name.lower()
    fit = [form for form in FORMS if lower.endswith(form.suffix)]
    if not fit:
        raise UsageError(
            f"`{name}` does not say in what format to write.", hint=f"{_known()}, or say --format."
        )
    return max(fit, key=lambda form: len(form.suffix))


def form_named(name: str) -> AnyForm:
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
    *some, last = (form.suffix for form in FORMS)
    return f"Name a file that ends in {', '.join(some)} or {last}"
