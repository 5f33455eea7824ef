"""The runtimes that Lambda offers for new functions; a test compares them with botocore's newest model.

Those that Lambda no longer lets anybody create functions with are left out (Lambda developer guide, "Lambda runtimes",
deprecation).
"""

from __future__ import annotations

PYTHON = ("python3.10", "python3.11", "python3.12", "python3.13", "python3.14", "python3.15")
OTHERS = (
    "nodejs20.x",
    "nodejs22.x",
    "nodejs24.x",
    "nodejs26.x",
    "java11",
    "java17",
    "java21",
    "java25",
    "dotnet8",
    "dotnet10",
    "ruby3.2",
    "ruby3.3",
    "ruby3.4",
    "ruby4.0",
    "provided.al2",
    "provided.al2023",
)
"""Runtimes whose code a build command makes."""
RUNTIMES = (*PYTHON, *OTHERS)
