"""CloudWatch Logs: what functions and HTTP APIs log, and the query language of Logs Insights."""
