"""The archiver: every change of the table's stream ends as a compressed JSON line in S3."""
