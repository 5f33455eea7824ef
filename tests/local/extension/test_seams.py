"""Seams: MiniStack is checked before anything is replaced, and what is replaced is replaced everywhere."""

from __future__ import annotations

import sys
import types
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tapgen.local.extension import MODULES, seams
from tapgen.local.extension.seams import Seam, SeamError
from tapgen.local.extension.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def package() -> Iterator[types.ModuleType]:
    """A module of its own for each test, and a second one that has imported a name from it."""

    def greet(name: str, *, loud: bool = False) -> str:
        return name.upper() if loud else name

    module, importer = types.ModuleType("seam_module"), types.ModuleType("seam_importer")
    vars(module).update(greet=greet, table={}, Greeter=type("Greeter", (), {"wave": greet}))
    vars(importer).update(greet=greet)
    sys.modules.update(seam_module=module, seam_importer=importer)
    yield module
    del sys.modules["seam_module"], sys.modules["seam_importer"]


def seam(attribute: str, parameters: tuple[str, ...] | None, module: str = "seam_module") -> Seam:
    return Seam(module=module, attribute=attribute, parameters=parameters, gap="It greets too quietly.")


def test_seams_that_fit_pass(package: types.ModuleType) -> None:
    """Leading parameters are enough, and data needs no more than to be there."""
    seams.check([seam("greet", ("name",)), seam("greet", ("name", "loud")), seam("table", None)])


def test_all_faults_are_listed_at_once(package: types.ModuleType) -> None:
    """Missing module, missing name, other parameters and data where a callable was: one line each."""
    faulty = [
        seam("greet", ("name",), "no_such_module"),
        seam("wave", ("name",)),
        seam("greet", ("person",)),
        seam("table", ("name",)),
    ]
    with pytest.raises(SeamError) as caught:
        seams.check(faulty)
    lines = str(caught.value).splitlines()
    assert lines[0] == "MiniStack 1.5.33 is installed, 1.5.33 is expected"
    assert [line.partition(":")[0] for line in lines[1:]] == [
        "no_such_module.greet",
        "seam_module.wave",
        "seam_module.greet",
        "seam_module.table",
    ]
    assert "takes (name, loud), expected (person, ...)" in lines[3]


def test_a_replacement_reaches_every_importer(package: types.ModuleType) -> None:
    """A module that took the name with ``from … import`` gets the new value too."""
    greeting = seam("greet", ("name",))
    shout = str.upper
    seams.replace(greeting, shout, also=("seam_importer",))
    assert seams.original(greeting) is shout
    assert vars(sys.modules["seam_importer"])["greet"] is shout


def test_a_method_is_a_seam_too(package: types.ModuleType) -> None:
    """It is checked and replaced in its class."""
    wave = seam("Greeter.wave", ("name",))
    seams.check([wave])
    with pytest.raises(SeamError, match=r"seam_module\.Greeter\.bow: missing"):
        seams.check([seam("Greeter.bow", ("name",))])
    seams.replace(wave, str.upper)
    assert vars(package)["Greeter"].wave("quiet") == "QUIET"


def test_an_importer_that_holds_something_else_is_refused(package: types.ModuleType) -> None:
    """Nothing is replaced then."""
    vars(sys.modules["seam_importer"])["greet"] = str.lower
    before = vars(package)["greet"]
    with pytest.raises(SeamError, match=r"seam_importer\.greet is not seam_module\.greet"):
        seams.replace(seam("greet", ("name",)), str.upper, also=("seam_importer",))
    assert vars(package)["greet"] is before


def test_every_module_says_what_it_leans_on() -> None:
    """Each seam names a gap or a use."""
    for name in MODULES:
        module = __import__(f"tapgen.local.extension.{name}", fromlist=["SEAMS"])
        assert module.SEAMS, name
        for each in module.SEAMS:
            assert each.gap.strip(), f"{name}: {each.name}"


def read(**environment: str) -> Settings:
    return Settings.from_environment(environment, state_dir=Path("state"))


@pytest.mark.parametrize(("text", "minute_s"), [("", 0.6), ("60", 60.0), ("0.05", 0.05)])
def test_the_length_of_a_minute_is_read(text: str, minute_s: float) -> None:
    """From the environment, with a default."""
    assert read(TAPGEN_LOCAL_MINUTE_S=text).minute_s == minute_s


def test_what_aws_leaves_open_can_be_chosen() -> None:
    """With the choice that is more likely as the default."""
    assert (read().alias_rollback, read().cancelled_shift) == ("at-once", "stop")
    chosen = read(TAPGEN_LOCAL_ALIAS_ROLLBACK="shift", TAPGEN_LOCAL_CANCELLED_SHIFT="finish")
    assert (chosen.alias_rollback, chosen.cancelled_shift) == ("shift", "finish")


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        *(("TAPGEN_LOCAL_MINUTE_S", text) for text in ("soon", "0", "-1", "nan", "1e9")),
        ("TAPGEN_LOCAL_ALIAS_ROLLBACK", "later"),
        ("TAPGEN_LOCAL_CANCELLED_SHIFT", "later"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused(variable: str, text: str) -> None:
    """The variable and the wrong value are shown."""
    with pytest.raises(ValueError, match=f"{variable}='{text}'"):
        read(**{variable: text})
