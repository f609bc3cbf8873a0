import pytest

from console.domain.toml_document import read_document


def test_values_come_with_the_lines_of_their_keys():
    values, problems = read_document(b"\xef\xbb\xbfa = 1\n[b]\nc = 2\n", "f.toml")
    assert values == {"a": 1, "b": {"c": 2}}
    problems.add(("b", "c"), "is wrong")
    assert [str(each) for each in problems.found] == ["f.toml:3: b.c: is wrong"]


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"a = 1\nb = \n", "f.toml:2: not valid TOML: Invalid value"),
        (b"a = [1,\n2", "f.toml:2: not valid TOML: Unclosed array"),
        (b"a = '\xff'\n", "f.toml:1: is not UTF-8 text"),
        (b"a = " + b"[" * 50_000, "f.toml: is nested too deeply"),
    ],
)
def test_what_is_no_toml_is_one_problem(raw, said):
    values, problems = read_document(raw, "f.toml")
    assert values is None
    assert [str(each) for each in problems.found] == [said]
