"""Runs a command and turns whatever goes wrong into one sentence and an exit code, here only."""

from __future__ import annotations

import os
import re
import sys
import traceback
from typing import Any

import typer

from jollyscope.errors import ExitCode, JollyScopeError
from jollyscope_cli.options import hoist, wants_debug

__all__ = ["guarded"]

# The parser's own errors, whether Typer brings its parser along (0.27 on) or uses Click's.
_Misuse: Any = typer.BadParameter.__mro__[2]
_COMPLETE = "_JOLLYSCOPE_COMPLETE"


def guarded(args: list[str]) -> int:
    """Run the command line `args`; its exit code. Never raises."""
    _steady_streams()
    try:
        code = _run(args)
        sys.stdout.flush()
    except BrokenPipeError:
        _let_go()
        return ExitCode.OK
    except BaseException as error:  # noqa: BLE001 - the one place where everything ends
        return _explain(error, args)
    return code if isinstance(code, int) else ExitCode.OK


def _run(args: list[str]) -> Any:
    from jollyscope_cli.app import build

    command = build()
    if _COMPLETE in os.environ:
        return command.main(prog_name="jollyscope")
    # Not `command()`: that has its own ideas about interrupts, broken pipes and exit codes.
    if args[:1] == ["help"]:
        args = [*args[1:], "--help"]
    with command.make_context("jollyscope", hoist(args)) as ctx:
        return command.invoke(ctx)


def _steady_streams() -> None:
    """An agent may say what this terminal's character set cannot: show a mark, never fail."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # closed by the caller (`>&-`)
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def _explain(error: BaseException, args: list[str]) -> int:
    debug = wants_debug(args)
    if isinstance(error, typer.Exit):
        return error.exit_code
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else ExitCode.FAILED
    if debug:
        _trace(error)
    if _interrupted(error):
        sys.stderr.write("\n")
        return ExitCode.INTERRUPTED
    if isinstance(error, JollyScopeError):
        # A filter's mistake is pointed at.
        picture: str = getattr(error, "picture", "")
        _say(error.message, "\n".join(filter(None, [picture, error.hint])))
        return error.exit_code
    if isinstance(error, _Misuse):
        return _misuse(error, args)
    _say(f"{type(error).__name__}: {error}".rstrip(": ") + ".", "" if debug else _UNEXPECTED)
    return ExitCode.FAILED


def _interrupted(error: BaseException | None) -> bool:
    """Whether Ctrl-C is behind it. DuckDB takes the KeyboardInterrupt that reaches it in a query and
    raises a bare RuntimeError of these words in its place.
    """
    while error is not None:
        if isinstance(error, KeyboardInterrupt | typer.Abort):
            return True
        if type(error) is RuntimeError and str(error) == "Query interrupted":
            return True
        error = error.__cause__ or error.__context__
    return False


_UNEXPECTED = "This should not happen; run again with --debug to see where."


def _misuse(error: Any, args: list[str]) -> int:
    context = getattr(error, "ctx", None)
    path = context.command_path if context else "jollyscope"
    message: str = error.format_message().strip()
    _say(
        message if message.endswith((".", "?")) else message + ".",
        f"{_meant(context, args)}`{path} --help` shows the usage.",
    )
    return ExitCode.MISUSE


def _meant(context: Any, args: list[str]) -> str:
    """What was likely meant, where the parser does not see it: `-since` is to it `-s` and more, and
    an id by itself an unknown command.
    """
    if context is None:
        return ""
    known = {name for param in context.command.params for name in param.opts}
    for word in args:
        if not word.startswith("--") and f"-{word}" in known:
            return f"Did you mean `-{word}`? "
    if context.parent is None and args and re.fullmatch(r"[0-9a-f]{2,32}", args[0]):
        return f"`jollyscope show {args[0]}` draws a trace. "
    return ""


def _trace(error: BaseException) -> None:
    from jollyscope.redact import redact

    sys.stderr.write(redact("".join(traceback.format_exception(error))))


def _say(message: str, hint: str) -> None:
    from jollyscope.redact import redact
    from jollyscope_cli.render.cells import clean

    try:
        for line in (f"jollyscope: {message}", *(f"  {line}" for line in hint.splitlines())):
            sys.stderr.write(redact(clean(line)) + "\n")
    except BrokenPipeError:
        _let_go()


def _let_go() -> None:
    """Point both streams at nothing, so that the interpreter's last flush finds no broken pipe."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        try:
            os.dup2(nowhere, stream.fileno())
        except (OSError, ValueError):  # a stream without a descriptor has no pipe to break
            continue
