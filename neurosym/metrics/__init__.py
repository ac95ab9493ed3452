"""Statistics of judged answers, as pure functions of numbers and texts.

Contract: nothing here knows a model, a domain, a lake or a verdict; numbers go in and numbers come out, the same for
the same input in any order, on any machine. What nothing was counted for is `None` (a mean) or the whole range that is
possible (an interval), never 0 and never NaN. Impossible input (more successes than trials, a confidence of 2) is a
ValueError.

`proportions`  intervals for a share: Wilson; Clopper and Pearson
`bootstrap`    an interval for a mean over problems, with copies of one problem kept together
`paired`       two models on the same problems: difference, McNemar, one plain sentence
`pass_at_k`    pass@k without bias; the best of k with a checker that chooses
`calibration`  reliability, Brier score, risk-coverage, perplexity
`costs`        a plan's cost against the oracle's; seconds for each proved answer
`text`         exact match, token F1; BLEU and ROUGE where text is the point

docs/metrics.md has the formula, the source and the test of each.
"""
