//! What the words of event types say: whether something comes, goes, begins, ends, or becomes.

use super::words::{plural, singular, words};

const GAINS: [&str; 33] = [
    "deposited",
    "added",
    "received",
    "reserved",
    "credited",
    "increased",
    "earned",
    "granted",
    "topped",
    "collected",
    "gained",
    "refilled",
    "restocked",
    "produced",
    "charged",
    "accrued",
    "placed",
    "held",
    "joined",
    "opened",
    "booked",
    "enqueued",
    "issued",
    "assigned",
    "included",
    "registered",
    "attached",
    "raised",
    "funded",
    "paid",
    "allocated",
    "entered",
    "enrolled",
];

const LOSSES: [&str; 34] = [
    "withdrawn",
    "removed",
    "shipped",
    "released",
    "debited",
    "decreased",
    "spent",
    "revoked",
    "returned",
    "consumed",
    "lost",
    "used",
    "sold",
    "dispatched",
    "deducted",
    "refunded",
    "cancelled",
    "canceled",
    "left",
    "closed",
    "unbooked",
    "dequeued",
    "redeemed",
    "unassigned",
    "excluded",
    "deleted",
    "detached",
    "lowered",
    "drained",
    "dropped",
    "taken",
    "freed",
    "struck",
    "deallocated",
];

/// Verbs that say that something is otherwise now.
const CHANGES: [&str; 16] = [
    "changed",
    "updated",
    "set",
    "renamed",
    "moved",
    "corrected",
    "replaced",
    "edited",
    "modified",
    "adjusted",
    "revised",
    "reassigned",
    "relocated",
    "retitled",
    "rescheduled",
    "amended",
];

/// Verbs after which a thing is in another state, as it is called by that very word.
const STATES: [&str; 30] = [
    "confirmed",
    "cancelled",
    "canceled",
    "closed",
    "completed",
    "shipped",
    "delivered",
    "approved",
    "rejected",
    "paid",
    "expired",
    "archived",
    "started",
    "finished",
    "failed",
    "activated",
    "deactivated",
    "suspended",
    "published",
    "resolved",
    "accepted",
    "declined",
    "submitted",
    "terminated",
    "settled",
    "converged",
    "exhausted",
    "paused",
    "reopened",
    "verified",
];

/// What is done, and what there is once it is done.
const DEEDS: [(&str, &str); 12] = [
    ("reserved", "reservations"),
    ("booked", "bookings"),
    ("held", "holds"),
    ("assigned", "assignments"),
    ("enrolled", "enrolments"),
    ("allocated", "allocations"),
    ("voted", "votes"),
    ("subscribed", "subscriptions"),
    ("invited", "invitations"),
    ("registered", "registrations"),
    ("ordered", "orders"),
    ("paid", "payments"),
];

/// 1 where the words of an event type say that something is added, -1 where it is taken away, else 0.
pub(super) fn direction(event_type: &str) -> i8 {
    for word in words(event_type).iter().rev() {
        if GAINS.contains(&word.as_str()) {
            return 1;
        }
        if LOSSES.contains(&word.as_str()) {
            return -1;
        }
    }
    0
}

/// Whether an event type says that something is otherwise now.
pub(super) fn changes(event_type: &str) -> bool {
    words(event_type).iter().any(|word| CHANGES.contains(&word.as_str()))
}

/// Whether an event type says that something is the opposite of what it was.
pub(super) fn toggles(event_type: &str) -> bool {
    let toggles = ["toggled", "flipped", "switched", "inverted", "toggle", "flip"];
    words(event_type).iter().any(|word| toggles.contains(&word.as_str()))
}

/// Whether an event type says that something begins anew.
pub(super) fn resets(event_type: &str) -> bool {
    let resets = ["reset", "cleared", "emptied", "zeroed"];
    verb(event_type).is_some_and(|verb| resets.contains(&verb.as_str()))
}

/// The state that an event type puts a thing in, as it is called.
pub(super) fn becomes(event_type: &str) -> Option<String> {
    words(event_type).pop().filter(|last| STATES.contains(&last.as_str()))
}

/// Whether an event type says that money comes or goes.
pub(super) fn is_of_money(event_type: &str) -> bool {
    let money = ["deposited", "withdrawn", "credited", "debited"];
    words(event_type).iter().any(|word| money.contains(&word.as_str()))
}

/// The verb of an event type.
pub(super) fn verb(event_type: &str) -> Option<String> {
    words(event_type).pop()
}

/// What there is many of once an event type's deed is done often: `reserved` gives `reservations`.
pub(super) fn deed(event_type: &str) -> Option<&'static str> {
    let verb = verb(event_type)?;
    DEEDS.iter().find(|(word, _)| *word == verb).map(|(_, noun)| *noun)
}

/// The things that an event type speaks of, in the plural: `order.line_added` of an order gives `lines`.
pub(super) fn things(event_type: &str, aggregate_type: &str) -> Option<String> {
    let own: Vec<String> = words(aggregate_type).iter().map(|word| singular(word)).collect();
    let mut words = words(event_type);
    words.pop();
    let mut nouns: Vec<String> = words.into_iter().filter(|word| !own.contains(&singular(word))).collect();
    // What stands before the noun is the way to the event type's own name: `shop.event.line_added`.
    if nouns.len() > 2 {
        nouns.drain(..nouns.len() - 1);
    }
    let last = nouns.pop()?;
    nouns.push(plural(&singular(&last)));
    Some(nouns.join("_"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn event_types_say_what_happens() {
        assert_eq!(
            (direction("FundsDeposited"), direction("order.line_removed"), direction("ItemRenamed")),
            (1, -1, 0)
        );
        assert_eq!(becomes("OrderConfirmed").as_deref(), Some("confirmed"));
        assert_eq!(becomes("LineAdded"), None);
        assert!(changes("thread.meta-updated") && is_of_money("FundsWithdrawn"));
    }

    #[test]
    fn event_types_say_of_what() {
        assert_eq!(things("order.line_added", "order").as_deref(), Some("lines"));
        assert_eq!(things("OrderPlaced", "Order"), None);
        assert_eq!(deed("StockReserved"), Some("reservations"));
    }
}
