"""How much one update and one page may be (docs/protocol.md sections 3.2, 3.4 and 3.6)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PageLimits:
    """Limits of a page and of the updates to it. The defaults are those that the protocol promises."""

    update_bytes: int = 65_536
    """Bytes of one update."""
    update_structs: int = 256
    """Structs of one update."""
    update_clients: int = 16
    """Client ids whose structs come in one update: a tab has one, a tab that came back after a refusal two."""
    delete_ranges: int = 4_096
    """Ranges of deletions in one update: neighbours that one client id wrote are one range."""
    deleted_run: int = 16_384
    """Clocks that one Deleted struct may take: what one transaction wrote over and over again."""
    shape_bytes: int = 16_384
    """Bytes of one shape."""
    shapes: int = 20_000
    """Shapes on a page."""
    known_shapes: int = 100_000
    """Shapes that a page's epoch may have seen, deleted ones too: each leaves some 100 bytes behind until the roll."""
    page_bytes: int = 30_000_000
    """Bytes of a page's document, with what deletions have left behind."""
    vector_clients: int = 20_000
    """Entries of a state vector: every tab that ever wrote to the page has one."""
    roll_bytes: int = 262_144
    """A document that is smaller, in bytes, is never worth a new epoch."""
    roll_ratio: float = 2.0
    """A document is worth a new epoch when it is so many times as big as its living shapes."""
    roll_clients: int = 2_000
    """And when so many client ids have written: every returning client names them all in its state vector."""
