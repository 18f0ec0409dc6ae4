"""A live room when the disk fails, connections are slow, or the process dies."""

import base64

from tests.whiteboard.hub_world import Disk, FakeChannel, World, document
from tests.whiteboard.updates import INK, block, deletion, over, update
from whiteboard import BoardConfig, PageDocument, PageLimits, PageNumber, Role, encode_vector
from whiteboard.wire.frames import AckFrame, LiveFrame, LiveKind, LivesFrame, StateFrame, write


def lesson(config: BoardConfig | None = None, disk: Disk | None = None) -> tuple[World, FakeChannel, FakeChannel, int]:
    """A tutor, an officer, and a page that both have open."""
    world = World(config, disk)
    tutor, anna = world.join("tutor", Role.TUTOR), world.join("anna")
    page = world.page(tutor)
    world.open(page, tutor, anna)
    return world, tutor, anna, page


def stored(world: World, page: int) -> set[str]:
    """The shapes that a new process would find."""
    return {shape.id for shape in PageDocument.restore(world.disk.load(PageNumber(page)), PageLimits()).shapes()}


def test_drawing_goes_on_while_the_disk_is_full_and_all_of_it_is_stored_afterwards() -> None:
    world, tutor, anna, page = lesson()
    world.disk.broken = True
    for n in range(1, 21):
        world.draw(anna, page, f"annas-{n:03}", n)
        world.settle(100)
    assert len(tutor.updates()) == 20
    assert anna.of(AckFrame) == []
    world.disk.broken = False
    world.settle(20_000)
    assert anna.of(AckFrame)[-1].n == 20
    assert len(stored(world, page)) == 20


def test_past_its_bound_new_updates_are_refused_until_the_disk_is_back() -> None:
    world, tutor, anna, page = lesson(BoardConfig(unstored_updates=5))
    world.disk.broken = True
    for n in range(1, 9):
        world.draw(anna, page, f"annas-{n:03}", n)
    assert [text["n"] for text in anna.texts if text["type"] == "nack"] == [6, 7, 8]
    assert anna.last("nack")["code"] == "storage"
    assert len(tutor.updates()) == 5
    world.disk.broken = False
    world.settle(20_000)
    world.draw(anna, page, "annas-009", 9)
    world.settle()
    assert anna.of(AckFrame)[-1].n == 9
    assert len(stored(world, page)) == 6


def test_a_commit_of_which_only_the_answer_was_lost_is_not_stored_twice() -> None:
    world, _, anna, page = lesson()
    world.disk.lost_answers = True
    world.draw(anna, page, "annas-aa", 1)
    world.settle(50)
    world.draw(anna, page, "annas-bb", 2)
    world.settle(50)
    assert anna.of(AckFrame) == []
    world.disk.lost_answers = False
    world.settle(20_000)
    assert [one.seq for one in world.disk.documents[page].log] == [1, 2]
    assert anna.of(AckFrame)[-1].n == 2


def test_a_page_that_somebody_else_has_written_is_given_up_and_opened_anew() -> None:
    world, tutor, anna, page = lesson()
    other = World(disk=world.disk)
    intruder = other.join("bo")
    other.open(page, intruder)
    other.draw(intruder, page, "bos-aaaa")
    other.settle()
    world.disk.shared = True
    world.draw(anna, page, "annas-aa")
    world.settle(20_000)
    assert anna.last("rolled") == {"type": "rolled", "page": page, "epoch": 1}
    assert anna.of(AckFrame) == []
    world.open(page, tutor)
    assert set(document(tutor, page)) == {"bos-aaaa"}


def test_what_was_acknowledged_survives_the_process_and_the_rest_is_sent_again() -> None:
    world, _, anna, page = lesson()
    first = world.draw(anna, page, "annas-aa")
    world.settle()
    world.disk.broken = True
    second = world.draw(anna, page, "annas-bb", 2)
    client = anna.last("opened")["client"]
    world.crash()
    world.disk.broken = False
    again, reader = world.join("anna"), world.join("bo")
    vector = base64.b64encode(encode_vector({client: 2})).decode()
    world.say(again, "open", page=page, epoch=1, seq=2, client=client, vector=vector)
    world.settle()
    assert again.last("opened")["client"] == client
    assert not again.last("opened")["reset"]
    world.open(page, reader)
    world.send(again, page, 1, 1, second)
    world.settle()
    assert again.of(AckFrame)[-1].n == 1
    assert set(document(reader, page)) == {"annas-aa", "annas-bb"}
    assert set(document(again, page, [first, second])) == set(document(reader, page))


def test_numbers_from_before_a_crash_are_not_trusted() -> None:
    world, tutor, anna, page = lesson()
    world.draw(anna, page, "annas-aa")
    world.settle()
    world.disk.broken = True
    world.draw(anna, page, "annas-bb", 2)
    tutors, annas = tutor.last("opened")["client"], anna.last("opened")["client"]
    world.crash()
    world.disk.broken = False
    bo = world.join("bo")
    world.open(page, bo)
    world.draw(bo, page, "bos-aaaa")
    world.settle()
    again = world.join("tutor", Role.TUTOR)
    world.say(again, "open", page=page, epoch=1, seq=2, client=tutors)
    assert again.last("opened")["reset"]
    assert set(document(again, page)) == {"annas-aa", "bos-aaaa"}
    vector = base64.b64encode(encode_vector({annas: 2})).decode()
    world.say(again, "open", page=page, epoch=1, seq=2, vector=vector)
    assert again.last("opened")["reset"], "it has Anna's second shape, which nobody else will ever see"


def test_a_client_id_that_a_crash_has_lost_is_given_to_who_had_it() -> None:
    world = World()
    tutor = world.join("tutor", Role.TUTOR)
    page = world.page(tutor)
    world.disk.documents[page].clients.clear()
    anna = world.join("anna")
    vector = base64.b64encode(encode_vector({4_242: 3})).decode()
    world.say(anna, "open", page=page, epoch=1, seq=0, client=4_242, vector=vector)
    world.settle()
    assert anna.last("opened")["client"] == 4_242
    world.draw(anna, page, "annas-aa")
    world.settle()
    assert world.disk.documents[page].clients[4_242] == "anna"  # type: ignore[index]


def test_a_client_id_of_who_only_looks_on_is_not_stored_until_he_writes() -> None:
    world, _, anna, page = lesson()
    world.settle()
    assert world.disk.documents[page].clients == {}
    world.draw(anna, page, "annas-aa")
    world.settle()
    assert set(world.disk.documents[page].clients.values()) == {"anna"}


def test_client_ids_are_stored_before_the_updates_that_name_them() -> None:
    world, _, anna, page = lesson()
    world.disk.broken = True
    late = world.join("late")
    world.open(page, late)
    world.draw(late, page, "lates-aa")
    world.draw(anna, page, "annas-aa")
    world.disk.broken = False
    world.settle(20_000)
    document_ = world.disk.documents[page]
    assert {one.client for one in document_.log} <= set(document_.clients)
    assert len(stored(world, page)) == 2


def test_a_page_that_cannot_be_read_is_refused_and_can_be_opened_later() -> None:
    world, _, _, page = lesson()
    world.crash()
    again = world.join("anna")
    world.disk.broken = True
    assert world.ask(again, "open", page=page)["code"] == "storage"
    world.disk.broken = False
    world.settle(5_000)
    assert world.ask(again, "open", page=page)["type"] == "done"


def test_a_slow_connection_gets_no_live_messages() -> None:
    world, tutor, anna, page = lesson()
    bo = world.join("bo")
    world.open(page, bo)
    bo.buffered = 70_000
    world.settle()
    world.room.binary(anna, write(LiveFrame(PageNumber(page), LiveKind.POINTER, b"\1\1")), world.now)
    world.settle()
    assert len(tutor.of(LivesFrame)) == 1
    assert bo.of(LivesFrame) == []
    bo.buffered = 0
    world.settle()
    world.room.binary(anna, write(LiveFrame(PageNumber(page), LiveKind.POINTER, b"\1\1")), world.now)
    world.settle()
    assert len(bo.of(LivesFrame)) == 1


def test_who_falls_behind_gets_nothing_until_he_has_drained_and_then_all_he_missed() -> None:
    world, tutor, anna, page = lesson()
    bodies = [world.draw(anna, page, "annas-000")]
    tutor.buffered = 600_000
    world.settle()
    assert tutor.last("behind") == {"type": "behind", "page": page}
    bodies += [world.draw(anna, page, f"annas-{n:03}", n + 1) for n in range(1, 30)]
    world.settle()
    assert len(tutor.updates()) == 1
    tutor.buffered = 0
    world.settle()
    assert document(tutor, page) == document(anna, page, bodies)
    assert len(document(tutor, page)) == 30
    bodies.append(world.draw(anna, page, "annas-030", 31))
    assert document(tutor, page) == document(anna, page, bodies)


def test_who_was_behind_hears_whose_the_new_shapes_are() -> None:
    world, tutor, anna, page = lesson()
    tutor.buffered = 600_000
    world.settle()
    world.draw(anna, page, "annas-aa")
    assert tutor.count("writer") == 0
    tutor.buffered = 0
    world.settle()
    assert tutor.last("writer")["person"] == "anna"


def test_who_was_behind_for_more_than_is_remembered_gets_one_diff() -> None:
    world, tutor, anna, page = lesson(BoardConfig(ring_updates=5))
    bodies = [world.draw(anna, page, "annas-000")]
    tutor.buffered = 600_000
    world.settle()
    bodies += [world.draw(anna, page, f"annas-{n:03}", n + 1) for n in range(1, 30)]
    tutor.buffered = 0
    states = len(tutor.of(StateFrame))
    world.settle()
    assert len(tutor.of(StateFrame)) == states + 1
    assert document(tutor, page) == document(anna, page, bodies)


def test_who_does_not_drain_at_all_is_closed_and_who_drains_slowly_is_not() -> None:
    world, tutor, anna, _ = lesson()
    tutor.buffered = anna.buffered = 800_000
    for _ in range(40):
        world.settle(1_000)
        anna.buffered -= 9_000
    assert tutor.closed == 4008
    assert anna.closed is None
    assert world.room.connections == 1


def test_a_big_document_that_is_still_on_its_way_is_nobodys_slowness() -> None:
    world, tutor, _, page = lesson()
    for n in range(1, 151):
        world.draw(tutor, page, f"tutor-{n:03}", n, INK + bytes(n.to_bytes(2, "big")) * 3_000)
        world.settle(200)
    bo = world.join("bo")
    world.open(page, bo)
    bo.buffered = sum(len(frame.data) for frame in bo.of(StateFrame))
    world.settle()
    assert bo.count("behind") == 0
    bo.buffered += 530_000
    world.settle()
    assert bo.count("behind") == 1


def test_a_page_full_of_deletions_is_rewritten_when_it_is_quiet() -> None:
    config = BoardConfig(page=PageLimits(roll_bytes=1_000), quiet_s=5)
    world, tutor, anna, page = lesson(config)
    for n in range(1, 101):
        world.draw(anna, page, f"annas-{n:03}", n)
        world.settle(20)
    client = anna.last("opened")["client"]
    world.send(anna, page, 1, 101, update(deletes=[deletion(client, (0, 95))]))
    world.settle()
    assert anna.count("nack") == 0
    world.now += 6_000
    world.settle(2_000)
    assert anna.last("rolled") == tutor.last("rolled") == {"type": "rolled", "page": page, "epoch": 2}
    assert anna.last("pages")["pages"][0]["epoch"] == 2
    world.draw(anna, page, "annas-200", 102)
    assert anna.last("nack")["code"] == "epoch"
    world.open(page, anna, tutor)
    assert anna.last("opened")["epoch"] == 2
    assert len(document(anna, page)) == 5
    assert anna.last("opened")["client"] not in (client,)
    world.draw(anna, page, "annas-201", 1)
    world.settle()
    assert len(document(tutor, page)) == 6
    own = world.disk.documents[page]
    assert own.epoch == 2
    assert set(own.clients.values()) == {"anna"}


def test_rights_hold_over_a_rewritten_page() -> None:
    config = BoardConfig(page=PageLimits(roll_bytes=500), quiet_s=5)
    world, tutor, anna, page = lesson(config)
    for n in range(1, 31):
        world.draw(tutor, page, f"tutor-{n:03}", n)
    world.send(tutor, page, 1, 31, update(deletes=[deletion(tutor.last("opened")["client"], (0, 28))]))
    world.settle()
    world.now += 6_000
    world.settle(2_000)
    assert anna.last("rolled")["epoch"] == 2
    world.open(page, anna, tutor)
    owners = {person: number for number, person in world.disk.documents[page].clients.items()}
    client = anna.last("opened")["client"]
    tutors = [number for number in world.disk.documents[page].clients if number != client]
    assert owners
    refused = [over((number, 0)) for number in tutors]
    for n, struct in enumerate(refused, 1):
        world.send(anna, page, 2, n, update(block(client, 0, struct)))
    assert {text["code"] for text in anna.texts if text["type"] == "nack"} <= {"not_owner", "gap"}
    assert "not_owner" in {text["code"] for text in anna.texts if text["type"] == "nack"}
