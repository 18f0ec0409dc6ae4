"""Whom a request comes from when reverse proxies stand in front."""

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from multidict import CIMultiDict

from server.settings import StorageConfig
from server.web import Services, WebConfig, address_of
from server.web.context import SERVICES
from tests.server.running import ORIGIN, page, running_stage

TRUSTED = (ip_network("127.0.0.1"), ip_network("10.0.0.0/8"), ip_network("2001:db8:1::/48"))


def address(remote: str, *forwarded: str, trusted: Sequence[IPv4Network | IPv6Network] = TRUSTED) -> str:
    """Whom the server takes a request for."""
    app = web.Application()
    config = WebConfig(public_url=ORIGIN, static=Path(), trusted_proxies=tuple(trusted))
    # Only the configuration is read.
    app[SERVICES] = cast("Services", SimpleNamespace(config=config))
    headers = CIMultiDict([("X-Forwarded-For", line) for line in forwarded])
    return address_of(make_mocked_request("GET", "/", headers=headers, app=app).clone(remote=remote))


def test_without_a_trusted_proxy_the_header_is_a_strangers_word() -> None:
    assert address("203.0.113.5", "198.51.100.1") == "203.0.113.5"
    assert address("127.0.0.1", "198.51.100.1", trusted=()) == "127.0.0.1"


def test_behind_trusted_proxies_the_right_most_other_hop_counts() -> None:
    assert address("10.0.0.1", "198.51.100.1") == "198.51.100.1"
    assert address("10.0.0.1", "192.0.2.66, 198.51.100.1 , 10.2.3.4") == "198.51.100.1"
    assert address("10.0.0.1", "192.0.2.66", "198.51.100.1,10.2.3.4") == "198.51.100.1"
    assert address("2001:db8:1::9", "2001:DB8:2:0::1") == "2001:db8:2::1"
    assert address("::ffff:10.0.0.1", "::ffff:198.51.100.1") == "198.51.100.1"


@pytest.mark.parametrize(
    "line", ["", "unknown", "198.51.100.1:80", "198.51.100.1,", "fe80::1%eth0", "1.2.3", "10.0.0.9"]
)
def test_a_header_that_names_nobody_counts_as_the_proxy(line: str) -> None:
    assert address("10.0.0.1", line) == "10.0.0.1"


def test_a_proxy_without_the_header_counts_itself() -> None:
    assert address("10.0.0.1") == "10.0.0.1"


def test_what_a_visitor_made_up_left_of_his_own_address_does_no_harm() -> None:
    assert address("10.0.0.1", "<script>, 198.51.100.1") == "198.51.100.1"


async def test_guesses_of_one_visitor_do_not_shut_out_others_behind_the_same_proxy(
    sqlite_config: StorageConfig, tmp_path: Path
) -> None:
    config = WebConfig(public_url=ORIGIN, static=tmp_path, trusted_proxies=(ip_network("127.0.0.1"),))
    async with running_stage(sqlite_config, tmp_path / "static", web=config) as stage:

        async def guess(visitor: str) -> str:
            headers = {"X-Forwarded-For": visitor}
            async with stage.http.post(
                stage.url + "/api/session", json={"ticket": "x" * 43}, headers=headers
            ) as response:
                code: str = (await response.json())["code"]
                return code

        async def guess_until_refused() -> None:
            while await guess("198.51.100.1") != "rate_limited":
                pass

        await guess_until_refused()
        assert await guess("198.51.100.2") == "ticket_unknown"
        async with page(stage, await stage.token()):
            [session] = stage.running.signaling._sessions.values()
            assert session.address == "127.0.0.1"
