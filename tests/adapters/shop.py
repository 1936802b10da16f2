"""The aggregates of the example shop, with the Python library eventsourcing. Its databases are tests/fixtures/py_*."""

from decimal import Decimal

from eventsourcing.domain import Aggregate, event


class InventoryItem(Aggregate):
    @event("ItemRegistered")
    def __init__(self, sku, name, attributes, on_hand):
        self.sku = sku
        self.name = name
        self.attributes = attributes
        self.on_hand = on_hand
        self.reserved = 0
        self.reservations = {}

    @event("ItemRenamed")
    def rename(self, name):
        self.name = name

    @event("StockReserved")
    def reserve(self, order_id, qty):
        self.reserved += qty
        self.reservations[order_id] = self.reservations.get(order_id, 0) + qty

    @event("StockReleased")
    def release(self, order_id, qty):
        self.reserved -= qty
        left = self.reservations.get(order_id, 0) - qty
        if left > 0:
            self.reservations[order_id] = left
        else:
            self.reservations.pop(order_id, None)


class BankAccount(Aggregate):
    @event("AccountOpened")
    def __init__(self, owner, currency, balance_cents, limit_cents):
        self.owner = owner
        self.currency = currency
        self.balance_cents = balance_cents
        self.limit_cents = limit_cents

    @event("FundsDeposited")
    def deposit(self, amount_cents, source):
        self.balance_cents += amount_cents

    @event("FundsWithdrawn")
    def withdraw(self, amount_cents, for_order):
        self.balance_cents -= amount_cents


class Order(Aggregate):
    @event("OrderPlaced")
    def __init__(self, customer_id, shipping, notes, priority):
        self.customer_id = customer_id
        self.shipping = shipping
        self.notes = notes
        self.priority = priority
        self.status = "open"
        self.lines = {}
        self.total = Decimal("0.00")

    @event("LineAdded")
    def add_line(self, line_id, item_id, qty, amount, currency):
        self.lines[line_id] = {"item_id": item_id, "qty": qty, "amount": amount, "currency": currency}
        self.total += amount * qty

    @event("LineRemoved")
    def remove_line(self, line_id, reason):
        line = self.lines.pop(line_id)
        self.total -= line["amount"] * line["qty"]

    @event("OrderConfirmed")
    def confirm(self, payment):
        self.status = "confirmed"
        self.payment = payment


class OrderBook(Aggregate):
    """Of a second application, which follows the first."""

    @event("Opened")
    def __init__(self, day):
        self.day = day
        self.orders = []
        self.confirmed = 0

    @event("OrderSeen")
    def see(self, order):
        self.orders.append(order)

    @event("Confirmed")
    def confirm(self):
        self.confirmed += 1
