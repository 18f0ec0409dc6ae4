"""A room's files over HTTP: what is stored comes back as it was, for the room's people only, and in bounds."""

import asyncio
import hashlib
import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from server.access import Role
from server.files import FileRepository, folder
from server.settings import FilesConfig, StorageConfig
from tests.server.boards.client import at_board
from tests.server.boards.conftest import first_page
from tests.server.running import Stage, running_stage

PDF = b"%PDF-1.7\n" + bytes(range(256)) * 8
PNG = b"\x89PNG\r\n\x1a\n" + bytes(2000)


async def send(stage: Stage, token: str, body: Any, name: str = "Notes.pdf", **more: Any) -> tuple[int, dict[str, Any]]:
    """POST /api/files."""
    headers = {"Authorization": f"Bearer {token}", **more.pop("headers", {})}
    async with stage.http.post(
        f"{stage.url}/api/files", params={"name": name}, data=body, headers=headers, **more
    ) as answer:
        return answer.status, await answer.json(content_type=None)


async def fetch(stage: Stage, token: str, file: str, **headers: str) -> tuple[int, bytes, Any]:
    """GET /api/files/{file}."""
    async with stage.http.get(
        f"{stage.url}/api/files/{file}", headers={"Authorization": f"Bearer {token}", **headers}
    ) as answer:
        return answer.status, await answer.read(), answer.headers


def blobs(stage: Stage) -> list[Path]:
    """All that lies in the folder of files."""
    folder = stage.running.files.config.folder
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.fixture
async def small(sqlite_config: StorageConfig, tmp_path: Path) -> AsyncIterator[Stage]:
    """A server whose rooms may hold little."""
    config = FilesConfig(
        folder=tmp_path / "files",
        file_bytes=5_000,
        picture_bytes=3_000,
        room_bytes=10_000,
        grace_s=0.3,
        min_bytes_per_s=10**9,
    )
    async with running_stage(sqlite_config, tmp_path / "static", files=config) as running:
        yield running


async def open_board(stage: Stage) -> None:
    """A tutor lets everyone draw."""
    async with at_board(stage.url, stage.http, await stage.token(Role.TUTOR, "Eva")) as tutor:
        await first_page(tutor, "own")


async def test_an_officer_who_may_not_draw_sends_nothing(stage: Stage) -> None:
    status, problem = await send(stage, await stage.token(), PNG)
    assert (status, problem["code"]) == (403, "forbidden")


async def test_a_file_comes_back_as_it_was_and_harmless(stage: Stage) -> None:
    tutor = await stage.token(Role.TUTOR)
    status, stored = await send(stage, tutor, PDF, "../../Notes \u202eé.pdf")
    assert status == 201
    assert stored == {"id": stored["id"], "name": "Notes é.pdf", "type": "application/pdf", "size": len(PDF)}
    status, body, headers = await fetch(stage, await stage.token(Role.OBSERVER), stored["id"])
    assert (status, body) == (200, PDF)
    assert headers["Content-Type"] == "application/pdf"
    assert headers["Content-Disposition"] == "attachment; filename*=UTF-8''Notes%20%C3%A9.pdf"
    assert headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert [path.name for path in blobs(stage)] == [hashlib.sha256(PDF).hexdigest()[2:]]


async def test_a_part_of_a_file_can_be_asked_for(stage: Stage) -> None:
    tutor = await stage.token(Role.TUTOR)
    _, stored = await send(stage, tutor, PDF)
    status, body, headers = await fetch(stage, tutor, stored["id"], Range="bytes=100-199")
    assert (status, body) == (206, PDF[100:200])
    assert headers["Content-Range"] == f"bytes 100-199/{len(PDF)}"
    assert (await fetch(stage, tutor, stored["id"], Range="bytes=999999-"))[0] == 416


async def test_a_large_file_streams_past_the_bound_of_other_bodies(stage: Stage) -> None:
    body = b"%PDF-1.7\n" + os.urandom(3_000_000)
    tutor = await stage.token(Role.TUTOR)
    status, stored = await send(stage, tutor, BytesIO(body))
    assert status == 201
    assert (await fetch(stage, tutor, stored["id"]))[1] == body


async def test_the_same_content_is_kept_once(stage: Stage) -> None:
    tutor = await stage.token(Role.TUTOR)
    _, first = await send(stage, tutor, PDF)
    _, second = await send(stage, tutor, PDF)
    assert first["id"] != second["id"]
    assert len(blobs(stage)) == 1


async def test_files_are_for_who_has_a_token_of_the_room(stage: Stage) -> None:
    _, stored = await send(stage, await stage.token(Role.TUTOR), PDF)
    assert (await fetch(stage, "no-such-token", stored["id"]))[0] == 401
    assert (await fetch(stage, await stage.token(), "01hzzzzzzzzzzzzzzzzzzzzzzz"))[0] == 404
    assert (await send(stage, await stage.token(Role.OBSERVER), PNG))[0] == 403


async def test_an_officer_sends_pictures_alone_whatever_he_calls_them(stage: Stage) -> None:
    await open_board(stage)
    officer = await stage.token()
    assert (await send(stage, officer, PNG, "x.exe"))[1]["type"] == "image/png"
    status, problem = await send(stage, officer, PDF, "picture.png")
    assert (status, problem["code"]) == (415, "type_not_allowed")
    assert len(blobs(stage)) == 1


@pytest.mark.parametrize("body", [b"<html><script>", b"MZ\x90\x00", b"", b"<svg xmlns='x'>", b"%!PS-Adobe"])
async def test_kinds_that_nobody_needs_are_refused(stage: Stage, body: bytes) -> None:
    status, problem = await send(stage, await stage.token(Role.TUTOR), body, "notes.pdf")
    assert (status, problem["code"]) == (415, "type_not_allowed") if body else status in (411, 415)
    assert blobs(stage) == []


async def test_too_big_a_file_is_refused_by_its_length(small: Stage) -> None:
    await open_board(small)
    tutor, officer = await small.token(Role.TUTOR), await small.token()
    status, problem = await send(small, tutor, b"%PDF-" + bytes(5_000))
    assert (status, problem["code"]) == (413, "file_too_big")
    status, problem = await send(small, officer, PNG + bytes(2_000))
    assert (status, problem["code"]) == (413, "file_too_big")


async def test_a_file_without_its_length_is_refused(stage: Stage) -> None:
    async def parts() -> AsyncIterator[bytes]:
        yield PDF

    status, problem = await send(stage, await stage.token(Role.TUTOR), parts())
    assert (status, problem["code"]) == (411, "length_required")


async def test_uploads_at_the_same_time_cannot_pass_the_rooms_quota_together(small: Stage) -> None:
    tutor = await small.token(Role.TUTOR)
    outcomes = await asyncio.gather(*(send(small, tutor, b"%PDF-" + bytes([n]) * 4_000) for n in range(8)))
    stored = [status for status, _ in outcomes if status == 201]
    assert {status for status, _ in outcomes} == {201, 507}
    assert {problem["code"] for status, problem in outcomes if status == 507} == {"quota_full"}
    assert len(stored) <= 2
    assert len(blobs(small)) == len(stored)
    assert (await send(small, tutor, b"%PDF-" + bytes(1_000)))[0] == 201


async def test_an_upload_that_stands_still_is_ended_and_leaves_nothing(small: Stage) -> None:
    token = await small.token(Role.TUTOR)
    reader, writer = await asyncio.open_connection("127.0.0.1", small.running.port)
    head = (
        f"POST /api/files?name=a HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Length: 4000\r\n\r\n"
    )
    writer.write(head.encode() + PDF[:1000])
    async with asyncio.timeout(5):
        assert b"408" in await reader.readline()
    writer.close()
    assert blobs(small) == []


async def test_an_upload_that_breaks_off_leaves_nothing(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    loop, begun, dropped = asyncio.get_running_loop(), asyncio.Event(), asyncio.Event()

    class Watched(folder.Draft):
        def write(self, data: bytes) -> None:
            super().write(data)
            loop.call_soon_threadsafe(begun.set)

        def drop(self) -> None:
            super().drop()
            loop.call_soon_threadsafe(dropped.set)

    monkeypatch.setattr(folder, "Draft", Watched)
    token = await stage.token(Role.TUTOR)
    _, writer = await asyncio.open_connection("127.0.0.1", stage.running.port)
    lines = ("POST /api/files?name=a HTTP/1.1", "Host: x", f"Authorization: Bearer {token}", "Content-Length: 9000000")
    head = "\r\n".join([*lines, "", ""])
    writer.write(head.encode() + PDF + bytes(2 << 20))
    async with asyncio.timeout(5):
        await begun.wait()
        assert len(blobs(stage)) == 1
        writer.close()
        await dropped.wait()
    assert blobs(stage) == []


async def test_what_a_crash_left_half_written_is_swept_at_the_start(stage: Stage) -> None:
    files: FileRepository = stage.running.files
    draft = files.config.folder / "incoming" / "0123"
    draft.parent.mkdir(parents=True)
    draft.write_bytes(b"half")
    await files.sweep()
    assert not draft.exists()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 2 MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        pytest.skip("only root on a machine of its own can mount a small disk")
    yield disk
    subprocess.run(["umount", disk], check=True)


@pytest.mark.slow
async def test_a_full_disk_is_told_and_nothing_of_the_file_stays(
    sqlite_config: StorageConfig, tmp_path: Path, small_disk: Path
) -> None:
    files = FilesConfig(folder=small_disk / "files")
    async with running_stage(sqlite_config, tmp_path / "static", files=files) as running:
        tutor = await running.token(Role.TUTOR)
        status, problem = await send(running, tutor, BytesIO(b"%PDF-" + os.urandom(4_000_000)))
        assert (status, problem["code"]) == (507, "disk_full")
        assert blobs(running) == []
        assert (await send(running, tutor, PDF))[0] == 201


async def test_what_is_left_of_a_refused_body_is_not_taken_for_a_request(stage: Stage) -> None:
    await open_board(stage)
    body = BytesIO(b"<html>" + b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n" * 100_000)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=1)) as http:
        headers = {"Authorization": f"Bearer {await stage.token()}"}
        async with http.post(f"{stage.url}/api/files", data=body, headers=headers) as answer:
            assert answer.status == 415
        async with http.get(f"{stage.url}/api/files/x", headers=headers) as answer:
            assert answer.status == 404
