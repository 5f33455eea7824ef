"""What this project's templates allow, beside what the field's tools make of a like service by default.

``inputs`` holds the same service for SAM and CDK, ``subjects`` renders all three, ``policies`` counts (pure), ``bench``
prints the table. Nothing here is deployed.
"""
