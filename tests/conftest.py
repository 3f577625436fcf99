"""Nothing a test does may reach the developer's own data, settings or terminal."""

from __future__ import annotations

import gc
import os
import signal
from pathlib import Path

import pytest
from hypothesis import settings

# How long an example takes is the machine's affair.
settings.register_profile("jollyscope", deadline=None)
settings.load_profile("jollyscope")

_TOUCHING = ("JOLLYSCOPE_", "OTEL_")
_KEPT = {"JOLLYSCOPE_NO_SKIPS", "JOLLYSCOPE_TEST_SEED"}

SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory):
    for name in list(os.environ):
        if name.startswith(_TOUCHING) and name not in _KEPT:
            monkeypatch.delenv(name)
    monkeypatch.setenv("JOLLYSCOPE_CONFIG", str(tmp_path_factory.getbasetemp() / "no-config.toml"))


def pytest_configure() -> None:
    """Programs that tests start and interrupt must hear it, though these tests were started in the
    background or by `nohup`, where interrupts and hang-ups are ignored: that is inherited.
    """
    for number, usual in (
        (signal.SIGINT, signal.default_int_handler),
        (signal.SIGHUP, signal.SIG_DFL),
        (signal.SIGQUIT, signal.SIG_DFL),
    ):
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, usual)


def pytest_collection_finish() -> None:
    """What is loaded by now lives to the end: the collector need not walk it again and again, which
    took a sixth of the explorer's tests (6 of 38 CPU seconds of the looks).
    """
    gc.collect()
    gc.freeze()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = len(terminalreporter.stats.get("skipped", []))
    if skipped and os.environ.get("JOLLYSCOPE_NO_SKIPS"):
        terminalreporter.write_line(f"{skipped} skipped, and nothing may be skipped here")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI a skipped test is a failed one: what it needs has to be installed."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter and os.environ.get("JOLLYSCOPE_NO_SKIPS") and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
