"""A config.pbtxt read with the published format: every unknown field named, and never a failure to read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.transport.repository_config import PARSE, UNKNOWN, read_config_file

GOOD = b'name: "ranker"\nbackend: "python"\nmax_batch_size: 8\n'


def test_a_good_config_is_its_values() -> None:
    found = read_config_file(
        GOOD + b"version_policy { specific { versions: [ 3, 7 ] } }\ndynamic_batching { }\n"
    )
    assert found.faults == ()
    assert found.tree == {
        "name": "ranker",
        "backend": "python",
        "max_batch_size": 8,
        "version_policy": {"specific": {"versions": ["3", "7"]}},
        "dynamic_batching": {},
    }


def test_every_unknown_field_is_named_with_its_line_and_the_rest_is_known() -> None:
    odd = (
        b'foo: "a" "b"\nbar { x: 1 y { z: "}" } }\n'
        b"optimization { cuda { graphs: true grphs: 1 busy_wait_events: true } } baz: [ 1, 2 ]\n"
        b"instance_groups [ { kind: KIND_CPU } ]\nqux: -3.5e2 quux < a: 1 >; last: KIND_CPU"
    )
    found = read_config_file(GOOD + odd)

    assert [fault.id for fault in found.faults] == [UNKNOWN] * 8
    assert [fault.line for fault in found.faults] == [4, 5, 6, 6, 7, 8, 8, 8]
    assert "no field grphs in ModelOptimizationPolicy.Cuda" in found.faults[2].message
    assert found.faults[4].hint == "did you mean instance_group?"
    assert found.tree == {
        "name": "ranker",
        "backend": "python",
        "max_batch_size": 8,
        "optimization": {"cuda": {"graphs": True, "busy_wait_events": True}},
    }


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (b'max_batch_size: "8"', 1, "parse integer"),
        (b'name: "a"\nname: "b"', 2, 'multiple "name" fields'),
        (b"input { data_type: TYPE_FOO }", 1, "no value named TYPE_FOO"),
        (b"input {\n  dims: [ 1 }", 2, 'Expected ","'),
        (b"dynamic_batching { }\nsequence_batching { }", 2, "another member of oneof"),
        (b"max_batch_size: 99999999999", 1, "out of range"),
        (b"max_batch_size: " + b"9" * 5000, 1, "parse integer"),
        (b'name: "open', 1, "ending quote"),
        (b"# fine\nname: '\\d'", 2, "the escape \\d"),
        (b"\xef\xbb\xbfname: 'a'", 1, "byte-order mark"),
        (b"input { " * 2000, 1, 'Expected "}"'),
        (b"{" * 100_000, 1, "Expected identifier"),
    ],
)
def test_the_first_thing_that_cannot_be_parsed_is_said_with_its_line(
    text: bytes, line: int, said: str
) -> None:
    found = read_config_file(text)
    fault = found.faults[-1]
    assert (fault.id, fault.line) == (PARSE, line)
    assert said in fault.message
    assert len(fault.message) < 260


def test_bytes_that_are_no_utf_8_are_let_pass_in_a_comment() -> None:
    assert read_config_file(b"# caf\xe9\n" + GOOD).faults == ()


def test_more_unknown_fields_than_anybody_reads_are_cut() -> None:
    found = read_config_file(b"".join(b"field_%d: 1\n" % number for number in range(500)))
    assert len(found.faults) == 20
    assert found.tree is None


@given(
    st.lists(
        st.sampled_from(
            [
                "name",
                "input",
                "foo",
                ":",
                "{",
                "}",
                "[",
                "]",
                "<",
                ">",
                ",",
                ";",
                '"a"',
                "'",
                "-",
                "1",
                "#",
                "\n",
                " ",
                "\\",
            ]
        ),
        max_size=40,
    )
)
def test_no_text_ends_the_reading(parts: list[str]) -> None:
    found = read_config_file("".join(parts).encode())
    assert (found.tree is not None) or found.faults


@given(st.binary(max_size=200))
def test_no_bytes_end_the_reading(content: bytes) -> None:
    found = read_config_file(content)
    assert (found.tree is not None) or found.faults
