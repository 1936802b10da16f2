//! The kinds of streams, and what happens to them: first one thing, then others more or less often, and one at the end.

use super::super::chance::Chance;

/// What a stream is the history of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Ledger,
    Stock,
    Account,
    Order,
    Ticket,
    Customer,
}

/// Something that happens to a stream of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fact {
    EntryPosted,
    EntryCorrected,
    PeriodClosed,
    Received,
    Reserved,
    Released,
    Shipped,
    Counted,
    Opened,
    Deposited,
    Withdrawn,
    LimitChanged,
    Placed,
    LineAdded,
    LineRemoved,
    Paid,
    Dispatched,
    Delivered,
    Reported,
    Commented,
    Assigned,
    Closed,
    Registered,
    AddressChanged,
    TierChanged,
}

/// What may happen between the beginning and the end, and how often.
type Course = &'static [(Fact, i64)];

impl Kind {
    pub(super) const COUNT: usize = 6;

    /// The kind of a stream by its length.
    pub(super) fn of(rank: usize, length: u64, chance: &mut Chance) -> Self {
        match length {
            _ if rank == 0 => Self::Ledger,
            3_000.. => Self::Stock,
            200.. => Self::Account,
            _ => match chance.between(0, 10) {
                0 => Self::Customer,
                1 | 2 => Self::Ticket,
                _ => Self::Order,
            },
        }
    }

    pub(super) fn index(self) -> usize {
        self as usize
    }

    pub(super) fn aggregate_type(self) -> &'static str {
        match self {
            Self::Ledger => "ledger",
            Self::Stock => "stock",
            Self::Account => "account",
            Self::Order => "order",
            Self::Ticket => "ticket",
            Self::Customer => "customer",
        }
    }

    pub(super) fn id(self, number: u64) -> String {
        match self {
            Self::Ledger => format!("led-{number}"),
            Self::Stock => format!("sku-A-{number:04}"),
            Self::Account => format!("acc-{number:06}"),
            Self::Order => format!("ord-{number:08}"),
            Self::Ticket => format!("tic-{number:07}"),
            Self::Customer => format!("c-{number:07}"),
        }
    }

    /// What happens at a place in a stream of a length.
    pub(super) fn fact(self, version: u64, length: u64, chance: &mut Chance) -> Fact {
        let (first, course, last) = self.course();
        if version == 1 {
            return first;
        }
        if let Some(last) = last.filter(|_| version == length) {
            return last;
        }
        chance.weighted(course, |(_, weight)| *weight).map_or(first, |(fact, _)| *fact)
    }

    fn course(self) -> (Fact, Course, Option<Fact>) {
        match self {
            Self::Ledger => (
                Fact::EntryPosted,
                &[(Fact::EntryPosted, 92), (Fact::EntryCorrected, 7), (Fact::PeriodClosed, 1)],
                None,
            ),
            Self::Stock => (
                Fact::Received,
                &[
                    (Fact::Received, 8),
                    (Fact::Reserved, 40),
                    (Fact::Released, 10),
                    (Fact::Shipped, 38),
                    (Fact::Counted, 4),
                ],
                None,
            ),
            Self::Account => {
                (Fact::Opened, &[(Fact::Deposited, 50), (Fact::Withdrawn, 45), (Fact::LimitChanged, 5)], None)
            }
            Self::Order => (
                Fact::Placed,
                &[(Fact::LineAdded, 60), (Fact::LineRemoved, 10), (Fact::Paid, 15), (Fact::Dispatched, 15)],
                Some(Fact::Delivered),
            ),
            Self::Ticket => (Fact::Reported, &[(Fact::Commented, 75), (Fact::Assigned, 25)], Some(Fact::Closed)),
            Self::Customer => (Fact::Registered, &[(Fact::AddressChanged, 60), (Fact::TierChanged, 40)], None),
        }
    }
}

impl Fact {
    /// The event type.
    pub(super) fn event_type(self) -> &'static str {
        match self {
            Self::EntryPosted => "ledger.entry_posted",
            Self::EntryCorrected => "ledger.entry_corrected",
            Self::PeriodClosed => "ledger.period_closed",
            Self::Received => "stock.received",
            Self::Reserved => "stock.reserved",
            Self::Released => "stock.released",
            Self::Shipped => "stock.shipped",
            Self::Counted => "stock.counted",
            Self::Opened => "account.opened",
            Self::Deposited => "account.deposited",
            Self::Withdrawn => "account.withdrawn",
            Self::LimitChanged => "account.limit_changed",
            Self::Placed => "order.placed",
            Self::LineAdded => "order.line_added",
            Self::LineRemoved => "order.line_removed",
            Self::Paid => "order.paid",
            Self::Dispatched => "order.dispatched",
            Self::Delivered => "order.delivered",
            Self::Reported => "ticket.reported",
            Self::Commented => "ticket.commented",
            Self::Assigned => "ticket.assigned",
            Self::Closed => "ticket.closed",
            Self::Registered => "customer.registered",
            Self::AddressChanged => "customer.address_changed",
            Self::TierChanged => "customer.tier_changed",
        }
    }

    /// The version of its shape so far into the history: what is written often was changed most often.
    pub(super) fn schema_version(self, hundredth: i64) -> u32 {
        let changed_at: &[i64] = match self {
            Self::Placed | Self::LineAdded | Self::Paid => &[30, 70],
            Self::EntryPosted | Self::Deposited | Self::Withdrawn => &[45],
            Self::Registered | Self::AddressChanged => &[20, 55, 85],
            _ => &[],
        };
        1 + u32::try_from(changed_at.iter().filter(|at| hundredth >= **at).count()).unwrap_or(0)
    }
}
