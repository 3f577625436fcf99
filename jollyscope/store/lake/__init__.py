"""The embedded store: Parquet parts read by DuckDB, a SQLite manifest."""
