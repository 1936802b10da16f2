"""Writes with the Python library eventsourcing into PostgreSQL, and prints what it wrote: a line of JSON for each stored
event in the order of its notifications, then one with the aggregates' own values. Its connection is in the environment."""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "adapters"))

from eventsourcing.application import Application
from shop import BankAccount


class Shop(Application):
    pass


shop = Shop()
accounts = [BankAccount(f"Owner {n}", "EUR", 100 * n, 0) for n in range(7)]
shop.save(*accounts)
for turn in range(20):
    for n, account in enumerate(accounts):
        if (turn + n) % 3:
            account.deposit(turn + n, "transfer")
        else:
            account.withdraw(turn, None)
        shop.save(account)
start = 1
while page := shop.recorder.select_notifications(start, 50):
    for event in page:
        print(json.dumps({"position": event.id, "stream": str(event.originator_id), "version": event.originator_version,
                          "topic": event.topic, "data": shop.mapper.transcoder.decode(event.state)},
                         default=lambda moment: moment.isoformat()))
        start = event.id + 1
print(json.dumps({str(account.id): account.balance_cents for account in accounts}))
