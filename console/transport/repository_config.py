"""A config.pbtxt read with the published protobuf text format.

It takes a fifth of a second to import, so it is imported where a repository is looked at.
"""

import re
from collections.abc import Mapping
from typing import Any

from google.protobuf import json_format, text_format
from google.protobuf.descriptor import Descriptor
from tritonclient.grpc.model_config_pb2 import ModelConfig

from console.domain.pbtxt import blanked, odd_escape
from console.domain.repository import ConfigFault, ConfigFile
from console.domain.text import visible
from console.domain.toml_problems import nearest

PARSE, UNKNOWN = "repo.config_parse", "repo.unknown_field"
# A text is read again without each unknown field, to name the next one.
_MOST_UNKNOWN = 20
_MOST_READ = 4 * 2**20
_NO_FIELD = re.compile(r'Message type "inference\.([\w.]+)" has no field named "([^"]*)"')
_PLACE = re.compile(r"^\d+:\d+ : ")
# The library repeats the whole line, which may be long, before it says what is wrong with it.
_QUOTED = re.compile(r"^'.*?': (?=[A-Z])", re.DOTALL)
_MARK = "\ufeff"


def read_config_file(content: bytes) -> ConfigFile:
    """The config, with every field that the format does not have, or the first thing that cannot be parsed.

    Never raises, whatever the content is. Without its unknown fields the rest of a config is known.
    """
    # Triton reads bytes and takes any in a comment; in a name they show as replaced.
    text = content.decode("utf-8", "replace")
    if text.startswith(_MARK):
        said = "it begins with a byte-order mark"
        return ConfigFile(None, (_fault(1, said, "save it as UTF-8 without one"),))
    escape = odd_escape(text)
    if escape is not None:
        line, found = escape
        said = f"a text in it has the escape {found}, which protobuf does not know"
        return ConfigFile(None, (_fault(line, said, "write the backslash twice"),))
    return _read(text)


def _read(text: str) -> ConfigFile:
    unknown: list[ConfigFault] = []
    read = 0
    while True:
        read += len(text)
        try:
            return ConfigFile(_tree(text), tuple(unknown))
        except text_format.ParseError as error:
            said = _NO_FIELD.search(str(error))
            line, column = error.GetLine(), error.GetColumn()
            if said is None or line is None or column is None:
                return ConfigFile(None, (*unknown, _fault(line, _words(error), "")))
            unknown.append(_unknown(line, said[1], said[2]))
            if len(unknown) >= _MOST_UNKNOWN or read > _MOST_READ:
                return ConfigFile(None, tuple(unknown))
            text = blanked(text, line, column)
        except (ValueError, OverflowError, RecursionError, TypeError) as error:
            return ConfigFile(None, (*unknown, _fault(None, str(error), "")))


def _tree(text: str) -> Mapping[str, Any]:
    message = text_format.Parse(text, ModelConfig())
    found: Mapping[str, Any] = json_format.MessageToDict(message, preserving_proto_field_name=True)
    return found


def _words(error: text_format.ParseError) -> str:
    return _QUOTED.sub("", _PLACE.sub("", str(error)))


def _unknown(line: int, message: str, name: str) -> ConfigFault:
    known = _message(message)
    fields = [] if known is None else [field.name for field in known.fields]
    near = nearest(name, fields).removeprefix("; ")
    where = "" if message == "ModelConfig" else f" in {message}"
    said = f"line {line}: there is no field {visible(name, 60)}{where} (config_parse)"
    return ConfigFault(
        UNKNOWN, line, said, near or "take it out, or ask whether the server is newer than this console"
    )


def _message(name: str) -> Descriptor | None:
    found = ModelConfig.DESCRIPTOR.file.message_types_by_name.get(name.partition(".")[0])
    for part in name.split(".")[1:]:
        found = found.nested_types_by_name.get(part) if found is not None else None
    return found


def _fault(line: int | None, said: str, hint: str) -> ConfigFault:
    where = f"line {line}: " if line else ""
    message = f"{where}{visible(said.strip(), 200)} (config_parse)"
    return ConfigFault(
        PARSE, line, message, hint or "correct it: Triton takes no part of a config that it cannot parse"
    )
