"""Slides of honest files, and what becomes of the others."""

import asyncio
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from server.boards.rendering import RenderFault, RenderRefused, SlideSize, Source
from server.boards.slides import SlidesConfig, WorkerSlides
from server.workers import WorkerPool
from tests.server.board_files import made_files as made

pytestmark = pytest.mark.slow
_PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"


def _write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


async def test_a_pdf_becomes_slides_with_pictures_and_text(slides: WorkerSlides, tmp_path: Path) -> None:
    source = made.source(_write(tmp_path / "a.pdf", made.pdf_of(["One fish", "Two fish"])), "application/pdf")
    steps: list[tuple[int, int]] = []
    sizes = await slides.open(source, lambda done, total: steps.append((done, total)))
    assert list(sizes) == [SlideSize(1600, 900)] * 2
    assert steps == [(1, 2), (2, 2)]
    path = await slides.slide(source, 2, 1280)
    with Image.open(path) as picture:
        assert picture.format == "WEBP"
        assert picture.size == (1280, 720)
        assert picture.convert("RGB").getpixel((10, 10)) == (255, 255, 255)
    assert "Two fish" in await slides.text(source, 2)
    with pytest.raises(KeyError):
        await slides.slide(source, 3, 1280)
    with pytest.raises(KeyError):
        await slides.slide(source, 1, 1281)


async def test_many_who_ask_for_a_slide_wait_for_one_job(
    slides: WorkerSlides, pool: WorkerPool, tmp_path: Path
) -> None:
    source = made.source(_write(tmp_path / "a.pdf", made.pdf_of(["One"])), "application/pdf")
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(slides.slide(source, 1, 480)) for _ in range(20)]
    assert len({task.result() for task in tasks}) == 1
    assert pool.counters["slide_pictures done"] == 1


async def test_a_photo_is_one_slide_turned_upright(slides: WorkerSlides, tmp_path: Path) -> None:
    source = made.source(_write(tmp_path / "a.jpg", made.jpeg((400, 200), orientation=6)), "image/jpeg")
    assert list(await slides.open(source)) == [SlideSize(800, 1600)]
    with Image.open(await slides.image(source, 480)) as picture:
        assert picture.size == (200, 400)
        top, bottom = (picture.convert("RGB").getpixel((100, y)) for y in (40, 360))
    assert isinstance(top, tuple)
    assert isinstance(bottom, tuple)
    assert top[0] > 200 > top[2]
    assert bottom[2] > 200 > bottom[0]
    assert not (await slides.image(source, 480)).read_bytes().count(b"EXIF")


async def test_forty_megapixels_fit_into_a_worker(slides: WorkerSlides, tmp_path: Path) -> None:
    for mode, colour in (("RGB", "green"), ("RGBA", (0, 128, 0, 255)), ("I;16", 30_000)):
        path = tmp_path / f"{mode[:2]}.png"
        Image.new(mode, (6_400, 6_250), colour).save(path, compress_level=1)
        source = made.source(path, "image/png")
        with Image.open(await slides.image(source, 480)) as picture:
            assert picture.size == (480, 469)
            pixel = picture.convert("RGB").getpixel((240, 240))
        assert isinstance(pixel, tuple)
        assert 100 <= pixel[1] <= 140


async def test_a_picture_like_a_scroll_is_shown_narrower(slides: WorkerSlides, tmp_path: Path) -> None:
    path = tmp_path / "scroll.png"
    Image.new("RGB", (600, 30_000), "green").save(path)
    with Image.open(await slides.image(made.source(path, "image/png"), 480)) as picture:
        assert picture.size == (320, 16_000)


async def test_of_an_animation_the_first_frame_is_shown(slides: WorkerSlides, tmp_path: Path) -> None:
    source = made.source(_write(tmp_path / "a.gif", made.animated_gif()), "image/gif")
    with Image.open(await slides.image(source, 480)) as picture:
        pixel = picture.convert("RGB").getpixel((30, 20))
        assert getattr(picture, "n_frames", 1) == 1
    assert isinstance(pixel, tuple)
    assert pixel[1] > 100 > pixel[0]


_BAD_PDFS: dict[str, Callable[[], bytes]] = {
    "encrypted": made.encrypted_pdf,
    "cut off": lambda: made.pdf_of(["One"])[:400],
    "no PDF at all": lambda: b"%PDF-1.7\n" + bytes(range(256)) * 20,
    "501 pages": lambda: made.pdf_of_pages(501),
    "no pages": lambda: made.pdf_of_pages(0),
    "a page as large as a town": lambda: made.pdf_with_box("0 0 1000000 1000000"),
    "a page like a thread": lambda: made.pdf_with_box("0 0 10000 10"),
}


@pytest.mark.parametrize("name", _BAD_PDFS)
async def test_a_pdf_that_is_refused(slides: WorkerSlides, tmp_path: Path, name: str) -> None:
    source = made.source(_write(tmp_path / "bad.pdf", _BAD_PDFS[name]()), "application/pdf")
    with pytest.raises(RenderRefused) as refused:
        await slides.open(source)
    assert refused.value.fault is RenderFault.SLIDES_REFUSED
    assert refused.value.detail.endswith(".")


async def test_what_was_refused_once_costs_nothing_again(
    slides: WorkerSlides, pool: WorkerPool, tmp_path: Path
) -> None:
    source = made.source(_write(tmp_path / "bad.pdf", b"%PDF-1.7\nnothing"), "application/pdf")
    kept = []
    for _ in range(3):
        with pytest.raises(RenderRefused) as refused:
            await slides.open(source)
        kept.append(refused.value)
    assert sum(pool.counters.values()) == 1
    # One that is raised again and again keeps all frames that it went through.
    assert len(set(map(id, kept))) == 3


async def test_five_hundred_pages_are_taken(slides: WorkerSlides, pool: WorkerPool, tmp_path: Path) -> None:
    path = _write(tmp_path / "long.pdf", made.pdf_of_pages(500))
    async with pool.job("slides", {}, [path]) as done:
        assert len(done.value["sizes"]) == 500


@pytest.mark.parametrize("depth", [1_000, 300_000])
async def test_deep_nesting_is_shown_or_refused_and_hurts_nobody(
    slides: WorkerSlides, tmp_path: Path, depth: int
) -> None:
    source = made.source(_write(tmp_path / "deep.pdf", made.nested_pdf(depth)), "application/pdf")
    assert await _shown_or_refused(slides, source)


async def test_a_pdf_that_inflates_to_gigabytes_is_shown_or_refused(slides: WorkerSlides, tmp_path: Path) -> None:
    source = made.source(_write(tmp_path / "bomb.pdf", made.inflating_pdf(1000)), "application/pdf")
    assert await _shown_or_refused(slides, source)


async def _shown_or_refused(slides: WorkerSlides, source: Source) -> bool:
    try:
        return len(await slides.open(source)) == 1
    except RenderRefused as refused:
        return refused.fault is RenderFault.SLIDES_REFUSED


_BAD_PICTURES: dict[str, Callable[[], bytes]] = {
    "41 megapixels by its header": lambda: made.png_header(6_400, 6_410),
    "two thousand megapixels by its header": lambda: made.png_header(65_000, 31_000),
    "a line of a million pixels": lambda: made.png_header(1_000_000, 1),
    "nothing behind the header": lambda: made.png_header(100, 100),
    "cut off": lambda: made.jpeg((400, 300))[:300],
    "a TIFF that says it is a PNG": lambda: b"II*\x00" + bytes(100),
}


@pytest.mark.parametrize("name", _BAD_PICTURES)
async def test_a_picture_that_is_refused(slides: WorkerSlides, tmp_path: Path, name: str) -> None:
    source = made.source(_write(tmp_path / "bad.png", _BAD_PICTURES[name]()), "image/png")
    with pytest.raises(RenderRefused) as refused:
        await slides.image(source, 480)
    assert refused.value.fault is RenderFault.SLIDES_REFUSED


async def test_without_libreoffice_the_person_is_told_what_to_do(pool: WorkerPool, tmp_path: Path) -> None:
    slides = WorkerSlides(pool, SlidesConfig(tmp_path / "cache"))
    slides._office = None
    source = made.source(_write(tmp_path / "a.pptx", b"PK"), _PPTX)
    with pytest.raises(RenderRefused) as refused:
        await slides.open(source)
    assert refused.value.fault is RenderFault.OFFICE_MISSING
    assert "PDF" in refused.value.detail


def _office(tmp_path: Path, script: str) -> Path:
    folder = tmp_path / "office"
    folder.mkdir()
    program = folder / "soffice"
    program.write_text("#!/bin/sh\n" + script)
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return program


async def test_an_office_file_is_converted_once_and_shown_as_a_pdf(pool: WorkerPool, tmp_path: Path) -> None:
    program = _office(
        tmp_path,
        'for last; do :; done\nwhile [ "$1" != --outdir ]; do shift; done\nmkdir -p "$2"\n'
        'cp "$(dirname "$0")/made.pdf" "$2/slides-in.pdf"\n',
    )
    (program.parent / "made.pdf").write_bytes(made.pdf_of(["From an office"]))
    slides = WorkerSlides(pool, SlidesConfig(tmp_path / "cache", office=program))
    source = made.source(_write(tmp_path / "a.pptx", b"PK any"), _PPTX)
    assert len(await slides.open(source)) == 1
    assert "office" in await slides.text(source, 1)
    assert pool.counters["office done"] == 1


@pytest.mark.parametrize("script", ["exit 3\n", "exit 0\n"])
async def test_an_office_file_that_cannot_be_converted_is_refused(
    pool: WorkerPool, tmp_path: Path, script: str
) -> None:
    slides = WorkerSlides(pool, SlidesConfig(tmp_path / "cache", office=_office(tmp_path, script)))
    with pytest.raises(RenderRefused) as refused:
        await slides.open(made.source(_write(tmp_path / "a.pptx", b"PK"), _PPTX))
    assert refused.value.fault is RenderFault.SLIDES_REFUSED


async def test_the_cache_keeps_to_its_bound_and_makes_again_what_went(pool: WorkerPool, tmp_path: Path) -> None:
    slides = WorkerSlides(pool, SlidesConfig(tmp_path / "cache", cache_bytes=6_000))
    source = made.source(_write(tmp_path / "a.pdf", made.pdf_of(["One", "Two", "Three"])), "application/pdf")
    for page in (1, 2, 3, 1):
        path = await slides.slide(source, page, 480)
        assert path.is_file()
        kept = sum(file.stat().st_size for file in (tmp_path / "cache").rglob("*") if file.is_file())
        assert kept <= 6_000
