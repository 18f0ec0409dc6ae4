"""What a new page, a copy or a new epoch begins with: living shapes, written anew by client ids of their owners."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from whiteboard.document.index import Index
from whiteboard.document.index_bytes import pack
from whiteboard.document.update import Written, binary_struct, encode
from whiteboard.ids import ClientId, Epoch, PersonKey, Seq, ShapeId
from whiteboard.ports import Snapshot


class OwnedShape(NamedTuple):
    """A living shape: its id, its bytes as in docs/protocol.md section 3.4, and who wrote it first."""

    id: ShapeId
    data: bytes
    owner: PersonKey


@dataclass(frozen=True, slots=True)
class PageStart:
    """The first snapshot of an epoch and the owners of its client ids, as `PageStore.begin_epoch` takes them."""

    epoch: Epoch
    clients: Mapping[ClientId, PersonKey]
    snapshot: Snapshot


def start_page(
    epoch: Epoch, shapes: Iterable[OwnedShape], draw_client: Callable[[], ClientId], at_ms: int
) -> PageStart:
    """
    A document of just these shapes under seq 0. `draw_client` gives random 32-bit client ids; one that repeats itself
    is drawn again.
    """
    clients: dict[ClientId, PersonKey] = {}
    writers: dict[PersonKey, ClientId] = {}
    index = Index()
    structs = []
    for shape in shapes:
        client = writers.get(shape.owner)
        if client is None:
            client = draw_client()
            while client in clients:
                client = draw_client()
            clients[client] = shape.owner
            writers[shape.owner] = client
        key = shape.id.encode()
        clock = index.next_clock(client)
        index.add_run(client, clock, clock + 1, index.add_shape(key, shape.owner))
        structs.append(Written(client, clock, binary_struct(key, shape.data)))
    return PageStart(epoch, clients, Snapshot(Seq(0), at_ms, encode(structs, ()), pack(index)))
