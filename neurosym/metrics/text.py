"""How like its reference a text is, for where the text itself is the point, and beside the verdict elsewhere.

Contract: none of these says that an answer is right; that is the checker's word alone. Formal answers are compared by
`words` (in `-1 2` and `1 -2` the sign matters), prose by `squad_words`.
"""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from neurosym.errors import UsageError

INSTALL = "needs {package}: pip install 'neurosym-engine[text-metrics]'"


def words(text: str) -> list[str]:
    """The words of a text as they stand, apart at white space."""
    return text.split()


_NO_PUNCTUATION = str.maketrans("", "", string.punctuation)


def squad_words(text: str) -> list[str]:
    """The words that SQuAD's evaluation (v1.1; Rajpurkar et al., 2016) compares: lower case, without punctuation and
    the articles a, an and the."""
    return re.sub(r"\b(a|an|the)\b", " ", text.lower().translate(_NO_PUNCTUATION)).split()


def exact_match(said: str, reference: str, split: Callable[[str], list[str]] = words) -> bool:
    """Whether two texts have the same words in the same order."""
    return split(said) == split(reference)


def token_f1(said: str, reference: str, split: Callable[[str], list[str]] = words) -> float:
    """The harmonic mean of precision and recall over the words that two texts share, from 0 to 1 (SQuAD v2.0).

    The order of words does not matter, how often they occur does. Two texts without words are alike; one without is
    unlike any other.
    """
    mine, theirs = Counter(split(said)), Counter(split(reference))
    if not mine or not theirs:
        return float(mine == theirs)
    return 2 * (mine & theirs).total() / (mine.total() + theirs.total())


def bleu(said: Sequence[str], references: Sequence[str]) -> float | None:
    """BLEU of a corpus (Papineni et al., 2002), from 0 to 100, as sacrebleu computes it by default; None for no texts.

    Raises UsageError where sacrebleu is not installed.
    """
    try:
        from sacrebleu import corpus_bleu
    except ImportError:
        raise UsageError(f"BLEU {INSTALL.format(package='sacrebleu')}") from None
    _require_pairs(said, references)
    return float(corpus_bleu(list(said), [list(references)]).score) if said else None


def rouge(said: Sequence[str], references: Sequence[str]) -> dict[str, float] | None:
    """The mean F1 of ROUGE-1, ROUGE-2 and ROUGE-L (Lin, 2004), from 0 to 1, by rouge-score; None for no texts.

    Words are not stemmed. Raises UsageError where rouge-score is not installed.
    """
    try:
        from rouge_score.rouge_scorer import RougeScorer
    except ImportError:
        raise UsageError(f"ROUGE {INSTALL.format(package='rouge-score')}") from None
    _require_pairs(said, references)
    kinds = ["rouge1", "rouge2", "rougeL"]
    scorer = RougeScorer(kinds)
    scores: list[dict[str, Any]] = [scorer.score(theirs, mine) for mine, theirs in zip(said, references, strict=True)]
    return {kind: sum(score[kind].fmeasure for score in scores) / len(scores) for kind in kinds} if scores else None


def _require_pairs(said: Sequence[str], references: Sequence[str]) -> None:
    if len(said) != len(references):
        raise ValueError(f"{len(said)} texts and {len(references)} references")
