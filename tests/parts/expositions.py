"""Prometheus text for tests: what two readers make of it, and texts that strain them."""

from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from console.sources._exposition import Scrape, SeriesTable, parse

Found = list[tuple[str, dict[str, str], str]]

NAMES = ("up", "nv_inference_count", "nv_x_total", "a:b_sum", "latency_us", "latency_us_count", "_")
VALUES = (
    "0",
    "-0",
    "12",
    "1e3",
    "1E-3",
    "+4",
    "-2.5",
    ".5",
    "NaN",
    "Nan",
    "nan",
    "+Inf",
    "-Inf",
    "inf",
    "9223372036854775794",
)


def found(scrape: Scrape, table: SeriesTable) -> Found:
    """The samples of a scrape in their order; values as text, so that NaN equals NaN and -0 equals 0."""
    pairs = zip(scrape.ids.tolist(), scrape.values.tolist(), strict=True)
    return [(table.series(i).name, dict(table.series(i).labels), repr(value + 0.0)) for i, value in pairs]


def ours(text: str | bytes, table: SeriesTable | None = None) -> Found:
    """What our reader finds, read with an empty table unless one is given."""
    table = SeriesTable() if table is None else table
    return found(parse(text.encode() if isinstance(text, str) else text, table), table)


def peers(text: str) -> Found:
    """What prometheus_client finds; ValueError where it gives up on the whole text."""
    result = []
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            # It appends _total to the samples of a counter that is not declared with it.
            added = family.type == "counter" and f"# TYPE {sample.name} counter" not in text
            name = sample.name.removesuffix("_total") if added else sample.name
            result.append((name, dict(sample.labels), repr(float(sample.value) + 0.0)))
    return result


_blank = st.sampled_from(["", "", "", " ", "\t", "  "])
_gap = st.sampled_from([" ", " ", " ", "\t", "  ", " \t"])
_label_name = st.sampled_from(["model", "version", "le", "quantile", "_team", "a1"])
_label_text = st.one_of(
    st.text(max_size=12),
    st.text(alphabet='{}",=#\\ \n\tn', max_size=12),
    st.sampled_from(["", "ranker", "0.99", "+Inf", " # ", 'vision "a"', "C:\\new\\dir"]),
)
_number = st.one_of(st.sampled_from(VALUES), st.integers(-(10**20), 10**20).map(str), st.floats().map(repr))


def escaped(text: str) -> str:
    """A label's text as exporters write it."""
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')


@st.composite
def _labels(draw: st.DrawFn) -> str:
    pairs = draw(st.dictionaries(_label_name, _label_text, max_size=4))
    if not pairs:
        return draw(st.sampled_from(["", "", "{}", " { }"]))
    terms = [
        f'{draw(_blank)}{name}{draw(_blank)}={draw(_blank)}"{escaped(text)}"{draw(_blank)}'
        for name, text in pairs.items()
    ]
    return f"{draw(_blank)}{{{','.join(terms)}{draw(st.sampled_from(['', '', ',', ', ']))}}}"


@st.composite
def _sample(draw: st.DrawFn) -> str:
    labels = draw(_labels())
    gap = draw(st.one_of(_gap, st.just(""))) if labels else draw(_gap)
    extra = draw(
        st.sampled_from(["", "", "", " 1700000000000", " -5", ' # {trace_id="x y"} 0.7', " 17 # {} 1 2.5"])
    )
    return f"{draw(_blank)}{draw(st.sampled_from(NAMES))}{labels}{gap}{draw(_number)}{extra}{draw(_blank)}"


_comment = st.one_of(
    st.builds(
        "# TYPE {} {}".format,
        st.sampled_from(NAMES),
        st.sampled_from(["counter", "gauge", "summary", "histogram", "untyped"]),
    ),
    st.builds(
        "# HELP {}{}".format,
        st.sampled_from(NAMES),
        st.sampled_from(["", " ", " what it is", " a \\n b \\\\ # {", ' " odd']),
    ),
    st.sampled_from(["# EOF", "# UNIT up ratio", "#", "# a comment", "", "  ", "# HELP", "  # indented {"]),
)

lines = st.one_of(_sample(), _sample(), _comment)
texts = st.builds(
    lambda some, end: "".join(line + end for line in some),
    st.lists(lines, max_size=12),
    st.sampled_from(["\n", "\n", "\r\n"]),
)
