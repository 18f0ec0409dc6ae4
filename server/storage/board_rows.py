"""Snapshots and log rows between the database and the whiteboard: packed, unpacked, and given their persons."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from server.storage.board_log import PageId
from server.storage.board_tables import board_client, board_snapshot
from whiteboard import ClientId, Epoch, LoggedUpdate, PersonKey, Seq, Snapshot


@dataclass(frozen=True, slots=True)
class Packed:
    """A snapshot as it is stored: both blobs zlib."""

    seq: int
    at_ms: int
    state: bytes
    index: bytes


def pack(snapshot: Snapshot) -> Packed:
    """Some 30 ms for 10,000 strokes: call it in a thread."""
    # Level 1: five times the work would save a twentieth.
    return Packed(snapshot.seq, snapshot.at_ms, zlib.compress(snapshot.state, 1), zlib.compress(snapshot.index, 1))


def unpack(packed: Packed) -> Snapshot | None:
    """None when it is damaged. Call it in a thread."""
    try:
        return Snapshot(Seq(packed.seq), packed.at_ms, zlib.decompress(packed.state), zlib.decompress(packed.index))
    except zlib.error:
        return None


def read_packed(connection: Connection, page: PageId, epoch: int, seq: int) -> Packed | None:
    """One snapshot."""
    columns = board_snapshot.c
    row = connection.execute(
        select(columns.seq, columns.at_ms, columns.state, columns.index).where(
            columns.page_id == page, columns.epoch == epoch, columns.seq == seq
        )
    ).first()
    return None if row is None else Packed(*row)


def read_clients(connection: Connection, page: PageId, epoch: Epoch) -> dict[ClientId, PersonKey]:
    """Whose each client id is."""
    columns = board_client.c
    rows = connection.execute(
        select(columns.client, columns.person).where(columns.page_id == page, columns.epoch == epoch)
    )
    return {ClientId(row.client): PersonKey(row.person) for row in rows}


def logged(
    rows: Sequence[tuple[int, int, int, bytes]], clients: Mapping[ClientId, PersonKey]
) -> Sequence[LoggedUpdate]:
    """Log rows (seq, at_ms, client, data) with their persons."""
    # An id that is bound to nobody stands for nobody: shapes of such are the tutor's to change.
    nobody = PersonKey("")
    return [
        LoggedUpdate(Seq(seq), at_ms, ClientId(client), clients.get(ClientId(client), nobody), bytes(data))
        for seq, at_ms, client, data in rows
    ]
