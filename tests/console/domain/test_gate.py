from console.domain.contract import Contract, GateLimits, Rollout
from console.domain.gate import Check, GateVerdict, Limits, Outcome, Side, Terms, contracted, needed, verdict


def check(outcome: Outcome, name: str = "p99", *, is_needed: bool = True) -> Check:
    return Check(name, outcome, "", needed=is_needed)


def test_any_check_that_fails_fails_the_gate_whatever_is_unknown():
    found = [check(Outcome.PASS), check(Outcome.UNKNOWN), check(Outcome.FAIL, "errors")]
    assert verdict(found) is GateVerdict.FAIL


def test_a_needed_check_that_is_unknown_leaves_too_little_and_another_one_does_not():
    assert verdict([check(Outcome.PASS), check(Outcome.UNKNOWN)]) is GateVerdict.NOT_ENOUGH_DATA
    assert verdict([check(Outcome.PASS), check(Outcome.UNKNOWN, is_needed=False)]) is GateVerdict.PASS


def test_nothing_known_never_passes():
    assert verdict([]) is GateVerdict.NOT_ENOUGH_DATA
    assert verdict([check(Outcome.UNKNOWN, is_needed=False)]) is GateVerdict.NOT_ENOUGH_DATA


def test_gpu_memory_is_needed_where_it_is_asked_for():
    assert not needed("gpu_memory", Limits())
    assert needed("gpu_memory", Limits(required=frozenset(["gpu_memory"])))
    assert needed("correctness", Limits())


def test_a_contract_sets_what_nobody_set_by_hand():
    terms = GateLimits(p99_ratio=1.5, rtol=0.1, min_requests=500.0)
    contract = Contract("ranker", rollout=Rollout(gate=terms), problems=("ranker.toml:3: odd",))
    found, told = contracted(Limits(rtol=0.5), contract, but=["rtol"])
    assert (found.p99_ratio, found.rtol, found.min_requests) == (1.5, 0.5, 500)
    assert found.queue_ratio == Limits().queue_ratio
    assert (told.limits, told.problems) == (("p99_ratio", "min_requests"), ("ranker.toml:3: odd",))


def test_without_a_contract_the_limits_are_the_gates_own():
    assert contracted(Limits(), None) == (Limits(), Terms())


def test_a_side_is_named_as_it_can_be_written():
    assert Side("7", ("a", "b")).label == "7"
    assert Side("7", ("canary",), whole=False).label == "7@canary"
    assert Side("7", tuple("abcde"), whole=False).label == "7@5 targets"
