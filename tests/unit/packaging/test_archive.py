"""A zip's bytes depend on the contents of its files and on nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tapgen.errors import PackagingError
from tapgen.packaging.archive import Entry, digest_entries, read_tree, zip_entries

if TYPE_CHECKING:
    from pathlib import Path
    from random import Random

_FILES = {
    "__init__.py": "",
    "b.py": "two = 2\n",
    "a.py": "one = 1\n",
    "pkg/__init__.py": "",
    "pkg/c.json": "{}",
    "pkg/B.py": "three = 3\n",
}
_ENTRIES = st.lists(
    st.builds(
        Entry, path=st.text("abc/", min_size=1, max_size=5), data=st.binary(max_size=20), executable=st.booleans()
    ),
    unique_by=lambda entry: entry.path,
    max_size=6,
)


def _write(root: Path, names: list[str]) -> Path:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_FILES[name], encoding="utf-8")
    return root


def _zip(root: Path) -> bytes:
    return zip_entries(read_tree(root, prefix="service/"))


def test_place_order_times_and_permissions_do_not_matter(tmp_path: Path) -> None:
    """The same files elsewhere, written in another order at another time under another umask: the same bytes."""
    first = _write(tmp_path / "first", list(_FILES))
    before = os.umask(0o077)
    try:
        second = _write(tmp_path / "elsewhere" / "second", list(reversed(_FILES)))
    finally:
        os.umask(before)
    for path in second.rglob("*.py"):
        os.utime(path, (0, 1))

    assert _zip(first) == _zip(second)


@pytest.mark.parametrize(
    ("zone", "seed", "umask"), [("UTC", "0", 0o022), ("Pacific/Kiritimati", "1", 0o077), ("America/St_Johns", "2", 0)]
)
def test_time_zone_hash_seed_and_umask_do_not_matter(tmp_path: Path, zone: str, seed: str, umask: int) -> None:
    """Another process with another environment makes the same bytes."""
    root = _write(tmp_path / "code", list(_FILES))
    script = """
import os, sys
from pathlib import Path
from tapgen.packaging.archive import read_tree, zip_entries
os.umask(int(sys.argv[2]))
sys.stdout.buffer.write(zip_entries(read_tree(Path(sys.argv[1]), prefix="service/")))
"""

    done = subprocess.run(
        [sys.executable, "-c", script, str(root), str(umask)],
        env={**os.environ, "TZ": zone, "PYTHONHASHSEED": seed},
        capture_output=True,
        check=True,
    )

    assert done.stdout == _zip(root)


def test_entries_are_stored_sorted_dated_1980_and_readable_by_all(tmp_path: Path) -> None:
    """What zip tools would take from the machine is fixed; deflate, whose bytes depend on zlib's build, is not used."""
    root = _write(tmp_path / "code", list(_FILES))
    (root / "tool").write_text("#!/bin/sh\n", encoding="utf-8")
    (root / "tool").chmod(0o700)
    (root / "a.py").chmod(0o600)
    target = tmp_path / "code.zip"
    target.write_bytes(_zip(root))

    with zipfile.ZipFile(target) as archive:
        infos = archive.infolist()

    names = [info.filename for info in infos]
    assert names == sorted(names)
    assert {info.date_time for info in infos} == {(1980, 1, 1, 0, 0, 0)}
    assert {info.compress_type for info in infos} == {zipfile.ZIP_STORED}
    assert {info.create_system for info in infos} == {3}
    modes = {info.filename: info.external_attr >> 16 for info in infos}
    assert modes.pop("service/tool") == 0o100755
    assert set(modes.values()) == {0o100644}


@given(_ENTRIES, st.randoms(use_true_random=False))
def test_the_order_of_entries_does_not_matter(entries: list[Entry], random: Random) -> None:
    """Neither for the bytes nor for the digest."""
    shuffled = list(entries)
    random.shuffle(shuffled)

    assert zip_entries(shuffled) == zip_entries(entries)
    assert digest_entries(shuffled) == digest_entries(entries)


@given(_ENTRIES, _ENTRIES)
def test_digests_are_equal_exactly_when_contents_are(first: list[Entry], second: list[Entry]) -> None:
    """Path, mode and bytes of every file count."""
    same = sorted(first, key=lambda entry: entry.path) == sorted(second, key=lambda entry: entry.path)

    assert (digest_entries(first) == digest_entries(second)) == same


@pytest.mark.parametrize(
    "changed",
    [
        Entry(path="b", data=b"x"),
        Entry(path="a", data=b"y"),
        Entry(path="a", data=b"x", executable=True),
    ],
    ids=["path", "bytes", "mode"],
)
def test_a_digest_changes_with(changed: Entry) -> None:
    """One difference is enough."""
    assert digest_entries([changed]) != digest_entries([Entry(path="a", data=b"x")])


def test_byte_code_and_tool_caches_are_left_out(tmp_path: Path) -> None:
    """They differ between machines and would be stale on Lambda."""
    root = _write(tmp_path / "code", list(_FILES))
    expected = _zip(root)
    for name in ("__pycache__/a.cpython-311.pyc", "pkg/__pycache__/x.py", "pkg/old.pyo", ".mypy_cache/x.json"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"cache")

    assert _zip(root) == expected


@pytest.mark.parametrize("link", ["file", "folder", "broken", "root"])
def test_a_symbolic_link_is_refused(tmp_path: Path, link: str) -> None:
    """Its target would differ between machines; a link to a folder would be left out silently."""
    root = _write(tmp_path / "code", list(_FILES))
    targets = {"file": root / "a.py", "folder": tmp_path / "other", "broken": tmp_path / "none"}
    (tmp_path / "other").mkdir()
    if link == "root":
        (tmp_path / "linked").symlink_to(root)
        root = tmp_path / "linked"
    else:
        (root / "pkg" / "link").symlink_to(targets[link])

    with pytest.raises(PackagingError, match="is a symbolic link") as caught:
        _zip(root)

    assert caught.value.code == "package-symlink"


def test_python_imports_from_the_zip(tmp_path: Path) -> None:
    """It is a zip that Python reads, with the prefix as its top folder."""
    target = tmp_path / "code.zip"
    target.write_bytes(_zip(_write(tmp_path / "files", list(_FILES))))

    done = subprocess.run(
        [sys.executable, "-c", "from service.pkg.B import three; print(three)"],
        env={**os.environ, "PYTHONPATH": str(target)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stdout == "3\n", done.stderr
