"""Fractional positions: text that compares by code unit, with room between any two and after the last one."""

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_VALUES = {digit: value for value, digit in enumerate(_DIGITS)}
_BASE = len(_DIGITS)
_MIDDLE = _DIGITS[_BASE // 2]
_PREFIX = 4
_STEP = 64

TOO_LONG = 60
"""A position of so many characters tells that its list is to be numbered anew."""


def between(low: str | None, high: str | None) -> str:
    """A position after `low` (None: the beginning) and before `high` (None: the end); `low` < `high`."""
    if high is None:
        return _after(low or "")
    return _middle(low or "", high)


def spread(count: int) -> list[str]:
    """Positions for a whole list."""
    found: list[str] = []
    for _ in range(count):
        found.append(between(found[-1] if found else None, None))
    return found


def _after(low: str) -> str:
    """Counts up a prefix: a list that only grows at its end keeps short positions."""
    value = 0
    for digit in low[:_PREFIX].ljust(_PREFIX, _DIGITS[0]):
        value = value * _BASE + _VALUES[digit]
    value += _STEP
    if value >= _BASE**_PREFIX:
        return _middle(low, None)
    digits = ""
    for _ in range(_PREFIX):
        value, digit_value = divmod(value, _BASE)
        digits = _DIGITS[digit_value] + digits
    # A position must not end with the lowest digit: nothing would fit before it.
    return digits + _MIDDLE


def _middle(low: str, high: str | None) -> str:
    out = ""
    while True:
        first_low = _VALUES[low[0]] if low else 0
        if high is None:
            first_high = _BASE
        elif first_low == _VALUES[high[0]]:
            out += high[0]
            low, high = low[1:], high[1:]
            continue
        else:
            first_high = _VALUES[high[0]]
        if first_high - first_low > 1:
            return out + _DIGITS[(first_low + first_high) // 2]
        if high is not None and len(high) > 1:
            return out + high[0]
        out += _DIGITS[first_low]
        low, high = low[1:], None
