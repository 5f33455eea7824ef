"""How ``config/service.py`` writes a secret. It never holds the value."""

from __future__ import annotations

from tapgen.parts.collector import Collector
from tapgen.parts.faults import calling_place
from tapgen.parts.part import pascal_case, upper_case
from tapgen.parts.secret.model import Secret


class Secrets(Collector):
    """Makes secrets."""

    def secret(
        self,
        name: str,
        *,
        generated_length: int | None = None,
        key: str = "",
        variable: str | None = None,
        logical_id: str | None = None,
    ) -> Secret:
        """A secret, read at run time; its value is in no template and no variable.

        Args:
            name: Of the secret, without the deployment's prefix.
            generated_length: Characters of a password that Secrets Manager makes up; empty until set when left out.
            key: Of others that encrypts it: ``existing.key(arn)``; ``encryption`` decides when left out.
            variable: The variable that a grant brings; ``PAYMENT_KEY_SECRET`` holds the name when left out.
            logical_id: Of the resource, for a deployed stack that has another.
        """
        return self.add(
            Secret(
                name=name,
                logical_id=logical_id or f"{pascal_case(name)}Secret",
                generated_length=generated_length,
                variable=variable or f"{upper_case(name)}_SECRET",
                key_arn=key,
                place=calling_place(),
            )
        )
