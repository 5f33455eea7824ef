"""CloudWatch: metrics that services publish, queries, metric math, alarms and their actions."""
