"""`/metrics`, `/healthz`, `/readyz`: what machines ask the server about itself. A room's or person's id is no label."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from aiohttp import web
from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector
from sqlalchemy import text

from server.access import Action, requires
from server.storage import DatabaseFailed
from server.web.context import Services, check, services, visitor

REGISTRY = web.AppKey("registry", CollectorRegistry)

_DROPPED = "drop_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauges:
    """What the composition root can tell beside what the services hold."""

    native: Callable[[], Mapping[str, int]]
    """Absolute counters of the media plane."""

    sockets: Callable[[], int]
    """Open signalling sockets."""

    signaling: Callable[[], Mapping[str, int]]
    """Absolute counters of signalling."""

    http: Callable[[], Mapping[str, int]]
    """Absolute counters of the listener."""

    workers: Callable[[], Mapping[str, int]]
    """Absolute counters of workers, by job and outcome."""


class MusterCollector(Collector):
    """Reads the counters where they are kept, when asked."""

    def __init__(self, here: Services, gauges: Gauges) -> None:
        self._here = here
        self._gauges = gauges

    def collect(self) -> Iterator[Metric]:
        """All families."""
        yield GaugeMetricFamily("muster_rooms", "Live rooms", value=len(self._here.rooms.live))
        yield GaugeMetricFamily("muster_participants", "Participants of all rooms", value=self._here.rooms.participants)
        yield GaugeMetricFamily("muster_sockets", "Open signalling sockets", value=self._gauges.sockets())
        hits = CounterMetricFamily("muster_limit_hits", "Refusals by limit", labels=["name"])
        for name, count in self._here.limits.hits.items():
            hits.add_metric([name.value], count)
        yield hits
        stats = self._here.database.stats
        yield CounterMetricFamily("muster_storage_commits", "Committed groups of writes", value=stats.commits)
        yield CounterMetricFamily("muster_storage_units", "Committed units of work", value=stats.units)
        yield CounterMetricFamily("muster_storage_failed_units", "Units that were not stored", value=stats.failed_units)
        yield from _labelled("muster_signaling", "Signalling by kind", self._gauges.signaling())
        yield from _labelled("muster_board", "Boards by kind", self._here.boards.counters())
        yield from _labelled(
            "muster_board_now", "What there is of boards", self._here.boards.gauges(), GaugeMetricFamily
        )
        if self._here.work is not None:
            yield from _labelled("muster_board_work", "Slides and saved boards by kind", self._here.work.counters)
        yield from _labelled("muster_workers", "Jobs of sandboxed workers by job and outcome", self._gauges.workers())
        yield from _labelled("muster_files", "Files by kind", self._here.files.counters)
        yield from _labelled("muster_http", "The HTTP listener by kind", self._gauges.http())
        yield from _native(self._gauges.native())


def _labelled(
    name: str,
    words: str,
    counters: Mapping[str, int],
    kind_of: type[CounterMetricFamily | GaugeMetricFamily] = CounterMetricFamily,
) -> Iterator[Metric]:
    family = kind_of(name, words, labels=["kind"])
    for kind, count in counters.items():
        family.add_metric([kind], count)
    yield family


def _native(counters: Mapping[str, int]) -> Iterator[Metric]:
    dropped = CounterMetricFamily("muster_native_dropped", "Packets dropped by reason", labels=["reason"])
    for name, count in counters.items():
        if name.startswith(_DROPPED):
            dropped.add_metric([name.removeprefix(_DROPPED)], count)
        else:
            yield CounterMetricFamily(f"muster_native_{name}", "A counter of the packet path", value=count)
    yield dropped


def make_registry(here: Services, gauges: Gauges) -> CollectorRegistry:
    """A registry of its own: nothing is global, so tests and two servers in one process do not meet."""
    registry = CollectorRegistry(auto_describe=False)
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    GCCollector(registry=registry)
    registry.register(MusterCollector(here, gauges))
    return registry


@requires(Action.METRICS_READ)
async def metrics(request: web.Request) -> web.Response:
    """The Prometheus text format."""
    check(visitor(request), Action.METRICS_READ)
    return web.Response(body=generate_latest(request.app[REGISTRY]), headers={"Content-Type": CONTENT_TYPE_LATEST})


@requires(Action.HEALTH_READ)
async def alive(request: web.Request) -> web.Response:
    """The loop turns."""
    check(visitor(request), Action.HEALTH_READ)
    return web.json_response({"ok": True})


@requires(Action.HEALTH_READ)
async def ready(request: web.Request) -> web.Response:
    """People can come in: the database answers and the server is not about to stop."""
    check(visitor(request), Action.HEALTH_READ)
    here = services(request)
    if here.rooms.draining:
        return web.json_response({"ok": False, "reason": "draining"}, status=503)
    try:
        await here.database.read(lambda c: c.execute(text("SELECT 1")).scalar())
    except DatabaseFailed as error:
        return web.json_response({"ok": False, "reason": f"database {error.reason.value}"}, status=503)
    return web.json_response({"ok": True})
