"""Slides, pictures, exports and saved boards over HTTP; the work behind them is stood in for, and once real."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest

from server.access import Role
from server.boards import RenderFault, RenderRefused, SlidesConfig, WorkerExports, WorkerSlides
from server.boards.rendering import PageContent, Progress, SlideSize, Source
from server.settings import StorageConfig
from server.workers import WorkerConfig, WorkerPool
from tests.server.boards.client import BoardClient, at_board
from tests.server.boards.conftest import first_page
from tests.server.running import Stage, page, running_stage
from tests.server.web.test_files import PDF, PNG, send


@dataclass(slots=True)
class StandIn:
    """Makes nothing and says what it was asked for; implements Slides and Exports."""

    folder: Path
    asked: list[Any] = field(default_factory=list)
    refuses: RenderRefused | None = None

    async def open(self, source: Source, progress: Progress | None = None) -> Sequence[SlideSize]:
        """Two slides."""
        self.asked.append(("open", source.path.read_bytes()))
        if self.refuses is not None:
            raise self.refuses
        assert progress is not None
        progress(1, 2)
        return [SlideSize(1600, 900), SlideSize(900, 1600)]

    async def slide(self, source: Source, page: int, width: int) -> Path:
        """A file with the question in it; two pages."""
        if page > 2:
            raise KeyError(page)
        return self._made(f"slide {page} {width}")

    async def text(self, source: Source, page: int) -> str:
        """Nothing."""
        return ""

    async def image(self, source: Source, width: int) -> Path:
        """A file with the question in it."""
        return self._made(f"image {width}")

    @asynccontextmanager
    async def page(self, page: PageContent, kind: Literal["png", "pdf"], width: int = 1600) -> AsyncIterator[Path]:
        """A file that begins like the kind."""
        self.asked.append(page)
        yield self._made(f"%PDF- page {kind} {width} {len(page.shapes)}")

    @asynccontextmanager
    async def board(
        self, pages: Sequence[PageContent], kind: Literal["pdf", "zip"], progress: Progress | None = None
    ) -> AsyncIterator[Path]:
        """A file that begins like the kind."""
        self.asked.append(pages)
        yield self._made(f"%PDF- board {kind} {len(pages)}")

    def _made(self, words: str) -> Path:
        path = self.folder / "made"
        path.write_text(words)
        return path


@pytest.fixture
def stand_in(tmp_path: Path) -> StandIn:
    """What stands in for the workers."""
    return StandIn(tmp_path)


@pytest.fixture
async def stage(sqlite_config: StorageConfig, tmp_path: Path, stand_in: StandIn) -> AsyncIterator[Stage]:
    """A server whose workers are stood in for."""
    async with running_stage(sqlite_config, tmp_path / "static", rendering=(stand_in, stand_in)) as running:
        yield running


async def get(stage: Stage, token: str, path: str, **params: Any) -> tuple[int, bytes, Any]:
    """GET /api/board/…"""
    headers = {"Authorization": f"Bearer {token}"}
    async with stage.http.get(f"{stage.url}/api/board/{path}", params=params, headers=headers) as answer:
        return answer.status, await answer.read(), answer.headers


async def post(stage: Stage, token: str, path: str, body: Any = None) -> tuple[int, dict[str, Any]]:
    """POST /api/board/…"""
    headers = {"Authorization": f"Bearer {token}"}
    async with stage.http.post(f"{stage.url}/api/board/{path}", json=body, headers=headers) as answer:
        return answer.status, await answer.json(content_type=None)


async def finished(client: BoardClient, job: str) -> dict[str, Any]:
    """The last message of a job."""
    while (told := await client.hears("job", job=job))["state"] not in ("done", "failed"):
        pass
    return told


async def test_the_slides_of_a_file_become_pages_and_tutors_are_told_how_far_it_is(
    stage: Stage, stand_in: StandIn
) -> None:
    token = await stage.token(Role.TUTOR, "Eva")
    async with at_board(stage.url, stage.http, token) as tutor:
        _, stored = await send(stage, token, PDF, "Tariff.pdf")
        status, body = await post(stage, token, "slides", {"file": stored["id"]})
        assert status == 202
        assert (await tutor.hears("job", state="running"))["total"] == 2
        end = await finished(tutor, body["job"])
        assert (end["state"], end["done"]) == ("done", 2)
        pages = (await tutor.hears("pages"))["pages"]
        assert [p["slide"] for p in pages] == [{"file": stored["id"], "page": n} for n in (1, 2)]
        assert [(p["width"], p["height"]) for p in pages] == [(1600, 900), (900, 1600)]
        assert {p["board"] for p in pages} == {end["board"]}
    assert stand_in.asked == [("open", PDF)]
    for path, words in (("1/1280", b"slide 1 1280"), ("2/480", b"slide 2 480")):
        status, picture, headers = await get(stage, await stage.token(), f"slides/{stored['id']}/{path}.webp")
        assert (status, picture) == (200, words)
        assert headers["Content-Type"] == "image/webp"
        assert "immutable" in headers["Cache-Control"]
    for path in (f"{stored['id']}/3/480", f"{stored['id']}/1/481", "nobody/1/480"):
        assert (await get(stage, token, f"slides/{path}.webp"))[0] == 404


async def test_a_file_that_makes_no_slides_is_told_in_words(stage: Stage, stand_in: StandIn) -> None:
    stand_in.refuses = RenderRefused(RenderFault.SLIDES_REFUSED, "The file is encrypted.")
    token = await stage.token(Role.TUTOR, "Eva")
    async with at_board(stage.url, stage.http, token) as tutor:
        _, stored = await send(stage, token, PDF)
        _, body = await post(stage, token, "slides", {"file": stored["id"]})
        end = await finished(tutor, body["job"])
        assert (end["state"], end["code"], end["detail"]) == ("failed", "slides_refused", "The file is encrypted.")
        stand_in.refuses = None
        _, body = await post(stage, token, "slides", {"file": stored["id"], "board": "nowhere"})
        assert (await finished(tutor, body["job"]))["code"] == "unknown_board"


async def test_only_who_leads_makes_slides_and_saves(stage: Stage) -> None:
    for role in (Role.OFFICER, Role.OBSERVER, Role.INTERPRETER):
        token = await stage.token(role)
        assert (await post(stage, token, "slides", {"file": "x"}))[0] == 403
        assert (await post(stage, token, "boards/x/save"))[0] == 403


async def test_pictures_of_shapes_are_given_out_re_encoded(stage: Stage) -> None:
    token = await stage.token(Role.TUTOR)
    _, stored = await send(stage, token, PNG)
    assert (await get(stage, token, f"images/{stored['id']}/480.webp"))[:2] == (200, b"image 480")
    assert (await get(stage, token, f"images/{stored['id']}/5120.webp"))[0] == 404
    assert (await get(stage, "nobody", f"images/{stored['id']}/480.webp"))[0] == 401


async def test_pages_and_boards_are_exported_as_they_are_now(stage: Stage, stand_in: StandIn) -> None:
    token = await stage.token(Role.TUTOR, "Eva")
    async with at_board(stage.url, stage.http, token) as tutor:
        number = await first_page(tutor, "own")
        board = (await tutor.hears("pages"))["pages"][0]["board"]
        sheet = await tutor.open(number)
        await tutor.draw(sheet, "stroke-0001")
        await tutor.stored(sheet)
    status, made, headers = await get(stage, await stage.token(), f"pages/{number}/export", format="png", width="800")
    assert (status, made) == (200, b"%PDF- page png 800 1")
    assert headers["Content-Type"] == "image/png"
    assert headers["Content-Disposition"].startswith("attachment;")
    assert headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert set(stand_in.asked[-1].shapes) == {"stroke-0001"}
    assert (await get(stage, token, f"boards/{board}/export", format="zip"))[1] == b"%PDF- board zip 1"
    for path in ("pages/99/export", "boards/nowhere/export"):
        assert (await get(stage, token, path))[0] == 404
    for params in ({"format": "svg"}, {"width": "99999"}, {"width": "x"}):
        assert (await get(stage, token, f"pages/{number}/export", **params))[0] == 422
    status, stored = await post(stage, token, f"boards/{board}/save")
    assert (status, stored["name"], stored["type"]) == (201, "Board.pdf", "application/pdf")


async def test_a_private_copy_is_exported_for_its_owner_and_tutors_alone(stage: Stage) -> None:
    token, anas, bens = (
        await stage.token(Role.TUTOR, "Eva"),
        await stage.token(name="Ana"),
        await stage.token(name="Ben"),
    )
    async with at_board(stage.url, stage.http, token) as tutor, at_board(stage.url, stage.http, anas):
        number = await first_page(tutor, "own")
        [copy] = [copy["page"] if isinstance(copy, dict) else copy for copy in await hand_out(tutor, number)]
        assert (await get(stage, anas, f"pages/{copy}/export"))[0] == 200
        assert (await get(stage, token, f"pages/{copy}/export"))[0] == 200
        assert (await get(stage, bens, f"pages/{copy}/export"))[0] == 404


async def hand_out(tutor: BoardClient, number: int) -> list[int]:
    """The numbers of the copies."""
    assert (await tutor.ask("hand_out", page=number))["type"] == "done"
    while True:
        pages = (await tutor.hears("pages"))["pages"]
        copies = [p["number"] for p in pages if p["copy_of"] == number]
        if copies:
            return copies


async def test_boards_are_saved_at_the_end_of_a_session_if_the_room_says_so(
    stage: Stage, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    files, saved = stage.running.files, asyncio.Event()
    save = files.save

    async def watched(*arguments: Any) -> Any:
        stored = await save(*arguments)
        saved.set()
        return stored

    monkeypatch.setattr(files, "save", watched)
    token = await stage.token(Role.TUTOR, "Eva")
    async with page(stage, token) as tab:
        await tab.join()
        async with at_board(stage.url, stage.http, token) as tutor:
            number = await first_page(tutor, "own")
            assert (await tutor.ask("settings", save_at_end=True))["type"] == "done"
            sheet = await tutor.open(number)
            await tutor.draw(sheet, "stroke-0001")
            await tutor.stored(sheet)
            assert (await tab.ask("moderate", {"action": "end"}))["ok"]
    async with asyncio.timeout(10):
        await saved.wait()
    assert stand_in.asked[-1][0].shapes.keys() == {"stroke-0001"}


@pytest.mark.slow
async def test_a_real_pdf_becomes_pages_pictures_and_an_export(sqlite_config: StorageConfig, tmp_path: Path) -> None:
    from fpdf import FPDF

    pdf = FPDF(orientation="landscape", format="A4")
    for _ in range(2):
        pdf.add_page()
    async with WorkerPool(WorkerConfig(processes=1)) as pool:
        slides = WorkerSlides(pool, SlidesConfig(tmp_path / "pictures"))
        rendering = (slides, WorkerExports(pool, slides))
        async with running_stage(sqlite_config, tmp_path / "static", rendering=rendering) as stage:
            token = await stage.token(Role.TUTOR, "Eva")
            async with at_board(stage.url, stage.http, token) as tutor:
                _, stored = await send(stage, token, bytes(pdf.output()), "Slides.pdf")
                _, body = await post(stage, token, "slides", {"file": stored["id"]})
                async with asyncio.timeout(40):
                    end = await finished(tutor, body["job"])
                assert (end["state"], end["done"]) == ("done", 2), end
                number = (await tutor.hears("pages"))["pages"][0]["number"]
            status, picture, _ = await get(stage, token, f"slides/{stored['id']}/1/480.webp")
            assert (status, picture[:4], picture[8:12]) == (200, b"RIFF", b"WEBP")
            status, made, _ = await get(stage, token, f"pages/{number}/export", format="pdf")
            assert (status, made[:5]) == (200, b"%PDF-")
            status, saved = await post(stage, token, f"boards/{end['board']}/save")
            assert (status, saved["name"]) == (201, "Slides.pdf")
