#!/usr/bin/env python3
"""Times whole processes on a large database, and the `sqlite3` shell beside them, in the same run.

    cargo build --release && benches/peers.py                    a database of two million events, made in target/
    benches/peers.py --events 10000000 --runs 5
    benches/peers.py --database FILE --program PATH
    benches/peers.py --only data.                        the rows whose names have this text
    benches/peers.py --window                            the window's rows, too, on a virtual screen: needs Xvfb

Each pair runs in turn, ours, theirs, ours, theirs, so that both meet the same machine; medians are printed, with the
processor's time beside the clock's. Where both count something, the counts must agree, or the row says so. It asserts
nothing. Python's `eventsourcing` is a peer of the replay where it is installed. What is waited for within the window,
such as a jump or the first hits of a filter, `cargo bench --bench waiting` measures with `DATABASE=FILE`, and its frames
`cargo bench --bench window`.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

EVENTSOURCING = """
import os, sys, tempfile, time
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
class Account(Aggregate):
    @event("Opened")
    def __init__(self): self.balance = 0
    @event("Deposited")
    def deposit(self, amount, currency, note, status, reference, by): self.balance += amount; self.status = status
count = int(sys.argv[1])
with tempfile.TemporaryDirectory() as folder:
    app = Application(env={"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": os.path.join(folder, "a.db")})
    account = Account()
    for n in range(count):
        account.deposit(n % 97, "EUR", "brought to the counter", f"open {n % 11}", f"3b307544-6b08909b-{n:08}", "ann")
        if n % 5000 == 4999: app.save(account)
    app.save(account)
    start = time.process_time()
    app.repository.get(account.id)
    print(count / (time.process_time() - start))
"""


# What the name of a row must hold to be measured.
only = ""


class Run:
    """One finished process: what it printed, how long it took, and its peak memory."""

    def __init__(self, command, keep=True):
        out = tempfile.TemporaryFile() if keep else open(os.devnull, "wb")
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        self.wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        self.cpu = usage.ru_utime + usage.ru_stime
        self.memory = usage.ru_maxrss / 1024
        self.code = process.returncode
        self.text = ""
        if keep:
            out.seek(0)
            self.text = out.read().decode(errors="replace").strip()


def median(runs, of):
    return statistics.median(getattr(run, of) for run in runs)


def line(what, ours, theirs="", ratio="", target=""):
    print(f"{what:<46} {ours:>22} {theirs:>22} {ratio:>8}   {target}", flush=True)


def shown(runs):
    return f"{median(runs, 'wall'):.3f} s ({median(runs, 'cpu'):.2f} cpu)" if runs else "-"


def pair(what, ours, theirs, runs, target, keep=True):
    """Runs two commands in turn. Answers with the runs of the first; none where the row is not asked for."""
    if only not in what:
        return []
    Run(ours, keep)
    if theirs:
        Run(theirs, keep)
    a, b = [], []
    for _ in range(runs):
        a.append(Run(ours, keep))
        if theirs:
            b.append(Run(theirs, keep))
    ratio = f"{median(a, 'wall') / median(b, 'wall'):.2f}" if b else ""
    note = target
    failed = [run.code for run in a + b if run.code]
    if failed:
        note += f"   FAILED with {failed[0]}"
    elif b and keep and a[0].text.isdigit() and a[0].text != b[0].text:
        note += f"   THE ANSWERS DIFFER: {a[0].text} and {b[0].text}"
    line(what, shown(a), shown(b) if b else "", ratio, note)
    return a


def windows(program, database):
    """The window on the database and on a short one, as `tests/window/measure` reads them off the screen."""
    with tempfile.TemporaryDirectory() as folder:
        short = os.path.join(folder, "short.db")
        Run([program, "demo", short, "--events", "100"])
        targets = {"first rows": "400 ms, 100 ms over the short one", "idle cpu": "0 %", "memory": "250 MB",
                   "background cpu": "3 s"}
        measure = os.path.join(HERE, "tests/window/measure")
        figures = [subprocess.run([measure, program, file], capture_output=True, text=True).stdout.splitlines()
                   for file in (database, short)]
        line("the window, median of 5", "this database", "100 events")
        for ours, short in zip(*figures):
            name, ours, short = ours.split(" median")[0].strip(), *(text.split("median")[1].split("(")[0] for text in (ours, short))
            line(name, " ".join(ours.split()), " ".join(short.split()), "", targets.get(name, ""))


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--program", default=os.path.join(HERE, "target/release/eventscope"))
    arguments.add_argument("--database", help="an event store of Eventscope's; made where it is not there")
    arguments.add_argument("--events", type=int, default=2_000_000)
    arguments.add_argument("--runs", type=int, default=3)
    arguments.add_argument("--only", default="", help="only rows whose names have this text")
    arguments.add_argument("--window", action="store_true")
    wanted = arguments.parse_args()
    global only
    only = wanted.only
    database = wanted.database or os.path.join(HERE, f"target/demo-{wanted.events}.db")
    program, runs = wanted.program, wanted.runs
    line("whole processes, median", "ours", "sqlite3", "ratio", "target")
    if not os.path.exists(database):
        made = Run([program, "demo", database, "--events", str(wanted.events), "--json"])
        rate = wanted.events / made.wall
        line("demo: events written", f"{rate:,.0f} events/s", "", "", "100,000 events/s")
    shell = shutil.which("sqlite3")

    def sql(text):
        return [shell, "-readonly", database, text] if shell else None

    def count(filter):
        return [program, "events", database, "--filter", filter, "--count"]

    info = json.loads(Run([program, "info", database, "--json"]).text)
    events, longest = info["events"], "ledger/led-1"
    size = os.path.getsize(database) / 1e9
    print(f"{events:,} events in {info['streams']:,} streams, {size:.1f} GB")
    counted = "SELECT count(*) FROM events WHERE "
    pair("text in the data: \"A-555\"", count('"A-555"'), sql(counted + "data LIKE '%A-555%'"), runs, "0.50")
    pair("text that is nowhere", count('"qqxqq"'), sql(counted + "data LIKE '%qqxqq%'"), runs, "0.50")
    for path, value in [("amount", 9990), ("amount", 100)]:
        theirs = sql(counted + f"json_extract(data, '$.{path}') > {value}")
        pair(f"data.{path}>{value}", count(f"data.{path}>{value}"), theirs, runs, "0.33")
    theirs = sql(counted + "json_extract(data, '$.customer.tier') = 'gold'")
    pair("data.customer.tier=gold", count("data.customer.tier=gold"), theirs, runs, "0.33")
    theirs = sql(counted + "event_type = 'order.placed'")
    pair("type:order.placed, counted by its index", count("type:order.placed"), theirs, runs, "2.00")
    theirs = sql("SELECT aggregate_type, aggregate_id, count(*), max(version) FROM events GROUP BY 1, 2")
    head = "SELECT position, recorded_at, aggregate_id, version, event_type, data FROM events"
    end = " ORDER BY position LIMIT 40"
    for filter, where in [
        ("type:order.placed", "event_type = 'order.placed'"),
        (f"stream:{longest}", "aggregate_type = 'ledger' AND aggregate_id = 'led-1'"),
        ("after:2025-06-01", "recorded_at >= '2025-06-01'"),
    ]:
        ours = [program, "events", database, "--filter", filter, "--limit", "40", "--json"]
        pair(f"first 40 of {filter}", ours, sql(f"{head} WHERE {where}{end}"), runs, "50 ms", keep=False)
    row = events - 50
    pair(f"40 rows at {row:,}", [program, "events", database, "--offset", str(row), "--limit", "40", "--json"],
         sql(f"{head}{end} OFFSET {row}"), runs, "50 ms", keep=False)
    pair("list of streams", [program, "streams", database, "--json"], theirs, runs, "", keep=False)
    pair("info --json", [program, "info", database, "--json"], None, runs, "1 s")
    exported = pair("export as NDJSON", [program, "export", database], None, 1, "500,000 events/s; 40 MB", keep=False)
    if exported:
        line("", f"{events / median(exported, 'wall'):,.0f} events/s", f"{median(exported, 'memory'):.0f} MB")
    last = int(Run([program, "events", database, "--filter", f"stream:{longest}", "--count"]).text)
    whole = pair(f"state of {longest} at {last:,}, merge",
                 [program, "state", database, longest, "--merge"], None, runs, "1.5 s for a million")
    eighth = pair("state at an eighth of it",
                  [program, "state", database, f"{longest}@{last // 8}", "--merge"], None, runs, "")
    if whole and eighth:
        line("", f"{median(whole, 'wall') / median(eighth, 'wall'):.1f} times", "", "", "9 times")
        line("", f"{median(whole, 'memory'):.0f} MB", "", "", "250 MB")
        replay(last, median(whole, "cpu"))
    if wanted.window:
        windows(program, database)


def replay(events, seconds):
    """Python's `eventsourcing` folding, beside ours."""
    replayed = subprocess.run([sys.executable, "-c", EVENTSOURCING, "20000"], capture_output=True, text=True)
    if replayed.returncode:
        return print("Python's `eventsourcing` is not installed: pip install eventsourcing")
    theirs, ours = float(replayed.stdout), events / seconds
    line("replay, events a second of the processor", f"{ours:,.0f}", f"{theirs:,.0f} (Python)", f"{ours / theirs:.0f} x",
         "15 x `eventsourcing`")


if __name__ == "__main__":
    main()
