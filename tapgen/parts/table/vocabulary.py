"""How ``config/service.py`` writes a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tapgen.parts.collector import Collector
from tapgen.parts.faults import calling_place, tell
from tapgen.parts.part import pascal_case, upper_case
from tapgen.parts.table.model import Index, Key, Table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_KEY_TYPES = ("S", "N", "B")


class Tables(Collector):
    """Makes tables."""

    def table(  # noqa: PLR0913 - a table has this many independent sides
        self,
        name: str,
        *,
        partition_key: str,
        sort_key: str | None = None,
        indexes: Mapping[str, tuple[str, ...] | str] | None = None,
        local_indexes: Mapping[str, str] | None = None,
        attributes: Sequence[str] = (),
        stream: bool = False,
        key: str = "",
        variable: str | None = None,
        logical_id: str | None = None,
        **settings: Any,
    ) -> Table:
        """A DynamoDB table.

        Args:
            name: Of the table, without the deployment's prefix.
            partition_key: Attribute, with its type when it is no string: ``"count:N"``.
            sort_key: The same; None for a table without.
            indexes: Global secondary indexes: name → partition key, or (partition key, sort key).
            local_indexes: Local secondary indexes: name → sort key.
            attributes: What the handlers write besides keys; ``ttl_attribute`` may be none of it.
            stream: Whether it has a stream though no function reads it.
            key: Of others that encrypts it: ``existing.key(arn)``; ``encryption`` decides when left out.
            variable: The variable that a grant brings; ``ORDERS_TABLE`` when left out.
            logical_id: Of the resource, for a deployed stack that has another.
            **settings: Defaults of ``tables.<name>``: ``ttl_attribute``, ``point_in_time_recovery`` …
        """
        partition, sort = _key(partition_key), _key(sort_key) if sort_key else None
        listed = [_global_index(index, keys) for index, keys in (indexes or {}).items()]
        listed += [
            Index(name=index, partition_key=partition, sort_key=_key(key), local=True)
            for index, key in (local_indexes or {}).items()
        ]
        return self.add(
            Table(
                name=name,
                logical_id=logical_id or f"{pascal_case(name)}Table",
                partition_key=partition,
                sort_key=sort,
                indexes=tuple(listed),
                attributes=tuple(attributes),
                stream=stream,
                variable=variable or f"{upper_case(name)}_TABLE",
                defaults=settings,
                key_arn=key,
                place=calling_place(),
            )
        )


def _key(text: str) -> Key:
    name, _, kind = text.partition(":")
    if kind and kind not in _KEY_TYPES:
        tell(f"key {text!r}: the type after the colon is S, N or B")
    return Key(name=name, type="S" if kind not in _KEY_TYPES else kind)  # type: ignore[arg-type]  # one of the three


def _global_index(name: str, keys: tuple[str, ...] | str) -> Index:
    listed = (keys,) if isinstance(keys, str) else tuple(keys)
    if len(listed) not in (1, 2):
        tell(f"index {name!r}: give a partition key, or (partition key, sort key); {len(listed)} were given")
        listed = (*listed, name)[:1]
    return Index(name=name, partition_key=_key(listed[0]), sort_key=_key(listed[1]) if len(listed) > 1 else None)
