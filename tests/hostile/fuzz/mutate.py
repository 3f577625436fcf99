"""Inputs made of others: the same ones for the same seed."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

__all__ = ["mutated"]

ODD = (
    b"\0",
    b"\xff",
    b"\n",
    b"\r",
    b'"',
    b"\\",
    b"{",
    b"}",
    b"[",
    b"]",
    b"'",
    b"%",
    b"-",
    b"\xed\xa0\x80",
)
NUMBERS = (b"0", b"-1", b"18446744073709551616", b"1e400", b"NaN", b"9" * 400, b"0.1")
LONGEST = 1 << 16


def mutated(random: Random, inputs: Sequence[bytes], words: Sequence[bytes]) -> bytes:
    """One of `inputs`, changed in a few places."""
    made = bytearray(random.choice(inputs))
    for _ in range(1 << random.randint(0, 3)):
        _change(random, made, inputs, words)
    return bytes(made[:LONGEST])


def _change(
    random: Random, made: bytearray, inputs: Sequence[bytes], words: Sequence[bytes]
) -> None:
    at = random.randint(0, len(made))
    end = min(len(made), at + random.randint(0, 16))
    match random.randint(0, 8):
        case 0 if made:
            made[at % len(made)] ^= 1 << random.randint(0, 7)
        case 1:
            made[at:at] = random.randbytes(random.randint(1, 8))
        case 2:
            del made[at:end]
        case 3 if words:
            made[at:end] = random.choice(words)
        case 4:
            made[at:end] = random.choice(ODD) * random.choice((1, 1, 1, 2, 200))
        case 5:
            made[at:end] = random.choice(NUMBERS)
        case 6:
            del made[at:]
        case 7:
            other = random.choice(inputs)
            cut = random.randint(0, len(other))
            made[at:] = other[cut:]
        case _:
            made[at:at] = made[at:end] * random.choice((1, 2, 50))
