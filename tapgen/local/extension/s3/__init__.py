"""S3: notifications of buckets, and the parameters of requests that AWS's own tools send."""
