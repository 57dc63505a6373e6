"""The script that builds the site."""

from tests.conftest import ROOT

SCRIPT = str(ROOT / "scripts" / "build_site.py")


def test_it_builds_the_site_of_all_pairs(run_python, tmp_path):
    done = run_python(SCRIPT, str(tmp_path / "site"))
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("11 pairs: open ") and len(list((tmp_path / "site").glob("*.html"))) == 13


def test_help_and_mistakes_are_answered(run_python, tmp_path):
    told = run_python(SCRIPT, "--help")
    assert told.returncode == 0 and "python scripts/build_site.py FOLDER" in told.stdout
    (tmp_path / "notes.txt").write_text("mine")
    for words, sentence in (([], "takes the folder of the site"), ([str(tmp_path)], "holds files that are no site")):
        done = run_python(SCRIPT, *words)
        assert done.returncode == 2 and sentence in done.stderr and len(done.stderr.splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]
