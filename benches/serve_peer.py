"""The part of the service's contract that `benches/serve.rs` loads, in FastAPI, as an application writes it: on sqlite3, or
on PostgreSQL through asyncpg.

    python serve_peer.py FILE|postgres://... PORT

Each event is one transaction, and on the disk when it is answered: WAL and synchronous=FULL, and what a PostgreSQL server
does unless it is told otherwise.
"""

import asyncio
import contextlib
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

COLUMNS = "id, event_type, aggregate_type, aggregate_id, payload, metadata, version, created_at, stream_version, position"
WRITTEN = COLUMNS.removesuffix(", position")
SCHEMA = """
CREATE TABLE IF NOT EXISTS events (
    position {position}, id TEXT NOT NULL UNIQUE, event_type TEXT NOT NULL,
    aggregate_type TEXT NOT NULL, aggregate_id TEXT NOT NULL, payload TEXT NOT NULL, metadata TEXT NOT NULL,
    version INTEGER NOT NULL, created_at TEXT NOT NULL, stream_version INTEGER NOT NULL,
    UNIQUE (aggregate_type, aggregate_id, stream_version));
CREATE INDEX IF NOT EXISTS by_type ON events (event_type);
"""


class NewEvent(BaseModel):
    event_type: str
    aggregate_type: str
    aggregate_id: str
    payload: dict[str, Any]
    metadata: dict[str, Any] = {}
    version: int = 1


def shown(row):
    event = dict(zip(COLUMNS.split(", "), row))
    event["payload"], event["metadata"] = json.loads(event["payload"]), json.loads(event["metadata"])
    return event


def new_row(event, last):
    created_at = datetime.datetime.now(datetime.timezone.utc).isoformat()
    stream = event.aggregate_type, event.aggregate_id
    return (str(uuid.uuid4()), event.event_type, *stream, json.dumps(event.payload), json.dumps(event.metadata),
            event.version, created_at, (last or 0) + 1)


class OnSqlite:
    """One writer behind a lock, and a reader for each thread."""

    def __init__(self, path):
        self.path, self.lock, self.readers = path, threading.Lock(), threading.local()
        self.writer = self.connect()
        self.writer.executescript(SCHEMA.format(position="INTEGER PRIMARY KEY AUTOINCREMENT"))

    def connect(self):
        connection = sqlite3.connect(self.path, check_same_thread=False, isolation_level=None)
        connection.execute("PRAGMA journal_mode = wal")
        connection.execute("PRAGMA synchronous = FULL")
        return connection

    def routes(self, app):
        @app.post("/events/", status_code=201)
        def append(event: NewEvent):
            with self.lock:
                self.writer.execute("BEGIN IMMEDIATE")
                last = self.writer.execute(
                    "SELECT max(stream_version) FROM events WHERE aggregate_type = ? AND aggregate_id = ?",
                    (event.aggregate_type, event.aggregate_id),
                ).fetchone()[0]
                row = new_row(event, last)
                position = self.writer.execute(
                    f"INSERT INTO events ({WRITTEN}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row
                ).lastrowid
                self.writer.execute("COMMIT")
            return JSONResponse(shown((*row, position)), status_code=201, media_type="application/json")

        @app.get("/events/{key}")
        def find(key: str):
            if not hasattr(self.readers, "connection"):
                self.readers.connection = self.connect()
            row = self.readers.connection.execute(f"SELECT {COLUMNS} FROM events WHERE id = ?", (key,)).fetchone()
            if row is None:
                raise HTTPException(404)
            return shown(row)


class OnPostgres:
    """A pool of connections, each request in a transaction of its own; a conflict is tried again."""

    def __init__(self, url):
        self.url, self.pool = url, None

    async def start(self):
        import asyncpg

        self.conflict = asyncpg.UniqueViolationError
        self.pool = await asyncpg.create_pool(self.url, min_size=8, max_size=32)
        async with self.pool.acquire() as connection:
            await connection.execute(SCHEMA.format(position="BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY"))

    async def insert(self, event):
        async with self.pool.acquire() as connection, connection.transaction():
            last = await connection.fetchval(
                "SELECT max(stream_version) FROM events WHERE aggregate_type = $1 AND aggregate_id = $2",
                event.aggregate_type, event.aggregate_id,
            )
            row = new_row(event, last)
            position = await connection.fetchval(
                f"INSERT INTO events ({WRITTEN}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING position", *row
            )
        return (*row, position)

    def routes(self, app):
        @app.post("/events/", status_code=201)
        async def append(event: NewEvent):
            while True:
                with contextlib.suppress(self.conflict):
                    return JSONResponse(shown(await self.insert(event)), status_code=201)
                await asyncio.sleep(0)

        @app.get("/events/{key}")
        async def find(key: str):
            row = await self.pool.fetchrow(f"SELECT {COLUMNS} FROM events WHERE id = $1", key)
            if row is None:
                raise HTTPException(404)
            return shown(row)


database, port = sys.argv[1], int(sys.argv[2])
on_postgres = database.startswith(("postgres://", "postgresql://"))
store = OnPostgres(database) if on_postgres else OnSqlite(database)


@contextlib.asynccontextmanager
async def life(_):
    if on_postgres:
        await store.start()
    yield


app = FastAPI(lifespan=life)
store.routes(app)
uvicorn.run(app, port=port, log_level="error", access_log=False)
