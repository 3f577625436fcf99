"""README and docs on a clean Debian: everything they have a reader type is typed there, and works."""

from __future__ import annotations

import re

import pytest

from tests.newcomer import seed
from tests.newcomer.machine import CHECKOUT, Machine
from tests.newcomer.pages import PAGES, Line, blocks, lines
from tests.newcomer.told import CODES, PAGES_ELSEWHERE, PLACEHOLDERS, STAND_INS, ends, exempt

pytestmark = pytest.mark.slow

TYPED = [page for page in PAGES if page not in PAGES_ELSEWHERE and any(lines(page))]
PATIENCE_S = 300
"""Only what hangs is given up on, however busy the machine is."""
_ESCAPES = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)|[()][A-Z0-9]|[=>78])")
_VARIES = (
    (r"\b[0-9a-f]{8,32}\b", "ID"),
    (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?", "TIME"),
    (r"/(root|home)/[\w./-]*", "PATH"),
    (r"\b\d[\d.,]* ?(µs|ms|s|m|h|kB|MB|B)\b( ago)?", "N"),
    (r"[ ─█▉▊▋▌▍▎▏▒]+", " "),
)


@pytest.fixture
def home(machine: Machine, request: pytest.FixtureRequest) -> str:
    """A new home with what the page takes for granted; the README begins in the checkout."""
    page: str = request.node.callspec.params["page"]
    home = f"/home/{page.partition('/')[2].removesuffix('.md') or 'readme'}"
    work = CHECKOUT if page == "README.md" else home
    machine.inside(home).mkdir(parents=True, exist_ok=True)
    seed.write_files(machine.inside(work))
    agent = blocks("README.md", "python")[1].text
    machine.inside(f"{work}/agent.py").write_text(agent, encoding="utf-8")
    for name, script in STAND_INS.items():
        program = machine.inside(f"/usr/local/bin/{name}")
        program.write_text(script)
        program.chmod(0o755)
    path = "" if page == "README.md" else f"PATH={CHECKOUT}/.venv/bin:$PATH\n"
    machine.inside(f"{home}/.left").write_text(f"{path}cd {work}\n")
    _type(machine, home, Line(f"{CHECKOUT}/.venv/bin/jollyscope import {work}/runs", None, 0))
    return home


@pytest.mark.parametrize("page", TYPED)
def test_all_that_is_typed_works(machine: Machine, home: str, page: str) -> None:
    for line in lines(page):
        if not exempt(line.command):
            _type(machine, home, line)


def _type(machine: Machine, home: str, line: Line) -> None:
    """Type it, end it if it would go on, and compare what the page shows of it."""
    command = line.command
    for placeholder, word in PLACEHOLDERS.items():
        command = re.sub(rf"\b{placeholder}\b", word, command)
    way = ends(command)
    with machine.typed(command, home) as terminal:
        if way:
            terminal.until(way.shows, PATIENCE_S)
            terminal.type(way.key)
        code = terminal.end(PATIENCE_S)
        told = f"line {line.at}: {command}\n{_ESCAPES.sub('', terminal.seen)}"
        expected = way.code if way else CODES.get(command, 0)
        assert code == expected or line.shown is not None, told
        if line.shown is not None:
            assert _masked(terminal.seen) == _masked(line.shown), told


def _masked(screen: str) -> list[str]:
    """Its lines, without what is another thing each time."""
    screen = _ESCAPES.sub("", screen)
    for pattern, word in _VARIES:
        screen = re.sub(pattern, word, screen)
    return [line.strip() for line in screen.splitlines() if line.strip()]
