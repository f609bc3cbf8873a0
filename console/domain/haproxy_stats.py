"""HAProxy's ``show stat`` as rows by column name."""

import csv
import io
from collections.abc import Mapping

FRONTEND, BACKEND, SERVER = "0", "1", "2"
"""Values of the column ``type``."""

Row = Mapping[str, str]


def stat_rows(text: str) -> list[Row]:
    """The rows of ``show stat``; ValueError where it is no such table."""
    if not text.startswith("# pxname,svname,"):
        raise ValueError("no statistics")
    try:
        return list(csv.DictReader(io.StringIO(text.removeprefix("# "))))
    except csv.Error as error:
        raise ValueError(str(error)) from error
