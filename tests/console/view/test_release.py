import unicodedata

import pytest

from console.domain.release import Release, ReleasedModel
from console.domain.run import Verdict
from console.view.readiness import passed, readiness_json, readiness_lines
from console.view.release import release_json, release_lines, release_table
from console.view.styled import plain, width
from tests.parts.plans import AT, HOSTILE


def release(name="multi", id="r-1", **changed) -> Release:  # noqa: A002
    model = ReleasedModel(
        name, ("2", "3"), "{}", "cafe" * 16, {"2": {"model.py": "aa"}, "3": {"model.py": "bb"}}
    )
    unread = ReleasedModel("far", ("1",), "{}", "beef" * 16, {})
    made = {"id": id, "at": AT, "who": "ana", "note": "calm", "models": (model, unread)}
    return Release(**{**made, "images": {"deployment/triton": {"image": "triton@sha256:1"}}, **changed})


def text(lines) -> str:
    return "\n".join(plain(line).rstrip() for line in lines)


def test_the_newest_release_is_on_top():
    lines = text(release_table([release(id="old"), release(id="new")], 120)).splitlines()
    assert [line.split()[0] for line in lines] == ["id", "new", "old"]
    assert "multi 2,3; far 1" in lines[1]


def test_without_releases_it_says_how_to_mark_one():
    assert "triton-console good" in text(release_table([], 120))


def test_a_release_says_what_is_proven_and_what_is_not():
    said = text(release_lines(release(), 100))
    assert "multi: version 2, 3, config cafecafecaf…, 2 files with digests" in said
    assert "far: version 1, config beefbeefbee…, files not readable, no digests" in said
    assert "deployment/triton: image triton@sha256:1" in said


def test_a_release_in_json_has_its_digests_and_not_its_configs():
    told = release_json(release())
    assert told["at"] == "2025-03-01T10:41:07Z"
    assert told["models"][0]["digests"]["2"] == {"model.py": "aa"}
    assert "config" not in told["models"][0]


def checks() -> list[Verdict]:
    return [
        Verdict("server_ready", "triton-1", passed=True),
        Verdict("inference", "triton-1", None, "no probe is set up"),
        Verdict("version_ready", "triton-2", passed=False, detail="answers 400"),
    ]


def test_readiness_stands_under_each_target_and_is_counted():
    lines = text(readiness_lines(checks(), 100)).splitlines()
    assert lines == [
        "triton-1",
        "  ✓ server ready   passed",
        "  ? inference      unknown: no probe is set up",
        "triton-2",
        "  ✗ version ready  failed: answers 400",
        "",
        "✗ 1 of 3 checks passed, 1 cannot be known",
    ]


def test_an_unknown_inference_does_not_fail_and_a_target_that_nobody_reached_does():
    assert passed(checks()[:2])
    assert not passed(checks())
    assert not passed(checks()[1:2])
    assert not passed([])
    dead = Verdict("server_ready", "triton-3", None, "connection refused")
    assert not passed([*checks()[:2], dead])


def test_an_unknown_check_is_null_in_json():
    told = readiness_json("multi", "", checks())
    assert (told["version"], told["passed"]) == (None, False)
    assert [check["passed"] for check in told["checks"]] == [True, None, False]


@pytest.mark.parametrize("cells", [10, 40, 80])
def test_lines_fit_and_nothing_acts_on_the_terminal(cells):
    hostile = release(HOSTILE, who=HOSTILE, note=HOSTILE, images={HOSTILE: HOSTILE})
    shown = [*release_table([hostile], cells), *release_lines(hostile, cells)]
    shown += readiness_lines([Verdict(HOSTILE, HOSTILE, passed=False, detail=HOSTILE)], cells)
    assert max(width(plain(line)) for line in shown) <= cells
    said = text(shown).replace("\n", "")
    assert not [char for char in said if unicodedata.category(char) in ("Cc", "Cf")]
