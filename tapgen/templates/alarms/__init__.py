"""The alarms people are called by: a pure catalogue, and its way into the observability stack.

    definition                       what an alarm is: signal, threshold, severity, text, runbook
    objectives, shifts               the definitions that belong to no part
    catalogue                        all of them for an environment, those of its parts among them, and what follows
    rendering                        a definition as AWS::CloudWatch::Alarm
    composites                       escalation, burn rates over two windows, quiet while a shift runs

Guard alarms, which stop a shift and call nobody, are ``tapgen.templates.guards``.
"""

from __future__ import annotations

from tapgen.templates.alarms.composites import add_composites
from tapgen.templates.alarms.rendering import RatedAlarm, make_alarms

__all__ = ["RatedAlarm", "add_composites", "make_alarms"]
