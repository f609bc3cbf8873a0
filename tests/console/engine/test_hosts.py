"""What a user would see of each target's host and of the way to it."""

from console.domain.triton import HostGauges
from tests.console.engine.watched import AT, Watched, busy


def test_cpu_and_poll_time_are_kept_for_each_target() -> None:
    watched = Watched("a", "b")
    for second in range(3):
        watched.poll("a", busy(1), host=HostGauges(cpu_utilization=0.25 * second))
        watched.poll("b", busy(1))
        watched.tick()

    host = watched.store.host
    assert host("a", "cpu_utilization", 60.0).values == [0.0, 0.25, 0.5]
    assert host("a", "cpu_utilization", 60.0).at == [AT, AT + 1, AT + 2]
    assert host("b", "cpu_utilization", 60.0).values == [None, None, None]
    assert host("b", "poll_ms", 1.5).values == [10.0, 10.0]
    assert host("nobody", "poll_ms", 60.0).values == ()


def test_a_silent_target_is_unknown_and_not_as_it_was() -> None:
    watched = Watched("a")
    for second in range(6):
        if second < 2:
            watched.poll("a", busy(1), host=HostGauges(cpu_utilization=0.5))
        watched.tick()

    expected = [0.5] * 5 + [None]
    assert watched.store.host("a", "cpu_utilization", 60.0).values == expected
    assert [None if ms is None else 0.5 for ms in watched.store.host("a", "poll_ms", 60.0).values] == expected


def test_a_target_that_comes_later_is_unknown_before() -> None:
    watched = Watched("a", "b")
    watched.poll("a", busy(1), host=HostGauges(cpu_utilization=0.1))
    watched.tick()
    watched.poll("b", busy(1), host=HostGauges(cpu_utilization=0.9))
    watched.tick()

    points = watched.store.host("b", "cpu_utilization", 60.0)
    assert [value and round(value, 3) for value in points.values] == [None, 0.9]


def test_the_way_to_a_target_has_points_where_it_was_measured_and_nowhere_else() -> None:
    watched = Watched("a")
    for second in range(25):
        if second % 10 == 0:
            watched.link("a", dns_ms=1.0 + second, connect_ms=2.0 if second < 20 else None)
        watched.tick()

    history = watched.store.host
    assert history("a", "dns_ms", 60.0) == ([AT, AT + 10, AT + 20], [1.0, 11.0, 21.0])
    assert history("a", "connect_ms", 60.0).values == [2.0, 2.0, None]
    assert history("a", "tls_ms", 60.0).values == [None, None, None]
    assert history("a", "dns_ms", 10.0).values == [21.0]


def test_the_newest_way_to_each_target_has_an_age_and_goes_stale_after_three_measurements() -> None:
    watched = Watched("a", "b")
    watched.link("b", connect_ms=3.0)
    watched.mono = 20.0
    watched.link("a", dns_ms=5.0, failed="connect", detail="Connection refused")
    watched.mono = 31.0

    a, b = watched.tick().links

    assert (a.link.target, a.link.failed, a.age_s, a.stale) == ("a", "connect", 11.0, False)
    assert (b.link.target, b.link.connect_ms, b.age_s, b.stale) == ("b", 3.0, 31.0, True)


def test_links_are_remembered_for_half_an_hour() -> None:
    watched = Watched("a")
    for n in range(400):
        watched.mono = n * 10.0
        watched.link("a", connect_ms=float(n))
    watched.tick()

    assert watched.store.host("a", "connect_ms", 1e6).values == [float(n) for n in range(220, 400)]
