"""The tools that the demo agent may use."""

from __future__ import annotations

import msgspec

from jollyscope.demo.latency import Latency
from jollyscope.demo.tools.base import Tool, ToolError
from jollyscope.demo.tools.calculator import calculator
from jollyscope.demo.tools.clock import Clock
from jollyscope.demo.tools.files import FileReader, shipped_files
from jollyscope.demo.tools.search import Index, shipped_passages
from jollyscope.demo.tools.weather import Weather

__all__ = ["Tool", "ToolError", "search_tool", "standard_tools"]


def search_tool(latency: Latency) -> Tool:
    """Search over the shipped passages, as slow as over a network."""
    index = Index(shipped_passages())

    async def search(query: str) -> str:
        await latency.between(0.04, 0.14, query)
        return msgspec.json.encode(index.search(query)).decode()

    return Tool(
        name="search",
        description="Search a small library of passages, English and Chinese.",
        parameters={"query": "The words to look for."},
        function=search,
    )


def standard_tools(latency: Latency) -> list[Tool]:
    """All tools but the researcher, which is an agent itself."""
    clock, read_file = Clock(), FileReader(shipped_files())

    async def slow_clock(place: str) -> str:
        await latency.between(0.02, 0.09, place)
        return await clock(place)

    async def slow_calculator(expression: str) -> str:
        await latency.between(0.005, 0.03, expression)
        return await calculator(expression)

    return [
        search_tool(latency),
        Tool(
            name="calculator",
            description="Compute an arithmetic expression.",
            parameters={"expression": "Numbers with + - * / // % ** and parentheses."},
            function=slow_calculator,
        ),
        Tool(
            name="clock",
            description="Tell the time in a city or time zone.",
            parameters={"place": "A city, such as Paris, or a zone, such as Europe/Paris."},
            function=slow_clock,
        ),
        Tool(
            name="read_file",
            description="Read a text file from the project folder.",
            parameters={"name": "The file's name."},
            function=read_file,
        ),
        Tool(
            name="weather",
            description="Tell the weather in a city.",
            parameters={"city": "The city's name."},
            function=Weather(latency),
            attempts=4,
        ),
    ]
