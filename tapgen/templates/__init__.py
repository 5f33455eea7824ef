"""The service as raw CloudFormation: one module per nested stack, and their wiring.

::

    security ─► data ─► compute ─► observability
        └────────┴─────────┴─────────────┴─► root: nested stacks by content-addressed TemplateURL, outputs

Modules here make templates from an ``Environment`` and the artifacts' digests. They read no files and call nothing.
"""
