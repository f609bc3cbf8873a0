"""``lint-rules``: what it reads, says, and how it ends."""

import asyncio
import io
import json
import os
import sys
from pathlib import Path

import pytest

from console.cli import main
from tests.parts.fake_triton import fake_triton
from tests.parts.hostile import serving

RULES = """
groups:
  - name: triton
    rules:
      - record: nv_queue_ms
        expr: rate(nv_inference_queue_duration_us[5m]) / rate(nv_inference_request_success[5m]) / 1000
      - alert: QueueHigh
        expr: |
          histogram_quantile(0.99,
            sum by (le) (rate(nv_inference_queue_duration_us_bucket[5m]))) > 0.1
      - {alert: QueueMean, expr: "nv_queue_ms > 50"}
      - {alert: Slow, expr: 'max(nv_inference_request_summary_us{quantile="0.99"}) > 50000'}
"""
DASHBOARD = {
    "panels": [{"title": "GPU \x1b[31m", "targets": [{"refId": "A", "expr": "nv_gpu_utilization > 90"}]}]
}
CONFIG_MAP = "kind: ConfigMap\ndata:\n  triton.yml: |\n" + RULES.replace("\n", "\n    ")


@pytest.fixture
def lint(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    def run(text: str | bytes, *arguments: str) -> tuple[int, str, str]:
        file = tmp_path / "file"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        code = main(["lint-rules", str(file), *arguments])
        return (code, *capsys.readouterr())

    return run


def test_text_names_file_line_rule_expression_why_and_what_instead(lint, tmp_path: Path) -> None:
    code, out, _ = lint(RULES)
    assert code == 1
    shown = out.splitlines()
    assert shown[0] == f"{tmp_path}/file:9  alert QueueHigh in group triton"
    expression = "sum by (le) (rate(nv_inference_queue_duration_us_bucket[5m]))) > 0.1"
    assert shown[1] == f"  histogram_quantile(0.99, {expression}"
    assert "it has no _bucket, and so no percentile" in shown[2]
    assert shown[3].startswith("    → rate(nv_inference_queue_duration_us[5m])")
    assert shown[-1] == "✗ 4 queries: 1 error, 1 note"


def test_json_says_the_same(lint) -> None:
    code, out, _ = lint(RULES, "--json")
    told = json.loads(out)
    assert (code, told["queries"], told["errors"], told["notes"]) == (1, 4, 1, 1)
    first = told["findings"][0]
    assert (first["id"], first["severity"], first["line"]) == ("unknown-series", "error", 9)
    assert (first["path"], first["rule"]) == ("groups[0].rules[1].expr", "alert QueueHigh in group triton")
    assert first["subject"] == "nv_inference_queue_duration_us_bucket"
    assert told["findings"][1]["instead"] is None


def test_notes_alone_are_clean(lint) -> None:
    code, out, _ = lint("groups: [{rules: [{alert: A, expr: nv_model_load_duration_secs > 60}]}]")
    assert (code, out.splitlines()[-1]) == (0, "● 1 query: 0 errors, 1 note")


def test_a_dashboard_a_config_map_and_several_documents_are_read(lint) -> None:
    assert lint(json.dumps(DASHBOARD))[0] == 1
    code, out, _ = lint(CONFIG_MAP)
    assert (code, "✗ 4 queries: 1 error" in out) == (1, True)
    assert "12  alert QueueHigh" in out
    assert "✗ 8 queries: 2 errors" in lint(f"{RULES}---{RULES}")[1]


def test_names_from_a_file_cannot_act_on_a_terminal(lint) -> None:
    out = lint(json.dumps(DASHBOARD))[1]
    assert "\x1b" not in out
    assert 'panel "GPU \\e[31m", query A' in out


def test_stdin_is_a_dash(monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(RULES.encode())))
    assert main(["lint-rules", "-"]) == 1
    assert "-:9  alert QueueHigh" in capsys.readouterr().out


def test_what_a_rule_of_one_file_records_another_may_use(tmp_path: Path, capsys) -> None:
    one, other = tmp_path / "one.yml", tmp_path / "other.yml"
    one.write_text("groups: [{rules: [{record: nv_inference_p99, expr: up}]}]")
    other.write_text("groups: [{rules: [{alert: A, expr: nv_inference_p99 > 3}]}]")
    assert main(["lint-rules", str(other)]) == 1
    assert main(["lint-rules", str(one), str(other)]) == 0


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: [", "not YAML"),
        ('{"a": ', "not JSON"),
        ("{}", "no query in"),
        ("", "no query in"),
        ("[" * 100_000, "too deeply nested"),
        (b"\xff\xfe\x00", "not YAML"),
        ("!!python/object/apply:os.system [echo]", "not YAML"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_line(lint, text, says) -> None:
    code, out, err = lint(text)
    assert (code, out) == (64, "")
    assert says in err
    assert err.count("\n") == 1


def test_a_file_that_is_not_there_is_said(tmp_path: Path, capsys) -> None:
    assert main(["lint-rules", str(tmp_path / "none.yml")]) == 64
    assert "No such file" in capsys.readouterr().err
    assert main(["lint-rules", str(tmp_path)]) == 64


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="a file without end")
def test_a_file_without_end_is_refused(capsys) -> None:
    assert main(["lint-rules", os.devnull]) == 64
    assert main(["lint-rules", "/dev/zero"]) == 64
    assert "larger than 16 MiB" in capsys.readouterr().err


async def test_rules_are_held_against_a_live_server(tmp_path: Path, capsys, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "rules.yml"
    file.write_text(
        "groups: [{rules: [{alert: A, expr: 'nv_inference_count{model=\"gone\"} and nv_gpu_power_usage'}]}]"
    )
    async with serving(fake_triton(("ranker",))) as url:
        against = f"{url},metrics={url}/metrics,name=t0"
        code = await asyncio.to_thread(main, ["lint-rules", str(file), "--against", against, "--json"])
    found = {each["id"]: each for each in json.loads(capsys.readouterr().out)["findings"]}
    assert code == 1
    assert found["not-emitted"]["why"] == "t0 does not emit nv_gpu_power_usage now"
    assert found["no-such-model"]["why"] == 't0 has no model "gone" now'


def test_a_server_that_does_not_answer_is_said(lint, monkeypatch, tmp_path) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, err = lint(RULES, "--against", "http://127.0.0.1:1")
    assert (code, out) == (64, "")
    assert "metrics: connection refused" in err
