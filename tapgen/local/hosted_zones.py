"""A hosted zone of the embedded AWS that stands in for the one that an environment names: others own it in AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tapgen.aws.session import Aws
    from tapgen.config.environment import Environment


def stand_in_for_zone(aws: Aws, environment: Environment) -> None:
    """Make the zone of the API's domain name on a private embedded AWS; nothing where there is none.

    Raises:
        AwsCallError: It cannot be made.
    """
    domain = environment.api.domain
    if domain is None or not domain.hosted_zone_id:
        return
    # The zone's own name is not known here; that of the domain is a zone that can hold its records.
    aws.client("route53").create_hosted_zone(Name=domain.name, CallerReference=f"id:{domain.hosted_zone_id}")
