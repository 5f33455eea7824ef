"""HTTP APIs of API Gateway: their URLs, their authorizers, their OPTIONS requests."""
