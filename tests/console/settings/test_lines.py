import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.settings._lines import key_lines

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
    assert lines[("many", "x")] == 18
    assert not {("not",), ("b",), ("c",), ("d",), ("g",)} & set(lines)


@given(st.text(alphabet="a\"'[]{}=,.#\n\\ 1", max_size=60))
def test_it_ends_on_everything_tomllib_accepts_and_knows_its_top_keys(text):
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    lines = key_lines(text)
    assert all((key,) in lines for key in values)


@pytest.mark.parametrize("text", ["", "\n", "# only a comment", "a = 1", "a = ''''''", 'a = """"x"""""'])
def test_small_documents(text):
    assert len(key_lines(text)) == len(tomllib.loads(text))
