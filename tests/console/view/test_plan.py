import shlex
import unicodedata

import pytest

from console.domain.action import Action, ActionKind
from console.domain.plan import Blast
from console.view.plan import call_text, confirm_word, plan_lines, typable
from console.view.styled import plain, width
from tests.parts.plans import CONFIG, HOSTILE, plan, step

WIDTHS = (10, 24, 40, 80, 120)


def text(of, cells=80, **options) -> list[str]:
    return [plain(line).rstrip() for line in plan_lines(of, cells, **options)]


def position(lines: list[str], part: str) -> int:
    return next(i for i, line in enumerate(lines) if part in line)


def test_a_plan_reads_top_to_bottom_in_one_order():
    lines = text(plan())
    order = [
        "roll back multi to version 2",
        "p99 left its band",
        "ON WHAT",
        "SIX PARTS",
        "STEPS  2",
        " 1 serve version 2",
        " 2 serve version 2",
        "WARNINGS",
        "CANNOT BE KNOWN",
    ]
    found = [position(lines, part) for part in order]
    assert found == sorted(found)


def test_what_it_touches_is_named_with_its_share_of_the_traffic():
    said = "\n".join(text(plan()))
    assert "models   multi" in said
    assert "targets  triton-1, triton-2" in said
    assert "43.2 % of all requests now" in said
    assert "used by  ens" in said
    unknown = "\n".join(text(plan(blast=Blast(("multi",), ("triton-1",)))))
    assert "unknown share of the requests" in unknown


def test_each_step_says_what_is_now_its_call_its_effect_and_its_undo():
    first = text(plan(step(), step(2, inverse=None, final="the old pod is gone")))
    at = position(first, " 1 serve version 2")
    block = "\n".join(first[at:])
    for part in ("now:     versions 3", "call:    curl -sS", "effect:  2 is loaded", "undo:    curl back"):
        assert part in block
    assert "undo:    none: the old pod is gone" in block


def test_a_state_that_cannot_be_read_is_said():
    assert any("now:     cannot be read" in line for line in text(plan(step(before=None))))


@pytest.mark.parametrize(
    ("standing", "sign"),
    [("same", "✓"), ("will restore", "↺"), ("mutable, cannot be proven", "!"), ("unknown", "?")],
)
def test_a_part_has_a_sign_and_a_word_and_not_colour_alone(standing, sign):
    lines = text(plan())
    start = position(lines, "SIX PARTS")
    assert any(
        line.startswith(f"  {sign} ") and f"  {standing}: why" in line for line in lines[start : start + 8]
    )


def test_a_long_call_is_bounded_for_the_eye_and_whole_for_copying():
    long = plan(step())
    lines = text(long)
    hidden = [line for line in lines if "more characters" in line]
    assert hidden
    assert len(lines) < 50
    assert shlex.split(call_text(long))[-1] == CONFIG
    shown = "".join(text(plan(step()), call_lines=0))
    assert "INPUT399" in shown
    assert "INPUT399" not in "".join(lines)


def test_the_characters_that_are_hidden_are_counted():
    lines = text(plan(step(call="§" * 1000, inverse=None)), 80)
    hidden = next(line for line in lines if "more characters" in line)
    assert f"… {1000 - ''.join(lines).count('§'):,} more characters" in hidden


def test_a_call_of_many_lines_stays_bounded_and_keeps_its_lines_in_the_copy():
    call = "cat <<'END'\n" + "\n".join(f"line {i}" for i in range(50)) + "\nEND"
    of = plan(step(call=call, inverse=None))
    lines = text(of)
    assert any("more lines" in line for line in lines)
    assert not any("line 40" in line for line in lines)
    assert call_text(of) == call


def test_a_refusal_comes_before_everything_and_says_what_to_do():
    lines = text(
        plan(refusal="the server takes no loads: restart it with --model-control-mode=explicit", steps=())
    )
    assert lines[position(lines, "cannot run")].startswith("✗ cannot run: the server takes no loads")
    assert position(lines, "cannot run") < position(lines, "ON WHAT")
    assert not any("nothing to change" in line for line in lines)


def test_a_plan_without_steps_says_that_it_is_already_so():
    assert any("nothing to change" in line for line in text(plan(steps=())))


def test_a_freeze_touches_no_models_and_speaks_of_no_share():
    said = "\n".join(text(plan(action=Action(ActionKind.FREEZE), blast=Blast(targets=("triton-1",)))))
    assert "requests now" not in said
    assert "share" not in said


@pytest.mark.parametrize("cells", WIDTHS)
def test_no_line_is_wider_than_asked(cells):
    for of in (plan(), plan(refusal="no " * 90), plan(goal=HOSTILE * 20)):
        assert max(width(plain(line)) for line in plan_lines(of, cells)) <= cells


def test_no_text_of_a_server_can_act_on_the_terminal():
    of = plan(
        step(
            title=HOSTILE,
            call=HOSTILE,
            before={HOSTILE: HOSTILE},
            effect=HOSTILE,
            inverse=None,
            final=HOSTILE,
        ),
        goal=HOSTILE,
        warnings=(HOSTILE,),
        unknown=(HOSTILE,),
        blast=Blast((HOSTILE,), (HOSTILE,), (HOSTILE,)),
        refusal=HOSTILE,
    )
    said = "".join(text(of)) + call_text(of)
    assert "名" in said
    assert not [char for char in said if unicodedata.category(char) in ("Cc", "Cf") and char != "\n"]


def test_a_typed_confirmation_is_the_model_or_what_is_done():
    assert confirm_word(plan()) == "multi"
    assert confirm_word(plan(action=Action(ActionKind.FREEZE), blast=Blast())) == "freeze"
    assert confirm_word(plan(action=Action(ActionKind.UNDO, plan="x"))) == "multi"
    assert confirm_word(plan(action=Action(ActionKind.UNDO, plan="x"), blast=Blast(("a", "b")))) == "undo"


def test_a_copied_call_keeps_its_own_line_ends_alone():
    assert typable("a\x1b[201~\nb\r") == "a\\e[201~\nb"
