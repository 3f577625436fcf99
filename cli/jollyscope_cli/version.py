"""`jollyscope version`"""

from __future__ import annotations

import sys

from jollyscope_cli.options import AsJson
from jollyscope_cli.output import print_json

__all__ = ["version"]


def version(as_json: AsJson = False) -> None:
    """The version, and those of what it runs on."""
    from jollyscope.backend.versions import versions

    found = versions()
    if as_json:
        print_json(found)
        return
    lines = [("jollyscope", found.jollyscope), ("python", found.python)]
    lines.append(("platform", found.platform))
    lines += [(name, number or "not installed") for name, number in found.dependencies.items()]
    broad = max(len(name) for name, _ in lines)
    for name, text in lines:
        sys.stdout.write(f"{name:{broad}}  {text}\n")
