"""Puts inputs into a store, live ones and recorded ones alike."""

from console.domain.failure import Failure, FailureKind
from console.domain.marker import Marker
from console.domain.recording import Input, Silence, Unsilence
from console.domain.sample import Sample
from console.domain.text import visible
from console.engine.store import Store


def feed(store: Store, entry: Input) -> None:
    """Put one input into the store; a sample that it cannot make sense of is a failure of its source alone."""
    match entry:
        case Sample():
            _take(store, entry)
        case Marker():
            store.mark(entry)
        case Silence():
            store.alerts.silence(*entry)
        case Unsilence():
            store.alerts.unsilence(*entry)


def _take(store: Store, sample: Sample) -> None:
    try:
        store.take(sample)
    except Exception as error:  # noqa: BLE001 - one source's odd data must not stop the others
        said = f"{type(error).__name__}: {visible(str(error))}"
        failure = Failure(
            FailureKind.INTERNAL, "reading", said, "this is a defect of the console: please report it"
        )
        store.take(sample._replace(reading=None, failure=failure))
