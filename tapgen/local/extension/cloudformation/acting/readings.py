"""Which calls a handler makes for some properties alone, where no name says so: our reading of AWS's documentation.

A schema lists what a handler may ever call. Actions that are named after a property of their type are told apart by
the data itself (``by`` in ``handler_calls.json``); every other optional one stands here, with its source. What is in
neither is called always. Written from AWS's documentation, not from ``tapgen.iam``, which is held against it.
"""

from __future__ import annotations

from tapgen.local.extension.cloudformation.acting import readings_of_compute, readings_of_data

READINGS = (*readings_of_compute.READINGS, *readings_of_data.READINGS)
"""All of them."""
