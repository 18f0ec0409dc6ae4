"""Fixtures of tests that run the real packet path on loopback."""

import importlib.util
from collections.abc import AsyncIterator

import pytest

from media import MediaConfig, MediaPlane


@pytest.fixture
async def native_plane(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[MediaPlane]:
    """A plane on a free port of loopback with two workers; aioice is kept on loopback as well."""
    if importlib.util.find_spec("media._native") is None:
        pytest.skip("the native module is not built")
    monkeypatch.setattr("aioice.ice.get_host_addresses", lambda **_: ["127.0.0.1"])
    async with MediaPlane(MediaConfig(host="127.0.0.1", port=0, workers=2)) as plane:
        yield plane
