"""Which boards and pages a room has, who may write on them, and the commands that change that. Pure."""

from whiteboard.meta.commands import apply
from whiteboard.meta.document import Delta, Meta

__all__ = ["Delta", "Meta", "apply"]
