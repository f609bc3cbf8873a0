"""Numbers come back bit for bit, and what is regular is small."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from console.storage._numbers import (
    Deltas,
    decimal_codes,
    decimal_values,
    pack,
    unit_codes,
    unit_values,
    unpack,
)
from tests.console.storage.coded import floats
from tests.parts.alike import alike

UNITS = np.array([[1.0], [1e-3], [1e-6]])
shapes = st.tuples(st.integers(0, 4), st.integers(0, 5))
matrices = arrays.arrays(np.int64, shapes)


@given(arrays.arrays(np.float64, (3, 4), elements=floats))
def test_every_float_has_a_code_of_its_own(values: np.ndarray) -> None:
    codes, off = unit_codes(values, UNITS)

    assert alike(unit_values(codes, UNITS, off), values)
    assert alike(decimal_values(decimal_codes(values)), values)


@pytest.mark.parametrize("unit", [1.0, 1e-3, 1e-6])
def test_whole_units_have_their_number_as_code(unit: float) -> None:
    wholes = np.array([[0, 1, 999, 10**9 + 7, 2**51]])

    codes, off = unit_codes(wholes * unit, unit)

    assert off is None
    assert alike(codes, wholes)


@pytest.mark.parametrize("value", [0.37, 71.234, 0.000001, 123456.789012, 80e9, 41.0])
def test_decimals_and_wholes_have_small_codes(value: float) -> None:
    code = decimal_codes(np.array([value]))[0]

    assert 0 <= code <= 2 * value * 1e6 + 1


def test_a_value_that_goes_missing_and_comes_back_is_no_leap() -> None:
    codes, off = unit_codes(np.array([[5.0, np.nan, 5.0]]), 1.0)

    assert off is None
    assert np.abs(np.diff(codes)).max() < 10


@given(matrices)
def test_a_matrix_comes_back(codes: np.ndarray) -> None:
    assert alike(unpack(pack(codes), *codes.shape), codes)


@given(st.lists(matrices, max_size=5))
def test_matrices_come_back_as_differences_whatever_their_shapes(told: list[np.ndarray]) -> None:
    writer, reader = Deltas(), Deltas()

    assert alike([reader.read(writer.write(codes), *codes.shape) for codes in told], told)


def test_what_did_not_grow_takes_a_byte_a_row() -> None:
    deltas, codes = Deltas(), np.full((23, 1000), 10**12)
    deltas.write(codes)

    assert len(deltas.write(codes)) == 23
    assert len(deltas.write(codes + 100)) == 23 + 23 * 1000


@given(st.binary(max_size=60), shapes)
def test_bytes_that_hold_no_matrix_of_that_shape_are_refused(raw: bytes, shape: tuple[int, int]) -> None:
    try:
        found = unpack(raw, *shape)
    except ValueError:
        return
    assert found.shape == shape
