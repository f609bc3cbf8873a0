"""From pasted or piped text to records: prefixes of containers, both forms of Triton's log, JSON bodies, status tables."""

import json
import re
from collections.abc import Iterator
from typing import Any

from console.domain.load_failure.record import Record
from console.domain.load_failure.tables import StatusTable

# Longer lines are cut: nothing that names a cause stands so far in.
LONGEST_LINE = 20_000
_ANSI = re.compile(r"\x1b(?:\[[0-9;?]{0,16}[ -/]?[@-~]|\][^\x07\x1b]{0,200}(?:\x07|\x1b\\)|[@-Z\\-_])")
_GLOG = re.compile(
    r"(?P<severity>[IWEFV])?\d{4} \d\d:\d\d:\d\d\.\d{1,6} +\d+ (?P<file>[\w.+-]{1,80}):\d+\] ?(?P<text>.*)",
    re.DOTALL,
)
# --log-format=ISO8601; its time may have been taken for that of a container runtime.
_ISO = re.compile(
    r"(?<!\S)(?P<severity>[IWEFV]) \d{1,9} (?P<file>[\w+-]{1,80}\.(?:cc|h|cpp|cu)):\d+\] ?(?P<text>.*)",
    re.DOTALL,
)
_PLACE = re.compile(r"(?P<file>[\w+-]{1,60}\.(?:cc|h|cpp|cu)):\d+\] ?(?P<text>.*)", re.DOTALL)
# The levels of the libraries inside: TensorRT and TensorRT-LLM, onnxruntime, TensorFlow, Python's logging.
_LEVEL = re.compile(
    r"(?:\([^)\n]{1,60}\) )?(?:\[?[\d/:. -]{8,40}\]?:? )?(?:\[(?:TRT|TensorRT|TensorRT-LLM)\] ?)?"
    r"(?:\[?(?P<level>INFO|DEBUG|VERBOSE|WARNING|ERROR)\b|\[?(?P<letter>[VIWE])(?:\]|:onnxruntime| tensorflow/))"
)
_PREFIXES = (
    re.compile(r"> ?"),
    re.compile(r"\[pod/[^\]]{1,200}\] "),
    re.compile(r"\[\d{1,6},\d{1,6}\]<std(?:err|out)>: ?"),
    re.compile(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d) (?:(?:stderr|stdout) [FP] )?"
    ),
    re.compile(r"[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d [\w.-]{1,64} [\w./-]{1,64}(?:\[\d{1,9}\])?: "),
    # A single cell of a table.
    re.compile(r"\| (?=[^|]+\|?\s*$)"),
    # docker compose; a row of a status table without its first border looks alike, but goes on with a version.
    re.compile(r"[\w.-]{1,100} *\| (?! *(?:-?\d{1,20}|-) *\|)"),
)
_BODY = '{"error"'
_FIELDS = ("error", "log", "message", "msg", "reason", "text", "detail")
_FRAME = re.compile(r"\s|At:\s*$|frame #\d|\d{1,3} +0x[0-9a-f]|\^+\s*$")
# A line under an error that begins like this is a message of its own.
_OWN = re.compile(
    r"\[|error: |Traceback|\w{1,30}: |\d{4}-\d\d-\d\d |[\w.]{1,80}(?:Error|Exception)\b|I\d{4} "
)
_DECODER = json.JSONDecoder()


def records(text: str) -> list[Record]:
    """Every message of the text, in order; frames of a traceback stay with the message above them."""
    whole = _json(text)
    if whole is not None:
        return _of_json(whole)
    return list(_joined(_lines(text)))


def _lines(text: str) -> Iterator[Record]:
    table = StatusTable()
    for number, raw in enumerate(re.split(r"\r\n|\r|\n", text), 1):
        line = _bare(raw[:LONGEST_LINE])
        if table.takes(line, number):
            continue
        yield from table.rows()
        if line.strip():
            yield from _line(line, number)
    yield from table.rows()


def _bare(raw: str) -> str:
    """The line without colours and without what a container runtime put before it."""
    line = _ANSI.sub("", raw) if "\x1b" in raw else raw
    if line.startswith("{"):
        log = _unwrapped(line)
        line = line if log is None else log.rstrip("\r\n")
    for prefix in _PREFIXES:
        match = prefix.match(line)
        if match:
            line = line[match.end() :]
    return line


def _unwrapped(line: str) -> str | None:
    """The message of a line that is a JSON object, as log drivers write it; None for any other."""
    value = _json(line)
    if not isinstance(value, dict):
        return None
    return next((value[name] for name in _FIELDS if isinstance(value.get(name), str)), None)


def _line(line: str, number: int) -> Iterator[Record]:
    at = line.find(_BODY)
    if at >= 0:
        yield Record(number, _error_of(line[at:]), "E")
        return
    head = _ISO.search(line) or _GLOG.search(line) or _PLACE.match(line)
    if not head:
        level = _LEVEL.match(line)
        said = (level["level"] or level["letter"])[0].upper() if level else ""
        yield Record(number, _unquoted(line), said or ("E" if line.startswith("error: ") else ""))
        return
    found = head.groupdict()
    yield Record(number, _unquoted(found["text"]), found.get("severity") or "", found["file"])


def _error_of(body: str) -> str:
    try:
        value, _ = _DECODER.raw_decode(body)
    except (ValueError, RecursionError):
        return _unescaped(body.partition(":")[2].strip().strip('"}'))
    error = value.get("error") if isinstance(value, dict) else None
    return error if isinstance(error, str) else json.dumps(error)


def _unquoted(text: str) -> str:
    """The newer log writes messages as quoted, escaped strings; one that was cut has no closing quote."""
    if text.startswith('"'):
        return _unescaped(text.rstrip().removesuffix('"')[1:])
    return _unescaped(text) if "\\n\\nAt:" in text else text


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    return text.replace("\\n", "\n").replace("\\t", "\t").replace('\\"', '"').replace("\\'", "'")


def _json(text: str) -> Any:
    """The value of a text that is JSON as a whole, None for any other."""
    stripped = text.strip()
    if stripped[:1] not in ("{", "["):
        return None
    try:
        return json.loads(stripped)
    except (ValueError, RecursionError):
        return None


def _of_json(value: Any) -> list[Record]:
    """An HTTP body, one log line of a driver, or the repository index."""
    if isinstance(value, dict):
        value = [value]
    found: list[Record] = []
    for entry in value if isinstance(value, list) else ():
        if isinstance(entry, dict):
            found += _of_entry(entry)
    return found


def _of_entry(entry: dict[str, Any]) -> list[Record]:
    said = next((entry[name] for name in _FIELDS if isinstance(entry.get(name), str)), "")
    name, version = entry.get("name"), entry.get("version", "")
    if isinstance(name, str) and "state" in entry:
        failed = said and said != "unloaded"
        return [Record(1, said, "E", "", name, str(version), failed=True)] if failed else []
    return list(_joined(_lines(said)))


def _joined(parts: Iterator[Record]) -> Iterator[Record]:
    """Lines that go on with the message above them, joined to it: frames anywhere, others under an error."""
    held: Record | None = None
    for part in parts:
        if held is not None and _goes_on(held, part):
            if len(held.text) < LONGEST_LINE and not _is_source(held, part):
                held = held._replace(text=f"{held.text}\n{part.text}")
            continue
        if held is not None:
            yield held
        held = part
    if held is not None:
        yield held


def _is_source(held: Record, part: Record) -> bool:
    """A line of source in a traceback: words of code, not of what went wrong."""
    return held.text.startswith("Traceback") and not part.text.lstrip().startswith("File ")


def _goes_on(held: Record, part: Record) -> bool:
    if part.file or part.failed or part.severity:
        return False
    if _FRAME.match(part.text):
        return True
    return bool(held.file) and held.severity in ("E", "F") and not _OWN.match(part.text)
