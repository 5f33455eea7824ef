"""Two zips of one name, compared: files, sizes, and the versions of the distributions that a layer holds."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tapgen.diff.difference import ArtifactDifference, DependencyDifference, FileDifference

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tapgen.diff.side import Side

# The folder that pip leaves beside a distribution (binary distribution format, "The .dist-info directory").
_DISTRIBUTION = re.compile(r"python/(?P<name>[^/]+)-(?P<version>[^/-]+)\.dist-info/METADATA")


@dataclass(frozen=True, kw_only=True)
class _Contents:
    size_bytes: int
    files: Mapping[str, tuple[int, int]]
    """Path → (CRC, size): the zip's own directory, nothing is unpacked."""
    distributions: Mapping[str, str]


_ABSENT = _Contents(size_bytes=0, files={}, distributions={})


def compare_artifacts(before: Side, after: Side) -> Iterator[ArtifactDifference]:
    """Every artifact whose digest differs; its zips are read where they can be had."""
    for name in sorted({*before.artifacts, *after.artifacts}):
        digests = before.artifacts.get(name, ""), after.artifacts.get(name, "")
        if digests[0] != digests[1]:
            yield _compare(name, before, after)


def _compare(name: str, before: Side, after: Side) -> ArtifactDifference:
    digests = before.artifacts.get(name, ""), after.artifacts.get(name, "")
    old, new = _contents_of(name, before), _contents_of(name, after)
    files: tuple[FileDifference, ...] = ()
    distributions: tuple[DependencyDifference, ...] = ()
    if old is not None and new is not None:
        files = tuple(_compare_files(old, new))
        distributions = tuple(_compare_distributions(old, new))
    return ArtifactDifference(
        name=name,
        before_digest=digests[0],
        after_digest=digests[1],
        before_bytes=old.size_bytes if old and digests[0] else None,
        after_bytes=new.size_bytes if new and digests[1] else None,
        files=files,
        dependencies=distributions,
    )


def _contents_of(name: str, side: Side) -> _Contents | None:
    """What the zip holds; None when it cannot be had, or is no zip any more."""
    if name not in side.artifacts:
        return _ABSENT
    body = side.read_artifact(name)
    if body is None:
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            entries = [info for info in archive.infolist() if not info.is_dir()]
    except zipfile.BadZipFile:
        return None
    found = filter(None, (_DISTRIBUTION.fullmatch(info.filename) for info in entries))
    return _Contents(
        size_bytes=len(body),
        files={info.filename: (info.CRC, info.file_size) for info in entries},
        distributions={each["name"].replace("_", "-").lower(): each["version"] for each in found},
    )


def _compare_files(old: _Contents, new: _Contents) -> Iterator[FileDifference]:
    for path in sorted({*old.files, *new.files}):
        before, after = old.files.get(path), new.files.get(path)
        if before != after:
            yield FileDifference(
                path=path, before_bytes=before[1] if before else None, after_bytes=after[1] if after else None
            )


def _compare_distributions(old: _Contents, new: _Contents) -> Iterator[DependencyDifference]:
    for name in sorted({*old.distributions, *new.distributions}):
        before, after = old.distributions.get(name, ""), new.distributions.get(name, "")
        if before != after:
            yield DependencyDifference(name=name, before=before, after=after)
