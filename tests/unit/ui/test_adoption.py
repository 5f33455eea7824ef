"""What an adoption is about to import, as lines for people."""

from __future__ import annotations

import io
import json

from tapgen.events import AdoptedPart, AdoptionPlanned
from tapgen.ui.ndjson import NdjsonListener
from tapgen.ui.plain import PlainListener
from tapgen.ui.results import OutputWriter

EVENT = AdoptionPlanned(
    parts=(
        AdoptedPart(
            part="Data.Orders",
            resource_type="AWS::DynamoDB::Table",
            physical_id="orders",
            differences=("DeletionProtectionEnabled is false, the release says true",),
        ),
    ),
    steps=("import Orders into svc-Data-Adopted", "nest svc-Data-Adopted in svc"),
)


def test_parts_differences_and_steps_are_lines() -> None:
    """What is imported as what, what the next deploy changes of it, and the steps with their numbers."""
    stream = io.StringIO()
    PlainListener(stream, results=OutputWriter(io.StringIO()), width=100, color=False)(EVENT)
    lines = [line.strip() for line in stream.getvalue().splitlines() if line.strip()]
    assert lines == [
        "import orders (AWS::DynamoDB::Table) as Data.Orders",
        "differs: DeletionProtectionEnabled is false, the release says true; the next deploy changes it",
        "1. import Orders into svc-Data-Adopted",
        "2. nest svc-Data-Adopted in svc",
    ]


def test_a_script_gets_the_same_as_one_object() -> None:
    """The type, the parts with their differences, the steps."""
    stream = io.StringIO()
    NdjsonListener(stream)(EVENT)
    assert json.loads(stream.getvalue()) == {
        "type": "adoption-planned",
        "parts": [
            {
                "part": "Data.Orders",
                "resource_type": "AWS::DynamoDB::Table",
                "physical_id": "orders",
                "differences": ["DeletionProtectionEnabled is false, the release says true"],
            }
        ],
        "steps": ["import Orders into svc-Data-Adopted", "nest svc-Data-Adopted in svc"],
    }
