"""The store behind `clickhouse://`: the same layers and columns on a ClickHouse server."""
