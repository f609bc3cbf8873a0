"""``report`` as people type it: from an incident, its bundle, any recording; redacted, listed, refused."""

import asyncio
import re
import stat
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest

from console.domain.recording import Bounds, Session
from console.storage.flight import flight_path
from console.storage.incidents import IncidentFiles, bundle_path
from console.storage.recorder import FileRecorder
from tests.parts.cli import Ran, console
from tests.parts.taped import Taped

FLEET = "prod"


class Kept(NamedTuple):
    """A settings file, the state folder that it names, the incident in it, and the flight recording of its window."""

    settings: Path
    state: Path
    incident: str
    recording: Path


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """A bad rollout that was recorded, with an incident that was closed."""
    return asyncio.run(_kept(tmp_path_factory.mktemp("report")))


async def _kept(folder: Path) -> Kept:
    state = folder / "state"
    async with Taped("bad-rollout", unprobed=True) as taped:
        fleet = replace(taped.fleet, name=FLEET, state=str(state))
        await taped.skip(75)
        began = taped.now
        path = flight_path(state, FLEET, began, 1)
        path.parent.mkdir(parents=True, mode=0o700)
        recorder = FileRecorder(path, Session(fleet, began, "1.0.0"), Bounds())
        taped.also(recorder)
        await taped.watch(60)
        await asyncio.to_thread(recorder.close)
        assert recorder.state.lost == 0
        ended = taped.now
    moments = iter((ended - 20, ended, ended))
    files = IncidentFiles(state, fleet, lambda: next(moments))
    incident = files.open("ana@bastion", "p99 of ranker")
    files.close("ana@bastion")
    settings = folder / "triton-console.toml"
    targets = ", ".join(f'"{t.url},metrics={t.metrics},name={t.name}"' for t in fleet.targets)
    settings.write_text(f'[fleets.{FLEET}]\nstate = "{state}"\ntargets = [{targets}]\n')
    return Kept(settings, state, incident.id, path)


async def report(kept: Kept, *arguments: str) -> Ran:
    return await console("report", "--config", str(kept.settings), "--fleet", FLEET, *arguments)


async def test_the_newest_incident_is_reported_where_none_is_named(kept: Kept) -> None:
    ran = await report(kept)

    assert ran.code == 0, ran.err
    assert ran.out.startswith(f"# Incident {kept.incident}: p99 of ranker\n")
    assert "names **rollout** as the cause for `ranker`" in ran.out
    assert f"triton-console replay {bundle_path(kept.state, kept.incident)} --at +00:00:" in ran.out
    assert "Traceback" not in ran.err


async def test_the_incident_its_bundle_and_its_id_tell_the_same(kept: Kept) -> None:
    by_id = await report(kept, kept.incident)
    by_file = await console("report", str(bundle_path(kept.state, kept.incident)))

    assert (by_id.code, by_file.code) == (0, 0), by_id.err + by_file.err
    written = re.compile(r"\*\*Written:.*")
    assert written.sub("", by_id.out) == written.sub("", by_file.out)


async def test_a_bundle_that_is_gone_is_made_again(kept: Kept) -> None:
    bundle_path(kept.state, kept.incident).unlink()

    ran = await report(kept, kept.incident)

    assert ran.code == 0, ran.err
    assert bundle_path(kept.state, kept.incident).is_file()


async def test_any_recording_is_reported_on_or_a_part_of_it(kept: Kept) -> None:
    whole = await console("report", str(kept.recording))
    part = await console("report", str(kept.recording), "--from", "+00:00:02", "--to", "+00:00:10", "--json")

    assert whole.code == 0, whole.err
    assert whole.out.startswith("# Report of prod, ")
    assert "where its alerts tell that something was wrong" in whole.out
    assert part.json["window"]["seconds"] == 8
    assert [model["name"] for model in part.json["models"] if model["out_of_promise_s"]["all"]] == []


async def test_json_has_the_figures(kept: Kept) -> None:
    ran = await report(kept, "--json")

    ranker = ran.model("ranker")
    assert ranker["served"] > 1000
    assert ranker["p99_ms"]["basis"] == "summary"
    assert ran.json["incident"]["by"] == "ana@bastion"


async def test_a_report_in_a_file_is_the_owners_alone_and_takes_no_others_place(
    kept: Kept, tmp_path: Path
) -> None:
    path = tmp_path / "report.md"

    first = await report(kept, "--out", str(path))
    second = await report(kept, "--out", str(path))

    assert (first.code, first.out) == (0, ""), first.err
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text().startswith("# Incident")
    assert second.code == 64
    assert "exists" in second.err


async def test_redacted_it_names_no_host_and_nobody_be_it_as_text_or_as_a_bundle(
    kept: Kept, tmp_path: Path
) -> None:
    bundle = tmp_path / "out.tcinc"

    text = await report(kept, "--redact")
    made = await report(kept, "--redact", "--bundle", str(bundle))
    again = await console("report", str(bundle))

    assert (text.code, made.code, again.code) == (0, 0, 0), text.err + made.err + again.err
    for said in (text.out, again.out):
        assert not re.search(r"bastion|\bana\b|triton-[0-3]|gpu-node", said)
        assert "names **rollout** as the cause for `ranker`" in said
        assert "user-1@host-" in said
    assert str(kept.state) not in text.out
    assert stat.S_IMODE(bundle.stat().st_mode) == 0o600


async def test_the_list_names_every_incident_with_its_bundle(kept: Kept) -> None:
    text, listed = await report(kept, "--list"), await report(kept, "--list", "--json")

    assert kept.incident in text.out
    assert "p99 of ranker" in text.out
    (incident,) = listed.json["incidents"]
    assert incident["id"] == kept.incident
    assert incident["closed"] is not None


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("nothere",), 2, "has no incident nothere"),
        (("/no/such.tcrec",), 2, "cannot be read"),
        (("/no/such.tcinc",), 2, "cannot be read"),
        (("--from", "noon"), 64, "names no moment"),
        (("--from", "end", "--to", "start"), 64, "--to must be later than --from"),
    ],
)
async def test_what_cannot_be_reported_on_is_said_in_one_line(
    kept: Kept, arguments: tuple[str, ...], code: int, said: str
) -> None:
    ran = await report(kept, *arguments)

    assert ran.code == code, ran.err
    assert said in ran.err
    assert len(ran.err.strip().splitlines()) == 1
    assert ran.out == ""


async def test_without_any_incident_it_says_what_to_name(tmp_path: Path) -> None:
    ran = await console("report", "http://127.0.0.1:1", XDG_STATE_HOME=str(tmp_path))
    bare = await console("report", XDG_STATE_HOME=str(tmp_path))

    assert ran.code == bare.code == 2
    assert "no incident of the fleet default was opened yet" in bare.err
    assert "triton-console report FILE" in bare.err


async def test_a_recording_is_no_incident_to_make_a_bundle_of(kept: Kept, tmp_path: Path) -> None:
    ran = await console("report", str(kept.recording), "--bundle", str(tmp_path / "x.tcinc"))

    assert ran.code == 64
    assert "a bundle is made of an incident" in ran.err
