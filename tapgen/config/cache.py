"""Resolved environments kept on disk by the digest of everything they come from.

A configuration that was found good is not parsed and validated again until the file, or tapgen's own rules, change.
What is not in the cache is loaded; a cache that cannot be read or written is no error.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tapgen.config.environment import Environment, build_environment, plain_data
from tapgen.errors import ConfigError
from tapgen.files import hash_input, replace_file
from tapgen.service.load import load_service

if TYPE_CHECKING:
    from tapgen.config.load import Environments
    from tapgen.config.source import Key
    from tapgen.service.model import Model


class CachedEnvironments:
    """All environments of one file, from the cache where it has them.

    Args:
        path: ``config/environments.yaml``.
        folder: Where the cache lives.
    """

    def __init__(self, path: Path, *, folder: Path) -> None:
        self._path = path
        self._folder = folder

    @property
    def names(self) -> tuple[str, ...]:
        """Names in the order of the file.

        Raises:
            ConfigError: The file cannot be read or is not YAML.
        """
        found = self._read("names")
        if not (found and isinstance(found, list)):
            found = self._write("names", list(self._loaded.names))
        return tuple(found)

    def resolve(self, name: str, *, suffix: str | None = None, region: str | None = None) -> Environment:
        """One environment with its defaults, checked.

        Raises:
            UsageError: There is no such environment.
            ConfigError: Every fault that this environment sees.
        """
        key = json.dumps([name, suffix, region])
        with suppress(KeyError, TypeError, ValueError):
            if found := self._read(key):
                return build_environment(found, self.service)
        environment = self._loaded.resolve(name, suffix=suffix, region=region)
        self._write(key, plain_data(environment))
        return environment

    def resolve_all(self) -> tuple[Environment, ...]:
        """Every environment, checked against each other.

        Raises:
            ConfigError: All faults of the whole file at once.
        """
        try:
            found = tuple(self.resolve(name) for name in self.names)
        except ConfigError:
            found = ()
        # The loader alone knows every fault; a file without environments is one, too.
        return found or self._loaded.resolve_all()

    def place_of(self, name: str, key: Key) -> tuple[str, int]:
        """The dotted path and the line where a value of an environment stands, its own or in ``defaults``."""
        return self._loaded.place_of(name, key)

    def refresh_editor_schema(self) -> None:
        """Keep the schema that the file names for editors that of its service."""
        from tapgen.config.editor import refresh_schema

        refresh_schema(self._path.parent.parent, self._path, self.service, identity=self._identity)

    @cached_property
    def _loaded(self) -> Environments:
        from tapgen.config.load import load_environments

        return load_environments(self._path, service=self.service)

    @cached_property
    def service(self) -> Model:
        """What ``service.py`` beside the file defines.

        Raises:
            ConfigError: It is missing or has faults.
        """
        return load_service(self._path.parent)

    @cached_property
    def _identity(self) -> str:
        """The file's bytes, and the code that judges them."""
        try:
            digest = hashlib.sha256(self._path.read_bytes())
        except OSError as error:
            raise ConfigError(f"{self._path} cannot be read", why=str(error), code="config-unreadable") from error
        package = Path(__file__).parents[1]
        # The service's own files, and the code that judges them.
        sources = [*self._path.parent.rglob("*.py"), *(package / "config").glob("*.py"), package / "naming.py"]
        sources += [*(package / "service").glob("*.py"), *(package / "parts").rglob("*.py")]
        for module in sorted(sources):
            digest.update(hash_input(module).encode())
        return digest.hexdigest()[:32]

    def _file(self, key: str) -> Path:
        return self._folder / self._identity / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.json"

    def _read(self, key: str) -> Any:
        with suppress(OSError, ValueError):
            return json.loads(self._file(key).read_text(encoding="utf-8"))
        return None

    def _write(self, key: str, value: Any) -> Any:
        file = self._file(key)
        with suppress(OSError):
            self._drop_others()
            replace_file(file, json.dumps(value).encode())
        return value

    def _drop_others(self) -> None:
        """Answers for another content of the file are not needed again."""
        if not self._file("").parent.is_dir():
            import shutil

            shutil.rmtree(self._folder, ignore_errors=True)
