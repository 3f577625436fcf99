"""`python -m jollyscope_tui [TRACE]`: the explorer without the command line around it."""

from __future__ import annotations

import sys

from jollyscope.errors import JollyScopeError
from jollyscope_tui.opening import Asked
from jollyscope_tui.starting import run_explorer

if __name__ == "__main__":
    try:
        sys.exit(run_explorer(asked=Asked(target=sys.argv[1] if sys.argv[1:] else None)))
    except JollyScopeError as error:
        print(error, file=sys.stderr)
        sys.exit(int(error.exit_code))
