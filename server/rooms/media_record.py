"""When whose media was up: every `media_up` of the event table has its `media_down`, and no other has one."""

from dataclasses import dataclass

import structlog

from server.attendance import Attendance, EventKind
from server.storage import ConnId, ParticipantId, PersonId, SessionId, WriteFailed

_log = structlog.get_logger("server.rooms")


@dataclass(frozen=True, slots=True)
class Carrier:
    """Who sends and receives, and by which connection of the attendance."""

    session: SessionId
    participant: ParticipantId
    person: PersonId
    conn: ConnId


class MediaRecord:
    """
    Belongs to one LiveRoom. What is up changes before the first await, so that calls count in their order. A write
    that fails is logged and not raised: these events watch, and nobody's join or leave hangs on them.
    """

    def __init__(self, attendance: Attendance) -> None:
        self._attendance = attendance
        self._up: dict[ParticipantId, Carrier] = {}

    def conn_of(self, participant: ParticipantId) -> ConnId | None:
        """The connection by which a participant's media is up."""
        carrier = self._up.get(participant)
        return carrier.conn if carrier is not None else None

    async def up(self, carrier: Carrier, transport: str) -> None:
        """Keys were agreed. Media that was up is replaced by it."""
        before = self._up.get(carrier.participant)
        self._up[carrier.participant] = carrier
        if before is not None:
            await self._write(before, EventKind.MEDIA_DOWN, {"reason": "replaced"})
        await self._write(carrier, EventKind.MEDIA_UP, {"transport": transport})

    async def down(self, participant: ParticipantId, reason: str) -> None:
        """The media ended. Nothing is recorded for media that never came up."""
        carrier = self._up.pop(participant, None)
        if carrier is not None:
            await self._write(carrier, EventKind.MEDIA_DOWN, {"reason": reason})

    async def _write(self, carrier: Carrier, kind: EventKind, detail: dict[str, str]) -> None:
        data = {"participant": carrier.participant, **detail}
        try:
            await self._attendance.record(
                carrier.session, kind, person_id=carrier.person, conn_id=carrier.conn, data=data
            )
        except WriteFailed as error:
            _log.warning("media_not_stored", kind=kind.value, reason=error.reason.value)
