"""Tables go between their marks, and the rest of a file is kept."""

import pytest
import readme

from tfport.errors import UserError

BEGIN, END = "<!-- mine: begin -->", "<!-- mine: end -->"


@pytest.mark.parametrize("text", ["mine", "{1} mine {0}", "{0} {0} {1}", "{0} {1} {1}", "{0}"])
def test_a_readme_without_marks_is_left_alone(tmp_path, text):
    path = tmp_path / "README.md"
    path.write_text(text.format(BEGIN, END))
    with pytest.raises(UserError, match="once each"):
        readme.replace(path, "mine", "table")
    assert path.read_text() == text.format(BEGIN, END) and len(list(tmp_path.iterdir())) == 1


def test_the_rest_of_a_readme_keeps_its_line_ends(tmp_path):
    path = tmp_path / "README.md"
    path.write_bytes(f"one\r\n{BEGIN}old{END}\r\ntwo".encode())
    readme.replace(path, "mine", "new")
    assert path.read_bytes() == f"one\r\n{BEGIN}\nnew\n{END}\r\ntwo".encode()
