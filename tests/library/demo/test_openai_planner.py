"""The planner behind an endpoint, against a local server that speaks the protocol."""

import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from jollyscope.demo.chat import PlannerError
from jollyscope.demo.latency import Latency
from jollyscope.demo.openai_planner import OpenAIPlanner, configured_planner
from jollyscope.demo.tools import standard_tools

from .conftest import Record


class Endpoint(ThreadingHTTPServer):
    """Answers with what is put into `replies`: bodies, or a status and a body; the last stays."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.replies: list[tuple[int, bytes]] = []
        self.requests: list[tuple[str, dict[str, str], dict[str, Any]]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def reply(self, body: Any, status: int = 200) -> None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.replies.append((status, data))


class Handler(BaseHTTPRequestHandler):
    server: Endpoint

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests.append((self.path, dict(self.headers), json.loads(body)))
        status, data = (
            self.server.replies.pop(0) if len(self.server.replies) > 1 else self.server.replies[0]
        )
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    server = Endpoint()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def completion(
    content: str | None = None, calls: list[tuple[str, str]] | None = None, **usage: Any
) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": content}
    if calls:
        message["tool_calls"] = [
            {"id": f"id{i}", "type": "function", "function": {"name": name, "arguments": text}}
            for i, (name, text) in enumerate(calls)
        ]
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "model": "tiny-2026",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": usage or None,
    }


def environ(endpoint: Endpoint) -> dict[str, str]:
    return {
        "OPENAI_BASE_URL": endpoint.url,
        "OPENAI_API_KEY": "sk-test",
        "JOLLYSCOPE_DEMO_MODEL": "tiny",
    }


def test_a_model_runs_the_same_loop(endpoint: Endpoint, record: Record) -> None:
    endpoint.reply(
        completion(
            "Both at once.",
            [("search", '{"query": "珠穆朗玛峰"}'), ("calculator", '{"expression": "6*7"}')],
            prompt_tokens=120,
            completion_tokens=30,
            prompt_tokens_details={"cached_tokens": 64},
            completion_tokens_details={"reasoning_tokens": 12},
        )
    )
    endpoint.reply(completion("42 米。", prompt_tokens=200, completion_tokens=5))
    recorded = record(["compare"], environ=environ(endpoint))
    [spans] = recorded.traces.values()

    path, headers, first = endpoint.requests[0]
    assert path == "/v1/chat/completions"
    assert headers["Authorization"] == "Bearer sk-test"
    assert first["model"] == "tiny"
    assert [m["role"] for m in first["messages"]] == ["system", "user"]
    assert {t["function"]["name"] for t in first["tools"]} >= {"search", "calculator", "researcher"}

    follow = endpoint.requests[1][2]["messages"]
    assert [m["role"] for m in follow] == ["system", "user", "assistant", "tool", "tool"]
    assert [c["id"] for c in follow[2]["tool_calls"]] == ["id0", "id1"]
    assert [m["tool_call_id"] for m in follow[3:]] == ["id0", "id1"]
    assert follow[4]["content"] == "42"

    thought, last = [span for span in spans if span.step_type == "think"]
    assert last.output == "42 米。"
    assert (thought.model, thought.provider) == ("tiny", "127.0.0.1")
    assert (thought.input_tokens, thought.output_tokens) == (120, 30)
    assert (thought.cached_tokens, thought.reasoning_tokens) == (64, 12)
    assert "Both at once." in (thought.output or "")
    assert spans[0].output == "42 米。"


@pytest.mark.parametrize(
    ("status", "body", "message"),
    [
        (500, b'{"error": "overloaded"}', "answered 500 Internal Server Error.*overloaded"),
        (401, b"who are you", "answered 401"),
        (200, b"<html>", "no chat completion"),
        (200, b'{"choices": []}', "no chat completion"),
        (200, b'{"choices": "none"}', "no chat completion"),
        (200, b"\xff\xfe", "no chat completion"),
        (200, json.dumps(completion(None)).encode(), "neither an answer nor a tool call"),
        (200, json.dumps(completion(None, [("search", "{oops")])).encode(), "no chat completion"),
        (200, json.dumps(completion(None, [("search", "[1]")])).encode(), "no chat completion"),
    ],
)
def test_failures_show_in_the_trace(
    endpoint: Endpoint, record: Record, status: int, body: bytes, message: str
) -> None:
    endpoint.reply(body, status)
    recorded = record(["compare"], environ=environ(endpoint))
    [spans] = recorded.traces.values()
    assert [(s.step_type, s.status, s.error_type) for s in spans] == [
        ("user_input", "error", spans[0].error_type),
        ("think", "error", spans[0].error_type),
    ]
    assert (spans[0].error_type or "").endswith("PlannerError")
    assert re.search(message, spans[1].error_message or "")
    assert "✖" in recorded.told[-1]


def test_wrong_arguments_of_a_model_are_told_to_it(endpoint: Endpoint, record: Record) -> None:
    endpoint.reply(completion(None, [("clock", '{"city": "Paris"}'), ("fly", "{}")]))
    endpoint.reply(completion("Sorry."))
    record(["compare"], environ=environ(endpoint))
    told = [m["content"] for m in endpoint.requests[1][2]["messages"] if m["role"] == "tool"]
    assert told == ["error: clock takes place.", "error: There is no tool fly."]


async def test_nobody_there() -> None:
    planner = OpenAIPlanner("tiny", base_url="http://127.0.0.1:1/v1", timeout=2)
    with pytest.raises(PlannerError, match="cannot be asked"):
        await planner.decide([{"role": "user", "content": "?"}], standard_tools(Latency(0)))
    with pytest.raises(PlannerError, match="cannot be asked"):
        await OpenAIPlanner("tiny", base_url="nonsense").decide([], [])


def test_a_key_alone_switches_nothing_on() -> None:
    assert configured_planner({}) is None
    assert configured_planner({"OPENAI_API_KEY": "sk-1", "OPENAI_BASE_URL": "http://x"}) is None
    planner = configured_planner({"JOLLYSCOPE_DEMO_MODEL": "m", "OPENAI_API_KEY": "sk-1"})
    assert planner is not None
    assert (planner.model, planner.provider) == ("m", "openai")
    assert planner.base_url == "https://api.openai.com/v1"
