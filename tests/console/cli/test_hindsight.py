from dataclasses import replace

import pytest

from console.cli import _hindsight
from console.cli._errors import CliError
from console.cli._hindsight import chosen
from console.domain.marker import Marker, MarkerKind
from console.domain.recording import RecordingError
from console.domain.snapshot import Points
from tests.fake_history import FakeHistory
from tests.snapshots import alert, failed_model, model_row, slo, snapshot

BEGAN, ENDED = 1000.0, 5000.0
SLOW = slo(ratio=3.7)


class Recording:
    """Pictures by time: what each lasts until the next."""

    path, since, until = "a.tcrec", BEGAN, ENDED

    def __init__(self, pictures, markers=()):
        self.pictures, self.markers = pictures, markers
        self.looked = []

    def at(self, moment):
        self.looked.append(moment)
        found = self.pictures[max(at for at in self.pictures if at <= moment)]
        return replace(found, at=moment)


class Calm(FakeHistory):
    def model(self, key, column, seconds):
        return Points((), ())


@pytest.fixture(autouse=True)
def rewound(monkeypatch):
    monkeypatch.setattr(_hindsight, "rewound", lambda recording, at: recording.at(at))


def picture(*rows, **changes):
    return snapshot(
        list(rows) or [model_row("ranker", "7"), model_row("embed", "3")], history=Calm(), **changes
    )


WELL = picture()
BROKEN = picture(model_row("ranker", "7", slo=SLOW), model_row("embed", "3"))
FIRING = picture(alerts=(alert(model="ranker"),))


def alerted(at, model="ranker", detail="page: burns"):
    return Marker(at, MarkerKind.ALERT, f"{model}/7", detail, model, "7")


@pytest.mark.parametrize("end", [BROKEN, FIRING])
def test_the_end_is_taken_where_the_promise_is_broken_there(end):
    found = chosen(Recording({BEGAN: WELL, 4000.0: end}), "ranker", None)
    assert found.snapshot.at == ENDED
    assert found.why.startswith("the end of the recording, where ")


def test_else_the_last_moment_at_which_an_alert_held():
    recording = Recording(
        {BEGAN: WELL, 2000.0: FIRING, 2400.0: WELL}, [alerted(2000.0), alerted(2460.0, detail="over: burns")]
    )
    found = chosen(recording, "ranker", None)
    assert 2300.0 < found.snapshot.at < 2400.0
    assert found.why == "the last moment at which the alert slo_burn of ranker/7 fires"


def test_else_the_last_moment_at_which_the_figures_say_so():
    class Slow(Calm):
        def model(self, key, column, seconds):
            if (key.model, column) != ("ranker", "p99_ms"):
                return Points((), ())
            return Points((2990.0, 3000.0, 3010.0, 3020.0), (900.0, 900.0, 20.0, None))

    recording = Recording({BEGAN: BROKEN, 3005.0: replace(WELL, history=Slow())})
    found = chosen(recording, "ranker", None)
    assert found.snapshot.at == 3000.0
    assert found.why == "the last moment at which ranker/7 breaks its promise"


def test_else_the_end_and_that_is_said():
    found = chosen(Recording({BEGAN: WELL}, [alerted(2000.0, "embed")]), "ranker", None)
    assert found.snapshot.at == ENDED
    assert "tells of no broken promise" in found.why


def test_a_moment_that_is_named_is_taken_as_it_is():
    recording = Recording({BEGAN: WELL, 4000.0: BROKEN})
    found = chosen(recording, "ranker", 1500.0)
    assert (found.snapshot.at, found.why) == (1500.0, "as asked")
    assert recording.looked == [1500.0]


def test_without_a_model_the_worst_alert_names_it():
    end = picture(alerts=(alert("node", model=""), alert("embed/3", model="embed"), alert(model="ranker")))
    assert chosen(Recording({BEGAN: end}), "", None).model == "embed"
    assert chosen(Recording({BEGAN: end}), "", 2000.0).model == "embed"


def test_without_a_model_and_an_alert_the_worst_row_does():
    end = picture(model_row("embed", "3", slo=SLOW), model_row("ranker", "7"), failed_model("ocr"))
    assert chosen(Recording({BEGAN: end}), "", 2000.0).model == "ocr"


def test_without_a_model_the_last_alert_of_a_calm_recording_does():
    recording = Recording({BEGAN: FIRING, 2400.0: WELL}, [alerted(1500.0, "embed"), alerted(2300.0)])
    found = chosen(recording, "", None)
    assert (found.model, found.snapshot.at) == ("ranker", 2300.0)


@pytest.mark.parametrize("at", [None, 2000.0])
def test_where_nothing_was_wrong_a_model_has_to_be_named(at):
    with pytest.raises(CliError, match="which model") as caught:
        chosen(Recording({BEGAN: WELL}), "", at)
    assert caught.value.code == 1


def test_a_model_that_nobody_recorded_is_no_data():
    with pytest.raises(CliError, match="did you mean ranker") as caught:
        chosen(Recording({BEGAN: WELL}), "rankr", None)
    assert caught.value.code == 2


def test_a_version_may_be_named_with_the_model():
    assert chosen(Recording({BEGAN: BROKEN}), "ranker/7", None).model == "ranker"


def test_a_recording_without_a_frame_is_no_data(monkeypatch):
    def nothing(*_):
        raise RecordingError("no frame can be read", "look elsewhere")

    monkeypatch.setattr(_hindsight, "rewound", nothing)
    with pytest.raises(CliError, match="no frame can be read") as caught:
        chosen(Recording({}), "ranker", None)
    assert (caught.value.code, caught.value.hint) == (2, "look elsewhere")
