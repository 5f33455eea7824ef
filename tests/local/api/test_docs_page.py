"""The page that shows the API, in a real browser."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.local.api.browser import PROGRAM, opened_page

if TYPE_CHECKING:
    from pathlib import Path

    from tests.local.api.conftest import Service

_OPEN = "document.querySelector('#createTransaction')"


@pytest.mark.skipif(PROGRAM is None, reason="no Chromium on PATH (Debian: apt-get install chromium)")
def test_an_operation_is_tried_on_the_page(service: Service, tmp_path: Path, user: str) -> None:
    """The page comes up without any other server, creates a transaction that exists, and breaks no policy."""
    with opened_page(tmp_path / "profile") as page:
        page.call("Page.navigate", url=f"{service.url}/docs#createTransaction")
        page.wait_for("document.body && document.body.dataset.ready === 'true'")
        assert page.evaluate("document.querySelectorAll('details.operation').length") == 8
        assert page.evaluate(f"{_OPEN}.open") is True

        page.evaluate(f"{_OPEN}.querySelector('[name=\"path:userId\"]').value = {json.dumps(user)}")
        page.evaluate(f"{_OPEN}.querySelector('button').click()")
        shown = page.wait_for(f"{_OPEN}.querySelector('output .good')?.textContent")
        page.save_screenshot(tmp_path / "docs.png")
        requested, complaints = page.requested, page.complaints

    assert shown.startswith("201 Created")
    assert len(service.call("GET", f"/users/{user}/transactions").document["items"]) == 1
    assert all(url.startswith(service.url) for url in requested if url != "about:blank"), requested
    # A browser asks for an icon by itself, and the policy says no.
    assert [text for text in complaints if "favicon" not in text] == []


def test_page_lets_nothing_else_run(service: Service) -> None:
    """Its policy names what is inline by digest, and allows requests to this API alone."""
    answer = service.call("GET", "/docs")

    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "connect-src 'self'" in policy
    assert "unsafe" not in policy
    assert b"http://" not in answer.body
    assert b"https://" not in answer.body
