"""The process that opens a document: ``read PATH SUFFIX`` or ``draw PATH SUFFIX PAGE WIDTH``.

Bounds are set before the first byte is read. Exit codes say what went wrong (`_child._REASONS`);
nothing is written to standard error, because a library's text may quote the file.
"""

import contextlib
import json
import os
import resource
import sys
from pathlib import Path
from zipfile import BadZipFile

from ckanext.sozialdaten.disclosure.documents._errors import (
    DamagedError,
    DocumentFault,
)
from ckanext.sozialdaten.disclosure.documents._model import DRAWN, Document

__all__ = ["main"]

_MEMORY = 2 << 30
_SECONDS = 75


def _bound() -> None:
    """No more memory, time or output than a document needs, and no file written at all."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _read(path: Path, suffix: str) -> Document:
    if suffix in DRAWN:
        from ckanext.sozialdaten.disclosure.documents._pdf import read_pdf

        return read_pdf(path)
    from ckanext.sozialdaten.disclosure.documents._office import read_office

    return read_office(path, suffix)


def _work(words: list[str]) -> bytes:
    verb, path, suffix = words[0], Path(words[1]), words[2]
    if verb == "draw":
        from ckanext.sozialdaten.disclosure.documents._pdf import draw_pdf

        return draw_pdf(path, int(words[3]), int(words[4]))
    return json.dumps(_read(path, suffix).to_json(), ensure_ascii=False).encode("utf-8", "replace")


def main(words: list[str]) -> int:
    """Do what the words say; the result goes to standard output."""
    _bound()
    with open(os.devnull, "w") as nothing, contextlib.redirect_stderr(nothing):  # noqa: PTH123
        try:
            found = _work(words)
        except DocumentFault as fault:
            return fault.exit_code
        except (BadZipFile, OSError, ValueError, LookupError, RecursionError):
            return DamagedError.exit_code
        except MemoryError:
            return 5
    sys.stdout.buffer.write(found)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
