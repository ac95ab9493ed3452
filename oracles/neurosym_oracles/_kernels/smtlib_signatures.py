"""Which operator takes which sorts: the theories Core, Ints, Reals, Reals_Ints and FixedSizeBitVectors of SMT-LIB 2.6,
with the further bit-vector functions that the logic QF_BV defines.

A sort is "Bool", "Int", "Real", or the width of a bit-vector sort.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from neurosym_oracles._kernels.smtlib_syntax import Unsupported

Sort: TypeAlias = str | int
Rule: TypeAlias = Callable[[tuple[int, ...], list[Sort]], Sort | None]

MAX_BITS = 4096  # of a bit-vector, and of every number that evaluation meets


class Signature(NamedTuple):
    """How many indices and arguments an operator takes, and the sort of its result: None where its rule forbids."""

    indices: int
    fewest: int
    most: int
    result: Rule


def require_width(sort: Sort) -> None:
    """Raises Unsupported for a bit-vector sort that is too wide."""
    if isinstance(sort, int) and sort > MAX_BITS:
        raise Unsupported(f"a bit-vector of {sort} bits, more than {MAX_BITS}")


def _alike(sorts: list[Sort]) -> bool:
    return sorts.count(sorts[0]) == len(sorts)


def _from(taken: Sort, result: Sort) -> Rule:
    return lambda indices, sorts: result if sorts.count(taken) == len(sorts) else None


def _numbers(result: Sort | None) -> Rule:
    return lambda indices, sorts: (result or sorts[0]) if sorts[0] in ("Int", "Real") and _alike(sorts) else None


def _vectors(result: Sort | None) -> Rule:
    return lambda indices, sorts: (result or sorts[0]) if isinstance(sorts[0], int) and _alike(sorts) else None


def _vector(width: Callable[..., int | None]) -> Rule:
    """One bit-vector; `width` computes the result's from its width and the indices."""
    return lambda indices, sorts: width(sorts[0], *indices) if isinstance(sorts[0], int) else None


def _concatenation(indices: tuple[int, ...], sorts: list[Sort]) -> Sort | None:
    left, right = sorts
    return left + right if isinstance(left, int) and isinstance(right, int) else None


def _divisible(indices: tuple[int, ...], sorts: list[Sort]) -> Sort | None:
    return "Bool" if indices[0] > 0 and sorts == ["Int"] else None


_ANY = 1 << 62  # as many arguments as one likes

_GROUPS: tuple[tuple[str, Signature], ...] = (
    ("not", Signature(0, 1, 1, _from("Bool", "Bool"))),
    ("=> and or xor", Signature(0, 2, _ANY, _from("Bool", "Bool"))),
    ("= distinct", Signature(0, 2, _ANY, lambda indices, sorts: "Bool" if _alike(sorts) else None)),
    ("ite", Signature(0, 3, 3, lambda indices, sorts: sorts[1] if sorts[0] == "Bool" and _alike(sorts[1:]) else None)),
    ("+ *", Signature(0, 2, _ANY, _numbers(None))),
    ("-", Signature(0, 1, _ANY, _numbers(None))),
    ("< <= > >=", Signature(0, 2, _ANY, _numbers("Bool"))),
    ("div", Signature(0, 2, _ANY, _from("Int", "Int"))),
    ("mod", Signature(0, 2, 2, _from("Int", "Int"))),
    ("abs", Signature(0, 1, 1, _from("Int", "Int"))),
    ("divisible", Signature(1, 1, 1, _divisible)),
    ("/", Signature(0, 2, _ANY, _from("Real", "Real"))),
    ("to_real", Signature(0, 1, 1, _from("Int", "Real"))),
    ("to_int", Signature(0, 1, 1, _from("Real", "Int"))),
    ("is_int", Signature(0, 1, 1, _from("Real", "Bool"))),
    ("bvnot bvneg", Signature(0, 1, 1, _vectors(None))),
    ("bvand bvor bvxor bvadd bvmul", Signature(0, 2, _ANY, _vectors(None))),
    ("bvnand bvnor bvxnor bvsub bvudiv bvurem bvsdiv bvsrem bvsmod", Signature(0, 2, 2, _vectors(None))),
    ("bvshl bvlshr bvashr", Signature(0, 2, 2, _vectors(None))),
    ("bvult bvule bvugt bvuge bvslt bvsle bvsgt bvsge", Signature(0, 2, 2, _vectors("Bool"))),
    ("bvcomp", Signature(0, 2, 2, _vectors(1))),
    ("concat", Signature(0, 2, 2, _concatenation)),
    ("extract", Signature(2, 1, 1, _vector(lambda width, high, low: high - low + 1 if low <= high < width else None))),
    ("repeat", Signature(1, 1, 1, _vector(lambda width, times: width * times or None))),
    ("zero_extend sign_extend", Signature(1, 1, 1, _vector(lambda width, more: width + more))),
    ("rotate_left rotate_right", Signature(1, 1, 1, _vector(lambda width, steps: width))),
)
SIGNATURES = {name: signature for names, signature in _GROUPS for name in names.split()}

MIXED = frozenset({"+", "-", "*", "/", "<", "<=", ">", ">=", "=", "distinct"})
"""The operators between Reals that take an Int among their arguments, read as (to_real …), as AUFLIRA defines it."""
