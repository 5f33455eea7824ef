"""A service with a part whose kind another package brings."""

from outside_streams.model import Stream

from tapgen.service import Service

service = Service("streams")
clicks = service.add(Stream(name="clicks", logical_id="ClicksStream", variable="CLICKS_STREAM"))
api = service.function("api")
api.route("POST /clicks").may(clicks.put)
api.route("GET /health", public=True)
