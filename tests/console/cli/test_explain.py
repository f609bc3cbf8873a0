import io
import json

import pytest

from console.cli import explain as command
from console.cli import main
from console.domain.load_failure.explain import LONGEST

NAMED = "Internal: ModuleNotFoundError: No module named 'cv2'"


@pytest.fixture
def piped(monkeypatch):
    """Gives bytes to the command's stdin."""

    class Stdin:
        def __init__(self, data):
            self.buffer = io.BytesIO(data)

        def isatty(self):
            return False

    return lambda data: monkeypatch.setattr("sys.stdin", Stdin(data))


def test_a_file_is_explained_and_a_named_cause_is_0(tmp_path, capsys):
    log = tmp_path / "triton.log"
    log.write_text(NAMED)
    assert main(["explain", str(log)]) == 0
    assert "Install cv2" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["explain", "-"], ["explain"]])
def test_stdin_is_explained(arguments, piped, capsys):
    piped(NAMED.encode())
    assert main([*arguments, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["cause"], found["part"]) == ("python_import", "python")
    assert {"cause", "part", "evidence", "advice"} <= set(found)


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("error: creating server: Internal - failed to load all models", "generic_wrapper"),
        ("unable to create TensorRT engine", "engine_load_generic"),
        ("hello", "unknown"),
        ("", "unknown"),
    ],
)
def test_text_that_names_no_cause_is_1(text, cause, piped, capsys):
    piped(text.encode())
    assert main(["explain", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["cause"] == cause


def test_a_usual_warning_is_named(piped, capsys):
    piped(b"find: '/usr/lib/ssl/private': Permission denied\n")
    assert main(["explain"]) == 0
    assert capsys.readouterr().out.startswith("benign_warning\n")


@pytest.mark.parametrize("name", ["nowhere.log", "."])
def test_a_file_that_cannot_be_read_is_a_usage_error(name, tmp_path, capsys):
    assert main(["explain", str(tmp_path / name)]) == 64
    assert "cannot read" in capsys.readouterr().err
    assert main(["explain", str(tmp_path / name), "--json"]) == 64
    assert json.loads(capsys.readouterr().out)["error"]["message"].startswith("cannot read")


def test_a_second_file_is_a_usage_error(capsys):
    assert main(["explain", "a", "b"]) == 64
    assert capsys.readouterr().err


def test_bytes_of_any_kind_and_length_have_an_answer(piped, capsys):
    piped(b"\xff\xfe\x00" * (2 * LONGEST) + b"\n" + NAMED.encode())
    assert main(["explain"]) == 0
    assert "last two million characters" in capsys.readouterr().out


def test_only_the_end_of_an_endless_log_is_kept(monkeypatch):
    monkeypatch.setattr(command, "_BYTES", 10)
    monkeypatch.setattr(command, "_CHUNK", 4)
    kept = command._tail(io.BytesIO(b"x" * 1000 + b"0123456789"))
    assert kept.endswith(b"0123456789")
    assert len(kept) < 20
