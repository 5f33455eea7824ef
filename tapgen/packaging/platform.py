"""What the dependency layer is built for: Lambda's Python and its C library."""

from __future__ import annotations

PYTHON_VERSION = "3.13"
# Amazon Linux 2023, the base of python3.12 and later, has glibc 2.34 (Lambda developer guide, "Lambda runtimes").
PLATFORMS = ("manylinux_2_34", "manylinux_2_28", "manylinux2014")
