"""The cause of a load failure, from any text that tells of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from console.domain.load_failure.advice import advice
from console.domain.load_failure.blocks import Block, blocks, with_models
from console.domain.load_failure.carriers import records
from console.domain.load_failure.causes import CAUSES, GENERIC_CAUSES
from console.domain.load_failure.judge import NOTHING, Judge, Judged
from console.domain.load_failure.record import Record
from console.domain.load_failure.rule import Weight
from console.domain.text import visible

LONGEST = 2_000_000
_DEPENDENT = "dependency_unavailable"


class Other(NamedTuple):
    """Another model that failed in the same text."""

    model: str
    version: str
    cause: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a load failed: ``cause`` by its name, the ``part`` of the system, the words that say so, and what to do.

    ``meaning`` says what the cause is in one sentence, ``settles`` names the points of the load-failure
    runbook that it answers. ``model``, ``version`` and ``line`` (from 1) are those of the
    evidence, where the text says them. ``cut`` says that only the end of a very long text was read.
    """

    cause: str
    part: str
    evidence: str
    advice: str
    meaning: str
    settles: tuple[str, ...]
    model: str = ""
    version: str = ""
    line: int | None = None
    others: tuple[Other, ...] = ()
    cut: bool = False

    @property
    def named(self) -> bool:
        """Whether the text says the cause: not unknown, nor words that only say that something failed."""
        return self.cause not in GENERIC_CAUSES


class _Answer(NamedTuple):
    judged: Judged
    model: str = ""
    version: str = ""


def explain(text: str) -> Explanation:
    """The cause that the text names: a block of log, a status table, an index's reason, an HTTP body, a line.

    Of a text over two million characters the end is read. With several failing models the answer
    is about the one whose root is best known, the others are listed. Never raises.
    """
    cut = len(text) > LONGEST
    messages = with_models(records(text[-LONGEST:]))
    judge = Judge(messages)
    answers = [_of_block(judge, block) for block in blocks(messages)]
    answer = max(answers, key=_rank, default=_Answer(NOTHING))
    if answer.judged.weight < Weight.RAISED:
        answer = _better(answer, judge.best(messages))
    return _explained(answer, answers, messages, cut=cut)


def _rank(answer: _Answer) -> tuple[int, bool]:
    return answer.judged.weight, answer.judged.cause != _DEPENDENT


def _of_block(judge: Judge, block: Block) -> _Answer:
    """The model's own words where they know the cause, else those before them, the nearest first."""
    judged = judge.best(block.own) or NOTHING
    for earlier in (block.near, block.before):
        if judged.weight >= Weight.SIGN:
            break
        root = judge.best(earlier)
        if root is not None and root.weight > max(judged.weight, Weight.HINT):
            judged = root
    return _Answer(judged, block.model, block.version)


def _better(answer: _Answer, anywhere: Judged | None) -> _Answer:
    """What any message says, where no failing model's own messages know the cause."""
    if anywhere is None or anywhere.record is None or anywhere.weight <= answer.judged.weight:
        return answer
    if answer.model and anywhere.weight < Weight.RAISED:
        return answer
    model = anywhere.record.model or answer.model
    version = answer.version if model == answer.model else anywhere.record.version
    return _Answer(anywhere, model, version)


def _explained(
    answer: _Answer, answers: Sequence[_Answer], messages: Sequence[Record], *, cut: bool
) -> Explanation:
    judged = answer.judged
    cause = CAUSES[judged.cause]
    first = messages[0].text if messages else ""
    record = judged.record or (messages[0] if messages else None)
    original = judged.record.text if judged.record else ""
    return Explanation(
        judged.cause,
        cause.part,
        judged.evidence or visible(" ".join(first.split()), 300),
        advice(judged.cause, original),
        cause.meaning,
        cause.settles,
        visible(answer.model, 200),
        answer.version,
        record.line if record else None,
        tuple(_other(each) for each in answers if each.model != answer.model),
        cut,
    )


def _other(answer: _Answer) -> Other:
    judged = answer.judged
    return Other(visible(answer.model, 200), answer.version, judged.cause, judged.evidence)
