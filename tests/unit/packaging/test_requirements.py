"""Requirements of a layer are pinned and hashed, every one of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tapgen.errors import PackagingError
from tapgen.packaging.requirements import read_requirements

_HASH = f"--hash=sha256:{'0' * 64}"


@pytest.mark.parametrize(
    "text",
    [
        f"a==1.0 {_HASH}\n",
        f"a==1.0 \\\n    {_HASH} \\\n    {_HASH}\n",
        f"# comment\n\na-b_c.d[x,y]==1.0 {_HASH} # why\n",
        f'a==1.0 ; python_version >= "3.9" {_HASH}\n',
        f"a == 1.0 {_HASH}",
        f"a==1.0 --hash=sha512:{'0' * 128}\n",
        f"a==1.0 --hash=sha384:{'0' * 96}\n",
    ],
)
def test_pinned_and_hashed_requirements_are_read_as_they_are(tmp_path: Path, text: str) -> None:
    """The bytes are part of the layer's identity."""
    file = tmp_path / "requirements.txt"
    file.write_text(text, encoding="utf-8")

    assert read_requirements(file) == text.encode()


def test_the_projects_own_requirements_are_pinned_and_hashed() -> None:
    """What ships is held to the same rule."""
    assert read_requirements(Path(__file__).parents[3] / "handlers" / "requirements.txt")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a==1.0\n", "line 1: 'a==1.0' has no --hash"),
        (f"# x\n\na>=1.0 {_HASH}\n", "line 3: 'a>=1.0' is not pinned with =="),
        (f"a {_HASH}\n", "line 1: 'a' is not pinned"),
        (f"a==1.* {_HASH}\n", "line 1: 'a==1.*' is not pinned"),
        (f"a @ https://x.y/a.whl {_HASH}\n", "line 1: 'a' is not pinned"),
        ("a==1.0 --hash=md5:00\n", "has no --hash"),
        ("a==1.0 --hash=sha256:00\n", "has no --hash"),
        ("--index-url https://x.y\n", "line 1: '--index-url' is an option"),
        ("-r other.txt\n", "line 1: '-r' is an option"),
        ("a==1.0 \\\n", "line 1: 'a==1.0' has no --hash"),
        (f"a==1.0 {_HASH}\nb==2.0 \\\n  # comment\n", "line 2: 'b==2.0' has no --hash"),
    ],
)
def test_what_is_not_pinned_and_hashed_is_named_with_its_line(tmp_path: Path, text: str, fault: str) -> None:
    """Any file that the index serves for it would do."""
    file = tmp_path / "requirements.txt"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(PackagingError) as caught:
        read_requirements(file)

    assert caught.value.code == "requirements-not-hashed"
    assert fault in caught.value.why


def test_all_faults_come_at_once(tmp_path: Path) -> None:
    """One line each."""
    file = tmp_path / "requirements.txt"
    file.write_text(f"a\nb==1 {_HASH}\nc==1\n", encoding="utf-8")

    with pytest.raises(PackagingError) as caught:
        read_requirements(file)

    assert [line.split(":")[0] for line in caught.value.why.splitlines()] == ["line 1", "line 3"]


@pytest.mark.parametrize(
    "content", [None, b"", b"# nothing\n", b"\xff\xfe"], ids=["absent", "empty", "comment", "bytes"]
)
def test_a_file_without_requirements_is_told(tmp_path: Path, content: bytes | None) -> None:
    """Lambda refuses an empty layer; a deployment without one says so in its configuration."""
    file = tmp_path / "requirements.txt"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(PackagingError) as caught:
        read_requirements(file)

    assert caught.value.code == "no-requirements"
    assert str(file) in caught.value.what
