"""Rules on the HTTP API: routes, authorization, stage and permissions."""
