"""The public library interface: `from tapgen import Toolkit`; docs/reference/library.md shows how it is used.

- ``toolkit.py``: the operations of one deployment
- ``selection.py``, ``terms.py``: which deployment, and what is said besides the release
- ``project.py``, ``workspace.py``: the project's folder; clients, names and the release, each made on first use
- ``deploying.py``: a deploy, with ``deploy_request.py``, ``bootstrap_request.py``, ``probes.py``, ``source.py``,
  ``plan_file.py``
- ``comparison.py``, ``status.py``, ``verifying.py``, ``rehearsing.py``: the others

Nothing here prints, asks a terminal or reads options: that is ``cli/``, which is built on it.
"""

from typing import TYPE_CHECKING, Any

from tapgen.toolkit.selection import Selection
from tapgen.toolkit.terms import RehearsalTerms, RollbackTerms, Terms, accept

if TYPE_CHECKING:
    from tapgen.toolkit.toolkit import Toolkit

__all__ = ["RehearsalTerms", "RollbackTerms", "Selection", "Terms", "Toolkit", "accept"]


def __getattr__(name: str) -> Any:
    """``Toolkit``, imported when it is asked for: it brings boto3, and a command that only renders needs none."""
    if name == "Toolkit":
        from tapgen.toolkit.toolkit import Toolkit

        return Toolkit
    raise AttributeError(f"module 'tapgen.toolkit' has no attribute {name!r}")
