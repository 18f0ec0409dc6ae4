"""A server process for tests that kill it: `python -m tests.server.serve_for_kill DATABASE_URL PORT`."""

import asyncio
import sys
from pathlib import Path

import uvloop

from server.access import Access, Limits, rates_with
from server.app import serving
from server.rooms import RoomsConfig
from server.settings import AccessConfig, HttpConfig, Secret, StorageConfig
from server.storage import open_database
from tests.server.stand_in_plane import StandInPlane


async def _serve(url: str, port: int) -> None:
    access_config = AccessConfig(public_url=f"http://127.0.0.1:{port}", master_key=Secret("k" * 64))
    http = HttpConfig(host="127.0.0.1", port=port, public_url=access_config.public_url, tls_cert=None, tls_key=None)
    async with open_database(StorageConfig(url=url)) as database:
        access = Access(database, access_config)
        limits = Limits(rates_with(10_000))
        async with serving(
            http, database, StandInPlane(), access, limits, RoomsConfig(), static=Path("no-client")
        ) as running:
            sys.stdout.write(f"listening {running.port}\n")
            sys.stdout.flush()
            await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(_serve(sys.argv[1], int(sys.argv[2])))
