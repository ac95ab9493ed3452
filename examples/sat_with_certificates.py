"""SAT labels that carry their proof: a model, or a refutation in LRAT or DRAT that a small checker replays.

    python examples/sat_with_certificates.py

Prints what CaDiCaL says of 50 formulas and what a claim of each conclusion is worth with and without its evidence.
Then the pigeons of examples/problems: two solvers that share no code refute them, each in its own format.
"""

from pathlib import Path

import neurosym as ns

CHECKER = ns.checker("cnf")
BUDGET = ns.Budget(seconds=20)


def shown(what, problem, claim):
    verdict = CHECKER.check(problem, claim, BUDGET)
    print(f"  {what:42} {verdict.status}{f', {verdict.trust}' if verdict.trust else ''}: {verdict.detail}")


def main():
    records = list(ns.annotate(ns.domain("random_ksat"), count=50, seed=7))
    unsat = [record for record in records if record.claim.answer == "unsat"]
    print(f"{len(records)} formulas of 20 variables and 91 clauses: {len(unsat)} unsatisfiable, all proved")

    record = unsat[0]
    proof = record.claim.evidence["lrat"].splitlines()
    print(f"\nUnsatisfiable, with a proof of {len(proof)} lemmas; the last one is {proof[-1]!r}, the empty clause:")
    shown("unsat with its proof", record.problem, record.claim)
    shown("unsat on its word alone", record.problem, ns.Claim("unsat"))
    shown("unsat, the first lemma left out", record.problem, ns.Claim("unsat", {"lrat": "\n".join(proof[1:])}))
    shown("a model of it", record.problem, ns.Claim({"sat": list(range(1, 21))}))
    print("  a model's text 'unsat' is judged with the record's proof:", ns.judge(record, "unsat").status)

    record = next(record for record in records if record.claim.answer != "unsat")
    model = record.claim.answer["sat"]
    print("\nSatisfiable:")
    shown("its model", record.problem, record.claim)
    shown("the opposite of its model", record.problem, ns.Claim({"sat": [-literal for literal in model]}))
    shown("unsat, with the other formula's proof", record.problem, unsat[0].claim)

    text = (Path(__file__).parent / "problems" / "pigeons.cnf").read_text()
    pigeons = ns.Problem("cnf_files", "cnf", {"dimacs": text})
    print("\nMore pigeons than holes:")
    for name in ("cadical", "glucose"):
        claim = ns.oracle(name).solve(pigeons, BUDGET)
        ((form, proof),) = claim.evidence.items()
        shown(f"{name}, {len(proof.splitlines())} lines of {form.upper()}", pigeons, claim)


if __name__ == "__main__":
    main()
