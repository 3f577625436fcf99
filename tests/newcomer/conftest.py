"""One clean machine for all test workers, and a word on what is not tried on it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.newcomer.machine import CHECKOUT, Machine, alone, missing
from tests.newcomer.told import ELSEWHERE, PAGES_ELSEWHERE, ends


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = (report for found in terminalreporter.stats.values() for report in found)
    if any("newcomer/test_pages" in getattr(report, "nodeid", "") for report in reports):
        terminalreporter.section("commands of the docs that the clean machine does not run")
        for what, why in {**PAGES_ELSEWHERE, **ELSEWHERE}.items():
            terminalreporter.write_line(f"{what}: {why}")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """It is 700 MB, and pytest keeps the folders of three runs."""
    if not hasattr(session.config, "workerinput"):
        base: Path = session.config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]
        shutil.rmtree(base / "clean-machine", ignore_errors=True)


@pytest.fixture(scope="session")
def machine(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Machine:
    """Made by the first who wants it; `make demo` sets the program up there, as the README says."""
    if lacking := missing():
        pytest.skip(lacking)
    base = tmp_path_factory.getbasetemp()
    base = base if worker_id == "master" else base.parent
    made = Machine(base / "clean-machine")
    with alone(base / "clean-machine.lock"):
        if not (base / "clean-machine.ready").exists():
            made.make()
            _set_up(made)
            (base / "clean-machine.ready").touch()
    return made


def _set_up(made: Machine) -> None:
    made.inside("/root/.left").write_text(f"cd {CHECKOUT}\n")
    way = ends("make demo")
    assert way
    with made.typed("make demo", "/root", online=True) as terminal:
        terminal.until(way.shows, seconds=900)
        terminal.type(way.key)
        assert terminal.end() == way.code, terminal.seen


@pytest.fixture(scope="session")
def worker_id(request: pytest.FixtureRequest) -> str:
    """xdist's, or `master` without it."""
    return getattr(request.config, "workerinput", {}).get("workerid", "master")
