import asyncio

from console.domain.triage import Asked
from console.triage._asking import KEEP_S, Asking
from tests.parts.clock import HandClock


class Prometheus:
    """Counts what it is asked; ``hold`` keeps every answer back, ``fails`` raises."""

    def __init__(self, *, fails=False):
        self.asked = []
        self.now = self.most = 0
        self.fails = fails
        self.hold = asyncio.Event()
        self.hold.set()

    async def ask(self, query):
        self.asked.append(query)
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            await asyncio.sleep(0)
            await self.hold.wait()
        finally:
            self.now -= 1
        if self.fails:
            raise ValueError("odd\x1b[31m")
        return Asked({"": float(len(query))}, 1.0)

    async def close(self):
        pass


async def test_without_a_prometheus_nothing_is_asked_and_nothing_is_answered():
    assert await Asking(None, HandClock()).ask(["up"]) == {}


async def test_an_answer_serves_for_a_while_and_is_then_asked_anew():
    clock, prometheus = HandClock(), Prometheus()
    asking = Asking(prometheus, clock)
    first = await asking.ask(["up", "up"])
    await clock.advance(KEEP_S - 0.1)
    assert await asking.ask(["up"]) == first == {"up": Asked({"": 2.0}, 1.0)}
    assert prometheus.asked == ["up"]
    await clock.advance(0.2)
    await asking.ask(["up"])
    assert prometheus.asked == ["up", "up"]


async def test_no_more_than_eight_are_asked_at_once():
    prometheus = Prometheus()
    found = await Asking(prometheus, HandClock()).ask([f"q{n}" for n in range(30)])
    assert len(found) == 30
    assert prometheus.most == 8


async def test_one_that_does_not_answer_in_time_is_a_problem_and_is_not_waited_for_again():
    prometheus = Prometheus()
    prometheus.hold.clear()
    asking = Asking(prometheus, HandClock(), wait_s=0.01)
    assert "no answer within" in (await asking.ask(["up"]))["up"].problem
    assert prometheus.now == 0, "the question is withdrawn"
    await asking.ask(["up"])
    assert prometheus.asked == ["up"]


async def test_an_odd_answer_is_a_problem_in_visible_words():
    found = await Asking(Prometheus(fails=True), HandClock()).ask(["up"])
    assert found["up"].problem == "ValueError: odd\\e[31m"


async def test_what_is_asked_is_bounded():
    prometheus = Prometheus()
    found = await Asking(prometheus, HandClock()).ask([f"q{n}" for n in range(1000)])
    assert len(found) == len(prometheus.asked) == 100
