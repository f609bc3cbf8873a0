"""Everything that a console imports, imported: what is forked from here is ready at once."""

from console.domain.fleet import Fleet, Tls
from console.transport.http import Http
from tests.parts.crash_child import controls_of

controls_of(Fleet(), Http({}, Tls()), None)
