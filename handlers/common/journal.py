"""One line of JSON for each thing that happened, metrics in it (CloudWatch embedded metric format).

Powertools' logger and metrics write two lines and take more time over them than all the rest of a request; figures are
in docs/decisions/0001-handler-libraries.md. A line has ``level`` and ``timestamp`` as Lambda's own filter wants them
(Lambda developer guide, "Log level filtering"): a function whose log level is above INFO loses its metrics, too.
"""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

MILLISECONDS, COUNT = "Milliseconds", "Count"


class Journal:
    """Writes lines for one service.

    Args:
        service: The dimension of its metrics.
        namespace: Where CloudWatch keeps them.
        write: Takes a line with its end; standard output when left out, whatever that is at the time.
    """

    def __init__(self, service: str, namespace: str, *, write: Callable[[str], object] | None = None) -> None:
        self._service = service
        self._namespace = namespace
        self._write = write

    def note(self, level: str, message: str, fields: dict[str, Any], metrics: dict[str, tuple[float, str]]) -> None:
        """Write one line.

        Args:
            level: INFO, WARN or ERROR.
            message: What happened, the same for every line of a kind.
            fields: What is particular to this one.
            metrics: Value and unit by name.
        """
        now_ms = time.time_ns() // 1_000_000
        seconds, milliseconds = divmod(now_ms, 1000)
        line = {
            "level": level,
            "message": message,
            "timestamp": f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(seconds))}.{milliseconds:03d}Z",
            "service": self._service,
            **fields,
        }
        if metrics:
            line["_aws"] = {
                "Timestamp": now_ms,
                "CloudWatchMetrics": [
                    {
                        "Namespace": self._namespace,
                        "Dimensions": [["service"]],
                        "Metrics": [{"Name": name, "Unit": unit} for name, (_, unit) in metrics.items()],
                    }
                ],
            }
            for name, (value, _) in metrics.items():
                line[name] = value
        (self._write or sys.stdout.write)(json.dumps(line, separators=(",", ":")) + "\n")
