"""Everything that a console imports, imported: what is forked from here is ready at once."""

from console.domain.fleet import Fleet
from tests.parts.crash_child import controls_of

controls_of(Fleet(), None)
