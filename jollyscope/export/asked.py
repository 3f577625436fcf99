"""An export as it is asked for on a command line."""

from __future__ import annotations

import msgspec

from jollyscope.errors import UsageError
from jollyscope.export.anonymous import Guise
from jollyscope.export.choice import Choice, Order, chosen, table_named
from jollyscope.export.forms import AnyForm, Form, Look, TableForm, form_named, form_of
from jollyscope.export.job import ALL, Job
from jollyscope.export.splitting import split_of
from jollyscope.export.tabular import LINES
from jollyscope.query.scope import scope

__all__ = ["STDOUT", "Asked"]

STDOUT = "-"


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Texts as a person typed them; `limit` 0 is all."""

    output: str
    format: str | None = None
    table: str | None = None
    filter: str = ""
    since: str | None = None
    until: str | None = None
    session: str | None = None
    fields: str | None = None
    sort: str | None = None
    limit: int = 0
    split: str | None = None
    look: Look = Look()
    empty: bool = True
    whole_texts: bool = False

    def job(self, now: int, guise: Guise | None = None, store: str = "") -> Job:
        """What it is. Raises `UsageError`, `FilterError`."""
        if self.limit < 0:
            raise UsageError(f"A limit of {self.limit} is no limit.", hint="0 is all.")
        form = self._form()
        table = self._table(form)
        within = scope(
            self.filter, now=now, since=self.since, until=self.until, session=self.session
        )
        single = isinstance(form, TableForm) and table not in (ALL, "features")
        names = [name.strip() for name in (self.fields or "").split(",") if name.strip()]
        if self.fields is not None and not names:
            raise UsageError("--fields names no field.", hint="--fields trace,name,duration")
        if (names or self.sort) and isinstance(form, TableForm) and table == ALL:
            raise UsageError("--fields and --sort are for one table.", hint="--table steps")
        fields, order = ((), None)
        if isinstance(form, TableForm) and table != ALL:
            fields, order = chosen(table, names, self.sort)
        elif names or self.sort:
            raise UsageError(
                f"{form.suffix} has no fields to choose or sort by.",
                hint="Choose .csv or .parquet, or name a table: --table steps.",
            )
        if single and self.limit and order is None and table != "messages":
            order = Order("time" if table == "metrics" else "start_time", descending=True)
        choice = Choice(
            scope=within, by="rows" if single else "executions", fields=fields, order=order,
            limit=self.limit, guise=guise,
        )  # fmt: skip
        if self.whole_texts and self.output == STDOUT:
            raise UsageError("--whole-texts writes a file beside another.", hint="Name a file.")
        job = Job(
            choice=choice, form=form, table=table, look=self.look,
            split=split_of(self.split) if self.split else None, empty=self.empty,
            about={"store": store, "filter": self.filter, "time": within.told()},
            whole_texts=self.whole_texts,
        )  # fmt: skip
        job.check()
        return job

    def _form(self) -> AnyForm:
        name = self.format
        if name is None and self.output == STDOUT:
            name = "jsonl"
        if name is None and self.output.lower().endswith(".zip"):
            name = "csv"
        if name is None and self.table == ALL and self.output.endswith("/"):
            name = "csv"
        form = form_of(self.output) if name is None else form_named(name)
        return LINES if form.suffix == LINES.suffix and self.table is not None else form

    def _table(self, form: AnyForm) -> str:
        if self.table is None:
            return ALL if self.output.lower().endswith(".zip") else "steps"
        if isinstance(form, TableForm):
            return ALL if self.table == ALL else table_named(self.table)
        whole = "whole executions" if isinstance(form, Form) else "all tables"
        raise UsageError(
            f"{form.suffix} holds {whole}, not one table.",
            hint="--table goes with .csv, .parquet, .jsonl.",
        )
