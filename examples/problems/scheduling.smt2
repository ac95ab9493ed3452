; Two jobs of 3 and 5 hours on one machine, the second not before 2, both done by 10.
(set-logic QF_LIA)
(declare-const first Int)
(declare-const second Int)
(assert (and (>= first 0) (>= second 2)))
(assert (or (<= (+ first 3) second) (<= (+ second 5) first)))
(assert (and (<= (+ first 3) 10) (<= (+ second 5) 10)))
(check-sat)
(get-model)
