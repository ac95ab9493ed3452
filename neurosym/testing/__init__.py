"""The conformance suite that every plugin goes through, ours and anyone's: under pytest or in plain Python.

With your domain, oracle or checker in a module that can be imported:

    import neurosym as ns
    from my_package.my_domain import MyDomain
    from neurosym.testing import check_domain, check_oracle
    problems = [MyDomain().sample(ns.stream("test", item)) for item in range(20)]
    print(check_domain(MyDomain()), check_oracle("my-oracle", problems), sep="\\n")

Each call returns a `ConformanceReport` or raises a `Violation`, an AssertionError that names the broken rule and the
seed path. A kind of your own brings its lies as one `Language`: `LANGUAGES["my-kind"] = Language(…)`. References for
uncertain lies use unified-planning and Z3 where they are installed.
"""

from __future__ import annotations

from neurosym.testing import cnf, lean4, pddl, references, rocq, smtlib2, trajectory
from neurosym.testing.conformance import check_checker, check_domain, check_oracle
from neurosym.testing.lies import LANGUAGES, Language, Lie, holds, lies
from neurosym.testing.trial import ConformanceReport, Rule, Violation

__all__ = [
    "LANGUAGES",
    "ConformanceReport",
    "Language",
    "Lie",
    "Rule",
    "Violation",
    "check_checker",
    "check_domain",
    "check_oracle",
    "holds",
    "lies",
]

LANGUAGES.update(
    cnf=Language(cnf.lies, cnf.copy, cnf.variants, references.cnf_holds, cnf.CONCLUSIONS),
    lean4=Language(lean4.lies, lean4.copy, lean4.variants, lean4.holds, lean4.CONCLUSIONS),
    pddl=Language(pddl.lies, pddl.copy, pddl.variants, references.pddl_holds, pddl.CONCLUSIONS),
    rocq=Language(rocq.lies, rocq.copy, rocq.variants, rocq.holds, rocq.CONCLUSIONS),
    smtlib2=Language(smtlib2.lies, smtlib2.copy, smtlib2.variants, references.smtlib2_holds, smtlib2.CONCLUSIONS),
    trajectory=Language(
        trajectory.lies, trajectory.copy, trajectory.variants, trajectory.holds, trajectory.CONCLUSIONS
    ),
)
