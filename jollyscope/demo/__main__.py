"""`python -m jollyscope.demo [TASK…]`: run the demo and print its answers."""

from __future__ import annotations

import sys

from jollyscope.demo.api import run_demo
from jollyscope.errors import JollyScopeError
from jollyscope.paths import data_dir


def main(names: list[str]) -> int:
    """Run the tasks of these names, or all. Returns the exit code."""
    try:
        trace_ids = run_demo(tasks=names or None, home=data_dir(), on_progress=print)
    except JollyScopeError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    print(
        f"{len(trace_ids)} traces recorded; `jollyscope show {trace_ids[-1][:8]}` shows the last."
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
