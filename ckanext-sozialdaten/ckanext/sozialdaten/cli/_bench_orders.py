"""A process of its own for a peer: it does what it is asked line by line, and answers in JSON."""

import json
import os
import sys
from collections.abc import Callable, Mapping

import ckan.plugins.toolkit as tk

__all__ = ["serve"]


def serve(begin: Callable[[], Mapping[str, Callable[..., object]]]) -> None:
    """Answer orders until standard input ends.

    Args:
        begin: starts what answers, and names what it can be asked. Whatever it prints goes to
            standard error, as everything else: standard output holds answers alone.
    """
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    orders = begin()
    for line in sys.stdin:
        order = json.loads(line)
        try:
            result = {"result": orders[order.pop("order")](**order)}
        except (RuntimeError, KeyError, tk.ValidationError) as error:
            result = {"error": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(result) + "\n")
        answers.flush()
