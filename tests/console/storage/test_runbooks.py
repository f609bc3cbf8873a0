import errno
import os
from pathlib import Path

import pytest

from console.storage import runbooks
from console.storage.runbooks import load
from tests.parts.runbooks import CHECKS, shipped

MINE = """
title = "Ours"
[[steps]]
id = "page"
question = "Is it?"
checks = ["promise_broken"]
yes = { verdict = "ours" }
unknown = { verdict = "unknown" }
"""


def write(folder: Path, name: str, text: str = MINE) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(text)
    return path


@pytest.fixture
def own(tmp_path) -> Path:
    folder = tmp_path / "ours"
    folder.mkdir()
    return folder


def test_without_a_folder_of_their_own_everybody_has_the_shipped_ones():
    library = load("", CHECKS)
    assert library.problems == ()
    assert {"p99-latency", "load-failure", "crash-loop"} <= set(library.runbooks)
    assert all(book.origin == f"runbooks/{name}.toml" for name, book in library.runbooks.items())


def test_a_teams_runbook_stands_beside_the_shipped_ones(own):
    path = write(own, "feature-store.toml")
    library = load(str(own), CHECKS)
    assert library.problems == ()
    assert set(library.runbooks) == {*shipped().runbooks, "feature-store"}
    assert (library.runbooks["feature-store"].title, library.runbooks["feature-store"].origin) == (
        "Ours",
        str(path),
    )


def test_a_teams_runbook_of_the_same_name_takes_the_place_of_the_shipped_one(own):
    path = write(own, "p99-latency.toml")
    library = load(str(own), CHECKS)
    assert library.problems == ()
    assert library.runbooks["p99-latency"].origin == str(path)
    assert len(library.runbooks) == len(shipped().runbooks)


def test_a_bad_file_hides_no_other_and_leaves_the_one_that_it_would_replace(own):
    bad = write(own, "p99-latency.toml", MINE.replace("promise_broken", "promise_broke"))
    worse = write(own, "worse.toml", "title = ")
    write(own, "good.toml")
    library = load(str(own), CHECKS)
    assert library.runbooks["p99-latency"].origin == "runbooks/p99-latency.toml"
    assert "good" in library.runbooks
    assert "worse" not in library.runbooks
    assert library.problems == (
        f'{bad}:6: steps[1].checks[1]: there is no check "promise_broke"; did you mean promise_broken?',
        f"{bad}: until then the one that comes with the console is used",
        f"{worse}:1: not valid TOML: Invalid value",
    )


def test_drafts_and_other_files_are_no_runbooks(own):
    for name in (".draft.toml", "notes.txt", "p99.toml~"):
        write(own, name, "nonsense")
    assert load(str(own), CHECKS) == shipped()


@pytest.mark.parametrize(
    "name", ["Upper.toml", "two words.toml", "-dash.toml", "dötted.toml", "a" * 65 + ".toml"]
)
def test_a_file_that_cannot_be_an_id_is_told(own, name):
    path = write(own, name)
    library = load(str(own), CHECKS)
    assert set(library.runbooks) == set(shipped().runbooks)
    (said,) = library.problems
    assert said.startswith(str(path)[:60])
    assert "its name is the runbook's id: lower-case letters, digits and dashes" in said


def test_a_folder_that_is_not_there_is_told_and_the_shipped_ones_stay(tmp_path):
    library = load(str(tmp_path / "gone"), CHECKS)
    assert library.runbooks == shipped().runbooks
    (said,) = library.problems
    assert "gone" in said
    assert "No such file or directory" in said


def test_a_file_in_place_of_the_folder_is_told(tmp_path):
    path = write(tmp_path, "ours")
    (said,) = load(str(path), CHECKS).problems
    assert said.startswith(f"{path}: the team's runbooks cannot be listed")


def test_what_is_no_file_is_not_waited_for(own):
    os.mkfifo(own / "pipe.toml")
    (own / "folder.toml").mkdir()
    (own / "lost.toml").symlink_to(own / "nowhere")
    library = load(str(own), CHECKS)
    assert library.runbooks == shipped().runbooks
    assert [said.rpartition(": ")[2] for said in library.problems] == ["is not a regular file"] * 3


def test_a_link_to_a_runbook_is_one(own, tmp_path):
    (own / "linked.toml").symlink_to(write(tmp_path, "elsewhere.toml"))
    assert "linked" in load(str(own), CHECKS).runbooks


def test_files_are_bounded_in_size(own):
    write(own, "long.toml", MINE + "# " + "x" * runbooks.SIZE_LIMIT)
    write(own, "fits.toml", MINE + "#" + "x" * (runbooks.SIZE_LIMIT - len(MINE) - 1))
    library = load(str(own), CHECKS)
    assert "fits" in library.runbooks
    assert [said.rpartition("long.toml: ")[2] for said in library.problems] == [
        "is over 256 kB: no runbook is that long"
    ]


def test_files_are_bounded_in_number(own, monkeypatch):
    monkeypatch.setattr(runbooks, "FILES_MOST", 2)
    for name in ("b", "a"):
        write(own, f"{name}.toml")
    assert load(str(own), CHECKS).problems == ()
    write(own, "c.toml")
    library = load(str(own), CHECKS)
    assert {"a", "b"} <= set(library.runbooks)
    assert "c" not in library.runbooks
    assert library.problems == (f"{own}: holds 3 runbooks; those after the first 2 are left out",)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"title = 'x'\n\xff\n", ":2: is not UTF-8 text"),
        (b"a = " + b"[" * 100_000, "is nested too deeply"),
        (b"a = " + b"9" * 10_000, "Exceeds the limit"),
    ],
)
def test_what_is_no_toml_is_told(own, raw, said):
    (own / "odd.toml").write_bytes(raw)
    library = load(str(own), CHECKS)
    assert library.runbooks == shipped().runbooks
    assert said in library.problems[0]


def test_a_file_full_of_problems_does_not_fill_the_screen(own):
    write(own, "keys.toml", "\n".join(f"wrong{n} = {n}" for n in range(1000)) + MINE)
    problems = load(str(own), CHECKS).problems
    assert len(problems) == 21
    assert problems[0].startswith(f"{own / 'keys.toml'}:1: wrong0: unknown key")
    assert problems[-1] == f"{own / 'keys.toml'}: and 980 more"


def test_problems_stand_in_the_order_of_the_file(own):
    path = write(own, "two.toml", MINE.replace('"Ours"', "5").replace("promise_broken", "nope"))
    assert [said.split(": ")[0] for said in load(str(own), CHECKS).problems] == [f"{path}:2", f"{path}:6"]


def test_twenty_problems_are_told_whole(own):
    write(own, "keys.toml", "\n".join(f"wrong{n} = {n}" for n in range(20)) + MINE)
    problems = load(str(own), CHECKS).problems
    assert len(problems) == 20
    assert "wrong19" in problems[-1]


def test_a_file_that_may_not_be_read_says_what_to_do(own, monkeypatch):
    path = write(own, "secret.toml")
    opened = Path.open

    def refuse(self, *arguments, **options):
        if self == path:
            raise PermissionError(errno.EACCES, "Permission denied")
        return opened(self, *arguments, **options)

    monkeypatch.setattr(Path, "open", refuse)
    library = load(str(own), CHECKS)
    assert library.runbooks == shipped().runbooks
    assert library.problems == (
        f"{path}: permission denied: give it and its folder to the user that runs the console",
    )


def test_text_of_a_file_is_harmless_in_messages(own):
    write(own, "odd.toml", MINE + '"\\u001b[31m\\u202e" = 1\n')
    said = load(str(own), CHECKS).problems[0]
    assert "\x1b" not in said
    assert "\u202e" not in said


def test_no_console_check_at_all_is_told_and_nothing_raises():
    library = load("", ())
    assert library.runbooks == {}
    assert len(library.problems) > len(shipped().runbooks)


def test_a_console_without_its_runbooks_says_so(monkeypatch):
    monkeypatch.setattr(runbooks, "PACKAGE", "no_such_package_of_runbooks")
    library = load("", CHECKS)
    assert library.runbooks == {}
    assert "the console's own runbooks cannot be read" in library.problems[0]
