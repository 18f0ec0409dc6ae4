"""Pages with their headers, and what machines ask."""

import asyncio
import gzip
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from server.settings import StorageConfig
from server.web import WebConfig, load_static
from tests.server.running import ORIGIN, Page, Stage, page, running_stage

_SCRIPT = b"console.log('room');" * 200


@pytest.fixture
def static(tmp_path: Path) -> Path:
    """A built client in small."""
    folder = tmp_path / "static"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>Muster</title>", encoding="utf-8")
    (folder / "assets" / "index-DiwrgTda.js").write_bytes(_SCRIPT)
    (folder / "assets" / "index-DiwrgTda.js.br").write_bytes(b"brotli")
    return folder


async def test_the_page_may_be_framed_by_the_institution_only(static: Path, stage: Stage) -> None:
    for path in ("/", "/join", f"/join/{stage.room.id}"):
        async with stage.http.get(stage.url + path) as response:
            assert response.status == 200
            policy = response.headers["Content-Security-Policy"]
            assert "frame-ancestors 'self' https://learn.example.org;" in policy
            assert "default-src 'none'" in policy
            assert f"ws://127.0.0.1:{stage.running.port}" in policy
            assert "unsafe" not in policy
            assert response.headers["Referrer-Policy"] == "no-referrer"
            assert response.headers["X-Content-Type-Options"] == "nosniff"
            assert "X-Frame-Options" not in response.headers
            assert "Set-Cookie" not in response.headers
    async with stage.http.get(stage.url + "/join/unknown-room") as response:
        assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("accepted", "coding", "body"),
    [
        ("br, gzip", "br", b"brotli"),
        ("gzip", "gzip", gzip.compress(_SCRIPT, 9, mtime=0)),
        ("br;q=0", None, _SCRIPT),
        ("identity", None, _SCRIPT),
    ],
)
async def test_a_hashed_file_comes_compressed_and_is_kept_for_ever(
    static: Path, stage: Stage, accepted: str, coding: str | None, body: bytes
) -> None:
    url = stage.url + "/assets/index-DiwrgTda.js"
    async with stage.http.get(url, headers={"Accept-Encoding": accepted}, auto_decompress=False) as response:
        assert response.headers.get("Content-Encoding") == coding
        assert await response.read() == body
        assert "immutable" in response.headers["Cache-Control"]
        tag = response.headers["ETag"]
    async with stage.http.get(url, headers={"Accept-Encoding": accepted, "If-None-Match": tag}) as response:
        assert response.status == 304


@pytest.mark.parametrize(
    "path", ["/../pyproject.toml", "/%2e%2e/secret", "/assets/", "/assets/index-DiwrgTda.js.br", "/x"]
)
async def test_only_the_built_files_are_served(static: Path, stage: Stage, path: str) -> None:
    async with stage.http.get(stage.url + path) as response:
        assert response.status == 404
        assert (await response.json(content_type=None))["code"] == "not_found"


async def test_without_a_built_client_the_page_says_so(stage: Stage) -> None:
    async with stage.http.get(stage.url + "/join") as response:
        assert response.status == 503
        assert "was not built" in await response.text()


def test_no_folder_is_no_files(tmp_path: Path) -> None:
    assert load_static(tmp_path / "nothing") == {}


async def test_metrics_tell_rooms_drops_and_limits(stage: Stage) -> None:
    async with page(stage, await stage.token()) as tab:
        await tab.join()
        async with stage.http.get(stage.url + "/metrics") as response:
            text = await response.text()
    lines = text.splitlines()
    assert "muster_rooms 1.0" in lines
    assert "muster_participants 1.0" in lines
    assert 'muster_native_dropped_total{reason="srtp_replay"} 3.0' in lines
    assert 'muster_signaling_total{kind="connects"} 1.0' in lines
    assert stage.room.id not in text


async def test_metrics_are_for_the_machine_itself(stage: Stage) -> None:
    async with stage.http.get(stage.url + "/metrics", headers={"X-Forwarded-For": "203.0.113.9"}) as response:
        assert response.status == 403


async def test_health_is_told_and_draining_is_not_ready(stage: Stage) -> None:
    async with stage.http.get(stage.url + "/healthz") as response:
        assert response.status == 200
    async with stage.http.get(stage.url + "/readyz") as response:
        assert response.status == 200
    await stage.running.rooms.drain()
    async with stage.http.get(stage.url + "/readyz") as response:
        assert (response.status, (await response.json())["reason"]) == (503, "draining")


async def test_half_a_request_head_is_cut_off_and_a_live_socket_is_not(
    sqlite_config: StorageConfig, tmp_path: Path
) -> None:
    web = WebConfig(public_url=ORIGIN, static=tmp_path, head_timeout_s=0.2)
    async with running_stage(sqlite_config, tmp_path / "static", web=web) as stage, _tab(stage) as tab:
        reader, writer = await asyncio.open_connection("127.0.0.1", stage.running.port)
        writer.write(b"GET / HTTP/1.1\r\nHost: class.example.org\r\nX-Slow: ")
        async with asyncio.timeout(5):
            assert await _rest(reader) == b""
        writer.close()
        await tab.join()


async def test_the_socket_route_serves_nothing_but_websockets(stage: Stage) -> None:
    for query, status in (("EIO=4&transport=polling", 426), ("EIO=4&transport=websocket", 426)):
        async with stage.http.get(f"{stage.url}/socket.io/?{query}") as response:
            assert response.status == status
    async with stage.http.post(f"{stage.url}/socket.io/?EIO=4&transport=polling", data=b"x") as response:
        assert response.status == 405


async def test_one_address_holds_a_bounded_number_of_connections(
    sqlite_config: StorageConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.web.listener._is_loopback", lambda _: False)
    web = WebConfig(public_url=ORIGIN, static=tmp_path, connections_per_address=3)
    async with running_stage(sqlite_config, tmp_path / "static", web=web) as stage:
        loop = asyncio.get_running_loop()
        held = [socket.create_connection(("127.0.0.1", stage.running.port)) for _ in range(5)]
        try:
            ended = 0
            for connection in held:
                connection.setblocking(False)
            async with asyncio.timeout(5):
                for connection in held[3:]:
                    ended += await loop.sock_recv(connection, 1) == b""
            assert ended == 2
        finally:
            for connection in held:
                connection.close()


@asynccontextmanager
async def _tab(stage: Stage) -> AsyncIterator[Page]:
    async with page(stage, await stage.token()) as tab:
        yield tab


async def _rest(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.read()
    except ConnectionResetError:
        return b""
