"""What kubectl says, as both old and new ones print it, becomes what to do."""

import pytest

from console.domain.kubernetes_refusal import Why, refusal

SA = 'User "system:serviceaccount:shop:viewer"'
IN_SHOP = 'in the namespace "shop"'


@pytest.mark.parametrize(
    ("text", "why", "message", "hint"),
    [
        (
            (
                f'Error from server (Forbidden): deployments.apps "web" is forbidden: {SA} cannot patch resource '
                f'"deployments" in API group "apps" {IN_SHOP}'
            ),
            Why.FORBIDDEN,
            'system:serviceaccount:shop:viewer may not patch deployments.apps "web" in shop',
            "ask for patch on deployments.apps in shop",
        ),
        (
            (
                f'Error from server (Forbidden): rollouts.argoproj.io "web" is forbidden: {SA} cannot patch resource '
                f'"rollouts/status" in API group "argoproj.io" {IN_SHOP}'
            ),
            Why.FORBIDDEN,
            "may not patch",
            "ask for patch on rollouts.argoproj.io/status in shop",
        ),
        (
            (
                f'Error from server (Forbidden): pods is forbidden: {SA} cannot list resource "pods" in API group "" '
                f"{IN_SHOP}"
            ),
            Why.FORBIDDEN,
            "may not list pods in shop",
            "ask for list on pods in shop",
        ),
        (
            (
                f'Error from server (Forbidden): deployments.apps is forbidden: {SA} cannot list resource "deployments" '
                'in API group "apps" at the cluster scope'
            ),
            Why.FORBIDDEN,
            "in the whole cluster",
            "ask for list on deployments.apps in the whole cluster",
        ),
        (
            (
                'Error from server (Forbidden): deployments.apps "web" is forbidden: User "system:anonymous" cannot get '
                f'resource "deployments" in API group "apps" {IN_SHOP}'
            ),
            Why.FORBIDDEN,
            "system:anonymous may not get",
            "kubectl sent no credentials",
        ),
        (
            'Error from server (Forbidden): admission webhook "gate" denied the request: deploys are frozen',
            Why.FORBIDDEN,
            "deploys are frozen",
            "ask whoever",
        ),
        (
            "error: You must be logged in to the server (Unauthorized)",
            Why.LOGIN,
            "does not accept",
            "log in again",
        ),
        ("error: EOF", Why.LOGIN, "no credentials", "give the context a user"),
        (
            (
                "token is s3cr3t\nUnable to connect to the server: getting credentials: exec: executable aws failed with "
                "exit code 255"
            ),
            Why.LOGIN,
            "executable aws failed with exit code 255",
            "log in by hand",
        ),
        (
            'Error from server (NotFound): deployments.apps "nope" not found',
            Why.ABSENT,
            'deployments.apps "nope" not found',
            "check name, namespace and context",
        ),
        (
            "Error from server (NotFound): the server could not find the requested resource",
            Why.UNKNOWN_KIND,
            "no such kind",
            "is that part installed",
        ),
        (
            'error: the server doesn\'t have a resource type "rollouts"',
            Why.UNKNOWN_KIND,
            "no such kind: rollouts",
            "is that part installed",
        ),
        (
            (
                'Error from server (Conflict): Operation cannot be fulfilled on deployments.apps "web": the object has '
                "been modified; please apply your changes to the latest version and try again"
            ),
            Why.CONFLICT,
            "the object has been modified",
            "plan again",
        ),
        ("The request is invalid", Why.REJECTED, "no longer as it was read", "plan again"),
        (
            "The request is invalid: the server rejected our request due to an error in our request",
            Why.REJECTED,
            "no longer as it was read",
            "plan again",
        ),
        (
            'The HTTPRoute "web" is invalid: spec.rules[0].backendRefs[1].weight: Invalid value: -1: too small',
            Why.INVALID,
            "Invalid value: -1",
            "choose another",
        ),
        (
            (
                "Error from server (UnsupportedMediaType): the body of the request was in an unknown format - accepted "
                "media types include: application/json-patch+json"
            ),
            Why.UNSUPPORTED,
            "this kind of patch",
            "",
        ),
        (
            (
                "error: application/strategic-merge-patch+json is not supported by gateway.networking.k8s.io/v1, "
                "Kind=HTTPRoute: the body of the request was in an unknown format - accepted media types include: x"
            ),
            Why.UNSUPPORTED,
            "this kind of patch",
            "",
        ),
        (
            "Error: unknown flag: --subresource\nSee 'kubectl patch --help' for usage.",
            Why.UNSUPPORTED,
            "this kubectl has no --subresource",
            "newer kubectl",
        ),
        (
            "Error in configuration: context was not found for specified context: prod",
            Why.SETTINGS,
            "no such context: prod",
            "kubectl config get-contexts",
        ),
        ('error: context "prod" does not exist', Why.SETTINGS, "no such context: prod", "get-contexts"),
        ("error: stat /nope: no such file or directory", Why.SETTINGS, "kubeconfig", "kubernetes.kubeconfig"),
        (
            "The connection to the server 127.0.0.1:6443 was refused - did you specify the right host or port?",
            Why.UNREACHABLE,
            "127.0.0.1:6443 refuses connections",
            "VPN",
        ),
        (
            "Unable to connect to the server: dial tcp: lookup k8s.example on 10.0.0.2:53: no such host",
            Why.UNREACHABLE,
            "no such host",
            "server in the kubeconfig",
        ),
        (
            "Unable to connect to the server: x509: certificate signed by unknown authority",
            Why.UNREACHABLE,
            "certificate signed by unknown authority",
            "CA",
        ),
        (
            (
                "Unable to connect to the server: net/http: request canceled (Client.Timeout exceeded while awaiting "
                "headers)"
            ),
            Why.TIMEOUT,
            "did not answer in time",
            "VPN",
        ),
        ("", Why.OTHER, "said nothing", "by hand"),
        ("error: something new", Why.OTHER, "something new", "by hand"),
    ],
)
def test_each_refusal_says_what_to_do(text: str, why: Why, message: str, hint: str) -> None:
    told = refusal(text)

    assert told.why is why
    assert message in told.message
    assert hint in told.hint
    assert "s3cr3t" not in told.message + told.hint


def test_warnings_before_it_hide_no_refusal() -> None:
    text = "Warning: policy/v1beta1 is deprecated\nE1120 14:00:00.1 12 x.go:1] oops\nThe request is invalid"

    assert refusal(text).why is Why.REJECTED


def test_an_object_that_kubectl_complains_of_is_not_shown() -> None:
    told = refusal('error: Object \'Kind\' is missing in \'{"env": [{"value": "s3cr3t"}]}\'')

    assert "Object 'Kind' is missing" in told.message
    assert "s3cr3t" not in told.message


def test_what_a_server_says_is_made_harmless_and_short() -> None:
    told = refusal("error: \x1b[31m" + "x" * 5000)

    assert "\x1b" not in told.message
    assert len(told.message) <= 300


def test_a_complaint_without_end_is_read_in_no_time_and_told_in_one_line() -> None:
    for unit in ("a", "a ", '"', 'a "b', "(Forbidden): ", "stat : ", "x\n"):
        told = refusal(unit * (64_000 // len(unit)))
        assert len(told.message) <= 301


def test_what_a_cluster_says_cannot_steer_the_terminal() -> None:
    told = refusal(
        'x is forbidden: User "a" cannot \x1b[2J resource "b" in API group "c" in the namespace "\x1b[31m"'
    )
    assert "\x1b" not in told.message + told.hint
    assert r"may not \e[2J" in told.message


def test_of_many_lines_the_first_and_the_last_tell() -> None:
    first = 'The Deployment "triton" is invalid: spec.replicas: Invalid value: -1'
    assert "is invalid" in refusal("\n".join([first, *["* more"] * 200])).message
    assert refusal("\n".join([*["chatter"] * 200, "(Unauthorized)"])).why is Why.LOGIN
