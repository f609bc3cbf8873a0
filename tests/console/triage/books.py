"""Small runbooks, and findings for their checks."""

from collections import Counter

from console.domain.triage import Answer, CheckUse, Finding, Runbook, RunbookStep, Way

YES, NO, UNKNOWN = Answer.YES, Answer.NO, Answer.UNKNOWN
AT = 1000.0


def way(to: str) -> Way:
    return Way(verdict=to[1:]) if to.startswith("=") else Way(to)


def step(name: str, checks: str, yes: str, no: str, unknown: str = "") -> RunbookStep:
    found = tuple(CheckUse(each.lstrip("!"), negated=each.startswith("!")) for each in checks.split())
    return RunbookStep(name, f"{name}?", found, way(yes), way(no), way(unknown or no))


PAGE = step("page", "page", "change", "=none", "change")
CHANGE = step("change", "rollout shift", "=*", "queue")
QUEUE = step("queue", "queue", "=queue", "=unknown")
BOOK = Runbook("book", "Book", "", (), 50, (PAGE, CHANGE, QUEUE), (), ())


class Found:
    """Findings by check, ``no`` for all that is not said, and how often each was asked for."""

    def __init__(self, **said: Answer | Finding) -> None:
        self.asked: Counter[CheckUse] = Counter()
        self._said = said

    def __call__(self, use: CheckUse) -> Finding:
        self.asked[use] += 1
        said = self._said.get(use.name, NO)
        return said if isinstance(said, Finding) else Finding(use.name, said, f"{use.name} is {said}")


def yes(check: str, verdict: str = "", confidence: float = 0.5, **more) -> Finding:
    return Finding(check, YES, f"{check} says {verdict}", verdict=verdict, confidence=confidence, **more)
