"""`python -m tests.tui.play SCENE`: the real explorer on a real terminal over a source in memory."""

from __future__ import annotations

import resource
import sys

from jollyscope.errors import JollyScopeError
from jollyscope_tui.opening import Opening
from jollyscope_tui.starting import run_with
from tests.tui import fakes


def source(scene: str) -> tuple[fakes.FakeSource, str | None]:
    one = fakes.trace_id(1)
    if scene.startswith("huge"):
        count = int(scene[4:] or 100_000)
        return fakes.FakeSource(fakes.varied_rows(), {one: fakes.huge_run(count)}), one
    if scene == "list":
        rows = [fakes.row(n) for n in range(1, 100_001)]
        return fakes.FakeSource(rows, {one: fakes.agent_run()}), None
    if scene == "missing":
        return fakes.FakeSource(fakes.varied_rows()), "abc"
    return fakes.FakeSource(fakes.varied_rows(), {one: fakes.agent_run()}), None


def main() -> int:
    made, target = source(sys.argv[1])
    try:
        code = run_with(made, now=lambda: fakes.NOW, opens=Opening(trace=target))
    except JollyScopeError as error:
        print(error, file=sys.stderr)
        code = int(error.exit_code)
    print(f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss} kB")
    return code


if __name__ == "__main__":
    sys.exit(main())
