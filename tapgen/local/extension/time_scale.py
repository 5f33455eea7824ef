"""The length of an AWS minute: how long waits last here, and how long they would last in AWS.

CodeDeploy's waits and the periods of CloudWatch alarms are told in AWS time and lived through in wall time.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TimeScale:
    """Converts between AWS time and wall time.

    Attributes:
        minute_s: Wall seconds of one AWS minute; 60.0 is real time.
    """

    minute_s: float

    def wall_s(self, aws_s: float) -> float:
        """The wall seconds that ``aws_s`` seconds of AWS time take here."""
        return aws_s * self.minute_s / 60.0

    def aws_s(self, wall_s: float) -> float:
        """The AWS seconds that have passed in ``wall_s`` seconds here."""
        return wall_s * 60.0 / self.minute_s
