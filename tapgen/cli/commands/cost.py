"""``tapgen cost``."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from tapgen.build import BuildRequest
from tapgen.cli.options import env_option, json_option, region_option, suffix_option
from tapgen.cli.printing import print_document

if TYPE_CHECKING:
    from tapgen.cost.estimate import Estimate
    from tapgen.toolkit.project import Project


@click.command()
@env_option
@suffix_option
@region_option
@click.option("--requests-per-month", type=click.FloatRange(0), default=1_000_000, show_default=True, metavar="N")
@click.option("--write-share", type=click.FloatRange(0, 1), default=0.2, show_default=True, help="Of the requests.")
@click.option("--payload-kb", type=click.FloatRange(0, 400), default=1.0, show_default=True, help="Of an item.")
@click.option(
    "--duration-ms", type=click.FloatRange(1), default=30.0, show_default=True, help="Of an invocation of the API."
)
@click.option(
    "--months", type=click.FloatRange(0), default=12.0, show_default=True, help="That data has been piling up."
)
@json_option
@click.pass_obj
def command(
    project: Project,
    *,
    environment: str,
    suffix: str | None,
    region: str | None,
    requests_per_month: float,
    write_share: float,
    payload_kb: float,
    duration_ms: float,
    months: float,
    as_json: bool,
) -> None:
    """Estimate what a month costs, resource by resource.

    From the templates as they are rendered now and a dated price table; needs
    no credentials and asks nobody.

    \b
    Examples:
      tapgen cost --env prod
      tapgen cost --env prod --requests-per-month 50000000 --duration-ms 18
      tapgen cost --env dev --suffix pr-42 --json
    """
    from tapgen.cost.estimate import estimate
    from tapgen.cost.prices import load_prices
    from tapgen.cost.resources import Usage
    from tapgen.ui.costs import cost_page

    rendered = project.builder.load_or_render(BuildRequest(environment=environment, suffix=suffix, region=region))
    usage = Usage(
        requests_per_month=requests_per_month,
        write_share=write_share,
        payload_kb=payload_kb,
        duration_ms=duration_ms,
        months=months,
    )
    found = estimate(rendered.templates, load_prices(rendered.region), usage)
    if as_json:
        print_document({"deployment": rendered.deployment, **_document(found)})
        return
    for line in cost_page(found, deployment=rendered.deployment):
        click.echo(line)


def _document(found: Estimate) -> dict[str, Any]:
    from tapgen.cost.estimate import UNKNOWN

    prices = found.prices
    return {
        "currency": "USD",
        "region": prices.region,
        "prices_as_of": prices.as_of.isoformat(),
        "prices_of_another_region": list(found.borrowed),
        "assumed": asdict(found.usage),
        "fixed": round(found.fixed_usd, 6),
        "usage": round(found.usage_usd, 6),
        "total": round(found.fixed_usd + found.usage_usd, 6),
        "lines": [
            {
                "resource": line.resource,
                "type": line.kind,
                "item": line.charge.item,
                "fixed": line.charge.fixed,
                "quantity": line.charge.quantity,
                "unit": line.price.unit,
                "price": line.price.first_usd,
                "price_region": line.price.region,
                "source": line.price.source,
                "formula": line.charge.formula,
                "amount": round(line.usd, 6),
            }
            for line in found.lines
        ],
        "no_price": list(found.unpriced),
        "unknown": list(UNKNOWN),
    }
