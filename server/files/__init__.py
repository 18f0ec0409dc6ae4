"""The files of a room: stored by their content, named by random ids, typed by what they begin with."""

from server.files.errors import FileFault, FileRefused
from server.files.kinds import IMAGE_TYPES, kind_of
from server.files.repository import FileRepository, Incoming, StoredFile

__all__ = ["IMAGE_TYPES", "FileFault", "FileRefused", "FileRepository", "Incoming", "StoredFile", "kind_of"]
