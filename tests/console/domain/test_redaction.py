"""What is passed on names no host and nobody, and still tells what happened."""

from typing import Any

import pytest

from console.domain.around import LinkReading, WorkloadReading
from console.domain.drift import Drift
from console.domain.fleet import Fleet, GpuFeeds, ModelVersion, Target
from console.domain.gpu import GpuReading, GpuSample
from console.domain.incident import Incident
from console.domain.journal import Record, RecordKind
from console.domain.marker import Marker, MarkerKind
from console.domain.recording import Frame, Session
from console.domain.redaction import Redaction
from console.domain.sample import Sample
from console.domain.surfaces import Envoy
from console.domain.triton import IndexEntry, State, TritonReading

FLEET = Fleet(
    "prod",
    (
        Target("triton-0:8000", "http://triton-0:8000", "http://triton-0:8002/metrics", "triton-0:8001"),
        Target("blue", "https://gpu7.fra.corp.example:8000", "https://gpu7.fra.corp.example:8002/metrics"),
    ),
    gpu=GpuFeeds(dcgm=("http://node-3.fra.corp.example:9400/metrics",)),
    gateway=Envoy("http://10.1.2.3:9901"),
    prometheus="http://prom.corp.example:9090",
)
RECORD = Record(
    RecordKind.BEGIN,
    "k3f9ab",
    1.0,
    "zoe@bastion-1",
    {
        "runner": {"host": "bastion-1", "pid": 4, "started": 0.0},
        "targets": {"blue": "https://gpu7.fra.corp.example:8000"},
    },
)
NAMES = ("triton-0", "gpu7", "corp.example", "node-3", "10.1.2.3", "zoe", "bastion", "blue", "prom.corp")


def sample(reading: Any, source: str = "triton:triton-0:8000") -> Sample:
    return Sample(source, "triton-0:8000", 1.0, 1.0, 0.1, 1.0, reading, None)


def test_the_same_host_is_the_same_stand_in_wherever_it_stands() -> None:
    redaction = Redaction.of(FLEET)

    fleet = redaction.value(FLEET)

    assert [target.name for target in fleet.targets] == ["host-1:8000", "target-1"]
    assert fleet.targets[0].url == "http://host-1:8000"
    assert fleet.targets[0].grpc == "host-1:8001"
    assert fleet.targets[1].metrics == "https://host-2:8002/metrics"
    assert redaction.text("load on triton-0:8000 failed, as on gpu7.fra.corp.example") == (
        "load on host-1:8000 failed, as on host-2"
    )
    assert redaction.text("gpu7 is slow") == "host-2 is slow"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            "POST http://ana:pw@10.0.0.7:8000/v2/repository/index",
            "POST http://host-1:8000/v2/repository/index",
        ),
        ("connect to [2001:db8::17]:8000 refused", "connect to [host-1]:8000 refused"),
        ("connect to 192.168.3.4: refused", "connect to host-1: refused"),
        ("frozen by bob@desk since 08:53:20Z", "frozen by user-1@host-1 since 08:53:20Z"),
        ("cannot write /home/carol/.local/state", "cannot write /home/user-1/.local/state"),
        ("lookup triton.prod.svc.cluster.local: no such host", "lookup host-1: no such host"),
        ("image nvcr.io/nvidia/tritonserver:24.10-py3", "image nvcr.io/nvidia/tritonserver:24.10-py3"),
        ("rollouts.argoproj.io/ranker", "rollouts.argoproj.io/ranker"),
        (
            "version 2.51.0 since 10:41:07 on model.onnx, config.pbtxt",
            "version 2.51.0 since 10:41:07 on model.onnx, config.pbtxt",
        ),
        ("http://127.0.0.1:8000 and localhost", "http://127.0.0.1:8000 and localhost"),
    ],
)
def test_what_looks_like_an_address_or_a_person_goes_unlearned_too(text: str, shown: str) -> None:
    assert Redaction().text(text) == shown


def test_nothing_of_a_frame_names_a_host_or_a_person() -> None:
    reading = TritonReading(index=(IndexEntry("ranker", "7", State.UNAVAILABLE, "cannot reach gpu7:443"),))
    frame = Frame(
        0,
        1.0,
        1.0,
        (
            sample(reading),
            sample(GpuReading((GpuSample("GPU-1", node="node-3", pod="triton-blue-5d9f"),)), "dcgm:node-3"),
            sample(LinkReading("blue", 1.0, 2.0, address="10.9.8.7")),
            sample(
                WorkloadReading(
                    "deployment/triton", "4", {"triton": "registry.corp.example:5000/ml/triton:1"}
                )
            ),
            Marker(1.0, MarkerKind.NOTE, "fleet", "zoe: blue is the one, see 10.9.8.7"),
        ),
    )
    redaction = Redaction.of(
        Session(FLEET, 0.0), RECORD, frame, Incident("1120-abc", 1.0, "zoe@bastion-1", "for blue")
    )

    shown = repr([redaction.value(each) for each in (Session(FLEET, 0.0), RECORD, frame)])

    assert [name for name in (*NAMES, "10.9.8.7", "5d9f", "registry") if name in shown] == []
    assert "ranker" in shown
    assert "deployment/triton" in shown


def test_models_keep_their_names_even_where_a_person_has_the_same() -> None:
    reading = TritonReading(
        index=(IndexEntry("zoe", "1", State.READY), IndexEntry("bert.dev", "1", State.READY))
    )
    redaction = Redaction.of(sample(reading), RECORD)

    assert redaction.value(reading) == reading or redaction.value(reading).index == reading.index
    assert redaction.value(ModelVersion("zoe", "1")) == ("zoe", "1")
    assert redaction.text("load of zoe by zoe@bastion-1") == "load of zoe by zoe@host-1"


def test_a_name_within_a_word_is_left_alone() -> None:
    redaction = Redaction.of(RECORD)

    assert redaction.text("an analysis of zoecium by zoe") == "an analysis of zoecium by user-1"


def test_kinds_states_and_what_did_not_change_stay_what_they_are() -> None:
    index = (IndexEntry("ranker", "7", State.READY),)
    redaction = Redaction.of(FLEET)

    first = redaction.value(sample(TritonReading(index=index)))
    second = redaction.value(sample(TritonReading(index=index)))

    assert first.reading.index is second.reading.index
    assert first.reading.index[0].state is State.READY
    assert first.source == "triton:host-1:8000"
    marker = redaction.value(Marker(1.0, MarkerKind.LOAD, "ranker/7", "READY", "ranker", "7", "blue"))
    assert marker == Marker(1.0, MarkerKind.LOAD, "ranker/7", "READY", "ranker", "7", "target-1")


def test_plans_and_states_of_any_depth_are_changed() -> None:
    redaction = Redaction.of(FLEET)

    drift = redaction.value(Drift("k3f9ab", "envoy", "weight of blue", {"hosts": ["blue"]}, {"blue": 3}))

    assert drift == Drift("k3f9ab", "envoy", "weight of target-1", {"hosts": ["target-1"]}, {"target-1": 3})


def test_a_second_redaction_changes_nothing_more() -> None:
    redaction = Redaction.of(FLEET, RECORD)
    once = redaction.value(FLEET)

    assert Redaction.of(once).value(once) == once
