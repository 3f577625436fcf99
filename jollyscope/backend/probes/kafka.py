"""Kafka: do all brokers answer, are the topics there and whole, how far behind are their readers?"""

from __future__ import annotations

from typing import Any

from jollyscope.backend.probes.probe import Health
from jollyscope.config import KafkaConfig
from jollyscope.model import format as fmt
from jollyscope.transport.kafka import client_of

__all__ = ["EXPECTED", "lags", "probe_kafka"]

EXPECTED = (
    "executions",
    "metrics",
    "events",
    "spans.clean",
    "stats",
    "alerts",
    "deadletter",
)
"""Topics, below the prefix."""
MUCH_LAG = 100_000
"""Messages behind from which on a reader counts as late: at 10,000 a second it is ten seconds."""


def probe_kafka(config: KafkaConfig, *, timeout: float = 5.0, much: int = MUCH_LAG) -> Health:
    """Ask the brokers of `config`; `timeout` in seconds a question."""
    from confluent_kafka import KafkaException
    from confluent_kafka.admin import AdminClient

    admin: Any = client_of(AdminClient, config)
    try:
        cluster = admin.list_topics(timeout=timeout)
    except KafkaException as error:
        return Health(
            name="kafka",
            state="down",
            sentence=f"No broker answers at {config.brokers}: {_reason(error)}.",
            hint="`jollyscope logs kafka` says why.",
        )
    missing = [
        f"{config.topics}.{t}" for t in EXPECTED if f"{config.topics}.{t}" not in cluster.topics
    ]
    thin, leaderless = _copies(cluster, config.topics)
    behind = lags(admin, config, cluster, timeout=timeout)
    facts: dict[str, Any] = {
        "brokers": len(cluster.brokers),
        "topics": sum(name.startswith(f"{config.topics}.") for name in cluster.topics),
        "missing": missing,
        "under_replicated": thin,
        "without_leader": leaderless,
        "lag": behind,
    }
    late = {group: lag for group, lag in behind.items() if lag >= much}
    brokers = "1 broker" if len(cluster.brokers) == 1 else f"{len(cluster.brokers)} brokers"
    if leaderless:
        return Health(
            name="kafka", state="down", facts=facts,
            sentence=f"{leaderless} partitions have no leader: nothing can be written to them.",
            hint="A broker is away; `jollyscope status` shows which.",
        )  # fmt: skip
    if missing:
        return Health(
            name="kafka", state="degraded", facts=facts,
            sentence=f"{_listed(missing)} {'is' if len(missing) == 1 else 'are'} missing.",
            hint="`jollyscope up` makes the topics that are missing.",
        )  # fmt: skip
    if thin:
        return Health(
            name="kafka", state="degraded", facts=facts,
            sentence=f"{thin} partitions have fewer copies than they should.",
            hint="A broker is away or catching up; `jollyscope status` shows which.",
        )  # fmt: skip
    if late:
        group, lag = max(late.items(), key=lambda item: item[1])
        return Health(
            name="kafka", state="degraded", facts=facts,
            sentence=f"{group} is {fmt.count(lag)} messages behind.",
            hint="It catches up once less comes; more of it is docs/backend.md, Sizing.",
        )  # fmt: skip
    most = max(behind.values(), default=0)
    return Health(
        name="kafka", state="ok", facts=facts,
        sentence=f"{brokers}, {facts['topics']} topics, readers at most {fmt.count(most)} behind.",
    )  # fmt: skip


def lags(admin: Any, config: KafkaConfig, cluster: Any, *, timeout: float) -> dict[str, int]:
    """Messages that each consumer group of ours has not read yet. What a group is not asked for in time
    is left out.
    """
    import confluent_kafka as ck
    from confluent_kafka.admin import OffsetSpec  # pyright: ignore[reportPrivateImportUsage]

    typed: Any = ck  # its stubs leave out what stands in dictionaries
    latest: Any = OffsetSpec.latest()

    try:
        groups = admin.list_consumer_groups(request_timeout=timeout).result(timeout).valid
        ours = [g.group_id for g in groups if g.group_id.startswith(config.topics)]
        committed: dict[str, list[Any]] = {}
        for group in ours:
            asked = admin.list_consumer_group_offsets(
                [typed.ConsumerGroupTopicPartitions(group)], request_timeout=timeout
            )
            found = next(iter(asked.values())).result(timeout).topic_partitions
            committed[group] = [
                place for place in found if place.offset >= 0 and place.topic in cluster.topics
            ]
        places = {(p.topic, p.partition) for found in committed.values() for p in found}
        wanted: dict[Any, Any] = {typed.TopicPartition(*place): latest for place in places}
        ends: dict[Any, Any] = admin.list_offsets(wanted, request_timeout=timeout) if wanted else {}
        last = {(p.topic, p.partition): f.result(timeout).offset for p, f in ends.items()}
    except (ck.KafkaException, TimeoutError):
        return {}
    return {
        group: sum(max(0, last[p.topic, p.partition] - p.offset) for p in found)
        for group, found in sorted(committed.items())
    }


def _copies(cluster: Any, prefix: str) -> tuple[int, int]:
    """Partitions with fewer copies in step than they should have, and those without a leader."""
    thin = leaderless = 0
    for name, topic in cluster.topics.items():
        if name.startswith(f"{prefix}."):
            for partition in topic.partitions.values():
                thin += len(partition.isrs) < len(partition.replicas)
                leaderless += partition.leader < 0
    return thin, leaderless


def _listed(names: list[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more topics" if len(names) > 3 else "")


def _reason(error: Any) -> str:
    return str(error.args[0].str()).rstrip(".")
