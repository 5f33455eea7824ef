"""What a service is, in a small typed vocabulary: read from a project's ``config/service.py``.

Reading a service imports neither troposphere nor boto3 and knows no environment: it says what the service is, and
``config/environments.yaml`` how each environment differs.
"""

from __future__ import annotations

from tapgen.parts.function.builder import FunctionBuilder, RouteBuilder
from tapgen.parts.function.model import Calls
from tapgen.parts.part import EnvironmentValue, Setting, Verb
from tapgen.parts.schedule.model import cron, every
from tapgen.service import existing
from tapgen.service.builder import Service
from tapgen.service.model import Graph, Line, Model, Query

__all__ = [
    "Calls",
    "EnvironmentValue",
    "FunctionBuilder",
    "Graph",
    "Line",
    "Model",
    "Query",
    "RouteBuilder",
    "Service",
    "Setting",
    "Verb",
    "cron",
    "every",
    "existing",
]
