"""What one server says of one model."""

from console.domain.serving import read_serving, state_of
from console.domain.triton import IndexEntry, State

INDEX = (
    IndexEntry("multi", "10", State.READY),
    IndexEntry("multi", "9", State.UNAVAILABLE, "unloaded"),
    IndexEntry("multi", "11", State.UNAVAILABLE, "Internal: no weights"),
    IndexEntry("other", "1", State.READY),
)


def test_versions_by_state_in_the_order_of_numbers() -> None:
    found = read_serving("multi", INDEX, {"versions": ["10"]}, None)

    assert (found.ready, found.rested, found.failed) == (("10",), ("9",), {"11": "Internal: no weights"})
    assert found.known == ("9", "10", "11")
    assert found.moving == ""


def test_a_version_that_the_index_leaves_out_is_ready_all_the_same() -> None:
    found = read_serving("gone", INDEX, {"versions": ["3"]}, {"name": "gone"})

    assert (found.ready, found.listed) == (("3",), False)


def test_a_version_on_its_way_out_is_not_ready_although_metadata_still_names_it() -> None:
    index = (IndexEntry("multi", "3", State.UNLOADING), IndexEntry("multi", "2", State.LOADING))
    found = read_serving("multi", index, {"versions": ["3"]}, None)

    assert found.ready == ()
    assert found.moving == "version 2 is loading and version 3 is unloading"


def test_a_model_never_loaded_has_no_version() -> None:
    found = read_serving("dyn", (IndexEntry("dyn", "", State.ABSENT),), None, None)

    assert (found.known, found.listed) == ((), True)
    assert state_of(found) == {"loaded": False, "ready": [], "config": "", "values": {}}
