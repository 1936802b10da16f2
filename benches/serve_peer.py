"""The part of the service's contract that `benches/serve.rs` loads, in FastAPI on sqlite3, as an application writes it.

    python serve_peer.py FILE PORT

Each event is one transaction, and on the disk when it is answered: WAL, synchronous=FULL.
"""

import datetime
import json
import sqlite3
import sys
import threading
import uuid
from typing import Any

import uvicorn
from fastapi import FastAPI, HTTPException
from fastapi.responses import JSONResponse
from pydantic import BaseModel

SCHEMA = """
CREATE TABLE IF NOT EXISTS events (
    position INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, event_type TEXT NOT NULL,
    aggregate_type TEXT NOT NULL, aggregate_id TEXT NOT NULL, payload TEXT NOT NULL, metadata TEXT NOT NULL,
    version INTEGER NOT NULL, created_at TEXT NOT NULL, stream_version INTEGER NOT NULL,
    UNIQUE (aggregate_type, aggregate_id, stream_version));
CREATE INDEX IF NOT EXISTS by_type ON events (event_type);
"""
COLUMNS = "id, event_type, aggregate_type, aggregate_id, payload, metadata, version, created_at, stream_version, position"


class NewEvent(BaseModel):
    event_type: str
    aggregate_type: str
    aggregate_id: str
    payload: dict[str, Any]
    metadata: dict[str, Any] = {}
    version: int = 1


def connect(path):
    connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
    connection.execute("PRAGMA journal_mode = wal")
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def shown(row):
    event = dict(zip(COLUMNS.split(", "), row))
    event["payload"], event["metadata"] = json.loads(event["payload"]), json.loads(event["metadata"])
    return event


path, port = sys.argv[1], int(sys.argv[2])
writer, lock, readers = connect(path), threading.Lock(), threading.local()
writer.executescript(SCHEMA)
app = FastAPI()


@app.post("/events/", status_code=201)
def append(event: NewEvent):
    stream, key = (event.aggregate_type, event.aggregate_id), str(uuid.uuid4())
    created_at = datetime.datetime.now(datetime.timezone.utc).isoformat()
    with lock:
        writer.execute("BEGIN IMMEDIATE")
        last = writer.execute(
            "SELECT max(stream_version) FROM events WHERE aggregate_type = ? AND aggregate_id = ?", stream
        ).fetchone()[0]
        row = (key, event.event_type, *stream, json.dumps(event.payload), json.dumps(event.metadata), event.version,
               created_at, (last or 0) + 1)
        position = writer.execute(
            f"INSERT INTO events ({COLUMNS.removesuffix(', position')}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row
        ).lastrowid
        writer.execute("COMMIT")
    return JSONResponse(shown((*row, position)), status_code=201, media_type="application/json")


@app.get("/events/{key}")
def find(key: str):
    if not hasattr(readers, "connection"):
        readers.connection = connect(path)
    row = readers.connection.execute(f"SELECT {COLUMNS} FROM events WHERE id = ?", (key,)).fetchone()
    if row is None:
        raise HTTPException(404)
    return shown(row)


uvicorn.run(app, port=port, log_level="error", access_log=False)
