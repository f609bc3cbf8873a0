"""HAProxy as something that is changed."""

from console.controls.haproxy.control import controls

__all__ = ["controls"]
