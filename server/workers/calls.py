"""The calls that a worker may not make, as a seccomp program (linux/seccomp.h, linux/filter.h)."""

import errno
import struct

_AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_X32 = 0x40000000

_LOAD = 0x20
_JUMP_EQUAL = 0x15
_JUMP_GREATER_EQUAL = 0x35
_JUMP_SET = 0x45
_RETURN = 0x06
_NUMBER_AT, _ARCH_AT, _FIRST_ARGUMENT_AT = 0, 4, 16

_KILL = 0x80000000
_ERROR = 0x00050000
_ALLOW = 0x7FFF0000
_CLONE_THREAD = 0x00010000
_AF_UNIX = 1

# unistd.h of both architectures; aarch64 has no fork and vfork.
_NUMBERS = {
    "x86_64": {
        "socket": 41, "connect": 42, "bind": 49, "listen": 50, "accept": 43, "accept4": 288, "sendto": 44,
        "clone": 56, "clone3": 435, "fork": 57, "vfork": 58, "execve": 59, "execveat": 322,
        "ptrace": 101, "process_vm_readv": 310, "process_vm_writev": 311, "pidfd_getfd": 438,
        "io_uring_setup": 425, "bpf": 321, "userfaultfd": 323, "perf_event_open": 298, "keyctl": 250,
        "add_key": 248, "request_key": 249, "mount": 165, "umount2": 166, "pivot_root": 155, "chroot": 161,
        "setns": 308, "unshare": 272, "init_module": 175, "finit_module": 313, "kexec_load": 246, "reboot": 169,
        "kill": 62, "tgkill": 234, "tkill": 200, "rt_sigqueueinfo": 129, "rt_tgsigqueueinfo": 297,
        "pidfd_open": 434, "pidfd_send_signal": 424, "prlimit64": 302, "setpriority": 141, "ioprio_set": 251,
        "sched_setaffinity": 203, "sched_setscheduler": 144, "sched_setparam": 142, "sched_setattr": 314,
        "process_madvise": 440, "process_mrelease": 448, "move_pages": 279, "migrate_pages": 256,
        "setsid": 112, "setpgid": 109,
    },
    "aarch64": {
        "socket": 198, "connect": 203, "bind": 200, "listen": 201, "accept": 202, "accept4": 242, "sendto": 206,
        "clone": 220, "clone3": 435, "execve": 221, "execveat": 281,
        "ptrace": 117, "process_vm_readv": 270, "process_vm_writev": 271, "pidfd_getfd": 438,
        "io_uring_setup": 425, "bpf": 280, "userfaultfd": 282, "perf_event_open": 241, "keyctl": 219,
        "add_key": 217, "request_key": 218, "mount": 40, "umount2": 39, "pivot_root": 41, "chroot": 51,
        "setns": 268, "unshare": 97, "init_module": 105, "finit_module": 273, "kexec_load": 104, "reboot": 142,
        "kill": 129, "tgkill": 131, "tkill": 130, "rt_sigqueueinfo": 138, "rt_tgsigqueueinfo": 240,
        "pidfd_open": 434, "pidfd_send_signal": 424, "prlimit64": 261, "setpriority": 140, "ioprio_set": 30,
        "sched_setaffinity": 122, "sched_setscheduler": 119, "sched_setparam": 118, "sched_setattr": 274,
        "process_madvise": 440, "process_mrelease": 448, "move_pages": 239, "migrate_pages": 238,
        "setsid": 157, "setpgid": 154,
    },
}  # fmt: skip

_FOR_PROGRAMS = frozenset(
    {"connect", "bind", "listen", "accept", "accept4", "sendto", "fork", "vfork", "execve", "tgkill"}
)


def forbidden(machine: str, *, may_run_programs: bool, me: int, parent: int) -> bytes | None:
    """
    The program for `machine`, or None where its numbers are not known. Without `may_run_programs` neither sockets nor
    processes can be made; with it sockets of this machine's own (LibreOffice has one) and programs can. The process
    `me` signals and limits nobody but itself and what it started, `parent` least of all, and nobody of them leaves
    its group: that is what is killed in the end.
    """
    numbers = _NUMBERS.get(machine)
    if numbers is None:
        return None
    program = [
        _step(_LOAD, _ARCH_AT),
        _step(_JUMP_EQUAL, _AUDIT_ARCH[machine], 1, 0),
        _step(_RETURN, _KILL),
        _step(_LOAD, _NUMBER_AT),
        _step(_JUMP_GREATER_EQUAL, _X32, 0, 1),
        _step(_RETURN, _KILL),
    ]
    for name, number in numbers.items():
        if may_run_programs and name in _FOR_PROGRAMS:
            continue
        if name in ("kill", "tgkill", "prlimit64"):
            program += _towards(name, number, may_run_programs, me, parent)
        else:
            program += _rule(name, number, may_run_programs)
    program.append(_step(_RETURN, _ALLOW))
    return b"".join(program)


def _rule(name: str, number: int, may_run_programs: bool) -> list[bytes]:
    refuse = _step(_RETURN, _ERROR | errno.EPERM)
    if name == "clone3":
        # Its flags are out of a filter's sight: told that it does not exist, the C library takes clone.
        return [_step(_JUMP_EQUAL, number, 0, 1), _step(_RETURN, _ERROR | errno.ENOSYS)]
    if name == "socket" and may_run_programs:
        return _unless(number, _step(_JUMP_EQUAL, _AF_UNIX, 1, 0), refuse)
    if name == "clone":
        if may_run_programs:
            return []
        return _unless(number, _step(_JUMP_SET, _CLONE_THREAD, 1, 0), refuse)
    return [_step(_JUMP_EQUAL, number, 0, 1), refuse]


def _towards(name: str, number: int, may_run_programs: bool, me: int, parent: int) -> list[bytes]:
    """Calls whose first argument is a process."""
    refuse = _step(_RETURN, _ERROR | errno.EPERM)
    if name == "kill" and may_run_programs:
        # Negative is a group of processes, or all of them.
        return [
            _step(_JUMP_EQUAL, number, 0, 5),
            _step(_LOAD, _FIRST_ARGUMENT_AT),
            _step(_JUMP_EQUAL, parent, 1, 0),
            _step(_JUMP_SET, 1 << 31, 0, 1),
            refuse,
            _step(_RETURN, _ALLOW),
        ]
    if name == "prlimit64":
        # 0 is the caller itself: getrlimit and setrlimit are made of it.
        return _unless(number, _step(_JUMP_EQUAL, 0, 1, 0), refuse)
    return _unless(number, _step(_JUMP_EQUAL, me, 1, 0), refuse)


def _unless(number: int, test: bytes, refuse: bytes) -> list[bytes]:
    """Refuses a call but where the test of its first argument holds; the test jumps over one step then."""
    return [
        _step(_JUMP_EQUAL, number, 0, 4),
        _step(_LOAD, _FIRST_ARGUMENT_AT),
        test,
        refuse,
        _step(_RETURN, _ALLOW),
    ]


def _step(code: int, value: int, when_true: int = 0, when_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, when_true, when_false, value)
