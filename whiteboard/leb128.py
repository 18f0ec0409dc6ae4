"""Unsigned LEB128 numbers of 35 bits at most, as Yjs writes client ids, clocks and lengths."""


class NumberTooLong(ValueError):
    """A number of more than five bytes, or written with more bytes than it needs: no honest encoder does that."""


def varuint(value: int) -> bytes:
    """A number's bytes."""
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def read_varuint(data: bytes, at: int) -> tuple[int, int]:
    """The number at an index, and the index after it. Raises IndexError at the end of the data, and NumberTooLong."""
    value = data[at]
    if value < 128:
        return value, at + 1
    return read_rest(data, at + 1, value)


def read_rest(data: bytes, at: int, first: int) -> tuple[int, int]:
    """The same for a number whose first byte, 128 or more, was read already: hot loops read that themselves."""
    value = first & 127
    shift = 7
    while shift < 35:
        byte = data[at]
        at += 1
        if byte < 128:
            if byte == 0:
                break
            return value | byte << shift, at
        value |= (byte & 127) << shift
        shift += 7
    raise NumberTooLong
