"""The prompt said again, its example copied, or the prompt with an answer after it: base models do, and an example that
happens to be right must not be found in it.
"""

from __future__ import annotations

import pytest
from attack import every_family, judged, record, right


@every_family
def test_the_prompt_is_no_answer(family):
    prompt = record(family).prompt
    assert judged(family, prompt) == "malformed"
    assert judged(family, f"{prompt}\n{right(family)}") == "malformed"


EXAMPLES = {
    "blocksworld": ("(unstack a b)\n(put-down a)", "wrong"),
    "random_ksat": ("sat 1 -2 3 …", "malformed"),
    "graph_coloring": ("1 2 1 3 …", "malformed"),
    "linear_integer": ("x = 3, y = -12", "wrong"),
}


@pytest.mark.parametrize("family", EXAMPLES)
def test_the_example_of_the_prompt_is_none(family):
    text, status = EXAMPLES[family]
    assert text.split("\n")[0] in record(family).prompt
    assert judged(family, text) == status
