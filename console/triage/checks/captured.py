"""Whether deploys are frozen, so that nothing else changes while people look."""

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
            NAME, Answer.UNKNOWN, "deploy lock", source="deploy lock", query=query, hint=snapshot.lock_unknown
        )
        return Finding(NAME, Answer.UNKNOWN, "the deploy lock cannot be read", (evidence,))
    if lock is None or lock.expired(snapshot.at):
        evidence = Evidence(NAME, Answer.NO, "deploy lock", source="deploy lock", query=query)
        said = "nothing is frozen" if lock is None else "the freeze has expired"
        return Finding(NAME, Answer.NO, said, (evidence,), confidence=1.0)
    evidence = Evidence(
        NAME, Answer.YES, "deploy lock", lock.scope, source="deploy lock", query=query, at=lock.since
    )
    return Finding(
        NAME, Answer.YES, f"frozen by {lock.who or 'somebody'}", (evidence,), confidence=1.0, at=lock.since
    )
