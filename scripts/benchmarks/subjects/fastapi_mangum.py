"""FastAPI behind Mangum, with pydantic models; no log line, no metrics."""

from __future__ import annotations

from typing import Annotated

from fastapi import FastAPI, HTTPException, Query
from mangum import Mangum

from scripts.benchmarks.subjects import storage
from scripts.benchmarks.subjects.models import NewTransaction, Page, Transaction  # noqa: TC001 - read at run time

client = storage.client
_app = FastAPI()


@_app.post("/users/{user_id}/transactions", status_code=201)
async def create(user_id: str, new: NewTransaction) -> Transaction:
    """POST."""
    return storage.create(user_id, new)


@_app.get("/users/{user_id}/transactions/{transaction_id}")
async def get(user_id: str, transaction_id: str) -> Transaction:
    """GET one."""
    found = storage.get(user_id, transaction_id)
    if found is None:
        raise HTTPException(404)
    return found


@_app.get("/users/{user_id}/transactions")
async def list_newest(user_id: str, limit: Annotated[int, Query(ge=1, le=100)] = 25) -> Page:
    """GET many."""
    return storage.list_newest(user_id, limit)


handler = Mangum(_app, lifespan="off")
