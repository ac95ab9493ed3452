"""Format strings and code: text that reaches str.format, `%`, eval, a template or a shell reads secrets or runs
(CWE-134, CWE-95, CWE-78).
"""

from __future__ import annotations

import pytest
from attack import every_family, judged, right

CODE = [
    "{0.__class__.__mro__}",
    "%s%n%x",
    "__import__('os').system('touch {}')",
    "$(touch {})",
    "`touch {}`",
    "; touch {}",
    "{{7*7}}",
    "\\x41",
    "${{7*7}}",
    "lambda: 1",
    "'; DROP TABLE records; --",
    "!!python/object/apply:os.system ['touch {}']",
    "| touch {}",
]


@every_family
@pytest.mark.parametrize("code", CODE)
def test_text_is_never_run(family, code, tmp_path):
    trace = tmp_path / "trace"
    hostile = code.replace("{}", str(trace))
    for text in (hostile, right(family) + hostile, right(family) + " " + hostile):
        assert judged(family, text) == "malformed"
    assert not trace.exists()
