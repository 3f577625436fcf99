"""One parser under libFuzzer, guided by what of its Python is reached: a process of its own.

`python -m tests.hostile.fuzz.guided NAME [libFuzzer's options and folders]`; it ends at a finding.
"""

from __future__ import annotations

import logging
import sys

import atheris


def main() -> None:
    """Begins, and does not return."""
    name, arguments = sys.argv[1], [sys.argv[0], *sys.argv[2:]]
    with atheris.instrument_imports(include=["jollyscope", "jollyscope_tui"]):
        from tests.hostile.fuzz.targets import TARGETS
    logging.disable()  # of other libraries: libFuzzer's own lines are read
    check = TARGETS[name].check

    def try_one(data: bytes) -> None:
        check(data)

    atheris.Setup(arguments, try_one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
