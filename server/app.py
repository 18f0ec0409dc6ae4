"""The composition root: builds everything from the settings, runs it in one task group, and ends it in order."""

import asyncio
import gc
import signal
import ssl
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog
import uvloop

from media import MediaPlane
from server.access import Access, Limits, load_master_key, rates_with, wall_clock_ms
from server.attendance import Attendance
from server.boards import (
    Boards,
    BoardsConfig,
    BoardWork,
    Exports,
    Slides,
    SlidesConfig,
    WorkerExports,
    WorkerSlides,
)
from server.files import FileRepository
from server.rooms import Plane, Rooms, RoomsConfig
from server.settings import FilesConfig, HttpConfig, Settings
from server.signaling import Signaling, SignalingConfig
from server.storage import Database, open_database
from server.web import Gauges, Listener, Services, WebConfig, address_of, load_static, make_application
from server.workers import WorkerConfig, WorkerPool

_log = structlog.get_logger("server.app")

STATIC = Path(__file__).parent / "static"
DRAIN_S = 10.0
"""How long an orderly end may take before it is forced, seconds."""

REPORT_S = 60.0

_SWITCH_S = 0.001

_YOUNG_OBJECTS = 10_000
"""Containers made until the collector looks at them; the default of 700 is passed several times in one join."""


def run(settings: Settings, welcome: Sequence[str] = ()) -> None:
    """
    Serves until SIGTERM or SIGINT; the database is migrated already. The lines of `welcome` are written to
    standard output once the server listens. Returns after an orderly end. Raises
    StorageUnavailable, MasterKeyLost, media.PortUnavailable, OSError (HTTP port), or SystemExit(1) on a second signal.
    """
    uvloop.run(_main(settings, welcome))


async def _main(settings: Settings, welcome: Sequence[str]) -> None:
    master_key = await asyncio.to_thread(load_master_key, settings.secret_key, settings.data_dir)
    async with (
        open_database(settings.storage()) as database,
        MediaPlane(settings.media()) as plane,
        WorkerPool(WorkerConfig(folder=settings.data_dir.absolute() / "workers")) as pool,
    ):
        slides = WorkerSlides(pool, SlidesConfig(settings.data_dir.absolute() / "pictures"))
        access = Access(database, settings.access(master_key))
        await access.purge()
        limits = Limits(rates_with(settings.limits_joins_per_minute))
        rooms_config = RoomsConfig(capacity=settings.limits_room_capacity)
        stop = _stop_on_signals()
        async with serving(
            settings.http(),
            database,
            plane,
            access,
            limits,
            rooms_config,
            files_config=settings.files(),
            rendering=(slides, WorkerExports(pool, slides)),
            workers=lambda: pool.counters,
        ) as running:
            _set_start_aside()
            _report_start(settings, welcome)
            report = asyncio.get_running_loop().time() + REPORT_S
            while not stop.is_set():
                try:
                    async with asyncio.timeout_at(report):
                        await stop.wait()
                except TimeoutError:
                    report += REPORT_S
                    running.report()


@dataclass(slots=True)
class Running:
    """A server that is up."""

    port: int
    rooms: Rooms
    signaling: Signaling
    plane: Plane
    files: FileRepository
    boards: Boards
    _packets: int = 0
    _drops: int = 0

    def report(self) -> None:
        """One line for the operator: what the last minute carried."""
        counters = self.plane.counters()
        packets = counters.get("datagrams_out", 0)
        drops = sum(count for name, count in counters.items() if name.startswith("drop_"))
        line = (
            f"rooms {len(self.rooms.live)}, participants {self.rooms.participants}, "
            f"packets/s {(packets - self._packets) / REPORT_S:.0f}, drops {drops - self._drops}"
        )
        self._packets, self._drops = packets, drops
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


@asynccontextmanager
async def serving(
    http: HttpConfig,
    database: Database,
    plane: Plane,
    access: Access,
    limits: Limits,
    rooms_config: RoomsConfig,
    *,
    signaling_config: SignalingConfig | None = None,
    static: Path = STATIC,
    web_config: WebConfig | None = None,
    files_config: FilesConfig | None = None,
    boards_config: BoardsConfig | None = None,
    rendering: tuple[Slides, Exports] | None = None,
    workers: Callable[[], Mapping[str, int]] = dict,
) -> AsyncIterator[Running]:
    """
    Recovers what a crash left open, listens, and drains at the end of the context: people are told to come back,
    their leaves are stored, sockets close.
    """
    attendance = Attendance(database, wall_clock_ms)
    recovered = await attendance.recover()
    if recovered.conns:
        _log.info("recovered", connections=recovered.conns, sessions=recovered.sessions)
    rooms = Rooms(config=rooms_config, plane=plane, attendance=attendance, access=access, clock=wall_clock_ms)
    signaling = Signaling(
        rooms=rooms, access=access, limits=limits, clock=wall_clock_ms, address_of=address_of, config=signaling_config
    )
    boards = Boards(database, rooms, wall_clock_ms, boards_config)
    repository = FileRepository(database, files_config or FilesConfig(), wall_clock_ms)
    await repository.sweep()
    work = BoardWork(boards, repository, *rendering, wall_clock_ms) if rendering is not None else None
    here = Services(
        config=web_config or WebConfig(public_url=http.public_url, static=static, trusted_proxies=http.trusted_proxies),
        database=database,
        access=access,
        limits=limits,
        rooms=rooms,
        files=repository,
        boards=boards,
        work=work,
        sockets=signaling.handle,
        clock=wall_clock_ms,
    )
    files = await asyncio.to_thread(load_static, here.config.static)
    if "/index.html" not in files:
        _log.warning("The web client is not built (make client): people get a page that says so.")
    counters: dict[str, int] = {}
    app = make_application(
        here,
        files,
        Gauges(
            native=plane.counters,
            sockets=lambda: signaling.sockets,
            signaling=lambda: signaling.counters,
            http=lambda: counters,
            workers=workers,
        ),
    )
    listener = Listener(app, here.config)
    counters = listener.counters
    async with asyncio.TaskGroup() as tasks:
        keepers = [
            tasks.create_task(rooms.run(), name="rooms"),
            tasks.create_task(signaling.run(), name="signaling"),
        ]
        tasks.create_task(boards.run(), name="boards")
        if work is not None:
            rooms.watch(work)
            keepers.append(tasks.create_task(work.run(), name="board-work"))
        # The rooms' task group must be open before the first connection.
        await asyncio.sleep(0)
        async with listener.listening(http.host, http.port, _tls(http)) as port:
            try:
                yield Running(port, rooms, signaling, plane, repository, boards)
            finally:
                async with asyncio.timeout(DRAIN_S):
                    await boards.drain()
                    await rooms.drain()
                    await signaling.close_all()
        for keeper in keepers:
            keeper.cancel()


def _set_start_aside() -> None:
    # The collector would walk the half million objects of modules and schema again and again for the little that a
    # join leaves behind: measured at 2 ms of each join's 19.
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG_OBJECTS, *gc.get_threshold()[1:])
    # A thread that prepares a commit gives the loop its turn after 1 ms instead of 5.
    sys.setswitchinterval(_SWITCH_S)


def _report_start(settings: Settings, welcome: Sequence[str]) -> None:
    _log.info("serving", address=settings.origin)
    sys.stdout.write("".join(f"{line}\n" for line in welcome))
    sys.stdout.flush()


def _stop_on_signals() -> asyncio.Event:
    """Set by the first SIGTERM or SIGINT; the second one ends the process at once."""
    stop = asyncio.Event()

    def on_signal() -> None:
        if stop.is_set():
            sys.stderr.write("muster: ended at once by a second signal.\n")
            raise SystemExit(1)
        stop.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, on_signal)
    return stop


def _tls(http: HttpConfig) -> ssl.SSLContext | None:
    if http.tls_cert is None or http.tls_key is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(http.tls_cert, http.tls_key)
    return context
