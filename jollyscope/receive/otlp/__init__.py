"""OpenTelemetry's protocol: its messages to records, and the servers that take them."""
