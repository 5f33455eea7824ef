"""Sdist and wheel of a source tree, the same bytes whoever builds them and when.

setuptools takes a wheel's times from ``SOURCE_DATE_EPOCH`` (https://reproducible-builds.org/specs/source-date-epoch/),
but not those of an sdist: its archive is packed again with fixed times, owners and order.
"""

from __future__ import annotations

import gzip
import io
import os
import subprocess
import sys
import tarfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def export_commit(repository: Path, *, commit: str, target: Path) -> int:
    """Write the files of a commit, and nothing that lies beside them.

    Returns:
        The commit's time in seconds since 1970.
    """
    archive = subprocess.run(["git", "archive", commit], cwd=repository, check=True, capture_output=True).stdout
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        files.extractall(target, filter="data")
    shown = ["git", "show", "--no-patch", "--format=%ct", commit]
    return int(subprocess.run(shown, cwd=repository, check=True, capture_output=True, text=True).stdout)


def build_distributions(source: Path, *, target: Path, epoch_s: int) -> list[Path]:
    """The sdist and the wheel of ``source``, in ``target``, sorted by name.

    Raises:
        subprocess.CalledProcessError: setuptools has said why on stderr.
    """
    uv = [sys.executable, "-m", "uv", "--quiet", "build", "--no-build-isolation", "--python", sys.executable]
    environ = os.environ | {"SOURCE_DATE_EPOCH": str(epoch_s), "PYTHONHASHSEED": "0"}
    before = os.umask(0o022)
    try:
        subprocess.run([*uv, "--out-dir", str(target), str(source)], check=True, env=environ)
    finally:
        os.umask(before)
    built = sorted(path for path in target.iterdir() if path.name.endswith((".whl", ".tar.gz")))
    for path in built:
        if path.name.endswith(".tar.gz"):
            path.write_bytes(_repack(path, epoch_s))
    return built


def _repack(sdist: Path, epoch_s: int) -> bytes:
    packed = io.BytesIO()
    with (
        tarfile.open(sdist) as old,
        gzip.GzipFile(filename="", mode="wb", fileobj=packed, mtime=epoch_s) as compressed,
        tarfile.open(fileobj=compressed, mode="w", format=tarfile.PAX_FORMAT) as new,
    ):
        for member in sorted(old.getmembers(), key=lambda member: member.name):
            content = old.extractfile(member)
            new.addfile(_plain(member, epoch_s), content)
    return packed.getvalue()


def _plain(member: tarfile.TarInfo, epoch_s: int) -> tarfile.TarInfo:
    member.mtime, member.uid, member.gid, member.uname, member.gname = epoch_s, 0, 0, "", ""
    member.mode = 0o755 if member.isdir() or member.mode & 0o100 else 0o644
    member.pax_headers = {}
    return member
