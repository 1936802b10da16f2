"""Folds events with aggregates of the library eventsourcing, for Eventscope: python3 adapter.py shop.domain:Order ...

Each argument is `module:Class`, for the aggregate type of that name, or `module` for all the aggregates in it. Run it
where your application runs, with its environment: COMPRESSOR_TOPIC, CIPHER_TOPIC and CIPHER_KEY are read as the library
reads them, so that states that are compressed or encrypted are shown, too. Name your application's class as well where
it registers transcodings: `shop.application:Shop`.

Events are handed over as they are stored; the library's mapper makes domain events of them, and `mutate` the aggregate.
The state is its id, version, created_on and modified_on, and the attributes that do not begin with an underscore. The
protocol is told in the adapter `python-function`; an aggregate goes on from a pickled copy of it.
"""

import base64
import decimal
import importlib
import json
import os
import pickle
import sys
import traceback
import uuid

from eventsourcing.application import Application
from eventsourcing.persistence import StoredEvent
from eventsourcing.utils import get_topic

HEAD = ("id", "version", "created_on", "modified_on")
sys.path.insert(0, os.getcwd())
named = [topic if ":" in topic else topic + ":" for topic in sys.argv[1:]]
lines, answers, sys.stdout = sys.stdin, sys.stdout, sys.stderr  # what the application prints is no answer
lines.reconfigure(encoding="utf-8")
answers.reconfigure(encoding="utf-8")

modules, classes, application = [], {}, Application
for module, name in (topic.split(":") for topic in named):
    modules.append(importlib.import_module(module))
    found = getattr(modules[-1], name) if name else Application
    if issubclass(found, Application):
        application = found if name else application
    else:
        classes[found.__qualname__] = found
        modules.pop()
# Nothing is stored: the application is only asked for its mapper.
mapper = application(env={"PERSISTENCE_MODULE": "eventsourcing.popo"}).mapper


def class_of(name):
    for module in modules:
        classes.setdefault(name, getattr(module, name, None))
    if classes.get(name) is None:
        raise LookupError(f"no class {name} was named")
    return classes[name]


def evolve(aggregate, event):
    kind, stored = class_of(event["aggregate_type"]), event["stored"]
    state = stored.encode() if isinstance(stored, str) else base64.b64decode(stored["base64"])
    try:
        originator_id = uuid.UUID(event["aggregate_id"])
    except ValueError:
        originator_id = event["aggregate_id"]
    topic = get_topic(getattr(kind, event["type"]))
    domain_event = mapper.to_domain_event(StoredEvent(originator_id, event["version"], topic, state))
    if "originator_topic" in vars(domain_event):  # the module may have had another name where it was stored
        vars(domain_event)["originator_topic"] = get_topic(kind)
    return domain_event.mutate(aggregate)


def shown(aggregate):
    if aggregate is None:
        return None
    own = {name: value for name, value in vars(aggregate).items() if not name.startswith("_")}
    return {name: getattr(aggregate, name) for name in HEAD if hasattr(aggregate, name)} | own


def plain(value):
    """What JSON has no form for, as something that it has."""
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if isinstance(value, (uuid.UUID, decimal.Decimal)):
        return str(value)
    return list(value) if hasattr(value, "__iter__") else getattr(value, "value", None) or vars(value)


aggregate = None
encode = json.JSONEncoder(default=plain, ensure_ascii=False, allow_nan=False).encode
for line in lines:
    message = json.loads(line)
    op, answer = message["op"], None
    try:
        if op == "hello":
            answer = {"protocol": 1, "name": "python-eventsourcing", "stored": True, "resume": True}
        elif op == "begin":
            aggregate = pickle.loads(base64.b64decode(message["state"])) if "state" in message else None
        elif op == "apply":
            aggregate = evolve(aggregate, message["event"])
        elif op == "state":
            answer = {"state": shown(aggregate)}
            if "resume" in message:
                answer["resume"] = base64.b64encode(pickle.dumps(aggregate)).decode()
        answer = answer and encode(answer)
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        text = f"{type(error).__name__}: {error} ({os.path.basename(where.filename)}, line {where.lineno})"
        answer = encode({"error": text, "op": op})
    if answer:
        answers.write(answer + "\n")
    if op != "apply" and "more" not in message:
        answers.flush()
