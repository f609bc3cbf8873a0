"""Whether a candidate answers as its baseline does."""

from collections.abc import Mapping

from console.domain.basis import Basis
from console.domain.gate import CORRECTNESS, Check, Outcome
from console.domain.gate_answers import Agreement, Answers, Compared


def correctness(answers: Answers | None) -> Check:
    """The check of the answers, None where none were asked for; one input that differs fails it."""
    if answers is None:
        return Check(CORRECTNESS, Outcome.UNKNOWN, "not asked: nothing was sent to compare", unit="inputs")
    if answers.problem or not answers.compared:
        why = answers.problem or "there was no input to compare"
        return Check(CORRECTNESS, Outcome.UNKNOWN, why, unit="inputs")
    rows = answers.compared
    same = sum(row.agreement is Agreement.SAME for row in rows)
    bad = [row for row in rows if row.agreement in _WRONG]
    check = Check(
        CORRECTNESS,
        Outcome.PASS,
        "",
        0.0,
        float(len(bad)),
        0.0,
        "inputs that differ",
        Basis.PROBE.value,
        len(rows),
    )
    if bad:
        return check._replace(outcome=Outcome.FAIL, why=_told(bad[0], len(bad), len(rows)))
    # A server may refuse what was made up: that says nothing where others of it were answered.
    open_ = [row for row in rows if row.agreement is not Agreement.SAME and not _passed_over(row, same)]
    if open_:
        return check._replace(
            outcome=Outcome.UNKNOWN, candidate=None, baseline=None, why=_told(open_[0], len(open_), len(rows))
        )
    left = f"; both refuse the other {len(rows) - same}" if same < len(rows) else ""
    guess = "; the inputs were made up from its metadata" if rows[0].made_up else ""
    return check._replace(why=f"the answers to {same} of {len(rows)} inputs agree{left}{guess}", n=same)


_WRONG = frozenset((Agreement.DIFFERENT, Agreement.CANDIDATE_FAILS))


def _passed_over(row: Compared, same: int) -> bool:
    return bool(same) and row.made_up and row.agreement is Agreement.BOTH_FAIL


def _told(row: Compared, number: int, total: int) -> str:
    words = _WORDS[row.agreement].format(row.detail or "no reason given")
    others = f", and so for {number - 1} more" if number > 1 else ""
    others += f" (of {total} inputs)" if total > 1 else ""
    return f"input {row.input}: {words}{others}"


_WORDS: Mapping[Agreement, str] = {
    Agreement.DIFFERENT: "{}",
    Agreement.CANDIDATE_FAILS: "the candidate fails where the baseline answers: {}",
    Agreement.BASELINE_FAILS: "the baseline fails, so that there is nothing to compare with: {}",
    Agreement.BOTH_FAIL: "both fail: {}; give one that they answer with --input FILE, or set a probe",
    Agreement.UNSTABLE: "the baseline's answer differs from itself from one time to the next, so that no comparison"
    " tells anything: {}",
    Agreement.UNREACHABLE: "could not be asked: {}",
    Agreement.SAME: "{}",
}
