"""Names and numbers of the whiteboard. Persons and rooms are opaque text of whoever uses this package."""

from typing import NewType

RoomKey = NewType("RoomKey", str)
PersonKey = NewType("PersonKey", str)
BoardId = NewType("BoardId", str)
GroupId = NewType("GroupId", str)
PageNumber = NewType("PageNumber", int)
"""Unique in a room and never used again."""
Epoch = NewType("Epoch", int)
"""Rises when a page is rewritten; with the page number it names one Yjs document."""
ClientId = NewType("ClientId", int)
"""A Yjs client id, 32 bit: given by the server to one person for one page and epoch."""
ShapeId = NewType("ShapeId", str)
Seq = NewType("Seq", int)
"""Place of an update in the log of its page and epoch, from 1."""
