"""What the alerts table may be filtered by."""

from console.domain.rows import Alert
from console.view.filters import Field, Fields

ALERT_FIELDS: Fields[Alert] = Fields(
    {
        "id": Field(lambda alert: alert.id, "which alert, such as budget-burn", numeric=False),
        "state": Field(
            lambda alert: alert.state.value, "page, ticket, recovering, acceptable", numeric=False
        ),
        "severity": Field(lambda alert: alert.severity, "page or ticket", numeric=False),
        "subject": Field(lambda alert: alert.subject, "whose it is", numeric=False),
        "model": Field(lambda alert: alert.model or None, "the model", numeric=False),
        "target": Field(lambda alert: alert.target or None, "the target", numeric=False),
        "note": Field(lambda alert: alert.note or None, "why it is silenced", numeric=False),
    },
    lambda alert: (alert.subject, alert.id),
    lambda alert: (alert.message, alert.evidence),
)
