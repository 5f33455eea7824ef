"""Goes on looking while an operation goes on, whatever keeps AWS from answering.

CloudFormation and CodeDeploy work on when nobody looks: throttling, a 5xx, a timeout or a lost network ends no
operation, and so it ends no watch. Credentials that have ended are read again, from wherever they come; where no others
come for a while, or none can, the watcher leaves and the operation stays. An answer that cannot get better is raised.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from tapgen.engine.polling import Pace
from tapgen.errors import CredentialsError, TapgenError, TransientError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.engine.context import Context

_PACE = Pace(shortest_s=1.0, longest_s=30.0, share=0.5)
# As long as a person needs to notice, and to sign in again on another terminal.
RENEWAL_S = 600.0
# What is left to do when an operation has ended is not waited for without end.
_AFTERWARDS_S = 900.0
_RENEWAL_HINT = "sign in again, on another terminal: the new credentials are read by themselves"

_T = TypeVar("_T")


class Patience:
    """What one watcher has borne since its last good look.

    Args:
        context: Credentials, listener, clock.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._since_s: float | None = None
        self._renewing_since_s: float | None = None

    @property
    def wait_s(self) -> float:
        """Seconds until the next try; 0 when the last look was good."""
        return 0.0 if self._since_s is None else _PACE.interval_s(self._elapsed_s(self._since_s))

    def bear(self, error: TapgenError) -> bool:
        """Take a failed look; told once, however often it fails.

        Returns:
            False when credentials have ended and no others came: who watches leaves.

        Raises:
            TapgenError: The error itself, where it cannot get better.
        """
        if isinstance(error, CredentialsError):
            return self._renew(error)
        if not isinstance(error, TransientError):
            raise error
        if self._since_s is None:
            self._since_s = self._context.clock.monotonic()
            self._context.warn(
                f"{error.what}; the operation goes on, and so does the watch", hint=error.hint, code="aws-unreachable"
            )
        return True

    def recover(self) -> None:
        """Take a good look."""
        if self._since_s is not None:
            self._context.tell(f"AWS answers again, after {self._elapsed_s(self._since_s):.0f} s", code="aws-answers")
        self._since_s = self._renewing_since_s = None

    def _renew(self, ended: CredentialsError) -> bool:
        if not self._context.aws.renewable:
            self._context.warn(f"{ended.what}, and this process can get no others", code="credentials-ended")
            return False
        now_s = self._context.clock.monotonic()
        try:
            self._context.aws.renew()
        except CredentialsError as error:
            return self._await_renewal(ended, error, now_s)
        except TapgenError as error:
            # STS can fail like anything else; what it cannot get better at ends the watch.
            return self.bear(error)
        self._since_s = self._since_s if self._since_s is not None else now_s
        return True

    def _await_renewal(self, ended: CredentialsError, error: CredentialsError, now_s: float) -> bool:
        if self._renewing_since_s is None:
            self._renewing_since_s = now_s
            minutes = f"{RENEWAL_S / 60:.0f} min"
            self._context.warn(
                f"{ended.what}; CloudFormation goes on, and the watch waits {minutes} for others ({error.what})",
                hint=_RENEWAL_HINT,
                code="credentials-awaited",
            )
        self._since_s = self._since_s if self._since_s is not None else now_s
        return self._elapsed_s(self._renewing_since_s) < RENEWAL_S

    def _elapsed_s(self, since_s: float) -> float:
        return self._context.clock.monotonic() - since_s


def patiently(context: Context, call: Callable[[], _T], *, limit_s: float = _AFTERWARDS_S) -> _T:
    """What a call answers in the end, for what may be called twice.

    Args:
        context: Credentials, listener, clock.
        call: Reads, or writes the same again.
        limit_s: How long it may fail.

    Raises:
        TapgenError: What the call raised, where it cannot get better, or has not in time.
    """
    patience = Patience(context)
    started_s = context.clock.monotonic()
    while True:
        try:
            answer = call()
        except TapgenError as error:
            if context.clock.monotonic() - started_s >= limit_s or not patience.bear(error):
                raise
            context.clock.sleep(patience.wait_s)
        else:
            patience.recover()
            return answer
