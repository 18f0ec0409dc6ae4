"""The built web client in memory: every file with its compressed forms, its type and its tag."""

import gzip
import hashlib
import mimetypes
import re
from dataclasses import dataclass
from pathlib import Path

_COMPRESSED = {".br": "br", ".gz": "gzip"}
_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
    ".wasm": "application/wasm",
    ".woff2": "font/woff2",
}
_WORTH_COMPRESSING = (".js", ".css", ".html", ".json", ".svg", ".webmanifest", ".wasm")
_HASHED = re.compile(r"[.-][A-Za-z0-9_-]{8,}\.[a-z0-9]+$")


@dataclass(frozen=True, slots=True)
class StaticFile:
    """One file. `bodies` by content coding, `identity` always among them."""

    type: str
    tag: str
    bodies: dict[str, bytes]
    hashed: bool
    """Its name holds a hash of its content: it may be kept for ever."""

    def choose(self, accept_encoding: str) -> tuple[str, bytes]:
        """The smallest form that a client takes (RFC 9110 section 12.5.3)."""
        taken = _taken(accept_encoding)
        codings = [coding for coding in self.bodies if coding == "identity" or coding in taken]
        best = min(codings, key=lambda coding: len(self.bodies[coding]))
        return best, self.bodies[best]


def load_static(folder: Path) -> dict[str, StaticFile]:
    """
    All files below `folder` by URL path; empty when there is none. `.br` and `.gz` files beside a file are its
    compressed forms; gzip is made here when the build did not. Blocks: call it at start, in a thread.
    """
    if not folder.is_dir():
        return {}
    files: dict[str, StaticFile] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix not in _COMPRESSED and not path.is_symlink():
            files["/" + path.relative_to(folder).as_posix()] = _load(path)
    return files


def _load(path: Path) -> StaticFile:
    body = path.read_bytes()
    bodies = {"identity": body}
    for suffix, coding in _COMPRESSED.items():
        twin = path.with_name(path.name + suffix)
        if twin.is_file():
            bodies[coding] = twin.read_bytes()
    if "gzip" not in bodies and path.suffix in _WORTH_COMPRESSING:
        bodies["gzip"] = gzip.compress(body, 9, mtime=0)
    kind = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    hashed = path.suffix != ".html" and _HASHED.search(path.name) is not None
    return StaticFile(kind, hashlib.sha256(body).hexdigest()[:24], bodies, hashed)


def _taken(accept_encoding: str) -> set[str]:
    taken = set()
    for part in accept_encoding.lower().split(","):
        coding, _, parameters = part.strip().partition(";")
        weight = parameters.replace(" ", "")
        if coding and not re.fullmatch(r"q=0(\.0*)?", weight):
            taken.add(coding.strip())
    return taken
