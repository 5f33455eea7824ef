"""The root command and the one place where errors become text and an exit code."""

from __future__ import annotations

import importlib
import io
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tapgen._version import __version__
from tapgen.cli.printing import print_error
from tapgen.errors import ExitCode, InternalError, TapgenError, UsageError
from tapgen.toolkit.project import Project
from tapgen.ui.terminal import PLAIN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# Command → (module, one line for the overview). Modules are imported when their command runs, so that `tapgen render`
# does not pay for boto3 and `tapgen --help` for nothing.
_COMMANDS: Mapping[str, tuple[str, str]] = {
    "adopt": ("adopt", "Bring existing resources, with their data, under a deployment"),
    "archive": ("archive", "Dead letters, as before `redrive`"),
    "attach": ("attach", "Join a deployment that is running"),
    "bootstrap": ("bootstrap", "Create the artifact bucket and the roles of an environment"),
    "completion": ("completion", "Complete the command line in bash, zsh and fish"),
    "config": ("config", "Show, validate and describe the configuration"),
    "cost": ("cost", "Estimate what a month costs"),
    "dashboard": ("dashboard", "Show or draw the dashboard"),
    "deploy": ("deploy", "Render, show the changes and deploy them"),
    "destroy": ("destroy", "Delete a deployment; retained data stays"),
    "doctor": ("doctor", "Find out why something does not work"),
    "diff": ("diff", "Show what separates the project from what is live"),
    "drift": ("drift", "Show what was changed by hand, and revert it"),
    "gc": ("gc", "Remove artifacts, templates and versions that nothing needs"),
    "iam": ("iam", "Show who may do what, and prove that nobody may do more"),
    "guide": ("guide", "Print a page of the user guide"),
    "init": ("init", "Begin a project in an empty folder"),
    "local": ("local", "Run the embedded AWS"),
    "logs": ("logs", "Show or follow what the functions and the API log"),
    "metrics": ("metrics", "Show the golden signals, by version"),
    "outputs": ("outputs", "Print what a deployment exports"),
    "plan": ("plan", "Make a change set for somebody else to execute, and seal it"),
    "recover": ("recover", "Lead a deployment out of a state that it is stuck in"),
    "redrive": ("redrive", "Give dead letters to who did not take them"),
    "rehearse": ("rehearse", "Try a rollout and its failures offline"),
    "releases": ("releases", "List the releases of a deployment, and show one"),
    "render": ("render", "Write templates and artifacts to build/"),
    "report": ("report", "Show a release on one page: changes, timeline, shift, verdict"),
    "rollback": ("rollback", "Take an earlier release live again, or stop a running one"),
    "runbook": ("runbook", "Print the runbook that an alarm names"),
    "status": ("status", "Show the state of a deployment"),
    "test-alarm": ("test_alarm", "Set an alarm's state and follow its notification"),
    "tune": ("tune", "Recommend the functions' memory from what they used"),
    "unlock": ("unlock", "Break the lock of an operation that is dead"),
    "watch": ("watch", "Deploy at every save, for development"),
    "validate": ("validate", "Find out whether an environment can be deployed"),
    "verify": ("verify", "Check that what is deployed works and is protected"),
}

GROUPS: Mapping[str, tuple[str, ...]] = {
    "Start": ("init", "guide", "adopt", "local", "doctor", "config", "bootstrap", "completion"),
    "Ship": ("render", "validate", "diff", "rehearse", "plan", "deploy", "attach", "rollback", "watch"),
    "Look": ("status", "outputs", "releases", "report", "logs", "metrics", "dashboard", "cost"),
    "Protect": ("verify", "iam", "drift", "test-alarm"),
    "Operate": ("runbook", "recover", "unlock", "redrive", "archive", "tune", "gc", "destroy"),
}
"""What one wants to do → the commands for it, in the order of the overview; a command without a place comes last."""


class _LazyGroup(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return [name for names in _grouped().values() for name in names]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(f"tapgen.cli.commands.{_COMMANDS[cmd_name][0]}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        width = max(map(len, _COMMANDS))
        for group, names in _grouped().items():
            with formatter.section(group):
                # Padded, so that the texts of all groups stand in one column.
                formatter.write_dl([(f"{name:<{width}}", _COMMANDS[name][1]) for name in names])


def _grouped() -> dict[str, tuple[str, ...]]:
    placed = {name for names in GROUPS.values() for name in names}
    others = tuple(name for name in _COMMANDS if name not in placed)
    return {**GROUPS, **({"More": others} if others else {})}


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--project",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder with config/environments.yaml; found from the working folder upwards when left out.",
)
@click.option("--debug", is_flag=True, expose_value=False, help="Show tracebacks; may stand anywhere.")
@click.option(
    "--plain", is_flag=True, help="Print lines, never redraw one; so does TAPGEN_PLAIN=1. For screen readers."
)
@click.version_option(__version__, prog_name="tapgen")
@click.pass_context
def cli(ctx: click.Context, *, project: Path | None, plain: bool) -> None:
    """Render a production serverless API as raw CloudFormation and ship it safely.

    \b
    Start here:
      tapgen render --env prod     write the templates to build/
      tapgen deploy --env local    deploy them to the embedded AWS
    """
    if plain:
        # Where it is chosen how to speak, the environment is read and nothing else.
        os.environ[PLAIN] = "1"
    ctx.obj = Project(project)


def run(arguments: Sequence[str]) -> int:
    """Run one command line; answers the exit code. Prints errors to standard error."""
    # The flag is the whole run's: it counts wherever it stands.
    debug = "--debug" in arguments
    _print_anything()
    try:
        return _invoke([argument for argument in arguments if argument != "--debug"])
    except TapgenError as error:
        return print_error(error, debug=debug)
    except OSError as error:
        return print_error(_machine_fault(error), debug=debug, cause=error)
    except Exception as error:  # noqa: BLE001 - the last resort: a bug must end in words, too
        return print_error(_bug(error), debug=debug, cause=error)


def _print_anything() -> None:
    """Names of files, and what AWS says, may hold what the terminal's encoding has not: it is escaped then."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _invoke(arguments: Sequence[str]) -> int:
    """Run click; its own ways to stop become exit codes here."""
    try:
        result = cli.main(args=list(arguments), prog_name="tapgen", standalone_mode=False)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        error.show()
        return ExitCode.USAGE
    except (KeyboardInterrupt, click.Abort):
        click.echo("interrupted", err=True)
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        # The reader of our output has gone (`tapgen … | head`): nobody is left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.DONE
    return result if isinstance(result, int) else ExitCode.DONE


def _machine_fault(error: OSError) -> TapgenError:
    """What the file system or a socket refuses is no bug: no space, no permission, a folder where a file must be."""
    names = [str(name) for name in (error.filename, error.filename2) if name is not None]
    return UsageError(
        f"cannot use {' and '.join(names)}" if names else "the operating system refuses a call",
        why=error.strerror or str(error) or type(error).__name__,
        hint="check the path, its permissions and the space that is left, then rerun; --debug shows where it happened",
        code="operating-system",
    )


def _bug(error: Exception) -> InternalError:
    return InternalError(
        f"tapgen met an unexpected {type(error).__name__}",
        why=str(error),
        hint="this is a bug: rerun with --debug and report the traceback",
    )
