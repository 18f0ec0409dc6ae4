"""Private copies: who gets one, who sees it, and that nobody else ever gets a byte of it."""

import random
from typing import Any

import pytest

from tests.whiteboard.hub_world import FakeChannel, World, document
from whiteboard import PageDocument, PageNumber, PageStart, Role
from whiteboard.wire.frames import LiveFrame, LiveKind, write


def numbers(channel: FakeChannel) -> dict[int, Any]:
    """All pages that a connection was ever told, the newest of each."""
    found: dict[int, Any] = {}
    for text in channel.texts:
        if text["type"] in ("welcome", "pages"):
            for page in text["pages"]:
                found[page["number"]] = {**found.get(page["number"], {}), **page}
            for gone in text.get("gone", ()):
                found.pop(gone, None)
    return found


def copy_of(world: World, page: int, person: str) -> int:
    """The number of somebody's copy."""
    return next(row.number for row in world.disk.pages.values() if row.copy_of == page and row.owner == person)


def handed_out() -> tuple[World, FakeChannel, FakeChannel, FakeChannel, int]:
    """A worksheet of the tutor's, and two officers with a copy each."""
    world = World()
    tutor, anna, bo = world.join("tutor", Role.TUTOR), world.join("anna"), world.join("bo")
    page = world.page(tutor)
    world.open(page, tutor)
    world.draw(tutor, page, "question")
    world.settle()
    answer = world.ask(tutor, "hand_out", page=page)
    assert answer["copies"] == 2
    return world, tutor, anna, bo, page


def test_each_officer_gets_a_copy_with_the_tutors_shapes_that_only_he_and_tutors_see() -> None:
    world, tutor, anna, bo, page = handed_out()
    annas, bos = copy_of(world, page, "anna"), copy_of(world, page, "bo")
    assert set(numbers(anna)) == {page, annas}
    assert set(numbers(bo)) == {page, bos}
    assert set(numbers(tutor)) == {page, annas, bos}
    assert numbers(anna)[annas]["right"] == "own"
    world.open(annas, anna, tutor)
    assert set(document(anna, annas)) == {"question"}
    world.draw(anna, annas, "answers1")
    assert set(document(tutor, annas)) == {"question", "answers1"}
    assert world.ask(bo, "open", page=annas)["code"] == "unknown_page"


def test_who_comes_later_gets_his_copy_until_they_are_collected() -> None:
    world, tutor, anna, _, page = handed_out()
    late = world.join("late")
    world.settle()
    assert numbers(late)[copy_of(world, page, "late")]["right"] == "own"
    assert world.ask(tutor, "collect", page=page)["type"] == "done"
    later = world.join("later")
    world.settle()
    assert set(numbers(later)) == {page}
    assert numbers(anna)[copy_of(world, page, "anna")]["right"] == "none"
    assert numbers(tutor)[copy_of(world, page, "anna")]["right"] == "all"


def test_a_class_that_comes_in_together_has_the_worksheet_copied_once(monkeypatch: pytest.MonkeyPatch) -> None:
    world, tutor, _, _, page = handed_out()
    made: list[int] = []
    copy = PageDocument.copy

    def counted(self: PageDocument, *args: Any, **more: Any) -> PageStart:
        made.append(1)
        return copy(self, *args, **more)

    monkeypatch.setattr(PageDocument, "copy", counted)
    world.draw(tutor, page, "question2", 2)
    late = [world.join(f"late{number}") for number in range(20)]
    world.settle()
    assert len(made) == 1
    for channel in late:
        number = copy_of(world, page, channel.name)
        world.open(number, channel)
        assert set(document(channel, number)) == {"question", "question2"}


def test_handing_out_again_opens_the_same_copies_again() -> None:
    world, tutor, anna, _, page = handed_out()
    annas = copy_of(world, page, "anna")
    world.ask(tutor, "collect", page=page)
    assert world.ask(tutor, "hand_out", page=page)["copies"] == 2
    assert numbers(anna)[annas]["right"] == "own"
    assert sum(row.copy_of == page for row in world.disk.pages.values()) == 2


def test_a_collected_copy_takes_no_more_of_its_owner() -> None:
    world, tutor, anna, _, page = handed_out()
    annas = copy_of(world, page, "anna")
    world.open(annas, anna, tutor)
    world.say(tutor, "collect", page=page)
    world.draw(anna, annas, "answers1")
    assert anna.last("nack")["code"] == "locked"
    world.draw(tutor, annas, "marking1")
    assert tutor.count("nack") == 0


def test_a_collected_copy_takes_no_more_of_its_owner_whatever_rules_its_board_was_given() -> None:
    world, tutor, anna, _, page = handed_out()
    annas = copy_of(world, page, "anna")
    world.open(annas, anna, tutor)
    board = world.disk.pages[page].board
    world.say(tutor, "rights", board=board, rules=[{"subject": "person:anna", "mode": "own"}])
    world.say(tutor, "collect", page=page)
    world.draw(anna, annas, "answers1")
    assert anna.last("nack")["code"] == "locked"
    assert numbers(anna)[annas]["right"] == "none"


def test_a_copy_is_shown_to_the_class_and_hidden_again() -> None:
    world, tutor, anna, bo, page = handed_out()
    annas = copy_of(world, page, "anna")
    world.open(annas, anna, tutor)
    world.ask(tutor, "show", page=annas, shown=True)
    assert numbers(bo)[annas]["right"] == "none"
    world.ask(tutor, "turn", page=annas)
    world.open(annas, bo)
    first = world.draw(anna, annas, "answers1")
    assert bo.updates() == [first]
    world.draw(bo, annas, "scribble")
    assert bo.last("nack")["code"] == "locked"
    world.say(tutor, "show", page=annas, shown=False)
    assert bo.last("turn")["page"] is None
    assert annas not in numbers(bo)
    world.draw(anna, annas, "answers2", 2)
    world.settle()
    assert bo.updates() == [first]
    assert world.ask(tutor, "turn", page=annas)["code"] == "invalid"


def test_copies_are_stored_with_what_they_begin_with() -> None:
    world, _, _, _, page = handed_out()
    world.crash()
    anna = world.join("anna")
    annas = copy_of(world, page, "anna")
    world.open(annas, anna)
    assert set(document(anna, annas)) == {"question"}


@pytest.mark.parametrize("seed", range(8))
def test_no_frame_of_a_page_reaches_a_connection_that_may_not_see_it(seed: int) -> None:
    chance = random.Random(seed)
    world = World()
    tutor, assistant = world.join("tutor", Role.TUTOR), world.join("assistant", Role.ASSISTANT)
    officers = [world.join(name) for name in ("anna", "bo", "cleo", "dan")]
    everybody: list[FakeChannel] = [tutor, assistant, *officers, world.join("viewer", Role.OBSERVER)]
    page = world.page(tutor)
    world.ask(tutor, "hand_out", page=page)
    known = sorted(world.disk.pages)
    shown: set[int] = set()
    n = 0
    for _ in range(250):
        for channel in everybody:
            channel.all.clear()
        number = chance.choice(known)
        who = chance.choice(everybody)
        step = chance.random()
        if step < 0.4:
            world.say(who, "open", page=number)
        elif step < 0.5:
            shown_now = chance.random() < 0.5
            world.say(chance.choice(everybody[:2]), "show", page=number, shown=shown_now)
            if world.disk.pages[number].copy_of is not None:
                (shown.add if shown_now else shown.discard)(number)
        elif step < 0.53:
            world.say(everybody[0], chance.choice(["collect", "hand_out"]), page=page)
        elif step < 0.55:
            world.room.leave(who, world.now)
            everybody[everybody.index(who)] = world.join(who.name, _role(who), who.name)
        elif step < 0.7:
            frame = LiveFrame(PageNumber(number), chance.choice(list(LiveKind)), b"\1\1")
            world.room.binary(who, write(frame), world.now)
        elif any(text["type"] == "opened" and text["page"] == number and text["client"] for text in who.texts):
            n += 1
            world.draw(who, number, f"shape-{n:04}", n)
        world.settle(chance.choice([0, 10, 60]))
        for channel in everybody:
            _nothing_secret(world, channel, shown, known)
    assert n > 20


def _role(channel: FakeChannel) -> Role:
    return {"tutor": Role.TUTOR, "assistant": Role.ASSISTANT, "viewer": Role.OBSERVER}.get(channel.name, Role.OFFICER)


def _nothing_secret(world: World, channel: FakeChannel, shown: set[int], known: list[int]) -> None:
    """Of a copy that is not shown any more only its going is told."""
    if channel.name in ("tutor", "assistant"):
        return
    for message in channel.all:
        pages = [getattr(message, "page", None)]
        if isinstance(message, dict):
            bodies = [page["number"] for page in message.get("pages", ())]
            pages = [*bodies, message.get("page") if message["type"] in ("opened", "writer", "behind") else None]
        for number in pages:
            row = world.disk.pages.get(number) if number is not None else None
            if row is not None and row.copy_of is not None:
                assert number in known
                assert row.owner == channel.name or number in shown, (channel.name, message)
