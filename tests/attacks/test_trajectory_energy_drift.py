"""Energy that drifts: right positions with speeds that a dissipating, or a heating, integrator would give.

Source: the energy drift of explicit Euler steps (Hairer, Lubich and Wanner, "Geometric Numerical Integration", I.1).
"""

from trajectory_attack import STATES, states
from trajectory_samples import CHAIN, FALL, LOOSE_CHAIN, SWING, THROW, check, right


def test_right_positions_with_drifting_speeds_are_wrong():
    for payload, half in ((SWING, 1), (THROW, 2), (CHAIN, 3), (LOOSE_CHAIN, 3)):
        own = right(payload)
        for factor in (0.99, 1.01):
            drift = [
                [*state[:half], *(f"{float(v) * factor ** (row + 1):.9f}" for v in state[half:])]
                for row, state in enumerate(own)
            ]
            assert states(drift, payload) == "wrong"


def test_what_the_tolerance_excludes_by_energy_alone_says_so():
    hot = [[angle, f"{float(speed) * 1.1:.9f}"] for angle, speed in STATES]
    assert "energy" in check(SWING, {"states": hot}).detail
    moved = [[*state[:2], f"{float(state[2]) + 0.5:.9f}", state[3]] for state in right(FALL)]
    assert "momentum" in check(FALL, {"states": moved}).detail


def euler(steps):
    """The swing by explicit Euler steps, with the three states asked for."""
    from math import sin

    angle, speed, found = 2.5, 0.3, []
    for step in range(1, 3 * steps + 1):
        angle, speed = angle + speed * 0.5 / steps, speed - 9.81 / 0.7 * sin(angle) * 0.5 / steps
        if step % steps == 0:
            found.append([f"{angle:.9f}", f"{speed:.9f}"])
    return found


def test_euler_steps_are_wrong_until_they_are_tiny():
    assert [states(euler(steps)) for steps in (50, 500)] == ["wrong", "wrong"]


def test_a_drift_within_the_tolerance_is_what_the_problem_allows():
    drift = [[f"{float(value) + 0.0003 * row:.9f}" for value in state] for row, state in enumerate(STATES)]
    assert states(drift) == "correct"
