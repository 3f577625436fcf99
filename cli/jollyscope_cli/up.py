"""`jollyscope up`"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from jollyscope_cli.backing import Teller, ended_by_hand, stack_here
from jollyscope_cli.output import narrate

if TYPE_CHECKING:
    from jollyscope.backend.stack.stack import Stack
    from jollyscope.backend.stack.up import Outcome

__all__ = ["up"]

_INTERRUPTED = (
    "Interrupted. What had started by now keeps running: `jollyscope status` shows it, "
    "`jollyscope up` goes on from here, `jollyscope down` stops it."
)


def up(
    profile: Annotated[
        Literal["small", "cluster"] | None,
        typer.Option(
            metavar="small|cluster", help="One of each part, or several that stand in for another."
        ),
    ] = None,
    wait: Annotated[
        float, typer.Option(metavar="SECONDS", min=1, help="Until all is well and proved.")
    ] = 300.0,
    no_wait: Annotated[
        bool, typer.Option("--no-wait", help="Start, and wait for nothing: no tables are made.")
    ] = False,
    build: Annotated[
        bool, typer.Option("--build", help="Build our own images anew, as after an update.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Start although memory or disk is short.")
    ] = False,
) -> None:
    """Start the backend for many machines, in containers.

    Kafka, Flink, ClickHouse, Grafana and a receiver. Waits until a span has gone all the way
    through. Running it again starts what is missing; data is kept.
    """
    from jollyscope.backend.stack.finish import Finisher
    from jollyscope.backend.stack.up import Options
    from jollyscope.backend.stack.up import up as bring_up

    stack = stack_here(profile)
    options = Options(wait=0.0 if no_wait else wait, build=build, force=force)
    with ended_by_hand(_INTERRUPTED):
        with Teller() as teller:
            outcome = bring_up(stack, teller, options, Finisher(teller))
        _tell(stack, outcome)


def _tell(stack: Stack, outcome: Outcome) -> None:
    at = outcome.state.addresses
    services = [service.name for service in stack.services() if not service.once]
    if len(outcome.already) == len(services):
        narrate("Everything ran already.")
    elif outcome.already:
        narrate(f"Ran already: {', '.join(outcome.already)}.")
    if outcome.secrets_made:
        narrate(f"Passwords were made and kept in {stack.env_path}, which only you can read.")
    environ = stack.environ
    facts = {
        "OTLP": f"{at.otlp_grpc} (gRPC), {at.otlp_http} (HTTP)",
        "Kafka": at.kafka,
        "Flink": at.flink,
        "ClickHouse": _without_password(at.clickhouse),
        "Grafana": f"{at.grafana} (user admin, password in {stack.env_path})",
    }
    for name, fact in facts.items():
        sys.stdout.write(f"{name:10}  {fact}\n")
    narrate("Point an agent at it with:")
    narrate(
        f"  export OTEL_EXPORTER_OTLP_ENDPOINT={at.otlp_http} "
        "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf"
    )
    if environ.get("JOLLYSCOPE_COLLECT_TOKEN"):
        narrate(
            '  export OTEL_EXPORTER_OTLP_HEADERS="authorization=Bearer%20<token>" (the '
            f"JOLLYSCOPE_COLLECT_TOKEN of {stack.env_path})"
        )
    if outcome.state.proved:
        narrate("`jollyscope` and its commands read ClickHouse from now on; --store reads another.")
    else:
        narrate("Not waited for: `jollyscope up` makes the tables and proves it.")


def _without_password(url: str) -> str:
    from jollyscope.store.clickhouse.url import parse_address

    return parse_address(url).shown
