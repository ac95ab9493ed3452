"""The report is read from the manifest alone and is one file."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from conftest import one_line_error, run


def test_a_page_and_a_table(lake, tmp_path):
    shutil.copytree(lake.location, tmp_path / "lake")
    done = run("report", str(tmp_path / "lake"))
    page = (tmp_path / "lake" / "report.html").read_text()
    assert done.returncode == 0
    for word in ("blocksworld", "random_ksat", "linear_integer", "180 correct", lake.digest[:40]):
        assert word in done.stdout and word in page
    assert "http" not in page.replace("http-equiv", "")


def test_json_and_no_lake(lake, tmp_path):
    shutil.copytree(lake.location, tmp_path / "lake")
    found = json.loads(run("report", str(tmp_path / "lake"), "--json").stdout)
    assert found["digest"] == lake.digest and found["quality"]["counts"]["status"] == {"correct": 180}
    assert "no lake at" in one_line_error(run("report", str(Path(tmp_path / "nowhere"))), 2)
