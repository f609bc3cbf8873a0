"""Envoy's admin interface: weights never alone and never all zero, and odd answers in words."""

from collections.abc import AsyncIterator, Callable

import pytest
from aiohttp import web

from console.domain.failure import FailureKind, SourceError
from console.domain.fleet import Tls
from console.domain.plan import ControlError
from console.domain.secret import Secret
from console.transport.envoy_admin import EnvoyAdmin, Value
from console.transport.http import Http
from tests.parts.envoy_admin import AdminStand, admin_stand

Stand = Callable[[], AdminStand]


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    made = Http({"admin-key": Secret("hush")}, Tls())
    yield made
    await made.close()


@pytest.fixture
async def stand() -> AsyncIterator[AdminStand]:
    async with admin_stand() as found:
        yield found


@pytest.mark.parametrize(
    "weights",
    [
        {"a.v1": "0", "a.v2": "0"},
        {"a.v1": "000", "a.v2": "0"},
        {"a.v2": "10"},
        {},
        {"a.v1": "90", "a.v2": "-1"},
        {"a.v1": "90", "a.v2": "1.5"},
        {"a.v1": "90", "a.v2": "٣"},
        {"a.v1": "90", "a.v2": "10&x=1"},
    ],
)
async def test_weights_that_would_break_a_split_are_never_sent(
    stand: AdminStand, http: Http, weights: dict[str, str]
) -> None:
    with pytest.raises(ControlError):
        await EnvoyAdmin(stand.url, http).set_weights(weights)

    assert stand.asked == []


@pytest.mark.parametrize("percent", ["101", "-1", "1.5", "abc", "1000", "5&a=1"])
async def test_a_percentage_is_a_whole_one(stand: AdminStand, http: Http, percent: str) -> None:
    with pytest.raises(ControlError):
        await EnvoyAdmin(stand.url, http).set_percent("shed", percent)

    assert stand.asked == []


async def test_all_weights_go_in_one_request_without_the_targets_credentials(
    stand: AdminStand, http: Http
) -> None:
    await EnvoyAdmin(stand.url, http).set_weights({"a b.v1": "", "a b.v2": "0"})

    assert stand.asked == ["POST /runtime_modify?a+b.v1=&a+b.v2=0"]
    assert "hush" not in str(stand.headers)


async def test_a_value_says_what_each_layer_has_to_do_with_it(stand: AdminStand, http: Http) -> None:
    stand.say(
        "/runtime",
        {
            "layers": ["base", "mine", "last"],
            "entries": {
                "one": {"layer_values": ["5", "7", ""], "final_value": "7"},
                "two": {"layer_values": ["5", "7", "9"], "final_value": "9"},
                "odd": ["no", "entry"],
            },
        },
    )

    values = await EnvoyAdmin(stand.url, http).runtime(["one", "two", "odd", "none"], "mine")

    assert values["one"] == Value("7", "7", "5")
    assert values["two"] == Value("7", "9", "5", overridden=True)
    assert values["odd"] == values["none"] == Value()


async def test_without_an_admin_layer_the_refusal_says_what_to_add(stand: AdminStand, http: Http) -> None:
    stand.say("/runtime_modify", web.Response(status=503, text="No admin layer specified"))

    with pytest.raises(ControlError, match="no admin layer") as refused:
        await EnvoyAdmin(stand.url, http).set_percent("shed", "5")

    assert "admin_layer" in refused.value.hint


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (web.Response(text="<html>"), FailureKind.GARBAGE),
        (web.Response(text="[" * 100_000), FailureKind.GARBAGE),
        (web.Response(text="[]"), FailureKind.GARBAGE),
        (web.Response(status=403, text="request to path /runtime not allowed"), FailureKind.FORBIDDEN),
        (web.Response(status=302, headers={"Location": "http://elsewhere/"}), FailureKind.REDIRECT),
        (web.Response(status=500, text="\x1b[2J"), FailureKind.STATUS),
    ],
)
async def test_odd_answers_are_failures_in_words(
    stand: AdminStand, http: Http, answer: web.Response, kind: FailureKind
) -> None:
    stand.say("/runtime", answer)

    with pytest.raises(SourceError) as failed:
        await EnvoyAdmin(stand.url, http).runtime(["a"], "mine")

    assert failed.value.failure.kind is kind
    assert "\x1b" not in failed.value.failure.message


async def test_any_other_word_than_ok_is_a_refusal(stand: AdminStand, http: Http) -> None:
    stand.say("/runtime_modify", web.Response(text="not today"))

    with pytest.raises(ControlError, match="not today"):
        await EnvoyAdmin(stand.url, http).set_percent("shed", "5")
