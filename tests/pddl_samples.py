"""Planning problems for the tests of the kind `pddl`: three that are written out, and any number of random ones."""

from __future__ import annotations

ROADS = """; Trucks on roads and planes in the air, with prices.
(define (domain roads) (:requirements :strips :typing :action-costs)
(:types vehicle package - thing  truck plane - vehicle  place)
(:constants depot - place)
(:predicates (at ?x - (either vehicle package) ?p - place) (in ?x - package ?v - vehicle) (road ?a ?b - place))
(:functions (price ?a ?b - place) - number (total-cost) - number)
(:action drive :parameters (?t - truck ?a ?b - place)
 :precondition (and (at ?t ?a) (road ?a ?b))
 :effect (and (not (at ?t ?a)) (at ?t ?b) (increase (total-cost) (price ?a ?b))))
(:action fly :parameters (?v - plane ?a ?b - place)
 :precondition (at ?v ?a)
 :effect (and (not (at ?v ?a)) (at ?v ?b) (increase (total-cost) 10)))
(:action load :parameters (?x - package ?v - vehicle ?p - place)
 :precondition (and (at ?x ?p) (at ?v ?p))
 :effect (and (not (at ?x ?p)) (in ?x ?v) (increase (total-cost) 1)))
(:action unload :parameters (?x - package ?v - (either truck plane) ?p - place)
 :precondition (and (in ?x ?v) (at ?v ?p))
 :effect (and (at ?x ?p) (not (in ?x ?v)) (increase (total-cost) 0.5))))
"""
ROADS_PROBLEM = """(define (problem parcel) (:domain roads)
(:objects lorry - truck jet - plane box - package town city - place)
(:init (at lorry depot) (at jet town) (at box depot) (road depot town) (road town depot)
 (= (price depot town) 3) (= (price town depot) 3.25) (= (total-cost) 0))
(:goal (at box city))
(:metric minimize (total-cost)))
"""
ROADS_PLAN = """; by road, then by air
(load box lorry depot)
(DRIVE lorry depot town)

(unload box lorry town) ; here
( load box jet town )
(fly jet town city)
(unload box jet city)
"""

LIFT = """(define (domain lift) (:requirements :adl)
(:types passenger floor)
(:predicates (origin ?p - passenger ?f - floor) (destination ?p - passenger ?f - floor) (above ?a ?b - floor)
 (boarded ?p - passenger) (served ?p - passenger) (vip ?p - passenger) (lift-at ?f - floor))
(:action stop :parameters (?f - floor)
 :precondition (and (lift-at ?f)
  (imply (exists (?p - passenger) (and (vip ?p) (not (served ?p))))
         (exists (?p - passenger) (and (vip ?p) (or (origin ?p ?f) (destination ?p ?f))))))
 :effect (forall (?p - passenger) (and
  (when (and (boarded ?p) (destination ?p ?f)) (and (not (boarded ?p)) (served ?p)))
  (when (and (origin ?p ?f) (not (served ?p))) (boarded ?p)))))
(:action move :parameters (?a ?b - floor)
 :precondition (and (lift-at ?a) (not (= ?a ?b)) (or (above ?a ?b) (above ?b ?a)))
 :effect (and (not (lift-at ?a)) (lift-at ?b))))
"""
LIFT_PROBLEM = """(define (problem three) (:domain lift)
(:objects ann bob eve - passenger f0 f1 f2 - floor)
(:init (above f1 f0) (above f2 f0) (above f2 f1) (origin ann f0) (destination ann f2) (origin bob f2)
 (destination bob f0) (vip eve) (origin eve f0) (destination eve f1) (lift-at f0))
(:goal (forall (?p - passenger) (served ?p))))
"""
LIFT_PLAN = "(stop f0)\n(move f0 f1)\n(stop f1)\n(move f1 f2)\n(stop f2)\n(move f2 f0)\n(stop f0)\n"

BLOCKS = """(define (domain blocksworld)
(:predicates (on ?x ?y) (ontable ?x) (clear ?x) (handempty) (holding ?x))
(:action pick-up :parameters (?x) :precondition (and (clear ?x) (ontable ?x) (handempty))
 :effect (and (not (ontable ?x)) (not (clear ?x)) (not (handempty)) (holding ?x)))
(:action put-down :parameters (?x) :precondition (holding ?x)
 :effect (and (not (holding ?x)) (clear ?x) (handempty) (ontable ?x)))
(:action stack :parameters (?x ?y) :precondition (and (holding ?x) (clear ?y))
 :effect (and (not (holding ?x)) (not (clear ?y)) (clear ?x) (handempty) (on ?x ?y)))
(:action unstack :parameters (?x ?y) :precondition (and (on ?x ?y) (clear ?x) (handempty))
 :effect (and (holding ?x) (clear ?y) (not (clear ?x)) (not (handempty)) (not (on ?x ?y)))))
"""
BLOCKS_PROBLEM = """(define (problem tower) (:domain blocksworld) (:objects a b c)
(:init (handempty) (on a b) (ontable b) (ontable c) (clear a) (clear c))
(:goal (and (on c b) (not (on a b)))))
"""
BLOCKS_PLAN = "(unstack a b)\n(put-down a)\n(pick-up c)\n(stack c b)\n"

FAMILIES = {
    "roads": (ROADS, ROADS_PROBLEM, ROADS_PLAN),
    "lift": (LIFT, LIFT_PROBLEM, LIFT_PLAN),
    "blocks": (BLOCKS, BLOCKS_PROBLEM, BLOCKS_PLAN),
}


class RandomTask:
    """A random ADL domain, a problem in it, and steps for plans, all well typed."""

    PARENTS = {"object": "", "t0": "object", "t1": "t0", "t2": "object"}
    PREDICATES = {"p0": [], "p1": ["t0"], "p2": ["t0", "t2"], "p3": ["t2"], "q": ["object", "object"]}

    def __init__(self, rng):
        self.rng = rng
        self.costs = rng.random() < 0.5
        self.constants = {"c0": "t1"} if rng.random() < 0.5 else {}
        kinds = [rng.choice(["t0", "t1", "t1", "t2", "t2", "object"]) for _ in range(rng.randint(2, 4))]
        self.objects = self.constants | {f"o{place}": kind for place, kind in enumerate(kinds)}
        self.actions = {}
        self.variables = 0
        self.domain = self._domain()
        self.problem = self._problem()

    def fits(self, kind, wanted):
        return kind == wanted or (kind != "" and self.fits(self.PARENTS[kind], wanted))

    def term(self, wanted, scope):
        fitting = [term for term, kind in scope.items() if self.fits(kind, wanted)]
        return self.rng.choice(fitting) if fitting else None

    def atom(self, scope):
        for _ in range(20):
            head = self.rng.choice(list(self.PREDICATES))
            arguments = [self.term(wanted, scope) for wanted in self.PREDICATES[head]]
            if None not in arguments:
                return f"({' '.join([head, *arguments])})"
        return "(p0)"

    def literal(self, scope):
        atom = self.atom(scope)
        return atom if self.rng.random() < 0.6 else f"(not {atom})"

    def bind(self, scope):
        self.variables += 1
        variable, kind = f"?v{self.variables}", self.rng.choice(["t0", "t1", "t2", "object"])
        return f"({variable} - {kind})", scope | {variable: kind}

    def condition(self, scope, depth):
        choice = self.rng.random()
        if depth and choice < 0.2:
            return f"(and {' '.join(self.condition(scope, depth - 1) for _ in range(self.rng.randint(1, 3)))})"
        if depth and choice < 0.35:
            return f"(or {' '.join(self.condition(scope, depth - 1) for _ in range(self.rng.randint(1, 3)))})"
        if depth and choice < 0.42:
            return f"(imply {self.condition(scope, depth - 1)} {self.condition(scope, depth - 1)})"
        if depth and choice < 0.48:
            return f"(not {self.condition(scope, depth - 1)})"
        if depth and choice < 0.7:
            bound, inner = self.bind(scope)
            return f"({self.rng.choice(['forall', 'exists'])} {bound} {self.condition(inner, depth - 1)})"
        if choice > 0.95 and scope:
            return f"(= {self.rng.choice(list(scope))} {self.rng.choice(list(scope))})"
        return self.literal(scope)

    def effect(self, scope, depth=2):
        choice = self.rng.random()
        if depth and choice < 0.25:
            bound, inner = self.bind(scope)
            return f"(forall {bound} {self.effect(inner, depth - 1)})"
        if depth and choice < 0.5:
            return f"(when {self.condition(scope, 1)} {self.literal(scope)})"
        if depth == 1 and choice < 0.7:  # VAL rejects plans where a conjunction holds a `when` inside another
            return f"(and {self.literal(scope)} {self.literal(scope)})"
        return self.literal(scope)

    def _domain(self):
        text = "(define (domain random) (:requirements :adl :typing)\n(:types t0 - object t1 - t0 t2 - object)\n"
        text += "(:constants c0 - t1)\n" if self.constants else ""
        text += "(:predicates"
        for head, kinds in self.PREDICATES.items():
            text += f" ({head}{''.join(f' ?{place} - {kind}' for place, kind in enumerate(kinds))})".replace("?", "?x")
        text += ")\n" + ("(:functions (total-cost) - number (f ?x - t0) - number)\n" if self.costs else "")
        for name in ("a0", "a1", "a2"):
            names = ["?x", "?y"][: self.rng.randint(1, 2)]
            parameters = {variable: self.rng.choice(["t0", "t1", "t2", "object"]) for variable in names}
            scope = self.constants | parameters
            effects = [self.effect(scope) for _ in range(self.rng.randint(1, 3))]
            if self.costs:
                term = self.term("t0", scope)
                amount = f"(f {term})" if term and self.rng.random() < 0.6 else self.rng.randint(0, 9)
                effects.append(f"(increase (total-cost) {amount})")
            typed = " ".join(f"{variable} - {kind}" for variable, kind in parameters.items())
            text += f"(:action {name} :parameters ({typed})\n :precondition {self.condition(scope, 2)}\n"
            text += f" :effect (and {' '.join(effects)}))\n"
            self.actions[name] = list(parameters.values())
        return text + ")"

    def _problem(self):
        init = sorted({self.atom(self.objects) for _ in range(self.rng.randint(0, 8))})
        if self.costs:
            init.append("(= (total-cost) 0)")
            priced = [item for item, kind in self.objects.items() if self.fits(kind, "t0")]
            init += [f"(= (f {item}) {self.rng.randint(0, 9)})" for item in priced]
        declared = " ".join(f"{item} - {kind}" for item, kind in self.objects.items() if item not in self.constants)
        text = f"(define (problem p) (:domain random) (:objects {declared})\n(:init {' '.join(init)})\n"
        text += f"(:goal {self.condition(self.objects, 2)})"
        return text + ("\n(:metric minimize (total-cost)))" if self.costs else ")")

    def step(self):
        name = self.rng.choice(list(self.actions))
        arguments = [self.term(kind, self.objects) for kind in self.actions[name]]
        if None in arguments or self.rng.random() < 0.05:
            arguments = [self.rng.choice(list(self.objects)) for _ in arguments]
        return f"({' '.join([name, *arguments])})"

    def plan(self, applies):
        """A plan of up to four steps, most of which apply: `applies` judges a plan's text."""
        steps = []
        for _ in range(self.rng.randint(0, 4)):
            tries = [self.step() for _ in range(8)]
            steps.append(next((step for step in tries if applies("\n".join([*steps, step]))), tries[0]))
        return "\n".join(steps)
