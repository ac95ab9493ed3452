"""The oracle mujoco: its motions are those that the checker proves, for every system, within its budget."""

import sys

import pytest
from trajectory_samples import ALL, CHAOS, CHECKER, SWING, problem, right

from neurosym.core import Budget, MalformedProblem, Reason, Undecided

pytest.importorskip("mujoco")

from neurosym_oracles.mujoco_simulator import MujocoSimulator

ORACLE = MujocoSimulator()


@pytest.mark.parametrize("name", ALL)
def test_its_motion_is_proved_and_near_the_truth(name):
    for tolerance in ("0.01", "0.0005"):
        payload = {**ALL[name], "tolerance": tolerance}
        claim = ORACLE.solve(problem(payload), Budget())
        assert CHECKER.check(problem(payload), claim, Budget()).proved
        decimals = {"0.01": 3, "0.0005": 5}[tolerance]
        for said, truth in zip(claim.answer["states"], right(payload), strict=True):
            assert all(len(value.partition(".")[2]) == decimals for value in said)
            assert all(abs(float(a) - float(b)) < 0.2 * float(tolerance) for a, b in zip(said, truth, strict=True))


def test_the_same_bytes_whatever_was_solved_before():
    first = [ORACLE.solve(problem(payload), Budget()) for payload in ALL.values()]
    again = [MujocoSimulator().solve(problem(payload), Budget()) for payload in reversed(ALL.values())]
    assert first == again[::-1]


def test_zero_has_no_sign():
    rest = {**SWING, "initial": {"angle": "0", "speed": "0"}}
    assert ORACLE.solve(problem(rest), Budget()).answer == {"states": [["0.0000", "0.0000"]] * 3}


def test_budgets_are_kept():
    for steps in (-1, 0, 1, 100):
        with pytest.raises(Undecided) as caught:
            ORACLE.solve(problem(SWING), Budget(steps=steps))
        assert caught.value.reason is Reason.TIMEOUT
    with pytest.raises(Undecided):
        ORACLE.solve(problem(SWING), Budget(seconds=0))
    spent = ORACLE.solve(problem(SWING), Budget()).metrics["steps"]
    assert ORACLE.solve(problem(SWING), Budget(steps=spent)).metrics["steps"] == spent


def test_chaos_does_not_settle():
    with pytest.raises(Undecided) as caught:
        ORACLE.solve(problem(CHAOS), Budget(steps=200_000))
    assert caught.value.reason is Reason.TIMEOUT


@pytest.mark.parametrize(
    "part",
    [
        {"system": "kepler"}, {"system": ["pendulum"]}, {"parameters": {}}, {"initial": {}}, {"initial": None},
        {"times": []},
        {"times": [2, 1]}, {"times": "123"}, {"times": ["nan"]}, {"tolerance": 0}, {"tolerance": "-1"},
        {"tolerance": "inf"},
        {"initial": {"angle": "1e400", "speed": 0}}, {"parameters": {"gravity": 1, "length": "nan", "damping": 0}},
        {"parameters": {"gravity": 1, "length": '1"/><geom', "damping": 0}},
    ],
    ids=str,
)  # fmt: skip
def test_malformed_problems(part):
    with pytest.raises(MalformedProblem):
        ORACLE.solve(problem({**SWING, **part}), Budget())


def test_nothing_is_written_into_the_working_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    wild = {**SWING, "parameters": {"gravity": 1000, "length": "0.001", "damping": 1000}, "times": [10]}
    try:
        ORACLE.solve(problem(wild), Budget(steps=20_000))
    except Undecided as error:
        assert error.reason in (Reason.TIMEOUT, Reason.TOOL_CRASHED)
    assert not list(tmp_path.iterdir())


def test_a_missing_package_is_said(monkeypatch):
    from neurosym_oracles import mujoco_simulator

    mujoco_simulator._mujoco.cache_clear()
    monkeypatch.setitem(sys.modules, "mujoco", None)
    with pytest.raises(Undecided) as caught:
        MujocoSimulator().version()
    mujoco_simulator._mujoco.cache_clear()
    assert caught.value.reason is Reason.TOOL_MISSING and "pip install 'neurosym-engine[physics]'" in str(caught.value)


def test_the_version():
    assert ORACLE.version().startswith("MuJoCo ")
    assert (ORACLE.name, ORACLE.kind, ORACLE.default) == ("mujoco", "trajectory", True)
