import re

import pytest

from console.settings._target import named, parse_target


@pytest.mark.parametrize(
    ("text", "url", "metrics"),
    [
        ("http://triton:8000", "http://triton:8000", "http://triton:8002/metrics"),
        ("triton", "http://triton:8000", "http://triton:8002/metrics"),
        ("triton:9000", "http://triton:9000", "http://triton:8002/metrics"),
        ("::1", "http://[::1]:8000", "http://[::1]:8002/metrics"),
        ("[::1]:9000", "http://[::1]:9000", "http://[::1]:8002/metrics"),
        ("http://[fd00::2]:9000/", "http://[fd00::2]:9000", "http://[fd00::2]:8002/metrics"),
        ("https://gate/a/", "https://gate/a", "https://gate:8002/metrics"),
        ("t,metrics=http://m:1", "http://t:8000", "http://m:1/metrics"),
        ("t, metrics=http://m:1/x/y", "http://t:8000", "http://m:1/x/y"),
        ("10.0.0.1", "http://10.0.0.1:8000", "http://10.0.0.1:8002/metrics"),
    ],
)
def test_forms_of_a_target(text, url, metrics):
    target = parse_target(text)
    assert (target.url, target.metrics) == (url, metrics)


def test_options_of_a_target():
    target = parse_target("t,grpc=[::1]:8001,name=left")
    assert (target.name, target.grpc) == ("left", "[::1]:8001")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("http://[::1]x:8000", "only a port may follow the ]"),
        ("http://a\u202eb:8000", "is not an address"),
        ("a" * 5000, "is not an address"),
        ("", "is not an address"),
        ("a b", '"a b" is not an address; write http://HOST:8000'),
        ("a\x1b[31m", '"a\\e[31m" is not an address'),
        ("htp://a", "write http:// or https://, not htp://"),
        ("http:/a:8000", "write http:// with two slashes"),
        ("http://", "the host is missing"),
        ("http://:8000", "the host is missing"),
        ("a:0", "the port must be a number from 1 to 65535"),
        ("a:99999", "the port must be a number from 1 to 65535"),
        ("a:eight", "the port must be a number from 1 to 65535"),
        ("http://a:", "the port must be a number from 1 to 65535"),
        ("http://me:pw@a", "pass --header"),
        ("http://a?x=1", "an address has no ? or #"),
        ("http://[::zz]:8000", "::zz"),
        ("http://a..b", "is not a host name"),
        ("a,metric=3", 'unknown option "metric" after the address; did you mean metrics?'),
        ("a,9", "known are metrics=, grpc= and name="),
        ("a,name=", "name= needs a value"),
        ("a,name=x,name=y", "name= is given twice"),
        ("a,metrics=m:1", '"m:1" is not a URL'),
    ],
)
def test_a_wrong_target_says_what_is_wrong(text, says):
    with pytest.raises(ValueError, match=re.escape(says)) as caught:
        parse_target(text)
    assert "\x1b" not in str(caught.value)


def test_names_are_short_and_unique():
    texts = ("a", "b:1", "b:2", "https://c/x", "https://c/y", "d,name=left", "e,name=left")
    names = [target.name for target in named(parse_target(text) for text in texts)]
    assert names == ["a", "b:1", "b:2", "c/x", "c/y", "left", "left#2"]
