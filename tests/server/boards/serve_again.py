"""
Servers for tests that kill them many times: `python -m tests.server.boards.serve_again DATABASE_URL FILES`. For each
line on standard input, a port, it forks a server, which says `listening PORT PID`: what takes long to load is loaded.
"""

import asyncio
import gc
import os
import sys
from pathlib import Path

import uvloop

from server.access import Access, Limits, rates_with
from server.app import serving
from server.rooms import RoomsConfig
from server.settings import AccessConfig, FilesConfig, HttpConfig, Secret, StorageConfig
from server.storage import open_database
from tests.server.stand_in_plane import StandInPlane


async def _serve(url: str, files: Path, port: int) -> None:
    access_config = AccessConfig(public_url=f"http://127.0.0.1:{port}", master_key=Secret("k" * 64))
    http = HttpConfig(host="127.0.0.1", port=port, public_url=access_config.public_url, tls_cert=None, tls_key=None)
    async with (
        open_database(StorageConfig(url=url)) as database,
        serving(
            http,
            database,
            StandInPlane(),
            Access(database, access_config),
            Limits(rates_with(10_000)),
            RoomsConfig(),
            static=Path("no-client"),
            files_config=FilesConfig(folder=files),
        ) as running,
    ):
        sys.stdout.write(f"listening {running.port} {os.getpid()}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


def _main(url: str, files: str) -> None:
    gc.freeze()
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            uvloop.run(_serve(url, Path(files), int(line)))
            os._exit(0)
        os.waitpid(child, 0)


if __name__ == "__main__":
    _main(*sys.argv[1:3])
