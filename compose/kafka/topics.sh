#!/bin/sh
# Makes the topics of topics.txt that are missing; those that are there stay as they are.
#
# KAFKA_BROKERS      host:port, several with commas
# KAFKA_TOPICS       the topics' prefix
# KAFKA_REPLICATION  copies of each partition
# KAFKA_MIN_INSYNC   copies that must have a message before it is acknowledged
set -eu

folder=$(dirname "$0")
tool=${KAFKA_TOPICS_TOOL:-/opt/kafka/bin/kafka-topics.sh}

grep -v '^#' "$folder/topics.txt" | while read -r name partitions hours bytes; do
    "$tool" --bootstrap-server "$KAFKA_BROKERS" --create --if-not-exists \
        --topic "$KAFKA_TOPICS.$name" \
        --partitions "$partitions" \
        --replication-factor "${KAFKA_REPLICATION:-1}" \
        --config "retention.ms=$((hours * 3600000))" \
        --config "max.message.bytes=$bytes" \
        --config "min.insync.replicas=${KAFKA_MIN_INSYNC:-1}" \
        --config compression.type=zstd </dev/null
done
