#!/bin/sh
# Submits the jobs that are not running yet, each from its newest checkpoint where there is one.
#
#   submit.sh [JOB...]        clean, stats and alerts unless told otherwise
#
# KAFKA_BROKERS       kafka:9092
# KAFKA_TOPICS        the topics' prefix, jollyscope; no regular expression's own signs but a dot
# FLINK_REST          http://jobmanager:8081
# FLINK_CHECKPOINTS   a folder that JobManager and TaskManagers share; a folder a job is made in it
# FLINK_SQL           where the SQL files are
# SQL_CLIENT          Flink's sql-client.sh
set -eu

brokers=${KAFKA_BROKERS:-kafka:9092}
topics=${KAFKA_TOPICS:-jollyscope}
rest=${FLINK_REST:-http://jobmanager:8081}
checkpoints=${FLINK_CHECKPOINTS:-/checkpoints}
folder=${FLINK_SQL:-$(dirname "$0")/sql}
client=${SQL_CLIENT:-/opt/flink/bin/sql-client.sh}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fetch() {
    if command -v curl >/dev/null; then curl -fsS --max-time 10 "$1"; else wget -q -T 10 -O - "$1"; fi
}

running() {
    # `{"jid":...,"name":...,...,"state":...}` a job: one a line, then by name and state.
    fetch "$rest/jobs/overview" | sed 's/{"jid"/\n&/g' | grep -F "\"name\":\"$topics $1\"" |
        grep -qE '"state":"(RUNNING|CREATED|INITIALIZING|RESTARTING|FAILING)"'
}

# One job's statements. All jobs take one client, whose start costs more than a job: so what the one before
# declared and set is taken away first.
statements() {
    kept="$checkpoints/$1"
    mkdir -p "$kept"
    newest=$(ls -td "$kept"/*/chk-*/_metadata 2>/dev/null | head -n 1 || true)
    echo "RESET;"
    echo "SET 'execution.checkpointing.dir' = 'file://$kept';"
    echo "SET 'execution.checkpointing.externalized-checkpoint-retention' = 'RETAIN_ON_CANCELLATION';"
    if [ -n "$newest" ]; then
        echo "SET 'execution.state-recovery.path' = 'file://${newest%/_metadata}';"
        echo "$1: from ${newest%/_metadata}" >&2
    fi
    sed -e "s|\${brokers}|$brokers|g; s|\${topics}|$topics|g; s|\${job}|$1|g" \
        -e 's/^CREATE TEMPORARY \([A-Z]*\) \([^ ]*\)/DROP TEMPORARY \1 IF EXISTS \2;\n&/' \
        "$folder/tables.sql" "$folder/$1.sql"
}

[ $# -gt 0 ] || set -- clean stats alerts
asked=0
for job in "$@"; do
    if running "$job"; then
        echo "$job: running" >&2
    else
        statements "$job" >>"$work/jobs.sql"
        asked=$((asked + 1))
    fi
done
[ "$asked" -gt 0 ] || exit 0

# The client ends with 0 whatever became of a statement: its words are what tells.
"$client" -f "$work/jobs.sql" >"$work/said" 2>&1 || { cat "$work/said" >&2; exit 1; }
taken=$(grep -c 'Job ID' "$work/said" || true)
if [ "$taken" -lt "$asked" ]; then
    sed -n '/\[ERROR\]/,$p' "$work/said" >&2
    echo "Flink took $taken of $asked jobs" >&2
    exit 1
fi
echo "$taken submitted" >&2
