"""A planner behind any endpoint that speaks OpenAI's chat completions API, with tool calls."""

from __future__ import annotations

import asyncio
import http.client
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from jollyscope.demo.chat import Call, Decision, Message, PlannerError, Usage
from jollyscope.demo.tools.base import Tool

__all__ = ["OpenAIPlanner", "configured_planner"]

DEFAULT_URL = "https://api.openai.com/v1"


def configured_planner(environ: Mapping[str, str]) -> OpenAIPlanner | None:
    """The planner that the environment asks for, or None.

    `JOLLYSCOPE_DEMO_MODEL` names the model and is what switches it on: an API key alone, which
    many have set for other programs, spends nothing. `OPENAI_BASE_URL` is where it is
    (OpenAI unless set), `OPENAI_API_KEY` the key, if it wants one.
    """
    model = environ.get("JOLLYSCOPE_DEMO_MODEL")
    if not model:
        return None
    return OpenAIPlanner(
        model,
        base_url=environ.get("OPENAI_BASE_URL") or DEFAULT_URL,
        api_key=environ.get("OPENAI_API_KEY", ""),
    )


class OpenAIPlanner:
    """Asks a model what to do next. `timeout` in seconds, for one decision."""

    def __init__(
        self, model: str, *, base_url: str = DEFAULT_URL, api_key: str = "", timeout: float = 60
    ) -> None:
        self.model = model
        self.base_url = base_url.rstrip("/")
        self.api_key = api_key
        self.timeout = timeout
        host = urllib.parse.urlsplit(base_url).hostname or base_url
        self.provider = "openai" if host.endswith("openai.com") else host

    async def decide(self, messages: Sequence[Message], tools: Sequence[Tool]) -> Decision:
        """The model's decision. Raises `PlannerError`."""
        request = {
            "model": self.model,
            "messages": list(messages),
            "tools": [tool.schema() for tool in tools],
        }
        # urllib blocks, so it waits in a thread and other runs go on.
        return _decision(await asyncio.to_thread(self._post, msgspec.json.encode(request)))

    def _post(self, body: bytes) -> bytes:
        headers = {"Content-Type": "application/json"}
        if self.api_key:
            headers["Authorization"] = f"Bearer {self.api_key}"
        url = f"{self.base_url}/chat/completions"
        try:
            request = urllib.request.Request(url, body, headers)
            with urllib.request.urlopen(request, timeout=self.timeout) as response:
                return response.read()
        except urllib.error.HTTPError as error:
            said = error.read(500).decode("utf-8", "replace").strip()
            raise PlannerError(f"{url} answered {error.code} {error.reason}: {said}") from error
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise PlannerError(f"{url} cannot be asked: {error}") from error


# --- the parts of the response that matter, as the API documents them ----------------------------


class _Function(msgspec.Struct):
    name: str
    arguments: str = "{}"


class _ToolCall(msgspec.Struct):
    id: str
    function: _Function


class _Message(msgspec.Struct):
    content: str | None = None
    tool_calls: list[_ToolCall] | None = None


class _Choice(msgspec.Struct):
    message: _Message


class _PromptDetails(msgspec.Struct):
    cached_tokens: int | None = None


class _CompletionDetails(msgspec.Struct):
    reasoning_tokens: int | None = None


class _Usage(msgspec.Struct):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    prompt_tokens_details: _PromptDetails | None = None
    completion_tokens_details: _CompletionDetails | None = None


class _Completion(msgspec.Struct):
    choices: list[_Choice]
    usage: _Usage | None = None


def _decision(body: bytes) -> Decision:
    try:
        completion = msgspec.json.decode(body, type=_Completion)
        message = completion.choices[0].message
        calls = [
            Call(c.id, c.function.name, _arguments(c.function.arguments))
            for c in message.tool_calls or []
        ]
    except (msgspec.DecodeError, UnicodeDecodeError, IndexError) as error:
        raise PlannerError(f"The endpoint's answer is no chat completion: {error}") from error
    usage = _usage(completion.usage or _Usage())
    if calls:
        return Decision(message.content or "", calls, usage=usage)
    if not message.content:
        raise PlannerError("The model gave neither an answer nor a tool call.")
    return Decision("", answer=message.content, usage=usage)


def _arguments(text: str) -> dict[str, Any]:
    return msgspec.json.decode(text or "{}", type=dict[str, Any])


def _usage(usage: _Usage) -> Usage:
    prompt, completion = usage.prompt_tokens_details, usage.completion_tokens_details
    return Usage(
        usage.prompt_tokens,
        usage.completion_tokens,
        prompt.cached_tokens if prompt else None,
        completion.reasoning_tokens if completion else None,
    )
