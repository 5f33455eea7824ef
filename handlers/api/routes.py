"""The routes that the HTTP API forwards. API Gateway matches them; the function only looks its name up."""

ROUTES = (
    "POST /users/{userId}/transactions",
    "GET /users/{userId}/transactions",
    "GET /users/{userId}/transactions/{transactionId}",
    "PUT /users/{userId}/transactions/{transactionId}",
    "DELETE /users/{userId}/transactions/{transactionId}",
    "GET /health",
)
