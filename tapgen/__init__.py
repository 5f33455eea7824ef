"""tapgen renders a production serverless service as raw CloudFormation and ships it safely.

One sentence holds the package together: **service, config → artifacts → templates → release → change set → stack →
ledger**. There is a folder or a file for each of these words, and data moves through them in that order::

    service/      config/service.py → the model of a service: the vocabulary that users write, and what it makes
    parts/        the kinds that a service is made of, a folder each: value, settings, resources, verbs, alarms …
    elements/     what kinds build with: stacks and their values, alarm definitions, widgets
    config/       config/environments.yaml → one typed Environment, every fault listed at once
    journey/      how a service is tried: requests and events with their expected outcomes, and their walker
    naming        every physical name and logical id; object_keys: every S3 key
    model         the values that pass from one folder to the next; events: what an operation tells
    errors        the one tree of them: what happened, why, what to do next
    findings      what a check found: the one answer of doctor, validate and verify
    sources       which files below handlers/ are sources
    packaging/    handler sources → reproducible zips; hashed requirements → dependency layer
    iam/          awacs: one statement function per capability, and the roles made of them
    templates/    troposphere: the nested stacks that the parts' resources stand in, and shifts
    rules/        what must hold in the templates of every service; a kind's own rules are in its folder
    charts/       series → drawings as SVG and as text; pure
    render        (Environment, artifacts) → Rendered: pure, no clock, no credentials, no network
    build         a rendered release on disk, and when it may be used again; manifest: what it says of itself
    aws/          the only folder that imports boto3; translates AWS's errors
    ledger/       the record of every release: its schema, its store in the artifact bucket, questions about it
    cost/         what a release costs, from its templates and a dated price table
    diff/         what separates two releases, as one tree: pure
    gates/        what a release must not do unless somebody says so by name: pure
    engine/       what every operation runs on: context, deployment, lock, polling, interrupts, first real cause
    deploy/       order and decisions, a room for each: state, change_sets, shifts, watch, release, plans, rollback,
                  recovery, drift, retention
    telemetry/    what the service says of itself: logs, figures, dashboards, advice
    local/        the embedded AWS: MiniStack as a child process, plus what it lacks
    report/       the report of a release: what changed, how it went, on one page
    verification/ checks of what is deployed: does it work, is it protected as configured?
    validation/   checks of what is not deployed yet: would it be?
    doctor/       what is wrong with the machine, the project, the account, before something is tried
    rehearsal/    a rollout with its failures on a private embedded AWS: does each guard stop it?
    pages         where the text of a runbook, or of a page of the guide, is
    starters/     projects to begin with, and writing one into an empty folder
    testing/      what the tests of a project use: rendered environments, resources, assertions
    proof/        the proof that permissions are exact: scenarios, mutants, witnesses
    toolkit/      the public library interface: the operations of one deployment, which the command line is built on
    ui/           listeners of events, and pages: terminal, plain lines, NDJSON
    cli/          click: options once, one module per command in commands/, the composition root

Imports point one way: ``cli → toolkit → rehearsal, proof, doctor, validation, starters, testing → report, verification
→ ui → deploy, telemetry, local, build → engine → cost, diff, gates → ledger → render → templates, rules, packaging, aws
→ config → service → parts → elements → iam → events → findings → naming → charts → sources → errors → model →
object_keys``, and no folder holds a circle; ``setup.cfg`` holds this as import-linter contracts, which count imports
for types too.
"""

from typing import TYPE_CHECKING, Any

from tapgen._version import __version__

if TYPE_CHECKING:
    from tapgen.toolkit import Toolkit

__all__ = ["Toolkit", "__version__"]


def __getattr__(name: str) -> Any:
    """``tapgen.Toolkit``, imported when it is asked for: a handler's test that imports a value needs none of it."""
    if name == "Toolkit":
        from tapgen.toolkit import Toolkit

        return Toolkit
    raise AttributeError(f"module 'tapgen' has no attribute {name!r}")
