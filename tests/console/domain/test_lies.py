"""Why figures are not what they seem."""

import pytest

from console.domain.basis import Missing
from console.domain.lies import percentile_warnings


@pytest.mark.parametrize(
    ("others_have", "scraped", "text", "hint"),
    [
        (True, False, "response cache", "gateway"),
        (False, False, "this server exports no percentiles", "summary_latencies"),
        (True, True, "Prometheus has no request summaries of it now", "response cache"),
        (False, True, "Prometheus has no request summaries of it now", "unless a note says why"),
    ],
)
def test_nobody_is_blamed_for_percentiles_that_another_withholds(
    *, others_have: bool, scraped: bool, text: str, hint: str
) -> None:
    (warned,) = percentile_warnings(Missing.UNSUPPORTED, others_have=others_have, scraped=scraped)
    assert text in warned.text
    assert hint in warned.hint
    assert list(percentile_warnings(Missing.IDLE, others_have=others_have, scraped=scraped)) == []
