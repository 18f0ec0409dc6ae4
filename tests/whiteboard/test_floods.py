"""Members who ask for more than there is: each costs the room no more than its bounds."""

import json

import pytest

from tests.whiteboard.hub_world import FakeChannel, World
from whiteboard import BoardConfig, PageDocument, PageNumber, Role
from whiteboard.errors import PageDamaged
from whiteboard.room.jobs import BeginEpoch
from whiteboard.room.open_page import OpenPage
from whiteboard.wire.messages import MessageBroken, parse


def lesson(config: BoardConfig | None = None) -> tuple[World, FakeChannel, FakeChannel, int]:
    """A tutor, an officer, and a page that both have open."""
    world = World(config)
    tutor, anna = world.join("tutor", Role.TUTOR), world.join("anna")
    page = world.page(tutor)
    world.open(page, tutor, anna)
    return world, tutor, anna, page


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({"type": "rights", "rules": [{}] * 15_000}, "rights.rules.0.subject: Field required"),
        ({"type": "page_remove", "pages": ["a"] * 15_000}, "page_remove.pages.0: Input should be a valid integer"),
        (
            {"type": "group_set", "name": "a", "persons": [1] * 15_000},
            "group_set.persons.0: Input should be a valid string",
        ),
        ({"type": "rights", **{f"x{number}": 1 for number in range(6_000)}}, "6000 faults"),
    ],
)
def test_a_message_with_thousands_of_faults_is_refused_without_describing_them(body: object, detail: str) -> None:
    with pytest.raises(MessageBroken) as broken:
        parse(json.dumps(body, separators=(",", ":")))
    assert broken.value.detail == detail


def test_a_flood_of_broken_messages_ends_its_connection() -> None:
    world, _, anna, _ = lesson()
    for number in range(200):
        world.room.text(anna, json.dumps({"type": "page_remove", "id": number, "pages": "x"}), world.now)
    assert anna.closed == 4010
    assert anna.count("refused") < 120


def test_who_opens_pages_and_does_not_read_them_is_refused_further_ones() -> None:
    world, _, anna, page = lesson(BoardConfig(open_queue_bytes=1_000))
    anna.buffered = 1_001
    assert world.ask(anna, "open", page=page, vector="AA==")["code"] == "rate_limited"
    anna.buffered = 0
    assert world.ask(anna, "open", page=page)["type"] == "done"
    world.draw(anna, page, "annas-aa")
    world.settle()
    assert anna.count("nack") == 0


def test_who_is_behind_and_is_sent_text_after_text_is_closed_before_half_a_minute() -> None:
    world, tutor, anna, page = lesson(BoardConfig(behind_bytes=10_000, hopeless_bytes=50_000))
    anna.buffered = 20_000
    world.settle()
    assert anna.last("behind")["page"] == page
    anna.buffered = 60_000
    world.settle()
    assert anna.closed == 4008
    assert tutor.closed is None


def test_what_is_held_while_a_page_is_rewritten_is_bounded_by_its_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    world, _, anna, page = lesson()
    world.draw(anna, page, "annas-aa")
    world.settle()
    monkeypatch.setattr(PageDocument, "worth_rolling", lambda _self: True)
    world.now += 60_000
    jobs = []
    for _ in range(5):
        found, _due = world.room.advance(world.now)
        jobs += [job for job in found if isinstance(job, BeginEpoch)]
        for job in found:
            if not isinstance(job, BeginEpoch):
                world.carry_out(job)
    assert len(jobs) == 1
    for n in range(2, 40):
        world.send(anna, page, 1, n, b"\0" * 200_000)
    refused = [text["code"] for text in anna.texts if text["type"] == "nack"]
    assert 0 < len(refused) < 38
    assert refused[0] == "storage"
    world.carry_out(jobs[0])
    world.settle()
    assert anna.last("rolled")["page"] == page


@pytest.mark.parametrize("fault", [ValueError("a fault of ours"), PageDamaged("it does not hold together")])
def test_a_fault_in_one_page_does_not_end_the_room(monkeypatch: pytest.MonkeyPatch, fault: Exception) -> None:
    world, tutor, anna, page = lesson()
    other = world.page(tutor)
    world.open(other, tutor, anna)
    tick = OpenPage.tick

    def broken(self: OpenPage, now_ms: int) -> None:
        if self.number == page:
            raise fault
        tick(self, now_ms)

    monkeypatch.setattr(OpenPage, "tick", broken)
    world.draw(anna, page, "annas-aa")
    world.draw(anna, other, "annas-bb")
    world.settle()
    assert anna.closed is None
    assert anna.last("rolled")["page"] == page
    assert len(tutor.updates()) >= 1
    monkeypatch.undo()
    world.open(page, anna)
    world.draw(anna, page, "annas-cc")
    world.settle()
    assert PageDocument.restore(world.disk.load(PageNumber(page)), world.config.page).shape_count == 1


def test_a_late_answer_for_a_page_that_was_given_up_does_not_meet_its_successor(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world, _, anna, page = lesson()
    world.draw(anna, page, "annas-aa")
    world.now += 50
    jobs, _due = world.room.advance(world.now)
    held = [job for job in jobs if getattr(job, "page", 0) == page]
    assert held
    with monkeypatch.context() as broken:
        broken.setattr(OpenPage, "tick", lambda _self, _now: 1 / 0)
        world.room.advance(world.now + 1_100)
    world.say(anna, "open", page=page)
    loading, _due = world.room.advance(world.now + 1_200)
    world.carry_out(held[0])
    for job in loading:
        world.carry_out(job)
    world.settle()
    world.draw(anna, page, "annas-bb")
    world.settle()
    assert anna.count("nack") == 0


def test_a_panic_of_the_library_is_a_damaged_page(monkeypatch: pytest.MonkeyPatch) -> None:
    class Panic(BaseException):
        """As pyo3 raises them: no Exception."""

    class Broken:
        def get_update(self) -> bytes:
            """Always fails."""
            raise Panic

    world, _, _, page = lesson()
    document = PageDocument.restore(world.disk.load(PageNumber(page)), world.config.page)
    monkeypatch.setattr(document, "_doc", Broken())
    with pytest.raises(PageDamaged):
        document.state()
    with pytest.raises(PageDamaged):
        document.diff(b"\0")
