"""Records from outside: OTLP over gRPC and HTTP, and one importer a file format."""
