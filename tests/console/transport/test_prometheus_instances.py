"""Which scraped process is which target: by address, by name, by being the only one; and never by a guess unsaid."""

import pytest

from console.domain.fleet import Target
from console.transport._prometheus_instances import IDENTITY, Instance, matched


def scraped(series: int = 3, **labels: str) -> Instance:
    return Instance(tuple(labels.get(name, "") for name in IDENTITY), series)


def target(name: str, host: str, port: int = 8002) -> Target:
    return Target(name, f"http://{host}:8000", f"http://{host}:{port}/metrics")


TWO = (target("triton-0", "10.0.0.1"), target("triton-1", "10.0.0.2"))


@pytest.mark.parametrize(
    ("labels", "wanted"),
    [
        ({"instance": "10.0.0.2:8002"}, "triton-1"),
        ({"instance": "http://10.0.0.2:8002/metrics"}, "triton-1"),
        ({"instance": "10.9.9.9:8002", "node": "10.0.0.1"}, "triton-0"),
        ({"instance": "10.9.9.9:8002", "pod": "triton-1"}, "triton-1"),
        ({"instance": "triton-0"}, "triton-0"),
        ({"instance": "10.0.0.2"}, "triton-1"),
        ({"instance": "10.0.0.2:9999"}, None),
        ({"instance": "10.9.9.9:8002", "node": "10.0.0.1:77"}, None),
        ({"instance": "http://[broken"}, None),
        ({}, None),
    ],
)
def test_a_target_is_known_by_what_its_labels_say(labels: dict[str, str], wanted: str | None) -> None:
    found = matched(TWO, [scraped(**labels)])

    assert list(found.instances) == ([wanted] if wanted else [])


def test_loopback_has_many_names_and_its_ports_tell_processes_apart() -> None:
    targets = (target("a", "127.0.0.1", 8002), target("b", "localhost", 8012))

    found = matched(targets, [scraped(instance="localhost:8002"), scraped(instance="127.0.0.1:8012")])

    assert {name: mine[0].label("instance") for name, mine in found.instances.items()} == {
        "a": "localhost:8002",
        "b": "127.0.0.1:8012",
    }
    assert found.notes == ()


def test_a_process_scraped_twice_and_a_pod_that_moved_are_one_target_each() -> None:
    twice = [scraped(2, instance="10.0.0.1:8002", job="a"), scraped(9, instance="10.0.0.1:8002", job="b")]
    moved = [scraped(instance=f"10.7.0.{n}:8002", pod="triton-1", namespace="ml") for n in (1, 2)]

    found = matched(TWO, [*twice, *moved])

    assert [instance.label("job") for instance in found.instances["triton-0"]] == ["b", "a"]
    assert len(found.instances["triton-1"]) == 2


def test_a_name_that_two_have_says_nothing() -> None:
    clusters = [scraped(instance="10.0.0.1:8002", cluster=name) for name in ("east", "west")]
    spaces = [scraped(instance=f"10.7.0.{n}:1", pod="triton-1", namespace=f"ns{n}") for n in (1, 2)]

    assert matched(TWO, [*clusters, *spaces]).instances == {}
    assert matched([target("a", "h"), target("b", "h")], [scraped(instance="h:8002")]).instances == {}


def test_the_only_one_is_taken_for_the_only_one_and_that_is_said() -> None:
    found = matched(TWO[:1], [scraped(instance="elsewhere:1234")])

    assert list(found.instances) == ["triton-0"]
    assert found.notes == (
        "elsewhere:1234 is the only Triton that Prometheus scrapes and was taken for triton-0",
    )
    assert matched(TWO[:1], [scraped(instance="a:1"), scraped(instance="b:1")]).instances == {}


def test_a_target_without_an_instance_is_named_with_those_that_fit_nothing() -> None:
    (said,) = matched(TWO, [scraped(instance="10.0.0.1:8002"), scraped(instance="x\x1b[31m:1")]).notes

    assert said == "Prometheus has nothing of triton-1 (10.0.0.2:8002): it also scrapes x\\e[31m:1"
    assert matched(TWO[:1], [scraped(instance="10.0.0.1:8002"), scraped(instance="other:1")]).notes == ()


def test_very_many_that_fit_nothing_are_not_all_listed() -> None:
    (said,) = matched(TWO[1:], [scraped(instance=f"host-{n}:8002") for n in range(500)]).notes

    assert "and 495 more" in said
    assert len(said) <= 300
