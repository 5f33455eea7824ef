"""What of the HTTP API crosses a stack's border. A service has one, so that the names are fixed."""

from __future__ import annotations

from tapgen.elements.wiring import NAME, URL, Value

API_ID = Value("ApiId", "Id of the HTTP API", NAME)
API_URL = Value("ApiUrl", "Base URL of the HTTP API", URL)
API_DOMAIN_TARGET = Value("ApiDomainTarget", "What the record of the API's domain name points at", NAME)
AUTHORIZER_ID = Value("AuthorizerId", "Id of the HTTP API's authorizer", NAME)
ACCESS_LOG_GROUP_NAME = Value("AccessLogGroupName", "Access log of the HTTP API", NAME)
