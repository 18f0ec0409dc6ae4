"""The kernel's calls that Python has no names for, for the sandbox."""

import ctypes
import os
import platform
import struct

_libc = ctypes.CDLL(None, use_errno=True)

PR_SET_PDEATHSIG = 1
PR_SET_SECCOMP = 22
PR_SET_NO_NEW_PRIVS = 38
SECCOMP_MODE_FILTER = 2
CLONE_NEWNET = 0x40000000

_LANDLOCK_CREATE = 444
_LANDLOCK_ADD = 445
_LANDLOCK_RESTRICT = 446
_LANDLOCK_VERSION = 1
_PATH_BENEATH = 1


def prctl(option: int, value: int, pointer: ctypes.c_void_p | None = None) -> None:
    """prctl(2). Raises OSError."""
    if _libc.prctl(ctypes.c_int(option), ctypes.c_ulong(value), pointer or ctypes.c_ulong(0), 0, 0) != 0:
        raise _error()


def unshare(flags: int) -> None:
    """unshare(2). Raises OSError: most users may not."""
    if _libc.unshare(ctypes.c_int(flags)) != 0:
        raise _error()


def landlock_version() -> int:
    """The kernel's Landlock ABI, 0 without it."""
    version: int = _libc.syscall(_LANDLOCK_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint(_LANDLOCK_VERSION))
    return max(0, version)


def landlock(handled: bytes, rules: list[tuple[int, int]]) -> None:
    """
    Restricts this process for ever: `handled` is the packed landlock_ruleset_attr, `rules` are (open folder or file,
    rights). Raises OSError.
    """
    ruleset = _libc.syscall(_LANDLOCK_CREATE, handled, ctypes.c_size_t(len(handled)), ctypes.c_uint(0))
    if ruleset < 0:
        raise _error()
    try:
        for file, rights in rules:
            rule = struct.pack("=Qi", rights, file)
            if _libc.syscall(_LANDLOCK_ADD, ruleset, _PATH_BENEATH, rule, ctypes.c_uint(0)) != 0:
                raise _error()
        if _libc.syscall(_LANDLOCK_RESTRICT, ruleset, ctypes.c_uint(0)) != 0:
            raise _error()
    finally:
        os.close(ruleset)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def seccomp(program: bytes) -> None:
    """Installs a BPF program (struct sock_filter, 8 bytes each) over all calls to come. Raises OSError."""
    holder = _Program(len(program) // 8, program)
    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.cast(ctypes.pointer(holder), ctypes.c_void_p))


def machine() -> str:
    """The kernel's name of this machine's architecture."""
    return platform.machine()


def _error() -> OSError:
    number = ctypes.get_errno()
    return OSError(number, os.strerror(number))
