import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import console.cli
from console import __version__
from console.cli import main
from console.cli._check_machine import PACKAGES

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("platformdirs.user_config_path", lambda *_, **__: tmp_path / "config")
    monkeypatch.setattr("platformdirs.user_state_path", lambda *_, **__: tmp_path / "state")


def python(*code: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "\n".join(code)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def test_the_version_is_printed_wherever_it_is_asked(capsys):
    for argv in (["--version"], ["status", "--version"], ["--fleet", "x", "--version"]):
        assert main(argv) == 0
        assert capsys.readouterr().out == f"triton-console {__version__}\n"


def test_the_help_lists_every_command_and_what_it_does(capsys):
    assert main(["--help"]) == 0
    out = capsys.readouterr().out
    for name in console.cli.commands():
        assert re.search(rf"^  {name}  +{re.escape(console.cli.command(name).HELP)}$", out, re.MULTILINE)
    assert {"watch", "status", "doctor", "drill"} <= set(console.cli.commands())


def test_every_command_has_its_own_help(capsys):
    for name in console.cli.commands():
        assert main([name, "--help"]) == 0
        assert "--config FILE" in capsys.readouterr().out


def test_only_what_is_asked_for_is_imported():
    done = python(
        "import sys; from console.cli import main; main(['status', '--for', 'x'])",
        "heavy = ('numpy', 'aiohttp', 'textual', 'asyncio', 'console.cli.doctor', 'console.cli.drill')",
        "print([name for name in heavy if name in sys.modules])",
    )
    assert done.stdout.strip() == "[]", done


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (
            ["statsu"],
            "unknown command statsu; did you mean status?  → for a server of that name: http://statsu",
        ),
        (["--fleet", "x", "docter"], "did you mean doctor?"),
        (["status", "--jsn"], "unrecognized arguments: --jsn  → triton-console status --help"),
        (["status", "--for", "soon"], "invalid float value: 'soon'"),
        (["status", "--for", "0"], "--for must be 0.1 to 3600 seconds"),
        (["status", "--for", "nan"], "--for must be 0.1 to 3600 seconds"),
        (["status", "htp://a"], '"htp://a": write http:// or https://, not htp://'),
        (["status", "a", "--refresh", "0"], "--refresh: must be 0.1 to 3600 seconds"),
        (["status", "--fleet", "prod"], "--fleet: there is no settings file to find prod in"),
        (["--header", "nocolon", "status", "a"], "--header: write it as --header 'NAME: VALUE'"),
        (["--config", "gone.toml"], "gone.toml: No such file or directory"),
        (["drill", "--speed", "0"], "--speed must be over 0"),
        (["drill", "--port", "99999"], "--port must be 0 to 65535"),
        (["http://a:1", "status"], "status is a command  → triton-console status http://a:1"),
        (["http://a:1"], "the console needs a terminal  → for one picture without: triton-console status"),
        (["drill"], "the console needs a terminal"),
    ],
)
def test_a_usage_error_is_one_line_that_says_what_to_do(argv, says, capsys):
    assert main(argv) == 64
    said = capsys.readouterr()
    assert says in said.err
    assert said.err.count("\n") == 1
    assert said.out == ""


def test_errors_are_json_with_json(capsys):
    assert main(["status", "--json", "--for", "x"]) == 64
    said = capsys.readouterr()
    assert said.err == ""
    error = json.loads(said.out)["error"]
    assert set(error) == {"id", "message", "hint"}
    assert error["id"] == "usage"


def test_every_problem_of_the_settings_is_a_line_or_an_item(capsys):
    Path("triton-console.toml").write_text(
        "[fleets.prod]\ntargets=['a']\nrefesh=1\n[fleets.prod.gpu]\nnvml=1\n"
    )
    assert main(["status"]) == 64
    assert capsys.readouterr().err.splitlines() == [
        "triton-console: triton-console.toml:3: fleets.prod.refesh: unknown key; did you mean refresh?",
        "triton-console: triton-console.toml:5: fleets.prod.gpu.nvml: must be local or off, not 1",
    ]
    assert main(["status", "--json"]) == 64
    error = json.loads(capsys.readouterr().out)["error"]
    assert error["id"] == "settings"
    assert [(p["file"], p["line"]) for p in error["problems"]] == [
        ("triton-console.toml", 3),
        ("triton-console.toml", 5),
    ]


def test_hostile_arguments_cannot_act_on_the_terminal(capsys):
    for argv in (
        ["status", "\x1b[31m\u202ea b"],
        ["\x1b]0;x\x07"],
        ["status", "--\x1b[31m"],
        ["a" * 100_000],
    ):
        assert main(argv) == 64
        err = capsys.readouterr().err
        assert "\x1b" not in err
        assert "\u202e" not in err
        assert len(err) < 2500


def test_an_unexpected_error_is_one_line_and_its_traceback_a_private_file(monkeypatch, capsys, tmp_path):
    def broken(*_):
        raise ZeroDivisionError("while holding hunter2")

    monkeypatch.setattr("console.cli.status.observe", broken)
    assert main(["status", "a", "--header", "key: hunter2"]) == 70
    err = capsys.readouterr().err
    assert err.startswith("triton-console: an unexpected ZeroDivisionError ended the command (report ")
    assert err.count("\n") == 1
    (report,) = (tmp_path / "state").iterdir()
    assert str(report) in err
    assert "Traceback" in report.read_text()
    assert "hunter2" not in report.read_text()
    assert report.stat().st_mode & 0o777 == 0o600


def test_an_unexpected_error_is_one_line_even_where_nothing_can_be_written(monkeypatch, capsys, tmp_path):
    (tmp_path / "state").write_text("a file, not a folder")
    monkeypatch.setattr("console.cli.status.observe", lambda *_: 1 / 0)
    assert main(["status", "a", "--json"]) == 70
    error = json.loads(capsys.readouterr().out)["error"]
    assert error["id"] == "internal"
    assert "could not be written" in error["hint"]


def test_an_interrupt_is_quiet(monkeypatch, capsys):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("console.cli.status.observe", interrupted)
    assert main(["status", "a"]) == 130
    assert capsys.readouterr() == ("", "")


def test_an_interrupt_that_an_import_made_something_else_of_is_quiet(monkeypatch, capsys):
    def interrupted(*_):
        raise ImportError("numpy.core failed to import") from KeyboardInterrupt()

    monkeypatch.setattr("console.cli.status.observe", interrupted)
    assert main(["status", "a"]) == 130
    assert capsys.readouterr() == ("", "")


def test_an_interrupt_before_there_is_anything_to_close_is_quiet():
    ran = python(
        "import os, signal, sys",
        # What is started in the background of a shell ignores it.
        "signal.signal(signal.SIGINT, signal.default_int_handler)",
        "class Interrupts:",
        "    def find_spec(self, name, *_):",
        "        if name == 'console.cli': os.kill(os.getpid(), signal.SIGINT)",
        "sys.meta_path.insert(0, Interrupts())",
        "from console.__main__ import main",
        "sys.exit(main())",
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (-2, "", "")


def test_a_closed_pipe_is_quiet():
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "console", "drill", "--list"]
    done = subprocess.run(command, cwd=ROOT, stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (141, b"")


def test_without_any_target_it_says_what_to_type_next(monkeypatch, capsys):
    monkeypatch.setattr("console.cli._fleet._answers", lambda *_: False)
    assert main([]) == 2
    err = capsys.readouterr().err
    assert "no Triton at localhost:8000" in err
    assert "triton-console http://HOST:8000" in err
    assert "triton-console drill" in err


def test_a_terminal_without_utf_8_gets_escapes_and_no_error():
    done = subprocess.run(
        [sys.executable, "-X", "utf8=0", "-m", "console", "doctor", "http://127.0.0.1:1"],
        cwd=ROOT,
        capture_output=True,
        env={"LC_ALL": "POSIX", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii", "HOME": "/nowhere"},
        check=False,
    )
    assert done.returncode == 2, done
    assert b"\\u2717 target.connection" in done.stdout.replace(b" \\u2717", b"\\u2717")


def test_doctor_looks_at_every_package_that_is_required():
    required = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    names = {spec.partition("[")[0].partition(">")[0].partition("<")[0].strip() for spec in required}
    assert names == set(PACKAGES)
