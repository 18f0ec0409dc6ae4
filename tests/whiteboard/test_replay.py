"""A recording's timeline out of the store shows what everybody saw live."""

import random
from collections.abc import Sequence

from pycrdt import Doc, Map

from tests.whiteboard.hub_world import Disk, StoredDocument, World, document
from tests.whiteboard.updates import deletion, update
from whiteboard import BoardConfig, Epoch, LoggedUpdate, PageLimits, PageNumber, Role, RoomKey, StoredPage, TurnRow
from whiteboard.document.update import ROOT
from whiteboard.replay import Drawn, Keyframe, Moment, Turned, timeline

ROOM = RoomKey("room")


class DiskHistory:
    """A disk's past."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk

    async def pages_of(self, _room: RoomKey, since_ms: int, until_ms: int) -> Sequence[tuple[PageNumber, Epoch]]:
        """Pages and epochs with log entries, and what was at the beginning."""
        found = set()
        for page, log_of in self._epochs():
            began = log_of.snapshots[0].at_ms if log_of.snapshots and log_of.snapshots[0].seq == 0 else 0
            if began <= since_ms or any(since_ms <= one.at_ms < until_ms for one in log_of.log):
                found.add((page, log_of.epoch))
        return sorted(found)

    async def page_at(self, _room: RoomKey, page: PageNumber, epoch: Epoch, at_ms: int) -> StoredPage | None:
        """A page at a time."""
        for number, log_of in self._epochs():
            if (number, log_of.epoch) == (page, epoch):
                kept = [one for one in log_of.snapshots if one.at_ms <= at_ms]
                if epoch > 1 and not kept:
                    return None
                after = kept[-1].seq if kept else 0
                tail = [one for one in log_of.log if one.seq > after and one.at_ms <= at_ms]
                return StoredPage(epoch, dict(log_of.clients), kept[-1] if kept else None, tail)
        return None

    async def updates(
        self, _room: RoomKey, page: PageNumber, epoch: Epoch, since_ms: int, until_ms: int
    ) -> Sequence[LoggedUpdate]:
        """Log entries."""
        return [
            one
            for number, log_of in self._epochs()
            if (number, log_of.epoch) == (page, epoch)
            for one in log_of.log
            if since_ms <= one.at_ms < until_ms
        ]

    async def turns(self, _room: RoomKey, since_ms: int, until_ms: int) -> Sequence[TurnRow]:
        """Turns, and the last one before."""
        earlier = [turn for turn in self._disk.turns if turn.at_ms < since_ms]
        return [*earlier[-1:], *(turn for turn in self._disk.turns if since_ms <= turn.at_ms < until_ms)]

    def _epochs(self) -> list[tuple[PageNumber, StoredDocument]]:
        now = [(PageNumber(page), log_of) for page, log_of in self._disk.documents.items()]
        return [*((PageNumber(page), log_of) for page, log_of in self._disk.over), *now]


def lesson() -> tuple[World, int, int, int]:
    """Some minutes of drawing on two pages and a copy; the beginning of the window, and the two pages."""
    chance = random.Random(7)
    world = World(BoardConfig(page=PageLimits(roll_bytes=200), quiet_s=8, snapshot_updates=15))
    tutor, anna = world.join("tutor", Role.TUTOR), world.join("anna")
    one, two = world.page(tutor), world.page(tutor)
    world.open(one, tutor, anna)
    world.open(two, tutor, anna)
    world.draw(tutor, one, "before01", 0)
    world.ask(tutor, "turn", page=one)
    world.settle(5_000)
    begin = world.now
    for n in range(1, 61):
        page = chance.choice([one, two])
        who = chance.choice([tutor, anna])
        if world.disk.documents[page].epoch == 2 and not any(
            text["type"] == "opened" and text["page"] == page and text["epoch"] == 2 for text in who.texts
        ):
            world.open(page, who)
        world.draw(who, page, f"shape-{n:03}", n)
        if n == 40:
            world.ask(tutor, "turn", page=two)
        if n == 30:
            gone = [deletion(client, (0, world.clocks[client])) for client in _writers(world, one)]
            world.send(tutor, one, 1, n + 1_000, update(deletes=gone))
            world.settle(9_000)
        world.settle(chance.choice([100, 3_000]))
    world.settle(100)
    assert world.disk.documents[one].epoch == 2, "it was rewritten in the midst of the lesson"
    return world, begin, one, two


def _writers(world: World, page: int) -> list[int]:
    return [client for client in world.disk.documents[page].clients if world.clocks.get(client)]


async def played(world: World, since_ms: int) -> list[Moment]:
    """The whole timeline."""
    history = DiskHistory(world.disk)
    return [moment async for moment in timeline(history, ROOM, since_ms, world.now + 1, every_ms=30_000)]


def shapes(moments: list[Moment], start: int = 0) -> dict[tuple[int, int], dict[str, bytes]]:
    """What a player shows after all moments from one of them on."""
    docs: dict[tuple[int, int], Doc[Map[bytes]]] = {}
    for moment in moments[start:]:
        if isinstance(moment, Turned):
            continue
        doc = docs.setdefault((moment.page, moment.epoch), Doc())
        doc.apply_update(moment.state if isinstance(moment, Keyframe) else moment.update.data)
    return {key: dict(doc.get(ROOT.decode(), type=Map).to_py() or {}) for key, doc in docs.items()}


async def test_the_end_of_a_replay_is_what_was_seen_live() -> None:
    world, begin, one, two = lesson()
    reader = world.join("reader", Role.TUTOR)
    world.open(one, reader)
    world.open(two, reader)
    found = shapes(await played(world, begin))
    for page in (one, two):
        epoch = world.disk.documents[page].epoch
        assert found[page, epoch] == document(reader, page)
        assert len(found[page, epoch]) > 10


async def test_moments_come_in_the_order_of_time_with_the_turn_that_holds_at_the_beginning() -> None:
    world, begin, one, two = lesson()
    moments = await played(world, begin)
    turns = [moment for moment in moments if isinstance(moment, Turned)]
    assert [turn.page for turn in turns] == [one, two]
    assert turns[0].at_ms < begin
    times = [max(begin, moment.at_ms) for moment in moments]
    assert times == sorted(times)
    assert isinstance(moments[0], Keyframe)
    assert moments[0].page == one


async def test_who_seeks_to_a_keyframe_sees_what_he_would_have_seen() -> None:
    world, begin, _, _ = lesson()
    moments = await played(world, begin)
    whole = shapes(moments)
    frames = [at for at, moment in enumerate(moments) if isinstance(moment, Keyframe)]
    assert len(frames) > 4
    for at in frames:
        frame = moments[at]
        assert isinstance(frame, Keyframe)
        key = (frame.page, frame.epoch)
        assert shapes(moments[: at + 1])[key] == shapes([frame])[key]
        assert shapes(moments, at)[key] == whole[key]


async def test_a_window_in_the_midst_begins_with_what_was_there() -> None:
    world, begin, _, _ = lesson()
    whole = await played(world, begin)
    middle = begin + (world.now - begin) // 2
    later = await played(world, middle)
    assert isinstance(later[0], Keyframe)
    assert [moment for moment in later if isinstance(moment, Drawn)] == [
        moment for moment in whole if isinstance(moment, Drawn) and moment.at_ms >= middle
    ]
    newest = {key: found for key, found in shapes(whole).items() if key in shapes(later)}
    assert shapes(later) == newest
