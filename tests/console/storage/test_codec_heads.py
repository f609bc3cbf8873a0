"""What stands beside the frames of a recording: sessions, markers, answers of the triage."""

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.domain.fleet import Fleet, Target
from console.domain.marker import Marker
from console.domain.recording import Session
from console.domain.surfaces import Haproxy, HaproxyRoute
from console.domain.triage import Advice, Finding, Runbook, RunbookStep, Settled, Walk, WalkedStep
from console.storage._codec import (
    decode_markers,
    decode_session,
    decode_walk,
    encode_markers,
    encode_session,
    encode_walk,
)
from tests.parts.alike import alike

steps = st.builds(RunbookStep, every=st.booleans())
walks = st.builds(
    Walk,
    st.builds(Runbook, steps=st.lists(steps, max_size=1).map(tuple)),
    path=st.lists(st.builds(WalkedStep, steps, findings=st.just(())), max_size=1).map(tuple),
    points=st.just(()),
    advice=st.just(()),
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(walks, st.lists(st.from_type(Finding), max_size=1), st.from_type(Advice), st.from_type(Settled))
def test_answers_of_the_triage_come_back(
    walk: Walk, findings: list[Finding], advice: Advice, settled: Settled
) -> None:
    path = tuple(replace(step, findings=tuple(findings)) for step in walk.path)
    walk = replace(walk, path=path, advice=(advice,), points=(settled,))

    assert alike(decode_walk(encode_walk(walk)), walk)


@given(st.lists(st.from_type(Marker), max_size=3))
def test_markers_come_back(markers: list[Marker]) -> None:
    assert alike(decode_markers(encode_markers(markers)), tuple(markers))


def test_a_session_comes_back() -> None:
    gateway = Haproxy("/run/haproxy.sock", (HaproxyRoute("ranker*", "triton", ("a", "b")),))
    fleet = Fleet("prod", (Target("t0", "http://t0:8000", "http://t0:8002"),), gateway=gateway)

    assert decode_session(encode_session(Session(fleet, 5.0, "1.2"))) == Session(fleet, 5.0, "1.2")
