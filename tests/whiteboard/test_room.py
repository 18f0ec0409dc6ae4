"""A live room: who gets what, in which order, and when it is acknowledged."""

import itertools
import json
from typing import Any

from tests.whiteboard.hub_world import FakeChannel, World, document
from whiteboard import BoardConfig, PageNumber, Role
from whiteboard.wire.frames import AckFrame, LiveFrame, LiveKind, LivesFrame, StateFrame, UpdatesFrame, write


def lesson(config: BoardConfig | None = None) -> tuple[World, FakeChannel, FakeChannel, FakeChannel, int]:
    """A tutor, two officers, and a page that all have open."""
    world = World(config)
    tutor, anna, bo = world.join("tutor", Role.TUTOR), world.join("anna"), world.join("bo")
    page = world.page(tutor)
    world.open(page, tutor, anna, bo)
    return world, tutor, anna, bo, page


def test_who_comes_is_welcomed_with_what_he_may_see_and_do() -> None:
    world, tutor, _, _, page = lesson()
    late = world.join("late")
    welcome = late.last("welcome")
    assert [one["number"] for one in welcome["pages"]] == [page]
    assert welcome["pages"][0]["right"] == "own"
    assert welcome["you"]["may"] == ["board_write"]
    assert {one["name"] for one in welcome["people"]} == {"Tutor", "Anna", "Bo", "Late"}
    world.settle()
    assert [one["name"] for one in tutor.last("people")["people"]] == ["Late"]


def test_an_update_goes_to_all_others_at_once_and_to_its_author_as_a_number() -> None:
    world, tutor, anna, bo, page = lesson()
    body = world.draw(anna, page, "annas-aa")
    assert tutor.updates() == bo.updates() == [body]
    assert [frame.updates for frame in anna.of(UpdatesFrame)] == [(b"",)]


def test_an_update_is_acknowledged_when_it_is_stored_and_not_before() -> None:
    world, _, anna, bo, page = lesson()
    world.disk.broken = True
    world.draw(anna, page, "annas-aa")
    world.settle()
    assert bo.updates()
    assert anna.of(AckFrame) == []
    world.disk.broken = False
    world.settle(20_000)
    assert [(ack.n, ack.seq) for ack in anna.of(AckFrame)] == [(1, 1)]
    assert bo.of(AckFrame) == []
    assert [one.seq for one in world.disk.documents[page].log] == [1]


def test_one_ack_answers_for_all_updates_of_a_commit() -> None:
    world, _, anna, _, page = lesson()
    for n in range(1, 6):
        world.draw(anna, page, f"annas-0{n}", n)
    world.settle()
    assert [(ack.n, ack.seq) for ack in anna.of(AckFrame)] == [(5, 5)]


def test_a_known_update_is_acknowledged_again_and_not_sent_again() -> None:
    world, tutor, anna, _, page = lesson()
    body = world.draw(anna, page, "annas-aa")
    world.settle()
    world.send(anna, page, 1, 2, body)
    world.settle()
    assert [(ack.n, ack.seq) for ack in anna.of(AckFrame)] == [(1, 1), (2, 1)]
    assert tutor.updates() == [body]


def test_a_lock_refuses_the_very_next_frame() -> None:
    world, tutor, anna, bo, page = lesson()
    world.draw(anna, page, "annas-aa")
    world.say(tutor, "rights", page=page, mode="locked")
    world.draw(anna, page, "annas-bb", 2)
    nack = anna.last("nack")
    assert (nack["page"], nack["n"], nack["code"]) == (page, 2, "locked")
    assert len(bo.updates()) == 1
    assert anna.last("pages")["pages"][0]["right"] == "none"
    world.say(tutor, "rights", page=page, mode="own")
    assert anna.last("pages")["pages"][0]["right"] == "own"
    world.draw(anna, page, "annas-bb", 3)
    assert len(bo.updates()) == 2


def test_two_tutors_and_an_officer_draw_at_once_and_all_see_the_same() -> None:
    world, tutor, anna, bo, page = lesson()
    second = world.join("second", Role.TUTOR)
    world.open(page, second)
    bodies: dict[FakeChannel, list[bytes]] = {tutor: [], second: [], anna: []}
    for n in range(1, 31):
        for channel, drawn in bodies.items():
            drawn.append(world.draw(channel, page, f"{channel.name:_<8}-{n:02}", n))
        if n == 10:
            world.say(second, "rights", page=page, mode="tutors")
        if n == 20:
            world.say(tutor, "rights", page=page, mode="own")
    world.settle()
    assert [text["n"] for text in anna.texts if text["type"] == "nack"] == list(range(11, 21))
    seen = document(bo, page)
    assert len(seen) == 80
    assert document(tutor, page, bodies[tutor]) == document(second, page, bodies[second]) == seen


def test_a_right_is_told_to_those_alone_for_whom_it_changed() -> None:
    world, tutor, anna, bo, page = lesson()
    world.ask(tutor, "rights", page=page, mode="locked", rules=[{"subject": "person:anna", "mode": "own"}])
    assert "right" not in anna.last("pages")["pages"][0]
    assert bo.last("pages")["pages"][0]["right"] == "none"
    assert anna.last("pages")["pages"][0]["rules"] == []
    assert tutor.last("pages")["pages"][0]["rules"] == [{"subject": "person:anna", "mode": "own"}]


def test_a_group_that_changes_changes_rights_at_once() -> None:
    world, tutor, anna, bo, page = lesson()
    group = world.ask(tutor, "group_set", name="Table 1", persons=["anna"])["group"]
    world.ask(tutor, "rights", page=page, mode="tutors", rules=[{"subject": f"group:{group}", "mode": "own"}])
    world.draw(bo, page, "bos-aaaa")
    assert bo.last("nack")["code"] == "locked"
    world.say(tutor, "group_set", group=group, name="Table 1", persons=["bo"])
    world.draw(bo, page, "bos-aaaa", 2)
    world.draw(anna, page, "annas-aa")
    assert bo.count("nack") == 1
    assert anna.last("nack")["code"] == "locked"
    assert anna.last("groups")["groups"] == []
    assert [one["persons"] for one in tutor.last("groups")["groups"]] == [["bo"]]


def test_a_viewer_gets_no_client_id_and_is_refused_whatever_the_page_allows() -> None:
    world, _, _, _, page = lesson()
    viewer = world.join("viewer", Role.OBSERVER)
    world.open(page, viewer)
    assert viewer.last("opened")["client"] is None
    world.send(viewer, page, 1, 1, b"\0\0")
    assert viewer.last("nack")["code"] == "read_only"


def test_officers_cannot_command() -> None:
    world, tutor, anna, _, page = lesson()
    for kind, fields in (
        ("board_add", {"title": "Mine"}),
        ("rights", {"page": page, "mode": "shared"}),
        ("turn", {"page": page}),
        ("hand_out", {"page": page}),
        ("page_remove", {"pages": [page]}),
        ("settings", {"save_at_end": True}),
    ):
        answer = world.ask(anna, kind, **fields)
        assert (answer["type"], answer["code"]) == ("refused", "forbidden")
    assistant = world.join("assistant", Role.ASSISTANT)
    assert world.ask(assistant, "settings", save_at_end=True)["code"] == "forbidden"
    assert world.ask(tutor, "settings", save_at_end=True)["type"] == "done"
    assert world.room.save_at_end


def test_done_comes_after_the_change_is_stored() -> None:
    world, tutor, anna, _, page = lesson()
    world.disk.broken = True
    number = world.say(tutor, "turn", page=page)
    world.settle()
    assert anna.last("turn") == {"type": "turn", "page": page, "by": "Tutor"}
    assert all(text.get("id") != number for text in tutor.texts)
    assert world.ask(tutor, "board_add", title="Another")["code"] == "storage"
    world.disk.broken = False
    world.settle(20_000)
    assert any(text.get("id") == number and text["type"] == "done" for text in tutor.texts)
    assert [turn.page for turn in world.disk.turns] == [page]


def test_everybody_sees_every_version() -> None:
    world, tutor, anna, bo, page = lesson()
    for channel in (tutor, anna, bo):
        channel.clear()
    world.ask(tutor, "hand_out", page=page)
    world.ask(tutor, "page_change", page=page, title="Sums")
    world.ask(tutor, "group_set", name="All", persons=["anna"])
    world.ask(tutor, "board_add", title="Two")

    def versions(channel: FakeChannel) -> list[Any]:
        return [text["version"] for text in channel.texts if text["type"] in ("pages", "boards", "groups")]

    assert versions(anna) == versions(bo) == versions(tutor)
    assert [after - before for before, after in itertools.pairwise(versions(anna))] == [1] * 3


def test_who_comes_back_gets_what_he_missed_by_number() -> None:
    world, tutor, anna, _, page = lesson()
    first = world.draw(anna, page, "annas-aa")
    client = anna.last("opened")["client"]
    world.room.leave(anna, world.now)
    missed = world.draw(tutor, page, "tutor-aa")
    again = world.join("anna")
    world.say(again, "open", page=page, epoch=1, seq=1, client=client)
    assert again.last("opened")["client"] == client
    assert not again.last("opened")["reset"]
    assert again.updates() == [missed]
    assert again.of(StateFrame) == []
    assert set(document(again, page, [first])) == {"annas-aa", "tutor-aa"}


def test_a_client_id_of_somebody_else_is_not_given_out() -> None:
    world, tutor, anna, bo, page = lesson()
    world.say(bo, "open", page=page, epoch=1, client=anna.last("opened")["client"])
    assert bo.last("opened")["client"] not in (anna.last("opened")["client"], tutor.last("opened")["client"])


def test_a_second_tab_with_the_same_client_id_takes_it_over() -> None:
    world, _, anna, bo, page = lesson()
    client = anna.last("opened")["client"]
    second = world.join("anna")
    world.say(second, "open", page=page, epoch=1, seq=0, client=client)
    assert second.last("opened")["client"] == client
    world.draw(anna, page, "annas-aa")
    assert anna.last("nack")["code"] == "invalid"
    world.draw(second, page, "annas-aa")
    assert len(bo.updates()) == 1


def test_whose_shapes_are_whose_is_told_with_the_first_of_them() -> None:
    world, tutor, anna, _, page = lesson()
    assert tutor.count("writer") == 0
    world.draw(anna, page, "annas-aa")
    writer = tutor.last("writer")
    assert (writer["person"], writer["name"], writer["client"]) == ("anna", "Anna", anna.last("opened")["client"])
    assert [type(one) for one in tutor.all[-2:]] == [dict, UpdatesFrame]
    late = world.join("late")
    world.open(page, late)
    assert [one["person"] for one in late.last("opened")["writers"]] == ["anna"]


def test_live_messages_are_gathered_and_the_last_of_each_kind_counts() -> None:
    world, tutor, anna, bo, page = lesson()
    for at in range(5):
        world.room.binary(anna, write(LiveFrame(PageNumber(page), LiveKind.POINTER, bytes([at]))), world.now)
        world.room.binary(anna, write(LiveFrame(PageNumber(page), LiveKind.INK, bytes([at]))), world.now)
    assert bo.of(LivesFrame) == []
    world.settle(60)
    assert len(bo.of(LivesFrame)) == 1
    lives = bo.of(LivesFrame)[0].lives
    assert [(kind, data[0]) for _, kind, data in lives] == [(4, 0), (4, 1), (4, 2), (4, 3), (4, 4), (1, 4)]
    assert anna.of(LivesFrame) == []
    assert len(tutor.of(LivesFrame)) == 1


def test_a_laser_is_the_tutors_and_ink_needs_the_right_to_write() -> None:
    world, tutor, anna, bo, page = lesson()
    world.say(tutor, "rights", page=page, mode="locked")
    for channel, kind in ((anna, LiveKind.LASER), (anna, LiveKind.INK), (anna, LiveKind.DRAG)):
        world.room.binary(channel, write(LiveFrame(PageNumber(page), kind, b"\1")), world.now)
    world.settle()
    assert bo.of(LivesFrame) == []
    world.room.binary(tutor, write(LiveFrame(PageNumber(page), LiveKind.LASER, b"\1")), world.now)
    world.settle()
    assert len(bo.of(LivesFrame)) == 1


def test_many_deliveries_are_gathered_into_one_message_for_each_tick() -> None:
    world, tutor, anna, bo, page = lesson(BoardConfig(direct_deliveries_per_s=100))
    for n in range(1, 101):
        world.draw(anna, page, f"annas-{n:03}", n)
        if n % 10 == 0:
            world.settle(10)
    world.settle()
    frames = bo.of(UpdatesFrame)
    assert len(frames) < 20
    assert len(bo.updates()) == 100
    seqs = [(frame.first, len(frame.updates)) for frame in anna.of(UpdatesFrame)]
    assert all(first + count == after for (first, count), (after, _) in itertools.pairwise(seqs))
    assert all(data == b"" for frame in anna.of(UpdatesFrame) for data in frame.updates)
    assert document(bo, page) == document(tutor, page)


def test_too_many_updates_are_refused_and_nobody_gets_them() -> None:
    world, _, anna, bo, page = lesson()
    for n in range(1, 202):
        world.draw(anna, page, f"annas-{n:03}", n)
    assert anna.last("nack")["code"] == "too_fast"
    assert len(bo.updates()) == 200


def test_broken_messages_end_the_connection_and_broken_commands_are_refused() -> None:
    world, _, anna, bo, page = lesson()
    assert world.ask(anna, "open", page=page, epok=1)["code"] == "invalid"
    world.room.text(anna, '{"type": "nonsense"}', world.now)
    assert anna.closed == 4010
    world.room.binary(bo, b"\x77\x01", world.now)
    assert bo.closed == 4010
    assert world.room.connections == 1
    world.room.binary(bo, b"\x01", world.now)
    world.room.text(anna, json.dumps({"type": "close", "page": page}), world.now)


def test_a_person_has_four_connections() -> None:
    world, *_ = lesson()
    tabs = [world.join("anna") for _ in range(4)]
    assert [tab.closed for tab in tabs] == [None, None, None, 4029]


def test_idle_pages_are_unloaded_with_a_snapshot_and_come_back_whole() -> None:
    world, tutor, anna, bo, page = lesson()
    body = world.draw(anna, page, "annas-aa")
    for channel in (tutor, anna, bo):
        world.say(channel, "close", page=page)
    world.settle(1_000)
    assert world.room.open_pages == 1
    world.now += 200_000
    world.settle(3_000)
    assert world.room.open_pages == 0
    assert [snapshot.seq for snapshot in world.disk.documents[page].snapshots] == [1]
    world.open(page, bo)
    assert document(bo, page) == document(anna, page, [body])


def test_a_page_has_a_snapshot_after_so_many_updates() -> None:
    world, _, anna, _, page = lesson(BoardConfig(snapshot_updates=10))
    for n in range(1, 26):
        world.draw(anna, page, f"annas-{n:03}", n)
        world.settle(40)
    world.settle(2_000)
    assert [snapshot.seq for snapshot in world.disk.documents[page].snapshots][-1] >= 20
