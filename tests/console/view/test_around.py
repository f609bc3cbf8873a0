"""What stands around the tables: header, headlines, connection, help, the copied command."""

import shlex

import pytest

from console.domain.failure import Failure, FailureKind
from console.domain.fleet import Fleet, ModelVersion, Target
from console.domain.lock import Lock
from console.domain.rows import Warn
from console.domain.secret import Secret
from console.view.connection import disconnected
from console.view.header import Moment, header
from console.view.headline import headlines
from console.view.help import help_lines
from console.view.model_fields import model_fields
from console.view.models import COLUMNS
from console.view.shell import status_command
from console.view.styled import Line, plain, width
from tests.snapshots import (
    NOW,
    FakeHistory,
    alert,
    down_target,
    failed_model,
    fleet,
    frozen,
    model_row,
    slo,
    snapshot,
    target_row,
)


def texts(lines: tuple[Line, ...]) -> list[str]:
    return [plain(line) for line in lines]


def test_the_header_says_fleet_coverage_age_alerts_and_time() -> None:
    picture = snapshot(targets=[target_row(age_s=0.8), down_target()], alerts=(alert(), alert("x", "ticket")))
    left, right = header(picture.fleet, picture, Moment(NOW + 0.5))
    assert plain(left) == "prod  ▲ 1/2 targets  1.3s ago  ▲ 1 page +1"
    assert plain(right) == "08:53:20Z"


def test_a_silenced_alert_is_neither_counted_nor_news() -> None:
    picture = snapshot(alerts=(alert(note="known (ana)"),))
    left, _ = header(picture.fleet, picture, Moment(NOW))
    assert "alert" not in plain(left)
    assert not any("burns" in text for text in texts(headlines(picture, 5)))


def test_the_header_says_paused_and_read_only() -> None:
    picture = snapshot(fleet=fleet("triton-0", read_only=True))
    left, right = header(picture.fleet, picture, Moment(NOW + 75, paused=True))
    assert "PAUSED 1m 15s ago" in plain(left)
    assert "READ-ONLY" in plain(right)


@pytest.mark.parametrize(
    ("lock", "unknown", "says"),
    [
        (frozen(), "", "❄ frozen by ana 12m  ▲"),
        (frozen(until=None), "", "❄ frozen by ana 12m  ▲"),
        (frozen(until=NOW + 60 * 9), "", "❄ frozen by ana 12m, 9m left"),
        (frozen(until=NOW - 300), "", "❄ freeze by ana expired 5m ago"),
        (frozen(since=NOW + 30), "", "❄ frozen by ana 0s"),
        (frozen(who=""), "", "❄ frozen by somebody 12m"),
        (frozen(who="\x1b[2J" * 9), "", "❄ frozen by \\e[2J\\e[2J\\e[2J… 12m"),
        (frozen(), "HTTP 500", "❄ frozen by ana? lock unreadable"),
        (frozen(until=NOW - 300), "HTTP 500", "❄ deploy lock unreadable"),
        (None, "HTTP 500", "❄ deploy lock unreadable"),
    ],
)
def test_the_header_says_who_froze_how_long_and_when_nobody_can_tell(
    lock: Lock | None, unknown: str, says: str
) -> None:
    picture = snapshot(frozen=lock, lock_unknown=unknown, alerts=(alert(),))
    assert says in plain(header(picture.fleet, picture, Moment(NOW)).left)
    assert "❄" not in plain(header(picture.fleet, snapshot(), Moment(NOW)).left)


def test_the_header_of_a_frozen_fleet_fits_80_columns() -> None:
    targets = [target_row(f"t{i}") for i in range(12)]
    picture = snapshot(targets=targets, frozen=frozen(), alerts=(alert(), alert("x")))
    left, right = header(picture.fleet, picture, Moment(NOW))
    assert width(plain(left)) + 1 + width(plain(right)) <= 78


def test_the_worst_news_comes_first_and_what_is_left_out_is_counted() -> None:
    alerts = (alert("b", "ticket", message="b is slow"), alert("a", "page", message="a burns"))
    picture = snapshot(targets=[target_row(), down_target()], alerts=alerts)
    found = texts(headlines(picture, 2))
    assert found[0].startswith("▲ a burns  since 08:49:20, 4m 00s")
    assert found[1].startswith("▲ +1 b is slow")
    assert texts(headlines(picture, 1))[0].startswith("▲ +2 a burns")


def test_without_an_alert_the_worst_broken_promise_is_told() -> None:
    assert texts(headlines(snapshot([model_row(slo=slo(3.7, 2.0))]), 2)) == [
        "▲ ranker v7 p99 is 3.7× its 200 ms, burns its budget 2.0×"
    ]
    assert "ocr v1 does not serve: Internal" in texts(headlines(snapshot([failed_model()]), 1))[0]


def test_when_all_is_well_it_says_so_and_what_that_rests_on() -> None:
    rows = [model_row(), model_row("x", slo=slo(None, None))]
    (line,) = texts(headlines(snapshot(rows), 2))
    assert line == "● nothing breaks a promise: 1 of 2 model versions have a percentile to judge by"


def test_warnings_of_targets_and_notes_are_news_too() -> None:
    warned = target_row(warnings=(Warn("x", "the unload probe was refused"),))
    found = texts(headlines(snapshot(targets=[warned], notes=("nvml: no driver",)), 3))
    assert found == ["▲ triton-0: the unload probe was refused", "· nvml: no driver"]


def test_a_missing_credential_is_not_a_server_that_is_down() -> None:
    failure = Failure(FailureKind.FORBIDDEN, "index", "index: credential missing", "give --header")
    found = texts(headlines(snapshot(targets=[target_row(failures=(failure,))]), 2))
    assert found == ["▲ triton-0  index: credential missing  → give --header"]


def test_nobody_answers() -> None:
    picture = snapshot([], [down_target(f"triton-{i}") for i in range(20)])
    found = texts(disconnected(picture.fleet, picture))
    assert found[0] == "No target answers."
    assert "and 8 more targets" in found
    assert disconnected(picture.fleet, snapshot()) == ()


def test_somebody_answers_without_models_is_not_disconnected() -> None:
    picture = snapshot([], [target_row(), down_target()])
    assert disconnected(picture.fleet, picture) == ()


@pytest.mark.parametrize("name", ["it's", "a b", "$(rm -rf /)", "`x`", 'say "hi"', "new\nline", "\x1b[31m"])
def test_the_copied_command_is_safe_to_paste(name: str) -> None:
    words = shlex.split(status_command(fleet("triton-0"), ModelVersion(name, "1")).replace("|", " "))
    assert words[:3] == [
        "triton-console",
        "status",
        "http://triton-0:8000,metrics=http://triton-0:8002/metrics",
    ]
    command = status_command(fleet("triton-0"), ModelVersion(name, "1"))
    assert "\n" not in command
    assert "\x1b" not in command
    assert len(shlex.split(command.split(" | ", 1)[1])) == 2


def test_the_copied_command_names_headers_and_never_their_values() -> None:
    secured = Fleet(
        targets=(Target("t", "http://t:8000", "http://t:8002/metrics"),),
        headers={"admin-key": Secret("hunter2")},
    )
    command = status_command(secured)
    assert "hunter2" not in command
    assert '--header "admin-key: $ADMIN_KEY"' in command


def test_help_explains_keys_signs_columns_marks_unknowns_and_filter_words() -> None:
    found = "\n".join(
        texts(help_lines([("q", "Quit")], COLUMNS, model_fields(FakeHistory()).named, models=True))
    )
    for part in (
        "q  Quit",
        "✗",
        "RATE/s",
        "ˢ  percentile of one target",
        "key?",
        "n/a",
        "idle",
        "p99 latency, ms",
    ):
        assert part in found


def test_an_alert_about_a_target_says_what_to_do_and_is_not_told_twice() -> None:
    picture = snapshot(
        targets=[target_row(), down_target()], alerts=(alert("triton-9", message="triton-9 is down"),)
    )
    (line,) = texts(headlines(picture, 3))
    assert "triton-9 is down" in line
    assert line.endswith("→ is the server started, and is the port right?")


def test_one_warning_of_many_targets_is_one_line() -> None:
    warn = (Warn("x", "not ready for good"),)
    picture = snapshot(targets=[target_row(f"t{i}", warnings=warn) for i in range(4)])
    assert texts(headlines(picture, 3)) == ["▲ t0 and 3 more: not ready for good"]


def test_a_pod_that_cannot_be_reached_from_here_has_its_way_to_be_forwarded() -> None:
    there = Target(
        "triton-0", "http://10.0.0.3:8000", "http://10.0.0.3:8002/metrics", namespace="ml", pod="triton-0"
    )
    picture = snapshot([], [down_target("triton-0")], fleet=fleet(targets=(there,)))
    found = texts(disconnected(picture.fleet, picture))
    assert any("kubectl port-forward -n ml pod/triton-0 8000 8002" in line for line in found)
    assert any("triton-console http://localhost:8000" in line for line in found)
    assert "port-forward" not in "".join(texts(disconnected(picture.fleet, picture, replay=True)))
