"""Unit tests as promtool reads them: series over minutes, and the alerts that must fire at some of them."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from console.view.rules_alerts import Rule
from console.view.rules_records import Json, figure

_VALUE = '{{ $value | printf "%.1f" }}'


class Expected(NamedTuple):
    """An alert that must fire, with the labels and the value of its series."""

    rule: Rule
    labels: Mapping[str, str]
    value: float = 0.0


def steps(*stretches: tuple[int, float]) -> str:
    """A counter that grows by so much a minute, for so many minutes each."""
    parts, at = [], 0.0
    for number, (minutes, rate) in enumerate(stretches):
        start = at if number == 0 else at + rate
        count = minutes if number == 0 else minutes - 1
        parts.append(f"{figure(start)}+{figure(rate)}x{count}")
        at += rate * minutes
    return " ".join(parts)


def case(
    name: str,
    series: Sequence[tuple[str, Mapping[str, str], str]],
    expected: Mapping[int, Sequence[Expected]],
    watched: set[str],
) -> Json:
    """Series by the minute, and what each of the watched alerts must be at each minute."""
    return {
        "name": name,
        "interval": "1m",
        "input_series": [{"series": _named(*each[:2]), "values": each[2]} for each in series],
        "alert_rule_test": [
            {
                "eval_time": f"{minute}m",
                "alertname": alert,
                "exp_alerts": [_alert(each) for each in fired if each.rule.name == alert],
            }
            for minute, fired in expected.items()
            for alert in sorted(watched)
        ],
    }


def _named(metric: str, labels: Mapping[str, str]) -> str:
    inside = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())
    return f"{metric}{{{inside}}}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _alert(expected: Expected) -> Json:
    labels = {"severity": expected.rule.severity, **dict(expected.rule.labels), **expected.labels}
    return {
        "exp_labels": labels,
        "exp_annotations": {
            "summary": _filled(expected.rule.summary, expected),
            "description": expected.rule.description,
        },
    }


def _filled(template: str, expected: Expected) -> str:
    text = template.replace(_VALUE, f"{expected.value:.1f}")
    for name, value in expected.labels.items():
        text = text.replace(f"{{{{ $labels.{name} }}}}", value)
    return text
