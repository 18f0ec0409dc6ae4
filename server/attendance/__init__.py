"""Attendance: the append-only record of who was present when, and its recovery after a crash."""

from server.attendance.events import Event, EventKind, LeaveReason
from server.attendance.presence import Joined, Left
from server.attendance.recovery import Recovered
from server.attendance.register import EMPTY_TIMER_S, SEEN_INTERVAL_S, Attendance

__all__ = [
    "EMPTY_TIMER_S",
    "SEEN_INTERVAL_S",
    "Attendance",
    "Event",
    "EventKind",
    "Joined",
    "LeaveReason",
    "Left",
    "Recovered",
]
