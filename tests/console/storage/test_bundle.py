"""The bundle of an incident: all that belongs to it in one file, whole or not at all, that opens like a recording."""

import json
import os
import re
import stat
import zipfile
from pathlib import Path

import pytest

from console.domain.bundle import Manifest
from console.domain.gpu import GpuReading, GpuSample
from console.domain.incident import Incident
from console.domain.marker import Marker, MarkerKind
from console.domain.redaction import Redaction
from console.domain.sample import Sample
from console.storage.bundle import Given, read_bundle, read_manifest, write_bundle
from console.storage.recording import open_recording
from tests.parts import incident as known
from tests.parts.incident import AFTER, AT, BEFORE, CLOSED, HOST, INCIDENT
from tests.parts.recordings import KeptRecording

MEMBERS = {
    "manifest.json",
    "window.tcrec",
    "timeline.json",
    "journal.jsonl",
    "plans.json",
    "triage.json",
    "release.json",
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "incidents" / "1114-abc.tcinc"


def given(**changes: object) -> Given:
    releases = (
        known.release("rel1", AT - 9000, "ranker", "multi"),
        known.release("rel2", AT - 8000, "multi"),
        known.release("rel3", AT - 7000, "other"),
        known.release("rel4", AT + 9000, "multi"),
    )
    made = Given("prod", known.recording(), known.journal(), releases)
    return made._replace(**changes)


def write(path: Path, incident: Incident = CLOSED, **changes: object) -> Manifest:
    return write_bundle(path, incident, given(**changes), now=AT + 1000)


def document(path: Path, name: str) -> object:
    with zipfile.ZipFile(path) as archive:
        return json.loads(archive.read(name))


def test_everything_is_in_one_private_file_and_stored_as_it_is(path: Path) -> None:
    write(path)

    with zipfile.ZipFile(path) as archive:
        assert set(archive.namelist()) == MEMBERS
        assert {info.compress_type for info in archive.infolist()} == {zipfile.ZIP_STORED}
        assert archive.testzip() is None
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_the_manifest_says_what_when_and_by_which_console(path: Path) -> None:
    written = write(path)
    manifest = read_manifest(path)

    assert manifest == written
    assert (manifest.incident, manifest.fleet, manifest.redacted) == (CLOSED, "prod", False)
    assert (manifest.since, manifest.until) == (CLOSED.since, AT + AFTER)
    assert {member.name for member in manifest.members} == MEMBERS - {"manifest.json"}
    assert document(path, "manifest.json")["window"] == {  # type: ignore[index]
        "since": "2023-11-14T21:43:20.000Z",
        "until": "2023-11-14T22:14:20.000Z",
    }


def test_its_window_opens_like_any_recording(path: Path) -> None:
    write(path)

    recording = open_recording(path)
    frames, walks = list(recording.frames()), recording.walks
    recording.close()

    assert (frames[0].at, frames[-1].at, len(frames)) == (AT - BEFORE, AT + AFTER, BEFORE + AFTER + 1)
    assert [walk.story for walk in walks] == ["a load came first"]


def test_what_was_not_recorded_of_the_window_is_said(path: Path) -> None:
    manifest = write(path, CLOSED._replace(closed=AT + AFTER + 600))

    assert manifest.missing == (
        "the first 1680 s of the window were not recorded",
        "the last 600 s of the window were not recorded",
    )
    assert write(path, missing=("the journal: its head is missing",)).missing[-1].startswith("the journal")


def test_without_a_recording_the_rest_is_kept_and_the_manifest_says_why(path: Path) -> None:
    manifest = write(path, recording=None)

    assert "the flight recorder was off" in manifest.missing[0]
    bundle = read_bundle(path)
    assert len(bundle.records) == 3
    assert bundle.problems == ()
    with zipfile.ZipFile(path) as archive:
        assert set(archive.namelist()) == MEMBERS - {"window.tcrec"}


def test_a_recording_of_another_time_is_no_window(path: Path) -> None:
    manifest = write(path, INCIDENT._replace(opened=AT + 90_000, closed=AT + 90_100))

    assert "have nothing of the window" in manifest.missing[0]


def test_an_open_incident_reaches_to_now(path: Path) -> None:
    assert write(path, INCIDENT).until == AT + 1000


def test_the_timeline_has_the_markers_of_the_window_and_those_of_the_incident_itself(path: Path) -> None:
    write(path)

    told = [(entry["at"] - AT, entry["kind"]) for entry in document(path, "timeline.json")]  # type: ignore[attr-defined]
    assert told == [
        (0, MarkerKind.INCIDENT),
        (23, MarkerKind.ACTION),
        (50, MarkerKind.EFFECT),
        (60, MarkerKind.INCIDENT),
    ]


def test_records_come_back_as_they_were_and_plans_can_be_read_by_people(path: Path) -> None:
    earlier = known.journal(at=AT - 9000)
    records = (*[each._replace(plan="old222") for each in earlier], *known.journal())
    write(path, records=records)

    bundle = read_bundle(path)
    assert [(each.kind, each.plan, each.at, each.who) for each in bundle.records] == [
        (each.kind, each.plan, each.at, each.who) for each in known.journal()
    ]
    (plan,) = document(path, "plans.json")  # type: ignore[misc]
    assert (plan["id"], plan["result"], plan["goal"]) == (
        "kq2xyz",
        "verified",
        "roll back multi to version 2 on 2 targets",
    )
    assert plan["steps"][0]["call"].startswith("curl -sS http://triton-1:8000")
    assert plan["effects"][0]["after"]["p99_ms"] == 41.0


def test_plans_on_the_targets_of_others_are_none_of_it(path: Path) -> None:
    begin, *rest = known.journal()
    theirs = begin._replace(body={**begin.body, "targets": {"two": "http://two:8000,name=two"}})
    write(path, records=(theirs, *rest))

    assert read_bundle(path).records == ()


def test_a_plan_that_began_before_the_window_is_whole(path: Path) -> None:
    write(path, records=known.journal(at=CLOSED.since - 2))

    assert len(read_bundle(path).records) == 3


def test_the_newest_release_of_each_model_concerned_is_kept(path: Path) -> None:
    write(path)
    assert [release.id for release in read_bundle(path).releases] == ["rel1", "rel2"]

    write(path, records=(), recording=None)
    assert [release.id for release in read_bundle(path).releases] == ["rel3"]


def test_the_answers_of_the_triage_can_be_read_without_the_console(path: Path) -> None:
    write(path)

    (answer,) = document(path, "triage.json")  # type: ignore[misc]
    assert (answer["runbook"], answer["verdict"], answer["model"]) == ("p99-latency", "queue", "ranker")


def test_a_full_disk_leaves_no_half_and_the_one_from_before(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(path)
    before = path.read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("console.storage._zip_draft.sync", full)
    with pytest.raises(OSError, match="No space left"):
        write(path)

    assert path.read_bytes() == before
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_what_a_dead_console_left_half_done_goes(path: Path) -> None:
    path.parent.mkdir()
    dead = path.with_name(f".{path.name}.{2**22 + 1}.zip")
    dead.write_text("half")
    of_a_draft = path.with_name(f"..{path.name}.{2**22 + 1}.tcrec.{2**22 + 1}.new")
    of_a_draft.write_text("half")
    alive = path.with_name(f".{path.name}.{os.getppid()}.zip")
    alive.write_text("half")

    write(path)

    assert not dead.exists()
    assert not of_a_draft.exists()
    assert alive.exists()


def test_redacted_no_host_and_nobody_is_in_any_member(path: Path) -> None:
    manifest = write_bundle(path, CLOSED, given(), now=AT + 1000, redact=Redaction())

    assert manifest.redacted
    with zipfile.ZipFile(path) as archive:
        content = b"".join(archive.read(name) for name in MEMBERS)
    for word in (HOST, "gpu-node-17", "bastion", "ana@", "bob@"):
        assert word.encode() not in content
    recording = open_recording(path)
    told = repr([recording.sessions, recording.markers, *recording.frames()])
    recording.close()
    for word in (HOST, "gpu-node-17", "bastion", "ana@", "bob@"):
        assert word not in told
    assert "ranker" in told


def test_names_that_only_the_recording_knows_are_learned_from_it(path: Path) -> None:
    recording = known.recording()
    gpu = GpuSample("GPU-1", node="rack7blade3", name="H100")
    sample = Sample("dcgm", None, AT, float(BEFORE), 0.1, 1.0, GpuReading((gpu,)), None)
    note = Marker(AT, MarkerKind.NOTE, "prod", "rack7blade3 is hot")
    frames = [
        each._replace(inputs=(*each.inputs, sample), shown=(*each.shown, note)) if each.at == AT else each
        for each in recording.kept
    ]
    made = given(recording=KeptRecording(recording.sessions, frames))

    write_bundle(path, CLOSED, made, now=AT + 1000, redact=Redaction())

    said = [each["detail"] for each in document(path, "timeline.json") if each["kind"] == "note"]  # type: ignore[attr-defined]
    assert len(said) == 1
    assert re.fullmatch(r"host-\d+ is hot", said[0])
