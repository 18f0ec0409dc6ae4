"""Everything that can be asked of the server names its row of the policy."""

from server.access import ROWS, action_of
from server.signaling import CLIENT_EVENTS, EVENTS, Signaling
from server.web.application import ROUTES


def test_every_client_event_has_a_row_and_its_own_model() -> None:
    assert set(EVENTS) == set(CLIENT_EVENTS)
    for name, row in EVENTS.items():
        assert action_of(row.handler) in ROWS, name
        assert row.model is CLIENT_EVENTS[name]


def test_connecting_has_a_row() -> None:
    assert action_of(Signaling._connect) in ROWS


def test_every_http_route_has_a_row() -> None:
    assert len(ROUTES) > 10
    for route in ROUTES:
        assert action_of(route.handler) in ROWS, (route.method, route.path)
