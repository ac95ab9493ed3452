"""Circuits for the arithmetic of words: a word is an unsigned number, or a signed one in two's complement."""

from __future__ import annotations

from neurosym_oracles._kernels.bit_gates import FALSE, TRUE, Gates, Word


def inverse(x: Word) -> Word:
    return [-bit for bit in x]


def choice(gates: Gates, condition: int, x: Word, y: Word) -> Word:
    return [gates.choose(condition, a, b) for a, b in zip(x, y, strict=True)]


def add(gates: Gates, x: Word, y: Word, carry: int = FALSE) -> tuple[Word, int]:
    """The sum, and its carry out of the last bit."""
    total = []
    for a, b in zip(x, y, strict=True):
        half = gates.differ(a, b)
        total.append(gates.differ(half, carry))
        carry = gates.choose(half, carry, a)
    return total, carry


def subtract(gates: Gates, x: Word, y: Word) -> tuple[Word, int]:
    """x - y, and whether x is at least y: then x + ~y + 1 carries."""
    return add(gates, x, inverse(y), TRUE)


def negate(gates: Gates, x: Word) -> Word:
    return subtract(gates, [FALSE] * len(x), x)[0]


def _magnitude(gates: Gates, x: Word) -> Word:
    return choice(gates, x[-1], negate(gates, x), x)


def multiply(gates: Gates, x: Word, y: Word) -> Word:
    """Row by row; what is shifted out is dropped."""
    product: Word = [FALSE] * len(x)
    for place, bit in enumerate(y):
        row = [gates.every((bit, each)) for each in x[: len(x) - place]]
        product = [*product[:place], *add(gates, product[place:], row)[0]]
    return product


def divide(gates: Gates, x: Word, y: Word) -> tuple[Word, Word]:
    """Quotient and remainder by long division. A divisor 0 fits each time: all ones and x, as the standard says."""
    divisor = [*y, FALSE]  # a remainder below y, doubled and with another bit of x, has at most one bit more than y
    remainder: Word = [FALSE] * len(divisor)
    quotient = []
    for bit in reversed(x):
        remainder = [bit, *remainder[:-1]]
        rest, fits = subtract(gates, remainder, divisor)
        remainder = choice(gates, fits, rest, remainder)
        quotient.append(fits)
    return quotient[::-1], remainder[:-1]


def divide_signed(gates: Gates, x: Word, y: Word) -> Word:
    quotient, _ = divide(gates, _magnitude(gates, x), _magnitude(gates, y))
    return choice(gates, gates.differ(x[-1], y[-1]), negate(gates, quotient), quotient)


def remainder_signed(gates: Gates, x: Word, y: Word) -> Word:
    _, remainder = divide(gates, _magnitude(gates, x), _magnitude(gates, y))
    return choice(gates, x[-1], negate(gates, remainder), remainder)


def modulo_signed(gates: Gates, x: Word, y: Word) -> Word:
    """The divisor is added to a remainder that is not 0 and of the other sign."""
    remainder = remainder_signed(gates, x, y)
    other = gates.every((gates.differ(remainder[-1], y[-1]), gates.some(remainder)))
    return choice(gates, other, add(gates, remainder, y)[0], remainder)


def shift(gates: Gates, fill: int, x: Word, y: Word) -> Word:
    """x shifted right: by 1, 2, 4 … as the bits of y say, while that is less than all the way."""
    width = len(x)
    places = (width - 1).bit_length()
    for place in range(places):
        x = choice(gates, y[place], [*x[1 << place :], *[fill] * (1 << place)], x)
    return choice(gates, gates.some(y[places:]), [fill] * width, x)


def rotate(x: Word, steps: int) -> Word:
    """To the right, or the left where `steps` is negative."""
    steps %= len(x)
    return [*x[steps:], *x[:steps]]


def equal(gates: Gates, x: Word, y: Word) -> int:
    return gates.every([-gates.differ(a, b) for a, b in zip(x, y, strict=True)])


def below(gates: Gates, x: Word, y: Word) -> int:
    return -subtract(gates, x, y)[1]


def below_signed(gates: Gates, x: Word, y: Word) -> int:
    """With the sign bits inverted, the order is that of natural numbers."""
    return below(gates, [*x[:-1], -x[-1]], [*y[:-1], -y[-1]])
