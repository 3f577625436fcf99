"""The script in docs/export.md, as it stands there: it passes, and it fails when the agent regresses."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import yaml

DOC = Path(__file__).parents[2] / "docs" / "export.md"

AGENT = """
import jollyscope

jollyscope.init(service="agent")
with jollyscope.run("agent", input="how warm is it?") as run:
    with jollyscope.think("plan", model="m") as think:
        think.output("look it up")
        think.usage(input_tokens=10, output_tokens=5, cost_usd={cost})
    try:
        with jollyscope.act("{tool}", input={{"city": "北京"}}) as act:
            {does}
    except TimeoutError:
        pass
    run.output("31 °C")
jollyscope.shutdown()
"""


def block(language: str, name: str = "") -> str:
    text = DOC.read_text(encoding="utf-8")
    found = re.search(rf"{re.escape(name)}.*?```{language}\n(.*?)```", text, re.DOTALL)
    assert found, (language, name)
    return found[1]


def check(folder: Path, **agent: object) -> subprocess.CompletedProcess[str]:
    """Run the script beside an agent, as a runner would."""
    (folder / "agent.py").write_text(AGENT.format(**agent), encoding="utf-8")
    (folder / "check_agent.sh").write_text(block("sh", "`check_agent.sh`"), encoding="utf-8")
    environ = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    return subprocess.run(
        ["bash", "check_agent.sh"],
        cwd=folder, env=environ, capture_output=True, text=True, timeout=240,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip


def test_an_agent_that_does_what_it_should(tmp_path: Path) -> None:
    done = check(tmp_path, tool="search", does="act.output({'celsius': 31})", cost=0.001)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "REGRESSED" not in done.stdout
    kept = sorted(file.name for file in (tmp_path / "artefacts").iterdir())
    assert kept == ["all.jsonl", "log.txt", "searched.csv"]
    assert "how warm is it?" in (tmp_path / "artefacts" / "all.jsonl").read_text("utf-8")


def test_an_agent_that_regressed(tmp_path: Path) -> None:
    done = check(tmp_path, tool="search", does="raise TimeoutError('too slow')", cost=0.9)
    assert done.returncode == 1, done.stdout + done.stderr
    assert done.stdout.splitlines() == [
        "REGRESSED: nothing is tool:search NOT status:error",
        "REGRESSED: step:act status:error, see artefacts/failed.csv",
        "REGRESSED: cost>0.05, see artefacts/dear.jsonl",
    ]
    assert "TimeoutError" in (tmp_path / "artefacts" / "failed.csv").read_text("utf-8")
    assert (tmp_path / "artefacts" / "all.jsonl").exists()


def test_the_workflow_runs_the_script_and_keeps_what_it_wrote() -> None:
    (job,) = yaml.safe_load(block("yaml"))["jobs"].values()
    assert "bash check_agent.sh" in [step.get("run") for step in job["steps"]]
    (upload,) = [step for step in job["steps"] if "upload-artifact" in step.get("uses", "")]
    assert (upload["if"], upload["with"]["path"]) == ("always()", "artefacts")
