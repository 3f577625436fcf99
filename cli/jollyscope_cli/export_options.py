"""The options of `jollyscope export`."""

from __future__ import annotations

from typing import Annotated

import typer

from jollyscope_cli.complete import export_formats, export_tables

__all__ = [
    "Anonymize",
    "Bom",
    "ExcelSafe",
    "FailEmpty",
    "Fields",
    "FormatName",
    "Limit",
    "ListFields",
    "Output",
    "Salt",
    "Session",
    "Sort",
    "SplitSize",
    "Table",
    "WholeTexts",
]

Output = Annotated[
    str | None,
    typer.Option("--output", "-o", metavar="FILE", help="The file to write; - is stdout."),
]
FormatName = Annotated[
    str | None,
    typer.Option(
        "--format",
        metavar="NAME",
        help="csv, parquet, jsonl and so on, whatever the file's name says.",
        autocompletion=export_formats,
    ),
]
Table = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="For .csv, .parquet, .jsonl: steps, executions and so on, or all.",
        autocompletion=export_tables,
    ),
]
Session = Annotated[
    str | None, typer.Option(metavar="ID", help="Only what belongs to this session.")
]
Fields = Annotated[
    str | None,
    typer.Option(metavar="A,B,C", help="Only these fields of a table, `attr.KEY` among them."),
]
ListFields = Annotated[
    bool, typer.Option("--list-fields", help="List the fields of the table, and write nothing.")
]
Sort = Annotated[
    str | None, typer.Option(metavar="FIELD", help="Sort a table, `-cost` the highest first.")
]
Limit = Annotated[int, typer.Option(metavar="N", help="At most the newest or first N; 0 is all.")]
Anonymize = Annotated[
    bool, typer.Option("--anonymize", help="Hide users, sessions and names behind stable words.")
]
Salt = Annotated[
    str | None,
    typer.Option(metavar="TEXT", help="Make the words with this, not with the salt kept here."),
]
SplitSize = Annotated[
    str | None,
    typer.Option(metavar="SIZE", help="Several files, none larger: 100MB or 100000rows."),
]
Bom = Annotated[bool, typer.Option("--bom", help="Begin a .csv with a byte order mark, for Excel.")]
ExcelSafe = Annotated[
    bool,
    typer.Option(
        "--excel-safe", help="Keep spreadsheets from taking texts of a .csv for formulas."
    ),
]
WholeTexts = Annotated[
    bool,
    typer.Option(
        "--whole-texts",
        help="Keep texts that a cell of an .xlsx cannot hold in a file beside it.",
    ),
]
FailEmpty = Annotated[
    bool, typer.Option("--fail-empty", help="Exit with 3, and write nothing, if none match.")
]
