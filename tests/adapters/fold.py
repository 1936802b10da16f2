"""The example shop as one function of Python, for the database that Emmett wrote."""


def initial(aggregate_type):
    return {"ordered": 0} if aggregate_type == "nothing" else {}


def evolve(state, event):
    data = event["data"]
    match event["type"]:
        case "ItemRegistered":
            return data | {"reserved": 0, "reservations": {}}
        case "ItemRenamed":
            state["name"] = data["name"]
        case "StockReserved":
            state["reserved"] += data["qty"]
            state["reservations"][data["order_id"]] = state["reservations"].get(data["order_id"], 0) + data["qty"]
        case "StockReleased":
            state["reserved"] -= data["qty"]
            state["reservations"][data["order_id"]] -= data["qty"]
            if state["reservations"][data["order_id"]] <= 0:
                del state["reservations"][data["order_id"]]
        case "AccountOpened":
            return data
        case "FundsDeposited":
            state["balance_cents"] += data["amount_cents"]
        case "FundsWithdrawn":
            state["balance_cents"] -= data["amount_cents"]
        case "OrderPlaced":
            return data | {"status": "open", "lines": {}}
        case "LineAdded":
            line = dict(data)
            state["lines"][line.pop("line_id")] = line
        case "LineRemoved":
            del state["lines"][data["line_id"]]
        case "OrderConfirmed":
            state |= {"status": "confirmed", "payment": data["payment"]}
    return state
