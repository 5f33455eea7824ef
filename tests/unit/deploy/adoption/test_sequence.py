"""Which step of an adoption is next, from what is there: the same for a first run and for one that was killed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tapgen.deploy.adoption.sequence import Host, next_steps
from tapgen.model import StackState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

WANTED = {"Data": ("Table", "Bucket")}


def _stack(status: str, name: str = "svc-Data-Adopted") -> StackState:
    return StackState(name=name, stack_id=f"id-{name}", status=status)


def _host(status: str | None, *held: str, label: str = "Data", nested: bool = False) -> Host:
    state = _stack(status, f"svc-{label}-Adopted") if status else None
    return Host(label=label, state=state, nested=nested, held={name: f"id-{name}" for name in held})


def _actions(
    *hosts: Host, root: str | None = None, wanted: Mapping[str, Sequence[str]] | None = None
) -> list[tuple[str, str]]:
    state = _stack(root, "svc") if root else None
    steps = next_steps(state, hosts, WANTED if wanted is None else wanted, root_stack="svc")
    return [(step.action, step.label) for step in steps]


def test_nothing_is_there() -> None:
    """Import into a stack of its own, update it, make the root, nest."""
    assert _actions(_host(None)) == [("import", "Data"), ("update", "Data"), ("make-root", "root"), ("nest", "root")]


def test_a_nested_stack_that_exists_imports_by_itself() -> None:
    """No stack of its own, nothing to nest; only what is missing is imported."""
    steps = next_steps(
        _stack("UPDATE_COMPLETE", "svc"),
        [_host("UPDATE_COMPLETE", "Table", nested=True)],
        WANTED,
        root_stack="svc",
    )
    assert [(step.action, step.parts) for step in steps] == [("import", ("Bucket",))]


def test_all_of_it_is_there() -> None:
    """Nothing is done twice."""
    assert not _actions(_host("IMPORT_COMPLETE", "Table", "Bucket", nested=True), root="IMPORT_COMPLETE")


@pytest.mark.parametrize(
    ("status", "held", "first"),
    [
        ("IMPORT_IN_PROGRESS", (), "wait"),
        ("UPDATE_IN_PROGRESS", ("Table", "Bucket"), "wait"),
        ("REVIEW_IN_PROGRESS", (), "clear"),
        ("ROLLBACK_COMPLETE", (), "clear"),
        ("IMPORT_COMPLETE", ("Table",), "import"),
        ("IMPORT_COMPLETE", ("Table", "Bucket"), "update"),
        ("IMPORT_ROLLBACK_COMPLETE", ("Table", "Bucket"), "update"),
        ("UPDATE_COMPLETE", ("Table", "Bucket"), "make-root"),
    ],
)
def test_a_run_that_was_killed_goes_on_from_each_state(status: str, held: tuple[str, ...], first: str) -> None:
    """Whatever state the stack was left in, the first step is the one that leads on."""
    assert _actions(_host(status, *held))[0][0] == first


def test_an_emptied_review_is_imported_again() -> None:
    """A change set that was made and never executed leaves a stack with nothing in it."""
    assert [action for action, _ in _actions(_host("REVIEW_IN_PROGRESS"))] == [
        *("clear", "import", "update", "make-root", "nest")
    ]


@pytest.mark.parametrize("root", ["CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"])
def test_a_root_that_exists_is_not_made_again(root: str) -> None:
    """Only the nesting is left."""
    assert _actions(_host("UPDATE_COMPLETE", "Table", "Bucket"), root=root) == [("nest", "root")]


def test_a_root_that_holds_nothing_is_made() -> None:
    """A plan that nobody executed has left an empty stack."""
    host = _host("UPDATE_COMPLETE", "Table", "Bucket")
    assert _actions(host, root="REVIEW_IN_PROGRESS") == [("make-root", "root"), ("nest", "root")]


def test_a_busy_root_is_waited_for() -> None:
    """What another run began there ends first."""
    host = _host("UPDATE_COMPLETE", "Table", "Bucket")
    assert _actions(host, root="IMPORT_IN_PROGRESS") == [("wait", "root")]


def test_what_an_earlier_run_left_is_nested_too() -> None:
    """A stack that was imported for another part and never nested would be in the way of the next deploy."""
    left = _host("IMPORT_COMPLETE", "Access", label="Compute")
    done = _host("UPDATE_COMPLETE", "Table", "Bucket", nested=True)
    steps = next_steps(_stack("UPDATE_COMPLETE", "svc"), [done, left], WANTED, root_stack="svc")
    assert [(step.action, step.label) for step in steps] == [("update", "Compute"), ("nest", "root")]
    assert steps[-1].parts == ("Compute",)


def test_several_stacks_are_nested_at_once() -> None:
    """One change set of the root takes all of them."""
    steps = next_steps(None, [_host(None), _host(None, label="Compute")], {**WANTED, "Compute": ("A",)}, root_stack="s")
    assert [step.action for step in steps] == ["import", "update", "import", "update", "make-root", "nest"]
    assert steps[-1].parts == ("Compute", "Data")


def test_a_part_of_the_root_itself_makes_the_root() -> None:
    """An import into a root that does not exist creates it; no placeholder is needed."""
    root = Host(label="root", state=None, nested=True, held={})
    assert _actions(root, _host(None), wanted={"root": ("Topic",), **WANTED}) == [
        *(("import", "root"), ("import", "Data"), ("update", "Data"), ("nest", "root"))
    ]
