"""Lambda: execution environments, concurrency, weighted aliases, DynamoDB streams as event sources."""
