"""The kernel's bounds hold: against closed forms, itself with more bits, and SciPy; and energy stays within them."""

import math
import random
from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from neurosym_oracles._kernels.trajectory_balls import gradients, values
from neurosym_oracles._kernels.trajectory_enclosure import OutOfSteps, Steps, TooWide, enclose
from neurosym_oracles._kernels.trajectory_problem import read
from neurosym_oracles._kernels.trajectory_series import TooFar, expand, remainders
from neurosym_oracles._kernels.trajectory_sine import LARGEST, TooLarge, sine_cosine
from neurosym_oracles._kernels.trajectory_terms import Tape
from trajectory_samples import ALL, CHAIN, CHAOS, FALL, SWING, THROW, TWO_RODS, motion

some = settings(max_examples=60, deadline=None, derandomize=True)


def decimal_sine_cosine(angle: Fraction, digits: int = 140) -> tuple[Fraction, Fraction]:
    """By the power series in decimals of many digits."""
    with localcontext() as context:
        context.prec = digits
        x = Decimal(angle.numerator) / Decimal(angle.denominator)
        sine = cosine = Decimal(0)
        term, k = Decimal(1), 0
        while k < 20 or abs(term) > Decimal(10) ** (8 - digits):
            if k % 2:
                sine += term if k % 4 == 1 else -term
            else:
                cosine += term if k % 4 == 0 else -term
            k += 1
            term = term * x / k
        return Fraction(sine), Fraction(cosine)


@some
@given(st.integers(-60 * 10**9, 60 * 10**9), st.sampled_from([64, 128, 256]))
def test_sines_are_within_two_units(billionths, bits):
    angle = (billionths << bits) // 10**9
    sine, cosine = decimal_sine_cosine(Fraction(angle, 1 << bits))
    told = sine_cosine(angle, bits)
    assert abs(told[0] - sine * (1 << bits)) <= 2 and abs(told[1] - cosine * (1 << bits)) <= 2


@pytest.mark.parametrize("bits", [64, 128, 256])
def test_sines_at_the_ends(bits):
    assert sine_cosine(0, bits) == (0, 1 << bits)
    for angle in (1, -1, (LARGEST << bits) - 1, -(LARGEST << bits) + 1):
        sine, cosine = sine_cosine(angle, bits)
        assert abs(sine * sine + cosine * cosine - (1 << 2 * bits)) <= 6 << bits
    for turns in (1, 1000, 100_000):  # the errors of halvings and squarings show where the angle is large
        low = sine_cosine(turns << bits, bits)
        high = sine_cosine(turns << 256, 256)
        assert all(abs(a - (b >> (256 - bits))) <= 3 for a, b in zip(low, high, strict=True))
        assert math.isclose(low[0] / 2**bits, math.sin(turns), abs_tol=1e-9)
    with pytest.raises(TooLarge):
        sine_cosine(LARGEST << bits, bits)
    with pytest.raises(TooLarge):
        sine_cosine(-(LARGEST + 1) << bits, bits)


def contains(enclosure, number, truth):
    pairs = zip(enclosure.middles[number], enclosure.radii[number], truth, strict=True)
    return all(abs(middle - true) <= radius for middle, radius, true in pairs)


@pytest.mark.parametrize("bits", [64, 128, 256])
def test_a_parabola(bits):
    found = motion(THROW, bits)
    for number, time in enumerate((Fraction(1, 2), Fraction(17, 10))):
        g, vx, vy = Fraction("9.81"), Fraction("8.5"), Fraction("12.25")
        assert contains(found, number, [vx * time, 2 + vy * time - g * time**2 / 2, vx, vy - g * time])
        assert max(found.radii[number]) < Fraction(1, 1 << (bits - 24))


@pytest.mark.parametrize("bits", [64, 128, 256])
def test_a_fall_with_drag(bits):
    found = motion(FALL, bits)
    with localcontext() as context:
        context.prec = 100
        rate = Decimal("0.4") / Decimal("1.5")
        for number, time in enumerate((Decimal("0.5"), Decimal("1.7"))):
            left = (-rate * time).exp()
            lost = (1 - left) / rate
            end = Decimal("9.81") / rate
            truth = [
                Decimal("8.5") * lost, 2 + (Decimal("12.25") + end) * lost - end * time,
                Decimal("8.5") * left, (Decimal("12.25") + end) * left - end,
            ]  # fmt: skip
            assert contains(found, number, map(Fraction, truth))
            assert max(found.radii[number]) < Fraction(1, 1 << (bits - 24))


@some
@given(
    st.integers(1, 400), st.integers(1, 50), st.integers(-100, 100), st.integers(-100, 100), st.integers(1, 100),
    st.sampled_from([64, 128, 256]),
)  # fmt: skip
def test_an_oscillator(stiffness, mass, place, speed, time, bits):
    """x = x0 cos(w t) + v0 sin(w t) / w. Stiffnesses whose w is rational, so that sines of it are exact enough."""
    omega = Fraction(stiffness, 20)
    payload = {
        **CHAIN, "parameters": {"masses": [mass], "stiffnesses": ["0", str(Decimal(mass * stiffness**2) / 400)]},
        "initial": {"x1": place, "v1": speed}, "times": [str(Decimal(time) / 20)],
    }  # fmt: skip
    if mass * stiffness**2 / 400 > 1000:
        return
    try:
        found = motion(payload, bits)
    except TooWide:
        return
    sine, cosine = decimal_sine_cosine(omega * Fraction(time, 20))
    truth = [place * cosine + speed * sine / omega, speed * cosine - place * omega * sine]
    assert contains(found, 0, truth)


def test_a_pendulum_by_elliptic_functions():
    """sin(angle / 2) = k sn(w t + K, k) for a pendulum let go at rest (Jacobi)."""
    special = pytest.importorskip("scipy.special")
    start, omega = 2.5, math.sqrt(9.81 / 0.7)
    payload = {**SWING, "initial": {"angle": "2.5", "speed": 0}}
    modulus = math.sin(start / 2) ** 2
    found = motion(payload)
    for number, time in enumerate((0.5, 1.0, 1.5)):
        sn, cn, _, _ = special.ellipj(omega * time + special.ellipk(modulus), modulus)
        angle, speed = map(float, found.middles[number])
        assert math.isclose(angle, 2 * math.asin(math.sqrt(modulus) * sn), abs_tol=1e-9)
        assert math.isclose(speed, 2 * math.sqrt(modulus) * omega * cn, abs_tol=1e-9)


@pytest.mark.parametrize("name", ALL)
def test_more_bits_lie_within_the_bound_of_fewer(name):
    fine = motion(ALL[name], 256)
    for bits in (64, 128):
        coarse = motion(ALL[name], bits)
        for row in range(len(coarse.middles)):
            for a, b, ra, rb in zip(
                coarse.middles[row], fine.middles[row], coarse.radii[row], fine.radii[row], strict=True
            ):
                assert abs(a - b) <= ra + rb
        assert max(coarse.radii[-1]) < Fraction(1, 10 ** (6 if bits == 64 else 20))


@pytest.mark.parametrize("name", ALL)
def test_conserved_quantities_stay_within_the_bound(name):
    question = read(ALL[name])
    found = motion(ALL[name])
    tape = Tape(len(question.variables))
    kept = question.motion().conserved(tape.variables())
    places = [term.place() for term in kept.values()]
    assert len(kept) == {"throw": 2, "loose chain": 2}.get(name, 1)
    one = 1 << 128
    start = values(tape, [(int(value * one), 2) for value in question.initial], 128)
    for middles, radii in zip(found.middles, found.radii, strict=True):
        box = [(int(m * one), int(r * one) + 2) for m, r in zip(middles, radii, strict=True)]
        now = values(tape, box, 128)
        for place in places:
            assert abs(now[place][0] - start[place][0]) <= now[place][1] + start[place][1]
            assert now[place][1] < one >> 40


@pytest.mark.parametrize("name", ALL)
def test_scipy_finds_the_same(name):
    pytest.importorskip("scipy")
    from scipy.integrate import solve_ivp

    from neurosym.testing.trajectory import _forces

    payload = ALL[name]
    times = [float(time) for time in payload["times"]]
    start = [float(value) for value in read(payload).initial]
    truth = solve_ivp(
        _forces(payload), (0, times[-1]), start, method="DOP853", t_eval=times, rtol=1e-12, atol=1e-12
    ).y.T
    for state, row in zip(motion(payload).middles, truth, strict=True):
        assert all(math.isclose(float(a), b, abs_tol=1e-8) for a, b in zip(state, row, strict=True))


def exact_tape():
    """A tape with every operation, and its values by floats."""
    tape = Tape(2)
    x, y = tape.variables()
    sine, cosine = (x + 2 * y).sine_cosine()
    over = (tape.constant(Fraction(3)) + sine * y).reciprocal()
    last = over * (x * x - y) + Fraction(1, 3) * cosine
    place = last.place()

    def value(a, b):
        return (a * a - b) / (3 + math.sin(a + 2 * b) * b) + math.cos(a + 2 * b) / 3

    return tape, place, value


@some
@given(st.floats(-2, 2), st.floats(-2, 2), st.floats(0, 0.3), st.floats(-1, 1), st.floats(-1, 1))
def test_balls_hold_values_and_derivatives(a, b, width, s, t):
    tape, place, value = exact_tape()
    one = 1 << 64
    ball = values(tape, [(int(a * one), int(width * one) + 1), (int(b * one), int(width * one) + 1)], 64)
    x, y = a + s * width, b + t * width
    middle, radius = (part / one for part in ball[place])
    assert abs(value(x, y) - middle) <= radius + 1e-12
    slopes = gradients(tape, ball, 64)[place]
    small = 1e-5
    for slope, numeric in zip(
        slopes,
        (
            (value(x + small, y) - value(x - small, y)) / (2 * small),
            (value(x, y + small) - value(x, y - small)) / (2 * small),
        ),
        strict=True,
    ):
        assert abs(numeric - slope[0] / one) <= slope[1] / one + 1e-6


@some
@given(st.floats(-2, 2), st.floats(-2, 2), st.floats(-1, 1), st.floats(-1, 1), st.floats(0.01, 0.3), st.floats(0, 1))
def test_remainders_bound_what_series_leave_out(a, b, da, db, step, s):
    """With few coefficients, so that what is left out is large: every node against its value by floats."""
    tape, place, value = exact_tape()
    rates = [tape.constant(Fraction(da)).place(), (Fraction(db) * tape.variables()[0]).place()]
    one = 1 << 64
    series = expand(tape, rates, [int(a * one), int(b * one)], Fraction(step), 64, 6)
    try:
        left_out = remainders(tape, series, 64)
    except TooFar:
        return
    at = [sum(c / one * s**k for k, c in enumerate(coefficients)) for coefficients in series]
    truth = value(at[0], at[1])
    assert abs(truth - at[place]) <= left_out[place] / one + 1e-12
    argument = at[0] + 2 * at[1]
    for number, node in enumerate(tape.nodes):
        if node.kind in ("sine", "cosine"):
            true = math.sin(argument) if node.kind == "sine" else math.cos(argument)
            assert abs(true - at[number]) <= left_out[number] / one + 1e-12


@pytest.mark.parametrize("name", ALL)
def test_bounds_hold_where_much_is_left_out(name, monkeypatch):
    """With steps so long that what the series leave out is far above the rounding: the bound must carry it."""
    from neurosym_oracles._kernels import trajectory_enclosure

    fine = motion(ALL[name], 256)
    for small in (25, 35, 45):
        monkeypatch.setattr(trajectory_enclosure, "_SMALL", small)
        try:
            coarse = motion(ALL[name], 64)
        except TooWide:
            continue
        for row in range(len(coarse.middles)):
            assert contains(coarse, row, fine.middles[row])


@pytest.mark.slow
def test_bounds_hold_for_random_motions():
    rng = random.Random(5)
    tried = 0
    for _ in range(60):
        payload = rng.choice(list(ALL.values()))
        start = {name: f"{rng.uniform(-3, 3):.3f}" for name in payload["initial"]}
        times = [f"{rng.uniform(0.1, 1):.2f}", f"{rng.uniform(1.1, 2):.2f}"]
        try:
            coarse = motion({**payload, "initial": start, "times": times}, 64)
            fine = motion({**payload, "initial": start, "times": times}, 128)
        except TooWide:
            continue
        tried += 1
        assert all(contains(coarse, row, fine.middles[row]) for row in range(2))
    assert tried > 30


def test_a_division_by_zero_is_never_bounded():
    tape = Tape(1)
    (x,) = tape.variables()
    over = x.reciprocal().place()
    with pytest.raises(TooFar):
        expand(tape, [over], [0], Fraction(1), 64, 5)
    for ball in ((0, 0), (5, 5), (-5, 5), (1, 10), (0, 1 << 70)):
        with pytest.raises(TooFar):
            values(tape, [ball], 64)


def test_a_motion_that_ends_in_a_singularity_is_not_enclosed():
    """x' = -1 / x from 1 reaches 0 at time 1/2: no bound may be found beyond."""
    from neurosym_oracles._kernels.trajectory_motions import Motion

    motion = Motion(lambda state: [-state[0].reciprocal()], lambda state: {}, (Fraction(1),))
    before = enclose(motion, [Fraction(1)], [Fraction(4, 10)], Fraction(1, 10**6), 128, Steps(10_000))
    assert abs(before.middles[0][0] ** 2 - Fraction(2, 10)) < Fraction(1, 10**20)
    with pytest.raises((OutOfSteps, TooWide)):
        enclose(motion, [Fraction(1)], [Fraction(6, 10)], Fraction(1, 10**6), 128, Steps(10_000))


def test_a_bound_grows_where_motions_part():
    """x' = x: the bound must grow by at least e^t, and hold."""
    from neurosym_oracles._kernels.trajectory_motions import Motion

    motion = Motion(lambda state: [state[0]], lambda state: {}, (Fraction(1),))
    found = enclose(motion, [Fraction(1, 3)], [Fraction(5)], Fraction(1), 64, Steps(1000))
    with localcontext() as context:
        context.prec = 60
        truth = Fraction(Decimal(5).exp() / 3)
    assert abs(found.middles[0][0] - truth) <= found.radii[0][0] < Fraction(1, 10**12)
    assert 148.4 < found.growth < 200


def test_the_steps_are_bounded():
    with pytest.raises(OutOfSteps):
        motion(SWING, steps=5)
    with pytest.raises((OutOfSteps, TooWide)):
        motion({**CHAOS, "times": [1000]}, bits=256, steps=200)


def test_a_wrong_equation_would_be_noticed():
    """The tests above can fail: a hundredth of a per cent more gravity leaves the bound."""
    heavier = {**SWING, "parameters": {**SWING["parameters"], "gravity": "9.810981"}}
    one, other = motion(SWING), motion(heavier)
    assert not contains(one, 0, other.middles[0])
    rng = random.Random(1)
    for _ in range(5):
        start = {name: f"{rng.uniform(-1, 1):.3f}" for name in TWO_RODS["initial"]}
        moved = {**start, "angle1": f"{float(start['angle1']) + 0.001:.3f}"}
        payload = {**TWO_RODS, "initial": start}
        assert not contains(motion(payload), 0, motion({**payload, "initial": moved}).middles[0])
