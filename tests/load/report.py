"""What a run found, in words and numbers."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Sequence
from pathlib import Path

import psutil

from tests.load.fleet import Way
from tests.load.run import Asked, Result
from tests.load.user import Timing
from tests.load.watching import Sample

__all__ = ["SLOWER", "of_machine", "percentile", "slower", "text", "title"]

SLOWER = 0.05
"""What agents may be slower by; the aim is a fifth of it."""
_NS = 1e9


def text(result: Result) -> str:
    """The report, lines of at most 110 characters."""
    lines = [*_head(result), *_counted(result), *_waited(result), *_cost(result)]
    lines += [*_held(result), *_looked(result), *_trouble(result)]
    return "\n".join(lines) + "\n"


def title(asked: Asked) -> str:
    """What the run was."""
    where = "embedded store" if asked.store == "lake" else "pipeline"
    return f"{asked.sessions:,} sessions at a time on the {where}, for {asked.minutes:g} minutes"


def percentile(ordered: Sequence[float], share: float) -> float:
    """Of ascending values; nan where there are none."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


def slower(way: Way, off: Way) -> float:
    """How much longer an agent takes for the same models, tools and people than one that is not recorded, as
    a share of its time.
    """
    return (1 + way.awake) / (1 + off.awake) - 1


def of_machine() -> str:
    """What it ran on."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return (
        f"{cores} cores ({_processor()}), {psutil.virtual_memory().total / 2**30:.0f} GB, "
        f"{platform.system()} {platform.release().split('-')[0]}, Python {platform.python_version()}"
    )


def _processor() -> str:
    """Its name as Linux has it."""
    info = Path("/proc/cpuinfo")
    named = (
        [line for line in info.read_text().splitlines() if line.startswith("model name")]
        if info.exists()
        else []
    )
    return named[0].partition(":")[2].strip() if named else platform.machine()


def _head(result: Result) -> list[str]:
    asked = result.asked
    first, second = (name for name in result.ways if name != "off")
    busy = [sample.busy for sample in result.samples[:-1]]
    return [
        f"{title(asked)}, seed {asked.seed}",
        f"  {result.processes} processes of up to {asked.threads} agents: half {first}, half {second}, "
        "and a tenth more that are not recorded",
        f"  {of_machine()}; {_mean(busy):.0%} busy",
    ]


def _counted(result: Result) -> list[str]:
    found = result.account
    runs = sum(way.tally.runs for name, way in result.ways.items() if name != "off")
    failed = sum(way.tally.failed for name, way in result.ways.items() if name != "off")
    seconds = (result.over - result.began) / _NS
    ended = sum(1 for at in result.sent if at <= result.over)
    return [
        "",
        f"Steps: {'all of them, each once, as they were' if found.exact else 'NOT AS THEY SHOULD BE'}",
        _row("recorded, by the agents' own ledgers", f"{found.recorded:,}"),
        _row("in the store", f"{found.stored:,}"),
        _row("lost, doubled, wrong, of nobody, still open", _numbers(
            found.lost, found.doubled, found.wrong, found.strange, found.still_open)),
        _row("executions; steps that failed", f"{runs:,}; {failed:,}"),
        _row("steps a second", f"{ended / seconds:,.0f}"),
        _row("from the last agent's end to the whole account", f"{result.settled:.1f} s"),
        *(f"    {example}" for example in found.examples),
    ]  # fmt: skip


def _numbers(*numbers: int) -> str:
    return ", ".join(f"{number:,}" for number in numbers)


def _waited(result: Result) -> list[str]:
    lines = [
        "",
        "From a step's end to an answer that has it, to a reader that asks twice a second",
    ]
    shares = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "p99.9": 0.999, "most": 1.0}
    for kind in result.ways:
        waits = sorted(one.after / _NS for one in result.seen if one.kind == kind)
        told = ", ".join(
            f"{name} {percentile(waits, share):.2f} s" for name, share in shares.items()
        )
        lines += [_row(f"{len(waits):,} steps, {kind}", told)] if waits else []
    unseen = len(result.sent) - len(result.seen)
    return [*lines, _row("longer than a minute themselves, or later", f"{unseen:,}")]


def _cost(result: Result) -> list[str]:
    off = result.ways["off"]
    lines = ["", "What recording costs the agents, beside those that are not recorded"]
    for name, way in result.ways.items():
        awake = (way.tally.wall - way.tally.asleep) / max(way.tally.steps, 1) * 1000
        told = f"{awake:6.2f} ms a step not waiting for model, tool or person; {way.cpu_ms:5.2f} ms of a core"
        lines.append(_row(f"agents, {name}", told))
    for name, way in result.ways.items():
        if name != "off":
            share = slower(way, off)
            met = "MET" if share <= SLOWER else "NOT MET"
            lines.append(_row(f"slower by, {name}", f"{share:+.2%}   promised {SLOWER:.0%}: {met}"))
    return lines


def _held(result: Result) -> list[str]:
    places = ("at 1/4", "at 1/2", "at 3/4", "end", "most", "cores")
    running = [sample for sample in result.samples if sample.at <= result.over]
    return [
        "",
        f"{'Memory and disk (MB)':<50}" + "".join(f"{place:>10}" for place in places),
        *(
            _row(name, _course([sample.memory[name] for sample in running]) + _cores(running, name))
            for name in result.samples[0].memory
        ),
        *(
            _row(f"disk, {name}", _course([sample.disk[name] for sample in result.samples]))
            for name in result.samples[0].disk
        ),
    ]


def _cores(samples: list[Sample], name: str) -> str:
    """How many it kept busy on average."""
    if len(samples) < 2:
        return ""
    first, last = samples[0], samples[-1]
    return f"{(last.cpu[name] - first.cpu[name]) / (last.at - first.at) * _NS:10.2f}"


def _course(values: list[int]) -> str:
    if not values:
        return "not sampled"
    at = [values[len(values) * quarter // 4] for quarter in (1, 2, 3)] + [values[-1], max(values)]
    return "".join(f"{value / 1e6:10,.0f}" for value in at)


def _looked(result: Result) -> list[str]:
    heads = ("times", "p50", "p95", "most", "core p50")
    lines = ["", f"{'Meanwhile (seconds)':<43}" + "".join(f"{head:>9}" for head in heads)]
    for what, timings in _by_name(result.timings).items():
        taken, spent = sorted(one.seconds for one in timings), sorted(one.cpu for one in timings)
        p95, promised = percentile(taken, 0.95), timings[0].promised
        figures = (percentile(taken, 0.5), p95, taken[-1], percentile(spent, 0.5))
        told = f"{len(taken):>9}" + "".join(f"{figure:>9.2f}" for figure in figures)
        met = "MET" if p95 <= promised else "NOT MET"
        lines.append(f"  {what:<41}{told}   promised {promised:g}: {met}")
    return lines


def _by_name(timings: Iterable[Timing]) -> dict[str, list[Timing]]:
    found: dict[str, list[Timing]] = {}
    for one in timings:
        found.setdefault(one.what, []).append(one)
    return found


def _trouble(result: Result) -> list[str]:
    said = [f"{one.what}: {one.wrong}" for one in result.timings if one.wrong]
    dropped = sum(way.dropped for way in result.ways.values())
    if dropped:
        said.append(f"{dropped:,} steps dropped by the SDK")
    counts = {
        name: result.receiver.get(name, 0) for name in ("overloaded", "down", "refused", "failed")
    }
    said += [f"receiver: {count:,} requests {name}" for name, count in counts.items() if count]
    said += result.complaints
    return [
        "",
        "Complaints: none" if not said else "Complaints",
        *(f"  {one[:300]}" for one in said),
    ]


def _row(what: str, told: str) -> str:
    return f"  {what:<48}{told}"


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
