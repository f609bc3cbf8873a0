"""Real messages, each with the cause that its thread found."""

import pytest

from console.domain.load_failure.causes import CAUSES, GENERIC_CAUSES
from console.domain.load_failure.explain import explain
from tests.console.domain.load_failure.recorded import recorded

UNNAMED = ("unknown", "generic_wrapper")


def outcome(found, cause):
    if found == cause:
        return "right"
    return "unknown" if found in UNNAMED else "wrong"


@pytest.mark.parametrize("name", ["messages", "blocks", "further", "threads"])
def test_recorded_messages_have_their_causes(name, tally):
    missed = []
    for text, cause, source in recorded(name):
        found = explain(text).cause
        tally(name, cause, outcome(found, cause))
        if found != cause:
            missed.append((source, cause, found))
    assert missed == []


def test_every_cause_is_recorded_and_known():
    causes = {each.cause for name in ("messages", "blocks", "further", "threads") for each in recorded(name)}
    assert causes == set(CAUSES)
    assert set(GENERIC_CAUSES) < causes


@pytest.mark.parametrize("name", ["messages", "further", "threads"])
def test_whatever_is_named_is_quoted_from_the_text(name):
    for text, _, _ in recorded(name):
        found = explain(text)
        words = " ".join(found.evidence.strip("… ").split()[:4])
        squeezed = "".join(text.replace("\\n", " ").replace("\\", "").replace("|", " ").split())
        assert "".join(words.split())[:20] in squeezed
        assert len(found.evidence) <= 303
        assert found.advice
        assert found.part
