"""Writes the dashboards and alert rules of `compose/grafana`:
`python -m tests.library.grafana.make_dashboards`.

The dashboards are made with Grafana's own Foundation SDK, whose classes are generated from Grafana's
schema: what a panel does not have cannot be written. A test holds the files up to date.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from grafana_foundation_sdk.builders.dashboard import Dashboard
from grafana_foundation_sdk.cog.encoder import JSONEncoder

from jollyscope.paths import compose_dir
from tests.library.grafana.alerts import provisioned
from tests.library.grafana.cost import cost
from tests.library.grafana.data_flow import data_flow
from tests.library.grafana.errors import errors
from tests.library.grafana.executions import executions
from tests.library.grafana.performance import performance
from tests.library.grafana.system import system

__all__ = ["DASHBOARDS", "files", "folder"]

DASHBOARDS: dict[str, Callable[[], Dashboard]] = {
    "executions": executions,
    "performance": performance,
    "errors": errors,
    "data-flow": data_flow,
    "system": system,
    "cost": cost,
}


def folder() -> Path:
    """What the Compose stack gives Grafana."""
    return compose_dir() / "grafana"


@cache
def files() -> dict[str, str]:
    """The text of each file by its path below the folder."""
    made = {name: _numbered(make()) for name, make in DASHBOARDS.items()}
    panels = {
        (name, panel["title"]): panel["id"]
        for name, said in made.items()
        for panel in said["panels"]
    }
    return {
        **{f"dashboards/{name}.json": _json(said) for name, said in made.items()},
        "provisioning/alerting/rules.yaml": _ABOUT_RULES + _yaml(provisioned(panels)),
    }


_ABOUT_RULES = """\
# Made by `python -m tests.library.grafana.make_dashboards`; docs/grafana.md says how to change a
# threshold. Contact points and policies are Grafana's own defaults.
"""


def _yaml(said: object) -> str:
    return yaml.dump(said, Dumper=_Blocks, sort_keys=False, allow_unicode=True, width=100)


class _Blocks(yaml.SafeDumper):
    """Text of several lines stands as it is."""


def _as_block(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Blocks.add_representer(str, _as_block)


def _numbered(dashboard: Dashboard) -> dict[str, Any]:
    """What Grafana reads, its panels with ids."""
    said: dict[str, Any] = json.loads(json.dumps(dashboard.build(), cls=JSONEncoder))
    for number, panel in enumerate(said["panels"], 1):
        panel["id"] = number
    return said


def _json(said: object) -> str:
    return json.dumps(said, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


if __name__ == "__main__":
    for name, text in files().items():
        (folder() / name).parent.mkdir(parents=True, exist_ok=True)
        (folder() / name).write_text(text, "utf-8")
        print(folder() / name)
