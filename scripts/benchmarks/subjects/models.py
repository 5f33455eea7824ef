"""The contract as pydantic models, for the peers that validate with pydantic."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints

Text = Annotated[str, StringConstraints(max_length=256)]
Amount = Annotated[str, StringConstraints(pattern=r"^(0|[1-9][0-9]{0,14})(\.[0-9]{1,4})?$")]


class NewTransaction(BaseModel):
    """What a caller sends."""

    model_config = ConfigDict(extra="forbid")

    amount: Amount
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    type: Literal["debit", "credit"]
    status: Literal["pending", "posted", "void"] = "posted"
    description: Text = ""
    metadata: dict[str, str] = {}


class Transaction(NewTransaction):
    """What a caller gets."""

    model_config = ConfigDict(extra="ignore")

    userId: str  # noqa: N815 - the contract's name
    transactionId: str  # noqa: N815 - the contract's name
    createdAt: str  # noqa: N815 - the contract's name
    updatedAt: str  # noqa: N815 - the contract's name
    version: int


class Page(BaseModel):
    """A list."""

    items: list[Transaction]
    cursor: str | None


def to_item(transaction: Transaction) -> dict[str, Any]:
    """DynamoDB's own form of a transaction."""
    item: dict[str, Any] = {
        name: {"S": value} for name, value in transaction.model_dump().items() if isinstance(value, str)
    }
    metadata = {key: {"S": value} for key, value in transaction.metadata.items()}
    return item | {"metadata": {"M": metadata}, "version": {"N": str(transaction.version)}}


def from_item(item: dict[str, Any]) -> Transaction:
    """The transaction of an item, validated."""
    plain: dict[str, Any] = {name: value["S"] for name, value in item.items() if "S" in value}
    metadata = {key: value["S"] for key, value in item["metadata"]["M"].items()}
    return Transaction(**plain, metadata=metadata, version=int(item["version"]["N"]))
