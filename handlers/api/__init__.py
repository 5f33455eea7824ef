"""The transactions API: one Lambda function behind an HTTP API."""
