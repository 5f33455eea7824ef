"""Lambda's side of events: event source mappings, asynchronous invocations, provisioned concurrency, runtimes."""
