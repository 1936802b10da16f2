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

const LOSSES: [&str; 35] = [
    "withdrawn",
    "sent",
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

/// Verbs that say what a value is, without saying that it is another than before.
const SAYINGS: [&str; 9] =
    ["recorded", "measured", "reported", "versioned", "declared", "chosen", "selected", "determined", "specified"];

/// Verbs after which a thing that was there is gone, whatever else they say of it.
const REMOVALS: [&str; 17] = [
    "removed",
    "deleted",
    "released",
    "cancelled",
    "canceled",
    "dropped",
    "detached",
    "revoked",
    "unassigned",
    "excluded",
    "unbooked",
    "dequeued",
    "deallocated",
    "left",
    "struck",
    "withdrawn",
    "freed",
];

/// Verbs after which a thing is in a state that is called otherwise.
const ADJECTIVES: [(&str, &str); 9] = [
    ("activated", "active"),
    ("reactivated", "active"),
    ("resumed", "active"),
    ("deactivated", "inactive"),
    ("reopened", "open"),
    ("opened", "open"),
    ("drafted", "draft"),
    ("hidden", "hidden"),
    ("shown", "visible"),
];

/// Verbs with which a thing begins that has a status, which is called by that very word.
const BEGINNINGS: [&str; 7] = ["requested", "submitted", "registered", "applied", "scheduled", "proposed", "reported"];

/// Verbs after which a thing is in another state, as it is called by that very word.
const STATES: [&str; 32] = [
    "confirmed",
    "resumed",
    "reactivated",
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
    let verb = verb(event_type).filter(|last| STATES.contains(&last.as_str()))?;
    Some(adjective(&verb))
}

/// What a thing is once it was done to it: `activated` makes it `active`.
pub(super) fn adjective(verb: &str) -> String {
    let known = ADJECTIVES.iter().find(|(done, _)| *done == verb);
    known.map_or(verb, |(_, is)| *is).to_owned()
}

/// The state in which a thing is that an event type begins, if that is told by it.
pub(super) fn begins_as(event_type: &str) -> Option<String> {
    let verb = verb(event_type)?;
    let tells = BEGINNINGS.contains(&verb.as_str()) || matches!(verb.as_str(), "opened" | "drafted");
    tells.then(|| adjective(&verb))
}

/// Whether an event type says what a value is, be it another or the first.
pub(super) fn says(event_type: &str) -> bool {
    changes(event_type) || verb(event_type).is_some_and(|verb| SAYINGS.contains(&verb.as_str()))
}

/// Whether a thing that an event type is about is another than before, as the type's verb says.
pub(super) fn marks(event_type: &str) -> bool {
    let known = |verb: String| STATES.contains(&verb.as_str()) || LOSSES.contains(&verb.as_str());
    verb(event_type).is_some_and(known) && !removes(event_type)
}

/// Whether things are put where others like them are, by an event type's verb.
pub(super) fn files(event_type: &str) -> bool {
    let files = ["filed", "sorted", "grouped", "classified", "categorized"];
    verb(event_type).is_some_and(|verb| files.contains(&verb.as_str()))
}

/// Whether a thing that an event type is about is gone after it.
pub(super) fn removes(event_type: &str) -> bool {
    verb(event_type).is_some_and(|verb| REMOVALS.contains(&verb.as_str()))
}

/// Whether an event type gives a thing to somebody.
pub(super) fn assigns(event_type: &str) -> bool {
    verb(event_type).is_some_and(|verb| verb == "assigned")
}

/// Whether one of many is put beside the others, and stays as it was said.
pub(super) fn puts_beside(event_type: &str) -> bool {
    let puts = ["added", "posted", "appended", "attached", "written"];
    verb(event_type).is_some_and(|verb| puts.contains(&verb.as_str()))
}

/// Two verbs of which the second undoes the first.
pub(super) fn undoes(verb: &str, undone: &str) -> bool {
    const OPPOSITES: [(&str, &str); 3] = [("enabled", "disabled"), ("shown", "hidden"), ("muted", "unmuted")];
    OPPOSITES.contains(&(verb, undone)) || ["un", "de", "dis"].iter().any(|prefix| undone == format!("{prefix}{verb}"))
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
    fn event_types_say_in_what_state_a_thing_is() {
        assert_eq!(becomes("meter.reactivated").as_deref(), Some("active"));
        assert_eq!(begins_as("TicketOpened").as_deref(), Some("open"));
        assert_eq!(begins_as("playlist_created"), None);
        assert!(removes("seat.released") && !removes("seat.sold") && marks("seat.sold"));
        assert!(undoes("frozen", "unfrozen") && undoes("enabled", "disabled") && !undoes("opened", "closed"));
    }

    #[test]
    fn event_types_say_of_what() {
        assert_eq!(things("order.line_added", "order").as_deref(), Some("lines"));
        assert_eq!(things("OrderPlaced", "Order"), None);
        assert_eq!(deed("StockReserved"), Some("reservations"));
    }
}
