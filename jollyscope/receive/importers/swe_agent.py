"""SWE-agent's trajectories (`.traj`) and mini-SWE-agent's (`.traj.json`).

`trajectory` has an item a step: `action`, `observation`, `response` or `thought`, `execution_time`;
`history` the messages, with tool calls where the model made them as such. Older and shorter files hold
only one of the two. mini-SWE-agent keeps `messages` and `info`, with usage, cost and time in `extra`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from jollyscope.model.records import Record, SpanRecord
from jollyscope.receive.importers.chat import calls_of, message_of, role_of, said
from jollyscope.receive.importers.form import Fit, Format
from jollyscope.receive.importers.runs import Call, Run, Usage, canonical
from jollyscope.receive.importers.scan import Piece
from jollyscope.receive.importers.transcripts import time_of, usage_of
from jollyscope.receive.importers.values import (
    as_json,
    decoded,
    items,
    mapping,
    number,
    parsed,
    text,
    whole,
)  # fmt: skip

__all__ = ["SweAgent"]

_TOLD = frozenset({"trajectory", "history", "info", "messages", "replay_config"})
_MINI = frozenset({"model_stats", "mini_version", "exit_status"})


class SweAgent(Format):
    """A run of SWE-agent, one a file, a line or an item."""

    name = "swe-agent"
    title = "SWE-agent trajectory"

    @classmethod
    def fits(cls, value: Any) -> Fit | None:
        if _is_run(value):
            return Fit()
        return Fit(("[]",)) if items(value) and _is_run(items(value)[0]) else None

    def take(self, piece: Piece) -> Iterator[Record]:
        found = mapping(decoded(piece))
        if not _is_run(found):
            raise piece.unreadable("it is no trajectory")
        yield from _run(found)


def _is_run(value: Any) -> bool:
    found = mapping(value)
    steps = items(found.get("trajectory"))
    if steps:
        return bool(mapping(steps[0]).keys() & {"action", "observation", "thought", "response"})
    if any("role" in mapping(message) for message in items(found.get("history"))[:1]):
        return True
    if isinstance(found.get("trajectory"), list) and ("info" in found or "history" in found):
        return True
    info = mapping(found.get("info"))
    return isinstance(found.get("messages"), list) and bool(info.keys() & _MINI)


def _run(found: dict[str, Any]) -> list[SpanRecord]:
    info = mapping(found.get("info"))
    config = mapping(parsed(found.get("replay_config"))) or mapping(info.get("config"))
    problem = mapping(config.get("problem_statement"))
    messages = [mapping(m) for m in items(found.get("history")) or items(found.get("messages"))]
    mini = "messages" in found and "history" not in found
    run = Run(
        canonical(found),
        agent="mini-swe-agent" if mini else "swe-agent",
        model=_model(config, info),
        conversation=text(found.get("instance_id")) or text(problem.get("id")),
        began=next((at for m in messages if (at := _time(m)) is not None), None),
    )
    steps = [mapping(step) for step in items(found.get("trajectory"))]
    if steps:
        _by_steps(run, steps, messages)
    else:
        _by_messages(run, messages)
    status, output = _outcome(info, messages)
    attributes = {
        "swe_agent.exit_status": status,
        "swe_agent.environment": text(found.get("environment")),
        **{f"swe_agent.{key}": as_json(value) for key, value in _extras(found).items()},
    }
    if status:
        attributes["error.type"] = status if _failed(status) else None
    usage = _total(mapping(info.get("model_stats")))
    failed = status if status and _failed(status) else None
    return run.end(attributes, usage=usage, output=output, failed=failed)


def _extras(found: dict[str, Any]) -> dict[str, Any]:
    return {
        key: value
        for key, value in found.items()
        if key not in _TOLD and key != "environment" and value not in (None, "", {}, [])
    }


def _model(config: dict[str, Any], info: dict[str, Any]) -> str | None:
    agent = mapping(config.get("agent"))
    for place in (mapping(agent.get("model")), mapping(config.get("model")), info):
        name = text(place.get("name")) or text(place.get("model_name"))
        if name:
            return name
    return None


def _outcome(info: dict[str, Any], messages: list[dict[str, Any]]) -> tuple[str | None, str | None]:
    last = mapping(messages[-1].get("extra")) if messages else {}
    status = text(info.get("exit_status")) or text(last.get("exit_status"))
    return status, text(info.get("submission")) or text(last.get("submission"))


def _failed(status: str) -> bool:
    return "submitted" not in status.lower()


def _total(stats: dict[str, Any]) -> Usage:
    """Of the whole run. Zero is what a model without prices or counts leaves there: unknown."""

    def positive(value: float | None) -> Any:
        return value if value is not None and 0 < value < 2**63 else None

    cost = number(stats.get("instance_cost")) or number(stats.get("total_cost"))
    sent, received = whole(stats.get("tokens_sent")), whole(stats.get("tokens_received"))
    return Usage(positive(sent), positive(received), positive(cost))


def _time(message: dict[str, Any]) -> int | None:
    return time_of(mapping(message.get("extra"))) or time_of(message)


def _by_steps(run: Run, steps: list[dict[str, Any]], history: list[dict[str, Any]]) -> None:
    """From `trajectory`, with the beginning and the tool calls from `history`."""
    asked = [m for m in history if role_of(m) == "assistant" and not m.get("is_demo")]
    told = _opening(run, history or items(steps[0].get("query")))
    if not told and text(steps[0].get("query")):
        run.asked(steps[0]["query"])
    for step in steps:
        message = _matching(asked, step)
        said_ = text(step.get("response")) or text(step.get("thought")) or ""
        spoken = {"role": "assistant", "content": said_, "tool_calls": step.get("tool_calls")}
        spoken["tool_calls"] = spoken["tool_calls"] or message.get("tool_calls")
        _step(
            run,
            spoken,
            action=text(step.get("action")) or "",
            results=[as_json(step.get("observation") or "")],
            thought=text(step.get("thought")),
            seconds=number(step.get("execution_time")),
            state=step.get("state"),
        )


def _matching(asked: list[dict[str, Any]], step: dict[str, Any]) -> dict[str, Any]:
    """The next message of the history that asked for this step's action; both leave some out."""
    action = text(step.get("action"))
    for index, message in enumerate(asked[:3]):
        if text(message.get("action")) == action:
            del asked[: index + 1]
            return message
    return {}


def _opening(run: Run, history: list[Any]) -> bool:
    """What the model is told before its first own message; whether there was anything."""
    task: str | None = None
    for message in map(mapping, history):
        if role_of(message) == "assistant" and not message.get("is_demo"):
            break
        run.heard(message_of(message))
        if role_of(message) == "user" and not message.get("is_demo"):
            task = said(message) or task
    if task is not None:
        run.asked(task)
    return task is not None


def _by_messages(run: Run, messages: list[dict[str, Any]]) -> None:
    """From messages alone: what follows a message of the model is what its action returned."""
    _opening(run, messages)
    first = next((n for n, m in enumerate(messages) if _own(m)), len(messages))
    index = first
    while index < len(messages):
        message = messages[index]
        index += 1
        if not _own(message):
            run.heard(message_of(message))
            continue
        answers: list[dict[str, Any]] = []
        while index < len(messages) and _answer(messages[index]):
            answers.append(messages[index])
            index += 1
        _step(
            run,
            message,
            action=text(message.get("action")),
            results=[_result(answer) for answer in answers],
            thought=text(message.get("thought")),
            at=(_time(message), _time(answers[0]) if answers else None),
        )


def _own(message: dict[str, Any]) -> bool:
    return role_of(message) == "assistant" and not message.get("is_demo")


def _answer(message: dict[str, Any]) -> bool:
    return role_of(message) in ("user", "tool") and not message.get("is_demo")


def _result(message: dict[str, Any]) -> str:
    raw = mapping(message.get("extra")).get("raw_output")
    return raw if isinstance(raw, str) else said(message)


_FENCE = re.compile(r"```[\w-]*\n(.*?)\n?```", re.DOTALL)


def _calls(message: dict[str, Any], action: str | None) -> list[Call]:
    """The calls of a step: as the model made them, else the command it wrote."""
    calls = calls_of(message)
    if calls:
        return calls
    given = mapping(message.get("extra")).get("actions")
    commands = [text(mapping(each).get("command")) or text(each) for each in items(given)]
    if not commands and action is None:
        commands = [match[1] for match in _FENCE.finditer(said(message))][-1:]
    elif not commands:
        commands = [action]
    return [
        Call(command.split()[0][:80], None, {"command": command})
        for command in commands
        if command and command.strip()
    ]


def _step(
    run: Run,
    message: dict[str, Any],
    *,
    action: str | None,
    results: list[str],
    thought: str | None = None,
    seconds: float | None = None,
    state: Any = None,
    at: tuple[int | None, int | None] = (None, None),
) -> None:
    """One message of the model and the calls that it led to."""
    extra = mapping(message.get("extra"))
    response = mapping(extra.get("response"))
    usage = usage_of(response)._replace(cost=number(extra.get("cost")))
    calls = _calls(message, action)
    told = message_of(message)
    more = {"swe_agent.thought": thought} if thought and thought != said(message) else None
    model = text(response.get("model"))
    run.model_call(told, usage=usage, model=model, at=at[0], more=more)
    for number_, call in enumerate(calls):
        # One observation for several calls is of the last: none says which part is whose.
        result = results[number_] if len(results) == len(calls) else None
        if result is None and number_ == len(calls) - 1 and results:
            result = "\n".join(results)
        wherever = {"swe_agent.state": as_json(state)} if state not in (None, "", {}) else None
        run.tool(call, result, seconds=seconds, at=at[1], more=wherever)
    for result in results:
        part = {
            "type": "tool_call_response",
            "id": calls[0].id if calls else None,
            "response": result,
        }
        run.heard({"role": "tool", "parts": [part]} if calls else _user(result))


def _user(said_: str) -> dict[str, Any]:
    return {"role": "user", "parts": [{"type": "text", "content": said_}]}
