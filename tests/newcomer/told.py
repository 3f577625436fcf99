"""What a test has to know beside the pages: how endless commands end, what is not run, and why."""

from __future__ import annotations

import re
from typing import NamedTuple

__all__ = [
    "CODES",
    "ELSEWHERE",
    "ENDS",
    "PAGES_ELSEWHERE",
    "PLACEHOLDERS",
    "STAND_INS",
    "Ends",
    "ends",
    "exempt",
]

ELSEWHERE = {
    "make test": "it is the suite that runs this",
    "make bench": "measures for an hour, with what `make test` installs",
    "python -m tests.": "likewise",
    "#!/usr/bin/env bash": "docs/export.md's script, which tests/cli/test_ci_script.py runs",
}
"""Commands that are not typed on the clean machine, by how they begin."""

PAGES_ELSEWHERE = {
    "docs/cli.md": "made of the help's examples, which tests/cli/test_examples.py runs",
    "docs/tutorial.zh.md": "the commands of docs/tutorial.md, as a test of the tutorials holds",
}
"""Pages of which nothing is typed there."""

CODES = {"jollyscope diff 7f3a 9c1d --exit-code": 1}
"""Exit codes other than 0 of commands that end by themselves: these traces differ."""

PLACEHOLDERS = {"TRACE": "1f3a"}
"""What a reader puts in another's place."""

STAND_INS = {"kubectl": "#!/bin/sh\ncat ~/traces/seed.jsonl\n"}
"""Programs that the docs name and Debian does not have."""


class Ends(NamedTuple):
    """How a command that would go on is ended: what shows that it works, the key, the exit code."""

    command: str
    shows: str
    key: str
    code: int = 0


ENDS = (
    Ends(r"(jollyscope|jollyscope ui\b.*|jollyscope demo|make demo)", "Help", "\x11"),
    Ends(r"jollyscope collect", "OTEL_EXPORTER_OTLP_ENDPOINT", "\x03"),
    Ends(r"jollyscope tail(?!.*--(until-idle|list-format|count)).*", "Following", "\x03", 130),
    Ends(r"jollyscope .*\| less.*", "(END)", "q"),
)


def ends(command: str) -> Ends | None:
    """How this command is ended; None where it ends by itself."""
    bare = command.split(" #")[0].strip()
    return next((way for way in ENDS if re.fullmatch(way.command, bare)), None)


def exempt(command: str) -> str:
    """Why this command is not typed; empty where it is."""
    return next((why for begins, why in ELSEWHERE.items() if command.startswith(begins)), "")
