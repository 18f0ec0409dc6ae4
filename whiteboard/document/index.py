"""The gate's memory of a page: which shape each (client id, clock) wrote, who owns the shape, and what is deleted."""

from array import array
from bisect import bisect_right

from whiteboard.document.ranges import Ranges
from whiteboard.ids import PersonKey


class ClientRuns:
    """
    What one client id wrote: from clock `starts[i]` on it wrote the shape `slots[i]`, up to the next start or `next`.
    `gone`: its clocks that somebody has deleted, as far as updates said so.
    """

    __slots__ = ("gone", "next", "slots", "starts")

    def __init__(self) -> None:
        self.starts = array("I")
        self.slots = array("I")
        self.next = 0
        self.gone = Ranges()


class Index:
    """
    Shapes are numbered by slots in the order of their first write. About 150 bytes for each shape, 8 for each further
    write of another shape, none for writing the same shape again.
    """

    def __init__(self) -> None:
        self.slots: dict[bytes, int] = {}
        """Shape key -> slot, in the order of slots. Others read it, and `owners`, but do not write."""
        self.owners = array("I")
        """Slot -> its owner's number."""
        self.persons: list[PersonKey] = []
        """Owners by their numbers."""
        self.clients: dict[int, ClientRuns] = {}
        """What each client id wrote."""
        self._numbers: dict[PersonKey, int] = {}

    def __len__(self) -> int:
        """Shapes ever written in this epoch."""
        return len(self.owners)

    def next_clock(self, client: int) -> int:
        """The clock that the client id's next struct must have."""
        runs = self.clients.get(client)
        return 0 if runs is None else runs.next

    def slot_at(self, client: int, clock: int) -> int | None:
        """The slot that (client, clock) wrote, if it is known."""
        runs = self.clients.get(client)
        if runs is None or clock >= runs.next:
            return None
        return runs.slots[bisect_right(runs.starts, clock) - 1]

    def slots_between(self, client: int, start: int, stop: int) -> "array[int]":
        """The slots that a known range of clocks wrote, at least one; neighbours differ."""
        runs = self.clients[client]
        low = bisect_right(runs.starts, start) - 1
        return runs.slots[low : bisect_right(runs.starts, stop - 1, low)]

    def undeleted(self, client: int, start: int, stop: int) -> list[tuple[int, int]]:
        """What of a range nobody has deleted yet."""
        runs = self.clients.get(client)
        return [(start, stop)] if runs is None else runs.gone.missing(start, stop)

    def number_of(self, person: PersonKey) -> int:
        """A person's number as an owner, -1 for one who owns nothing."""
        return self._numbers.get(person, -1)

    def owner_of(self, key: bytes) -> PersonKey | None:
        """The person who wrote a shape first."""
        slot = self.slots.get(key)
        return None if slot is None else self.persons[self.owners[slot]]

    def add_shape(self, key: bytes, person: PersonKey) -> int:
        """A new shape and its owner; its slot."""
        slot = len(self.owners)
        self.slots[key] = slot
        number = self._numbers.get(person)
        if number is None:
            number = self._numbers[person] = len(self.persons)
            self.persons.append(person)
        self.owners.append(number)
        return slot

    def fill(self, keys: list[bytes], owners: "array[int]", persons: list[PersonKey]) -> None:
        """All shapes at once, for an empty index. Raises ValueError when a key or a person comes twice."""
        self.slots = {key: slot for slot, key in enumerate(keys)}
        self.owners = owners
        self.persons = persons
        self._numbers = {person: number for number, person in enumerate(persons)}
        if len(self.slots) != len(keys) or len(self._numbers) != len(persons):
            raise ValueError("a key or a person comes twice")

    def add_run(self, client: int, start: int, stop: int, slot: int) -> None:
        """The client id's next clocks, which wrote one shape."""
        runs = self.clients.get(client)
        if runs is None:
            runs = self.clients[client] = ClientRuns()
        if not runs.slots or runs.slots[-1] != slot:
            runs.starts.append(start)
            runs.slots.append(slot)
        runs.next = stop

    def add_deleted(self, client: int, start: int, stop: int) -> None:
        """A range that was deleted; it must be known."""
        self.clients[client].gone.add(start, stop)
