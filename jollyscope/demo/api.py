"""The demo as a whole: the agent put together, and its tasks run one after another."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import jollyscope
from jollyscope.demo.agent import Agent
from jollyscope.demo.chat import Message, Planner
from jollyscope.demo.latency import Latency
from jollyscope.demo.openai_planner import configured_planner
from jollyscope.demo.planner import OfflinePlanner
from jollyscope.demo.tasks import TASKS, Task
from jollyscope.demo.tools import search_tool, standard_tools
from jollyscope.errors import JollyScopeError, UsageError

__all__ = ["TASKS", "Task", "build_agent", "run_demo"]


def build_agent(planner: Planner, latency: Latency) -> Agent:
    """The assistant, with all tools and a researcher to hand work to."""
    researcher = Agent(planner, [search_tool(latency)], name="researcher")
    brief = researcher.as_tool("Have a researcher look topics up and write a short brief on them.")
    return Agent(planner, [*standard_tools(latency), brief])


def run_demo(
    *,
    tasks: Sequence[str] | None = None,
    home: Path,
    on_progress: Callable[[str], None],
    environ: Mapping[str, str] = os.environ,
    latency: Latency | None = None,
) -> list[str]:
    """Run the tasks of these names (None for all) and record them under `home`.

    Returns the trace ids, in the order in which the questions were asked; everything is on disk
    by then. A task that fails is told through `on_progress` as the others are. Not for use
    inside a running event loop. Raises `UsageError` on a name that is no task's and when
    recording is switched off, `JollyScopeError` when the records cannot be written.
    """
    chosen = _named(tasks)
    latency = latency or Latency()
    planner = configured_planner(environ) or OfflinePlanner(latency)
    jollyscope.init(service="jolly-demo", home=home)
    if not jollyscope.status().enabled:
        raise UsageError(
            "Recording is switched off, so there would be nothing to see of the demo.",
            hint="Unset JOLLYSCOPE_SDK_ENABLED, OTEL_SDK_DISABLED and `enabled` in the settings.",
        )
    try:
        trace_ids = asyncio.run(_run_all(chosen, build_agent(planner, latency), on_progress))
    finally:
        written = jollyscope.flush()
    if not written:
        raise JollyScopeError(
            f"The demo ran, but could not be recorded in {home}: {jollyscope.status().last_error}."
        )
    return trace_ids


def _named(names: Sequence[str] | None) -> list[Task]:
    if names is None:
        return TASKS
    known = {task.name: task for task in TASKS}
    for name in names:
        if name not in known:
            raise UsageError(f"There is no task `{name}`.", hint=f"There are: {', '.join(known)}.")
    return [known[name] for name in names]


async def _run_all(
    tasks: Sequence[Task], agent: Agent, on_progress: Callable[[str], None]
) -> list[str]:
    trace_ids: list[str] = []
    for number, task in enumerate(tasks, start=1):
        on_progress(f"[{number}/{len(tasks)}] {task.name}: {task.title}")
        history: list[Message] = []
        with jollyscope.session(f"{task.name}-{secrets.token_hex(3)}", user=task.user):
            for question in (task.question, *task.follow_ups):
                on_progress(f"  ▸ {question}")
                answer = await _ask(agent, question, history, on_progress)
                trace_ids.append(agent.trace_id)
                history += [
                    {"role": "user", "content": question},
                    {"role": "assistant", "content": answer},
                ]
    return trace_ids


async def _ask(
    agent: Agent, question: str, history: Sequence[Message], on_progress: Callable[[str], None]
) -> str:
    try:
        answer = await agent.answer(question, history)
    except Exception as error:  # noqa: BLE001 - the trace has it; the other tasks go on
        on_progress(f"  ✖ {type(error).__name__}: {error}")
        return ""
    on_progress("  ✔ " + answer.replace("\n", "\n    "))
    return answer
