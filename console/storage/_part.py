"""Parts of a reading that are objects of their own: what did not change since the reading before is not written."""

import json
from collections.abc import Mapping
from typing import Any

from console.domain.config import ModelConfig
from console.storage._blobs import Inlet, Outlet, Packer
from console.storage._schema import Kind, kind
from console.storage._schema_plain import Plain

_NEVER = object()
_CONFIG = kind(ModelConfig)


class PartWriter:
    """One part of one source's readings; those that follow say how a value is written."""

    def __init__(self) -> None:
        self._last: object = _NEVER

    def reset(self) -> None:
        """The next one stands for itself."""
        self._last = _NEVER

    def into(self, parts: dict[str, Plain], name: str, value: Any, outlet: Outlet) -> None:
        """Add what is to be written, unless it is the same object as before."""
        if value is not self._last:
            parts[name] = None if value is None else self.write(value, outlet)
            self._last = value

    def write(self, value: Any, outlet: Outlet) -> Plain:
        """A value that is not None; raises TypeError, ValueError or OverflowError for what cannot be written."""
        raise NotImplementedError


class PartReader:
    """The other side; ``value`` is the newest one."""

    def __init__(self) -> None:
        self.value: Any = None

    def reset(self) -> None:
        """The next one stands for itself."""

    def take(self, parts: dict[str, Plain], name: str, inlet: Inlet) -> Any:
        """The value of this reading; raises ValueError for what is none."""
        if name in parts:
            plain = parts[name]
            self.value = None if plain is None else self.read(plain, inlet)
        return self.value

    def read(self, plain: Plain, inlet: Inlet) -> Any:
        """A value that is not None."""
        raise NotImplementedError


class BlobPartWriter(PartWriter):
    """A part that is one content."""

    def __init__(self, kind: Kind) -> None:
        super().__init__()
        self._kind = kind

    def write(self, value: Any, outlet: Outlet) -> Plain:
        return outlet.refer(self._kind, value)


class BlobPartReader(PartReader):
    """The other side."""

    def __init__(self, kind: Kind) -> None:
        super().__init__()
        self._kind = kind

    def read(self, plain: Plain, inlet: Inlet) -> Any:
        return inlet.get(plain, self._kind)


class ConfigsWriter(PartWriter):
    """Configs by model, each of them one content."""

    def into(self, parts: dict[str, Plain], name: str, value: Any, outlet: Outlet) -> None:
        """Most often a new mapping of the same configs."""
        if self._last is None or self._last is _NEVER or value != self._last:
            super().into(parts, name, value, outlet)

    def write(self, value: Mapping[str, ModelConfig], outlet: Outlet) -> Plain:
        clean = {model: _clean(config, outlet.packer) for model, config in value.items()}
        return outlet.refer_table(_CONFIG, clean)


def _clean(config: ModelConfig, packer: Packer) -> ModelConfig:
    """A config whose text is JSON also without the secrets' values."""
    if packer.text(config.text) == config.text:
        return config

    def number(digits: str) -> Any:
        said = packer.text(digits)
        return json.loads(digits) if said == digits else said

    clean = packer.json(json.loads(config.text, parse_int=number, parse_float=number))
    return config._replace(text=json.dumps(clean, sort_keys=True, separators=(",", ":")))


class ConfigsReader(PartReader):
    """The other side."""

    def read(self, plain: Plain, inlet: Inlet) -> Any:
        return inlet.table(plain, _CONFIG)
