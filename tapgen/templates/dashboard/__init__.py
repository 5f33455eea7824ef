"""The dashboard, for somebody who was woken up: alarms and golden signals first, then where they come from.

Each module has one section's widgets; :mod:`tapgen.elements.widgets` has the kinds of them and the grid.
CloudWatch user guide, "Dashboard body structure and syntax".
"""

from tapgen.templates.dashboard.body import add_dashboard

__all__ = ["add_dashboard"]
