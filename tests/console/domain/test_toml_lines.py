import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.toml_lines import key_lines

DOCUMENT = '''\
# [not.a.table]
top = 1
[a]
plain = "x = 1 # no key"
multi = """
b = 2 \\"""
[c]
"""
literal = \'\'\'
d = 3\'\'\'
dotted.key."with space" = { e = 1, f = [
  "one", # [g]
  { h = 2 },
] }
[ a . "b]" ]
last = 1979-05-27 07:32:00
[[many]]
x = 1.5e3
[[many]]
x = [[1], [2]]
'''


def test_every_key_is_on_its_line_whatever_the_values_hold():
    tomllib.loads(DOCUMENT)
    lines = key_lines(DOCUMENT)
    assert lines[("top",)] == 2
    assert lines[("a",)] == 3
    assert lines[("a", "multi")] == 5
    assert lines[("a", "literal")] == 9
    assert lines[("a", "dotted", "key", "with space")] == 11
    assert lines[("a", "dotted", "key", "with space", "f", 0)] == 12
    assert lines[("a", "dotted", "key", "with space", "f", 1, "h")] == 13
    assert lines[("a", "b]")] == 15
    assert lines[("a", "b]", "last")] == 16
    assert lines[("many", 0, "x")] == 18
    assert lines[("many", 1)] == 19
    assert lines[("many", 1, "x")] == 20
    assert not {("not",), ("b",), ("c",), ("d",), ("g",)} & set(lines)


@given(st.text(alphabet="a\"'[]{}=,.#\n\\ 1", max_size=60))
def test_it_ends_on_everything_tomllib_accepts_and_knows_its_top_keys(text):
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    lines = key_lines(text)
    assert all((key,) in lines for key in values)


def test_tables_below_a_list_of_tables_belong_to_its_last_one():
    text = "[[a.b]]\nx = 1\n[a.b.c]\ny = 1\n[[a.b]]\n[a.b.c]\ny = 2\n[[a.b.d]]\n[[a.b.d]]\nz = 1\n"
    tomllib.loads(text)
    lines = key_lines(text)
    assert (lines[("a", "b", 0, "c", "y")], lines[("a", "b", 1, "c", "y")]) == (4, 7)
    assert lines[("a", "b", 1, "d", 1, "z")] == 10


@pytest.mark.parametrize("text", ["", "\n", "# only a comment", "a = 1", "a = ''''''", 'a = """"x"""""'])
def test_small_documents(text):
    assert len(key_lines(text)) == len(tomllib.loads(text))
