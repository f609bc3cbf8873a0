"""What a gate sends, to whom, in which order."""

from console.domain.fleet import Target
from console.domain.gate import Limits
from console.domain.gate_answers import Agreement, Reply, ReplyKind
from console.domain.gate_sides import Pair, Place
from console.engine.gate import WARM_UP, Trials
from tests.parts.gates import BAD, GOOD, MUTE, ONE, Told

HERE = Target("a", "http://a:8000", "")
PAIR = Pair("ranker", Place(HERE, "6"), Place(HERE, "7"))


async def test_the_baseline_is_asked_before_and_after_the_candidate():
    told = Told(lambda version, _: GOOD)
    found = await Trials(told).compare(PAIR, (), Limits())
    assert told.sent == ["6", "7", "6"]
    assert (found.sent, found.compared[0].agreement) == (3, Agreement.SAME)


async def test_what_was_given_is_sent_in_the_place_of_what_can_be_made_up():
    told = Told(lambda version, _: GOOD, inputs=())
    assert (await Trials(told).compare(PAIR, (), Limits())).problem == "it is decoupled"
    assert told.sent == []
    assert len((await Trials(told).compare(PAIR, (*ONE, *ONE), Limits())).compared) == 2


async def test_probes_go_in_turns_and_the_first_are_not_measured():
    late = Reply(ReplyKind.OK, 900.0, GOOD.outputs)
    told = Told(lambda _, number: late if number <= 2 * WARM_UP else GOOD)
    heard: list[int] = []
    first, second = await Trials(told).measure(PAIR, ONE, 100, heard.append)
    assert told.sent[:4] == ["6", "7", "6", "7"]
    assert heard[-1] == 100 + WARM_UP
    assert first.latency is not None
    assert (first.latency.n, first.latency.p99, first.ok, first.failed) == (100, 5.0, 100, 0)
    assert second.latency == first.latency


async def test_of_fewer_than_a_hundred_there_is_no_p99():
    first, _ = await Trials(Told(lambda *_: GOOD)).measure(PAIR, ONE, 99, lambda _: None)
    assert first.latency is not None
    assert (first.latency.p95, first.latency.p99) == (5.0, None)


async def test_errors_are_counted_and_take_no_part_in_the_latency():
    told = Told(lambda version, number: BAD if version == "7" and number % 4 == 0 else GOOD)
    first, second = await Trials(told).measure(PAIR, ONE, 100, lambda _: None)
    assert (first.failed, second.failed, second.ok) == (0, 50, 50)
    assert second.error == "HTTP 500: boom"


async def test_answers_are_not_waited_for_input_after_input():
    told = Told(lambda version, _: MUTE if version == "7" else GOOD)
    found = await Trials(told).compare(PAIR, ONE * 16, Limits())
    assert told.sent == ["6", "7", "6"]
    assert (found.sent, len(found.compared)) == (3, 1)


async def test_a_server_that_is_silent_is_not_waited_for_again_and_again():
    told = Told(lambda version, _: MUTE if version == "7" else GOOD)
    _, second = await Trials(told).measure(PAIR, ONE, 1000, lambda _: None)
    assert len(told.sent) == 10
    assert (second.latency, second.failed) == (None, 2)
