"""Conditional writes: S3 compares and writes in one step, on the embedded AWS as on AWS."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.aws import objects
from tapgen.aws.storage import Bucket
from tapgen.errors import AwsError

if TYPE_CHECKING:
    from tests.local.conftest import ClientFactory


@pytest.fixture(name="s3")
def _s3(client: ClientFactory) -> Any:
    return client("s3")


@pytest.fixture(name="bucket")
def _bucket(s3: Any) -> Bucket:
    name = f"objects-{uuid.uuid4().hex[:8]}"
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    return Bucket(name=name, account_id="000000000000")


def test_of_many_creators_one_succeeds(s3: Any, bucket: Bucket) -> None:
    """Sixteen writers of one key at once: one gets an ETag, and the object is that writer's."""
    bodies = [f"writer {number}".encode() for number in range(16)]

    with ThreadPoolExecutor(16) as pool:
        etags = list(pool.map(lambda body: objects.create_object(s3, bucket, "one", body), bodies))

    (winner,) = [number for number, etag in enumerate(etags) if etag]
    stored = objects.read_object(s3, bucket, "one")
    assert stored is not None
    assert (stored.body, stored.etag) == (bodies[winner], etags[winner])


def test_of_many_replacers_one_succeeds(s3: Any, bucket: Bucket) -> None:
    """Sixteen replacements of what they all have read: one counts, the others learn that it is gone."""
    first = objects.create_object(s3, bucket, "one", b"first")
    assert first

    with ThreadPoolExecutor(16) as pool:
        etags = list(
            pool.map(lambda n: objects.replace_object(s3, bucket, "one", f"{n}".encode(), etag=first), range(16))
        )

    assert len([etag for etag in etags if etag]) == 1


def test_write_whose_answer_was_lost_counts_as_done(s3: Any, bucket: Bucket) -> None:
    """Sent twice, the second is refused because of the first: the object holds these very bytes, so it is ours."""
    first = objects.create_object(s3, bucket, "one", b"mine")

    assert objects.create_object(s3, bucket, "one", b"mine") == first
    assert objects.create_object(s3, bucket, "one", b"another's") is None


def test_only_the_object_that_was_seen_is_deleted(s3: Any, bucket: Bucket) -> None:
    """A delete with an old ETag leaves the newer object alone; one of a key that is gone says so."""
    first = objects.create_object(s3, bucket, "one", b"first")
    assert first
    second = objects.replace_object(s3, bucket, "one", b"second", etag=first)
    assert second

    assert objects.delete_object(s3, bucket, "one", etag=first) is False
    assert objects.delete_object(s3, bucket, "one", etag=second) is True
    assert objects.delete_object(s3, bucket, "one", etag=second) is False
    assert objects.replace_object(s3, bucket, "one", b"third", etag=second) is None


def test_age_is_by_the_clock_of_s3(s3: Any, bucket: Bucket) -> None:
    """An object that was just written is seconds old, whatever this machine's clock says."""
    objects.create_object(s3, bucket, "one", b"now")
    stored = objects.read_object(s3, bucket, "one")

    assert stored is not None
    assert 0 <= stored.age_s < 60


def test_listing_and_deleting_many(s3: Any, bucket: Bucket) -> None:
    """Keys come sorted and below the prefix alone; deleted ones are gone."""
    for key in ("a/2", "a/1", "b/1"):
        objects.create_object(s3, bucket, key, key.encode())

    assert [item.key for item in objects.list_objects(s3, bucket, "a/")] == ["a/1", "a/2"]
    objects.delete_objects(s3, bucket, ["a/1", "a/2"])
    assert objects.list_objects(s3, bucket, "a/") == ()
    assert objects.read_objects(s3, bucket, ["a/1", "b/1"]) == {"b/1": b"b/1"}


def test_missing_bucket_is_empty_and_cannot_be_written(s3: Any) -> None:
    """Reading finds nothing in a bucket that is not there, writing says that it is not there."""
    missing = Bucket(name=f"missing-{uuid.uuid4().hex}", account_id="000000000000")

    assert objects.read_object(s3, missing, "one") is None
    assert objects.list_objects(s3, missing, "") == ()
    with pytest.raises(AwsError) as caught:
        objects.create_object(s3, missing, "one", b"")
    assert caught.value.code == "NoSuchBucket"
