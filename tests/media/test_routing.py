"""Views become slots: sticky, in order of importance, and told only when they changed."""

from hypothesis import given
from hypothesis import strategies as st

from media.events import SlotId, TrackId
from media.negotiation import Kind, Slot, Use
from media.routing import (
    Route,
    SlotAssignment,
    Tile,
    Viewable,
    changed_assignments,
    changed_routes,
    max_layer,
    plan_routes,
)

SLOTS = tuple(
    Slot(SlotId(place), str(place), use, use.kind)
    for place, use in enumerate((Use.AUDIO, Use.VIDEO, Use.VIDEO, Use.VIDEO, Use.SCREEN_VIEW, Use.INTERPRETATION))
)
TRACKS = {
    TrackId(number): Viewable(use, 3 if use is Use.CAMERA else 1)
    for number, use in enumerate([*[Use.CAMERA] * 6, Use.SCREEN, Use.SCREEN, Use.MIC])
}
SCREEN, MIC = TrackId(6), TrackId(8)


def tile(track: int, height: int = 720) -> Tile:
    return Tile(TrackId(track), height * 16 // 9, height)


def shown(routes: dict[SlotId, Route]) -> dict[int, int]:
    return {int(slot): int(route.track) for slot, route in routes.items()}


def test_cameras_screens_and_interpreters_go_to_their_slots() -> None:
    routes = plan_routes({}, SLOTS, [tile(0), tile(SCREEN), tile(1), tile(MIC)], TRACKS)
    assert shown(routes) == {1: 0, 2: 1, 4: 6, 5: 8}


def test_more_tiles_than_slots_lose_from_the_end() -> None:
    routes = plan_routes({}, SLOTS, [tile(3), tile(1), tile(0), tile(2)], TRACKS)
    assert sorted(shown(routes).values()) == [0, 1, 3]


def test_a_track_that_stays_keeps_its_slot_when_the_order_changes() -> None:
    before = plan_routes({}, SLOTS, [tile(0), tile(1), tile(2)], TRACKS)
    after = plan_routes(before, SLOTS, [tile(2), tile(3), tile(0)], TRACKS)
    assert shown(after) == {1: 0, 2: 3, 3: 2}
    assert changed_assignments(before, after) == [SlotAssignment(SlotId(2), TrackId(3))]


def test_a_smaller_tile_changes_the_layer_and_no_assignment() -> None:
    before = plan_routes({}, SLOTS, [tile(0, 720)], TRACKS)
    after = plan_routes(before, SLOTS, [tile(0, 180)], TRACKS)
    assert changed_routes(before, after) == {SlotId(1): Route(TrackId(0), 0)}
    assert changed_assignments(before, after) == []


def test_an_empty_view_clears_every_slot() -> None:
    before = plan_routes({}, SLOTS, [tile(0), tile(SCREEN)], TRACKS)
    assert changed_routes(before, plan_routes(before, SLOTS, [], TRACKS)) == {SlotId(1): None, SlotId(4): None}


def test_two_tiles_of_one_track_take_one_slot_with_the_larger_layer() -> None:
    routes = plan_routes({}, SLOTS, [tile(0, 100), tile(0, 720)], TRACKS)
    assert routes == {SlotId(1): Route(TrackId(0), 2)}


def test_layers_follow_the_height_of_a_tile() -> None:
    assert [max_layer(tile(0, height), 3) for height in (0, 200, 201, 400, 401, 2_160)] == [0, 0, 1, 1, 2, 2]
    assert [max_layer(tile(0, height), 2) for height in (200, 400, 401)] == [0, 0, 1]
    assert max_layer(tile(0, 2_160), 1) == 0
    assert max_layer(Tile(TrackId(0), 120, 2_000), 3) == 0


VIEWS = st.lists(st.builds(tile, st.integers(0, 11), st.integers(-5, 1_000)), max_size=14)


@given(st.lists(VIEWS, max_size=6))
def test_over_any_views_slots_stay_true_sticky_and_full(views: list[list[Tile]]) -> None:
    current: dict[SlotId, Route] = {}
    uses = {slot.slot: slot.use for slot in SLOTS}
    fits = {Use.VIDEO: Use.CAMERA, Use.SCREEN_VIEW: Use.SCREEN, Use.INTERPRETATION: Use.MIC}
    for view in views:
        planned = plan_routes(current, SLOTS, view, TRACKS)
        tracks = [route.track for route in planned.values()]
        assert len(set(tracks)) == len(tracks)
        for slot, route in planned.items():
            assert TRACKS[route.track].use is fits[uses[slot]]
            assert 0 <= route.max_layer < TRACKS[route.track].layers
        for slot, route in current.items():
            if route.track in tracks:
                assert planned[slot].track == route.track
        wanted = dict.fromkeys(one.track for one in view if one.track in TRACKS)
        cameras = [track for track in wanted if TRACKS[track].use is Use.CAMERA]
        assert {track for track in tracks if TRACKS[track].use is Use.CAMERA} == set(cameras[:3])
        told = changed_assignments(current, planned)
        assert {change.slot for change in told} <= set(changed_routes(current, planned))
        assert plan_routes(planned, SLOTS, view, TRACKS) == planned
        current = planned


def test_kind_follows_use() -> None:
    assert Use.INTERPRETATION.kind is Kind.AUDIO
    assert Use.SCREEN_VIEW.kind is Kind.VIDEO
