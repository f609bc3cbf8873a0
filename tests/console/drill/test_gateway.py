import pytest

from console.drill.sim.gateway import Route
from console.drill.sim.request import Outcome, Request
from console.drill.spec import GatewaySpec, ModelSpec

MODEL = ModelSpec({}, {}, rate=200.0)


class Target:
    """Answers every request after ``seconds``, or not at all."""

    def __init__(
        self, name: str, weight: float = 1.0, seconds: float | None = 0.01, outcome: Outcome = Outcome.OK
    ) -> None:
        self.name = name
        self.weight = weight
        self.up = True
        self.serves = True
        self.seconds = seconds
        self.outcome = outcome
        self.taken: list[Request] = []
        self._asked: list[Request] = []

    def submit(self, model: str, request: Request) -> bool:
        if self.serves:
            self.taken.append(request)
            self._asked.append(request)
        return self.serves

    def run(self, until: float) -> None:
        if self.seconds is None:
            return
        due = [request for request in self._asked if request.arrived + self.seconds <= until]
        self._asked = [request for request in self._asked if request not in due]
        for request in due:
            request.owner.answered(request, request.arrived + self.seconds, self.outcome)


def play(route: Route, targets: list[Target], seconds: float = 10.0) -> None:
    """Ten seconds of traffic, and one for what is still on its way."""
    for step in range(int(seconds * 10) + 10):
        if step == int(seconds * 10):
            route.factor.go(0.0, seconds)
        route.send(step / 10, (step + 1) / 10)
        for target in targets:
            target.run((step + 1) / 10)
        route.check((step + 1) / 10)


def route(targets: list[Target], **gateway: float) -> Route:
    spec = GatewaySpec(**{"network_ms": 0.0, **gateway})  # type: ignore[arg-type]
    return Route("m", MODEL, spec, targets, seed=1)


def test_traffic_is_shared_by_weight() -> None:
    targets = [Target("a", weight=3.0), Target("b", weight=1.0), Target("c", weight=0.0)]
    play(route(targets), targets)

    sent = [len(target.taken) for target in targets]
    assert sum(sent) == pytest.approx(2000, rel=0.1)
    assert sent[0] / sum(sent) == pytest.approx(0.75, abs=0.04)
    assert sent[2] == 0


def test_the_rate_ramps_up() -> None:
    targets = [Target("a")]
    way = route(targets)
    way.factor.go(5.0, 0.0, over_s=10.0)
    play(way, targets)

    halves = [sum(request.arrived < 5 for request in targets[0].taken), len(targets[0].taken)]
    assert halves[0] / halves[1] == pytest.approx(2.0 / 6.0, abs=0.05)


def test_a_failure_is_tried_again_elsewhere_and_the_client_sees_none() -> None:
    targets = [Target("bad", outcome=Outcome.RAISED), Target("good")]
    way = route(targets)
    play(way, targets)

    assert way.client_codes["5"] == 0
    assert way.retried == way.codes["5"] == pytest.approx(1000, rel=0.1)
    assert len(targets[0].taken) == way.retried


def test_when_all_tries_fail_the_client_gets_the_error() -> None:
    targets = [Target("bad", outcome=Outcome.FULL)]
    way = route(targets, retries=2)
    play(way, targets)

    assert way.client_codes["2"] == 0
    assert way.exhausted == way.client_codes["5"]
    assert way.tried / way.client_codes["5"] == pytest.approx(3.0, abs=0.1)


@pytest.mark.parametrize("seconds", [0.03, 0.5, None])
def test_a_try_over_its_timeout_is_given_up_while_the_target_works_on(seconds: float | None) -> None:
    targets = [Target("slow", seconds=seconds)]
    way = route(targets, timeout_ms=20.0, retries=0)
    play(way, targets)

    assert way.client_codes["2"] == 0
    assert way.timed_out == way.client_codes["5"] == len(targets[0].taken) > 1500
    assert way.downstream.sum_ms / way.timed_out == pytest.approx(20.0)


def test_a_target_that_is_down_refuses_and_another_serves() -> None:
    targets = [Target("down"), Target("up")]
    targets[0].up = False
    way = route(targets)
    play(way, targets)

    assert not targets[0].taken
    assert way.unconnected > 500
    assert way.client_codes["5"] == 0


def test_a_model_that_is_not_served_is_the_clients_mistake() -> None:
    targets = [Target("a")]
    targets[0].serves = False
    way = route(targets)
    play(way, targets)

    assert way.client_codes == {"2": 0, "4": way.tried, "5": 0}


def test_durations_fall_into_envoys_buckets() -> None:
    targets = [Target("a", seconds=0.02)]
    way = route(targets)
    play(way, targets)

    assert [number for number in way.downstream.counts if number] == [way.client_codes["2"]]
    assert way.downstream.counts[4] == way.client_codes["2"]
