"""What the wheel holds beside tapgen's modules: the reference service as a starter, the user guide and the runbooks.

They stand once in git, where this repository itself uses them: ``config``, ``handlers`` and ``docs``. They are copied
when a wheel is built; a checkout, and an installation in place, read them where they stand
(``tapgen/starters/catalogue.py``, ``tapgen/pages.py``). Everything else of the package is said in ``setup.cfg``.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

# Folder of this repository → folder of the installed package.
CARRIED = {
    "docs": "tapgen/guide_pages",
    "config": "tapgen/starters/projects/transactions/config",
    "handlers": "tapgen/starters/projects/transactions/handlers",
    "docs/runbooks": "tapgen/runbook_pages",
}
# Of docs, the pages alone: the decisions are for whoever changes tapgen, the manual is installed where man looks.
_LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc", ".*", "decisions", "man", "openapi*.json", "runbooks")


class BuildWithCarried(build_py):
    """``build_py``, and the folders that the package carries."""

    def run(self) -> None:
        """Build, then copy."""
        super().run()
        if not self.editable_mode:
            for source, target in CARRIED.items():
                shutil.copytree(source, Path(self.build_lib) / target, ignore=_LEFT_OUT, dirs_exist_ok=True)


setup(cmdclass={"build_py": BuildWithCarried})
