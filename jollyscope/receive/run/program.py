"""What a command line is about to run: its file, its name, and the Python that would run it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from jollyscope.errors import ExitCode, JollyScopeError

__all__ = ["CannotRunError", "Program", "Python", "find", "inspect"]

INSTRUMENT = "opentelemetry-instrument"

_PYTHON = re.compile(r"(python|pypy)w?[0-9.]*t?(\.exe)?", re.IGNORECASE)
_OTHERS = re.compile(r"(node|nodejs|deno|bun|tsx|ruby|perl|php|bash|sh|zsh)[0-9.]*(\.exe)?")
_WORD = re.compile(r"""[^\s'"]+""")
_WITH_VALUE = ("-W", "-X", "-Q", "--check-hash-based-pycs")
"""Options of Python that take the next argument."""

_ASK = """
import json, sys, sysconfig
from importlib.util import find_spec
sys.path[:] = [path for path in sys.path if path]  # not the folder that this was asked in
def has(name):
    try:
        return find_spec(name) is not None
    except (ImportError, ValueError):
        return False
names = %r
print(json.dumps({"scripts": sysconfig.get_path("scripts"), "has": [n for n in names if has(n)]}))
"""
_HTTP = "opentelemetry.exporter.otlp.proto.http"
_GRPC = "opentelemetry.exporter.otlp.proto.grpc"
_GENAI = "opentelemetry.util.genai"
_SDK = "opentelemetry.sdk"
_NAMES = (_HTTP, _GRPC, _GENAI, _SDK)
_PATIENCE_S = 10.0


class CannotRunError(JollyScopeError):
    """The program is not there, or is none. Exit codes as shells have them: 127 and 126."""

    def __init__(self, message: str, *, exit_code: ExitCode, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.exit_code = exit_code


class Program(msgspec.Struct, frozen=True):
    """A command that can be started. `argv[0]` is a path."""

    argv: list[str]
    name: str
    """What to call the service where nobody named it."""
    python: str | None = None
    """Path of the interpreter, where it is a Python program."""


class Python(msgspec.Struct, frozen=True, kw_only=True):
    """What an interpreter has of OpenTelemetry."""

    path: str
    instrument: str | None = None
    """Path of `opentelemetry-instrument`."""
    sdk: bool = False
    http: bool = False
    """Exporters of OTLP, over HTTP and over gRPC."""
    grpc: bool = False
    genai: bool = False
    """`opentelemetry-util-genai`, which changed what a variable of content means."""

    @property
    def can_instrument(self) -> bool:
        """Whether wrapping would send anything. Without an exporter it prints a traceback instead."""
        return self.instrument is not None and (self.http or self.grpc)


def find(command: Sequence[str], environ: Mapping[str, str]) -> Program:
    """The program that `command` names, as a shell would find it. Raises `CannotRunError`."""
    path = _executable(command[0], environ)
    argv = [path, *command[1:]]
    if _PYTHON.fullmatch(Path(command[0]).name):
        return Program(argv, _name_of_script(command[1:]) or "python", path)
    if _OTHERS.fullmatch(Path(command[0]).name):
        script = next((arg for arg in command[1:] if not arg.startswith("-")), "")
        return Program(argv, Path(script if os.path.isfile(script) else command[0]).stem)
    return Program(argv, Path(path).stem, _shebang(Path(path), environ))


def inspect(python: str, environ: Mapping[str, str]) -> Python:
    """Ask an interpreter what it has: 50 ms. One that does not answer in time has nothing."""
    beside = Path(python).parent / INSTRUMENT
    try:
        told = subprocess.run(
            [python, "-c", _ASK % (_NAMES,)],
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_PATIENCE_S,
            check=True,
        )
        # Whatever the interpreter prints as it starts comes before.
        answer = msgspec.json.decode(told.stdout.splitlines()[-1], type=_Answer)
    except (OSError, subprocess.SubprocessError, IndexError, msgspec.DecodeError):
        return Python(path=python)
    scripts = [beside, Path(answer.scripts) / INSTRUMENT]
    return Python(
        path=python,
        instrument=next((str(file) for file in scripts if os.access(file, os.X_OK)), None),
        sdk=_SDK in answer.has,
        http=_HTTP in answer.has,
        grpc=_GRPC in answer.has,
        genai=_GENAI in answer.has,
    )


class _Answer(msgspec.Struct):
    scripts: str
    has: list[str]


def _executable(name: str, environ: Mapping[str, str]) -> str:
    path = shutil.which(name, path=environ.get("PATH"))
    if path is not None:
        return path
    if os.path.dirname(name) and os.path.exists(name):
        what = "is a directory" if os.path.isdir(name) else "is not executable"
        hint = (
            "" if os.path.isdir(name) else f"`chmod +x {name}`, or name its interpreter before it."
        )
        raise CannotRunError(f"`{name}` {what}.", exit_code=ExitCode.CANNOT_RUN, hint=hint)
    raise CannotRunError(
        f"There is no program `{name}`.",
        exit_code=ExitCode.NO_PROGRAM,
        hint="Check the spelling and PATH, or give its path.",
    )


def _name_of_script(arguments: Sequence[str]) -> str:
    """`agent` of `-u agent.py`, `pkg.mod` of `-m pkg.mod`; empty where there is none."""
    left = list(arguments)
    while left:
        arg = left.pop(0)
        if arg.startswith("-c"):
            return ""
        if arg == "-m":
            return left[0].removesuffix(".__main__") if left else ""
        if arg in _WITH_VALUE:
            left = left[1:]
        elif not arg.startswith("-"):
            path = Path(arg)
            return path.resolve().parent.name if path.name == "__main__.py" else path.stem
    return ""


def _shebang(path: Path, environ: Mapping[str, str]) -> str | None:
    """The Python that a script's first lines name."""
    try:
        with path.open("rb") as file:
            head = file.read(1024)
    except OSError:
        return None
    if not head.startswith(b"#!"):
        return None
    first, _, rest = head.decode("utf-8", "replace").partition("\n")
    words = first[2:].split()
    if words and Path(words[0]).name == "env":
        words = [word for word in words[1:] if not word.startswith("-") and "=" not in word]
    if words and _PYTHON.fullmatch(Path(words[0]).name):
        return shutil.which(words[0], path=environ.get("PATH"))
    # Installers write this where the interpreter's path is too long for the kernel, or relative.
    if words and rest.startswith("'''exec' "):
        return _exec_line(rest.partition("\n")[0], path)
    return None


def _exec_line(line: str, script: Path) -> str | None:
    for word in _WORD.findall(line):
        if _PYTHON.fullmatch(Path(word).name):
            for python in (Path(word), script.resolve().parent / Path(word).name):
                if python.is_absolute() and os.access(python, os.X_OK):
                    return str(python)
    return None
