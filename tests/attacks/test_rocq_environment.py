"""Options smuggled in by the environment or by user files: COQFLAGS, COQPATH, _CoqProject, coqrc, -type-in-type."""

from __future__ import annotations

import shutil
import stat

from rocq_attack import PROOF, judged, needs_rocq


@needs_rocq
def test_variables_and_user_files_are_not_read(tmp_path, monkeypatch):
    (tmp_path / "_CoqProject").write_text("-type-in-type\n")
    (tmp_path / ".coqrc").write_text("Axiom cheat : False.\n")
    (tmp_path / "coqrc").write_text("Axiom cheat : False.\n")
    monkeypatch.chdir(tmp_path)
    for name, value in (
        ("COQFLAGS", "-type-in-type"),
        ("COQPATH", str(tmp_path)),
        ("COQLIB", str(tmp_path)),
        ("HOME", str(tmp_path)),
        ("XDG_CONFIG_HOME", str(tmp_path)),
        ("OCAMLRUNPARAM", "v=0x400"),
    ):
        monkeypatch.setenv(name, value)
    assert judged(PROOF).proved
    assert judged("destruct cheat.", "False").status == "wrong"
    assert judged("reflexivity.", "forall x : (Type : Type), x = x").proved


@needs_rocq
def test_a_compiler_that_collapses_universes_convinces_nobody(tmp_path, monkeypatch):
    """The options of a compiler are in what it compiled, and the second kernel reports them."""
    (tmp_path / "coqc").write_text(f'#!/bin/sh\nexec {shutil.which("coqc")} -type-in-type "$@"\n')
    (tmp_path / "coqc").chmod(stat.S_IRWXU)
    (tmp_path / "coqchk").symlink_to(str(shutil.which("coqchk")))
    monkeypatch.setenv("NEUROSYM_ROCQ", str(tmp_path))
    verdict = judged(PROOF)
    assert verdict.reason == "unsupported" and "type-in-type" in verdict.detail


@needs_rocq
def test_a_compiler_that_lies_is_caught_by_the_second_kernel(tmp_path, monkeypatch):
    (tmp_path / "coqc").write_text(
        "#!/bin/sh\nfor last; do :; done\n"
        'printf "Axiom cheat : False. Theorem neurosym_0 : False. Proof. exact cheat. Qed." > "$last"\n'
        f'{shutil.which("coqc")} "$@" && echo "Closed under the global context"\n'
    )
    (tmp_path / "coqchk").symlink_to(str(shutil.which("coqchk")))
    (tmp_path / "coqc").chmod(stat.S_IRWXU)
    monkeypatch.setenv("NEUROSYM_ROCQ", str(tmp_path))
    verdict = judged("exact I.", "False")
    assert verdict.reason == "unsupported" and "Axioms" in verdict.detail and "cheat" in verdict.detail
