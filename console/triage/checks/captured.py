"""Whether deploys are frozen, so that nothing else changes while people look."""

from console.domain.lock import SOURCE
from console.domain.text import visible
from console.domain.triage import Answer, Evidence, Finding
from console.triage.scene import Scene

NAME = "captured"


def check(scene: Scene) -> Finding:
    """Yes while a deploy lock is in force."""
    snapshot = scene.snapshot
    lock = snapshot.frozen
    query = "triton-console freeze --check"
    if snapshot.lock_unknown:
        evidence = Evidence(
            NAME, Answer.UNKNOWN, SOURCE, basis="lock", source=SOURCE, query=query, hint=snapshot.lock_unknown
        )
        return Finding(NAME, Answer.UNKNOWN, "the deploy lock cannot be read", (evidence,))
    if lock is None or lock.expired(snapshot.at):
        evidence = Evidence(NAME, Answer.NO, SOURCE, basis="lock", source=SOURCE, query=query)
        said = "nothing is frozen" if lock is None else "the freeze has expired"
        return Finding(NAME, Answer.NO, said, (evidence,), confidence=1.0)
    evidence = Evidence(
        NAME, Answer.YES, SOURCE, lock.scope, basis="lock", source=SOURCE, query=query, at=lock.since
    )
    said = f"frozen by {visible(lock.who, 60) or 'somebody'}"
    return Finding(NAME, Answer.YES, said, (evidence,), confidence=1.0, at=lock.since)
