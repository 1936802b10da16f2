"""Lets Eventscope fold events with a Python function: python3 adapter.py fold.py

fold.py defines

    def initial(aggregate_type): ...    # the state before the first event; without it that is {}
    def evolve(state, event): ...       # the state after an event: returned, or changed in place

An event is a dictionary with the keys position, id, type, aggregate_type, aggregate_id, version, schema_version,
timestamp, data, metadata, actor, causation_id and correlation_id. Integers keep every digit; a number with a point is a
float.

The protocol, version 1: lines of JSON on the standard input, answers on the standard output.

    {"op": "hello", "protocol": 1}                     answered with {"protocol": 1, "name": ...}
    {"op": "begin", "stream": {...}, "state": ...}     a stream begins, at its first event or at a state given before
    {"op": "apply", "event": {...}}                    not answered, unless it fails
    {"op": "state", "more": true}                      answered with {"state": ...}; with "more" there is no hurry

What fails is answered with {"error": ..., "op": ...}; then the next line is read as ever.
"""

import collections.abc
import dataclasses
import datetime
import enum
import importlib.util
import json
import os
import sys
import traceback


def plain(value):
    """What JSON has no form for, as something that it has."""
    if dataclasses.is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, (datetime.datetime, datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, collections.abc.Mapping):
        return dict(value)
    if isinstance(value, collections.abc.Set):
        return sorted(value, key=str)
    if isinstance(value, collections.abc.Iterable):
        return list(value)
    return vars(value) if hasattr(value, "__dict__") else str(value)


def load(path):
    """The file's module; its folder is searched for what it imports."""
    sys.path.insert(0, os.path.dirname(os.path.abspath(path)))
    spec = importlib.util.spec_from_file_location("application", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["application"] = module
    spec.loader.exec_module(module)
    return module


def failure(error):
    """What went wrong and where, in a line."""
    where = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {error} ({os.path.basename(where.filename)}, line {where.lineno})"


def main(path):
    lines, answers = sys.stdin, sys.stdout
    lines.reconfigure(encoding="utf-8")
    answers.reconfigure(encoding="utf-8")
    sys.stdout = sys.stderr  # what the application prints is no answer
    module = load(path)
    initial, evolve = getattr(module, "initial", lambda aggregate_type: {}), module.evolve
    decode = json.JSONDecoder().raw_decode
    encode = json.JSONEncoder(default=plain, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode
    state = None
    for line in lines:
        message = decode(line)[0]
        op = message["op"]
        try:
            if op == "apply":
                after = evolve(state, message["event"])
                state = state if after is None else after
            elif op == "state":
                answers.write('{"state":' + encode(state) + "}\n")
            elif op == "begin":
                state = message["state"] if "state" in message else initial(message["stream"]["aggregate_type"])
            elif op == "hello":
                answers.write(encode({"protocol": 1, "name": "python-function"}) + "\n")
        except Exception as error:
            answers.write(encode({"error": failure(error), "op": op}) + "\n")
        if op != "apply" and "more" not in message:
            answers.flush()


main(*sys.argv[1:])
