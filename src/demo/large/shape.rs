//! What events say: the text of their data, in the shape of their schema version.

use std::fmt::Write as _;

use super::super::chance::Chance;
use super::kind::Fact;
use super::text;

/// Escaped as JSON wants it.
const NAMES: [&str; 8] = [
    "Anna Keller",
    "Bruno Vogt",
    "Chiara Rossi",
    "Deniz Aydın",
    "Emil Sørensen",
    "Fatima Haddad",
    "Liam \\\"Li\\\" O'Connor",
    "Mei Tanaka",
];
const CITIES: [&str; 8] = ["Leipzig", "Hamburg", "München", "Zürich", "Flensburg", "Berlin", "Kraków", "Düsseldorf"];
const TIERS: [&str; 4] = ["bronze", "silver", "gold", "platinum"];
const REASONS: [&str; 4] = ["changed_mind", "out_of_stock", "damaged", "duplicate"];
const CURRENCIES: [&str; 4] = ["EUR", "EUR", "CHF", "USD"];

/// The text of the data of an event.
pub(super) fn data(fact: Fact, schema_version: u32, version: u64, chance: &mut Chance) -> String {
    let mut out = String::with_capacity(320);
    out.push('{');
    // Writing to a string never fails.
    let _ = write(&mut out, fact, schema_version, version, chance);
    text::maybe(&mut out, "note", chance);
    out.push('}');
    out
}

fn write(out: &mut String, fact: Fact, shape: u32, version: u64, chance: &mut Chance) -> std::fmt::Result {
    match fact {
        Fact::EntryPosted | Fact::Deposited | Fact::Withdrawn => posting(out, shape, version, chance),
        Fact::EntryCorrected => {
            write!(out, r#""entry":{},"amount":{},"by":"{}""#, version / 2 + 1, Cents::of(chance), one(&NAMES, chance))
        }
        Fact::PeriodClosed => write!(out, r#""entries":{version},"balance":{},"closed":true"#, Cents::of(chance)),
        Fact::Received | Fact::Shipped | Fact::Reserved | Fact::Released => movement(out, version, chance),
        Fact::Counted => {
            let counted = chance.between(0, 500);
            write!(out, r#""counted":{counted},"expected":{},"by":"{}""#, counted + 2, one(&NAMES, chance))
        }
        Fact::Opened => {
            write!(out, r#""owner":{{"id":"{}","name":"{}"}},"#, customer(chance), one(&NAMES, chance))?;
            write!(out, r#""currency":"{}","limit":{}"#, one(&CURRENCIES, chance), Cents::of(chance))
        }
        Fact::LimitChanged => write!(out, r#""limit":{},"approved":{}"#, Cents::of(chance), chance.percent(80)),
        Fact::Placed => placed(out, shape, chance),
        Fact::LineAdded => {
            write!(out, r#""line":"L{version}","#)?;
            line(out, shape, chance)
        }
        Fact::LineRemoved => write!(out, r#""line":"L{}","reason":"{}""#, version / 2 + 1, one(&REASONS, chance)),
        Fact::Paid => paid(out, shape, version, chance),
        Fact::Dispatched => {
            write!(
                out,
                r#""status":"dispatched","parcel":{{"carrier":"post","weight":{}.{}}},"#,
                chance.between(0, 30),
                chance.between(0, 10)
            )?;
            write!(out, r#""tracking":"{:016x}","city":"{}""#, chance.bits(), one(&CITIES, chance))
        }
        Fact::Delivered => {
            write!(out, r#""status":"delivered","signed_by":"{}","late":{}"#, one(&NAMES, chance), chance.percent(7))
        }
        Fact::Reported | Fact::Commented => {
            write!(out, r#""from":"{}","channel":"mail","urgent":{}"#, one(&NAMES, chance), chance.percent(5))?;
            let length = chance.between(40, 500);
            text::field(out, "text", length, chance);
            Ok(())
        }
        Fact::Assigned => write!(out, r#""to":"{}","queue":"q-{}""#, one(&NAMES, chance), chance.between(1, 20)),
        Fact::Closed => {
            write!(out, r#""status":"closed","solved":{},"minutes":{}"#, chance.percent(90), chance.between(1, 9_000))
        }
        Fact::Registered | Fact::AddressChanged => address(out, shape, chance),
        Fact::TierChanged => write!(out, r#""tier":"{}","points":{}"#, one(&TIERS, chance), chance.between(0, 90_000)),
    }
}

/// First an amount alone, then an amount in a currency.
fn posting(out: &mut String, shape: u32, version: u64, chance: &mut Chance) -> std::fmt::Result {
    let (amount, currency) = (Cents::of(chance), one(&CURRENCIES, chance));
    match shape {
        1 => write!(out, r#""amount":{amount},"currency":"{currency}","#)?,
        _ => write!(
            out,
            r#""money":{{"amount":{amount},"currency":"{currency}"}},"value_date":"2025-{:02}-{:02}","#,
            chance.between(1, 13),
            chance.between(1, 29)
        )?,
    }
    // Longer than a double holds, as numbers from banks are.
    write!(out, r#""reference":{},"#, 9_007_199_254_740_993 + chance.bits() % 1_000_000_000)?;
    write!(
        out,
        r#""entry":{version},"account":"acc-{:06}","text":"booked by {}""#,
        chance.between(1, 9_000),
        one(&NAMES, chance)
    )
}

fn movement(out: &mut String, version: u64, chance: &mut Chance) -> std::fmt::Result {
    write!(out, r#""qty":{},"order":"ord-{:08}","#, chance.between(1, 40), chance.between(1, 400_000))?;
    write!(
        out,
        r#""shelf":"{}-{:02}","batch":{version},"checked_by":"{}""#,
        chance.between(1, 9),
        chance.between(1, 60),
        one(&NAMES, chance)
    )
}

/// First the customer's number, then the customer; at last the lines are in the order itself.
fn placed(out: &mut String, shape: u32, chance: &mut Chance) -> std::fmt::Result {
    match shape {
        1 => write!(out, r#""customer_id":"{}","#, customer(chance))?,
        _ => write!(
            out,
            r#""customer":{{"id":"{}","name":"{}","tier":"{}"}},"#,
            customer(chance),
            one(&NAMES, chance),
            one(&TIERS, chance)
        )?,
    }
    if shape >= 3 {
        out.push_str(r#""lines":["#);
        for number in 0..chance.between(1, 5) {
            out.push_str(if number == 0 { "{" } else { ",{" });
            line(out, shape, chance)?;
            out.push('}');
        }
        out.push_str("],");
    }
    write!(
        out,
        r#""status":"placed","total":{},"currency":"{}","city":"{}""#,
        Cents::of(chance),
        one(&CURRENCIES, chance),
        one(&CITIES, chance)
    )
}

fn line(out: &mut String, shape: u32, chance: &mut Chance) -> std::fmt::Result {
    write!(out, r#""sku":"A-{:04}","qty":{},"#, chance.between(1, 9_999), chance.between(1, 12))?;
    match shape {
        1 => write!(out, r#""price":{}"#, Cents::of(chance)),
        _ => write!(out, r#""price":{{"amount":{},"currency":"{}"}}"#, Cents::of(chance), one(&CURRENCIES, chance)),
    }
}

fn paid(out: &mut String, shape: u32, version: u64, chance: &mut Chance) -> std::fmt::Result {
    write!(out, r#""payment":"pay-{version}-{:06x}","amount":{},"#, chance.bits() & 0xFF_FFFF, Cents::of(chance))?;
    match shape {
        1 => write!(out, r#""method":"card""#)?,
        _ => write!(out, r#""method":{{"kind":"card","last_four":"{:04}"}}"#, chance.between(0, 10_000))?,
    }
    if chance.percent(2) {
        write!(out, r#","error":{{"code":{},"text":"declined"}}"#, chance.between(1, 60))?;
    }
    Ok(())
}

/// First in one line, then in parts; later with the country, at last with a place on the map.
fn address(out: &mut String, shape: u32, chance: &mut Chance) -> std::fmt::Result {
    let (city, house) = (one(&CITIES, chance), chance.between(1, 200));
    write!(out, r#""name":"{}","#, one(&NAMES, chance))?;
    if shape == 1 {
        return write!(out, r#""address":"Mill Lane {house}, {city}""#);
    }
    write!(
        out,
        r#""address":{{"street":"Mill Lane {house}","city":"{city}","postcode":"{:05}""#,
        chance.between(1_000, 99_999)
    )?;
    if shape >= 3 {
        out.push_str(r#","country":"DE""#);
    }
    if shape >= 4 {
        write!(
            out,
            r#","place":[{}.{:06},{}.{:06}]"#,
            chance.between(45, 55),
            chance.between(0, 1_000_000),
            chance.between(6, 15),
            chance.between(0, 1_000_000)
        )?;
    }
    out.push('}');
    Ok(())
}

fn customer(chance: &mut Chance) -> String {
    format!("c-{:07}", chance.between(1, 20_000))
}

fn one(choices: &[&'static str], chance: &mut Chance) -> &'static str {
    let count = i64::try_from(choices.len()).unwrap_or(1);
    choices.get(usize::try_from(chance.between(0, count)).unwrap_or(0)).copied().unwrap_or_default()
}

/// An amount of money with two decimals, `8.00`: most are small.
struct Cents(i64);

impl Cents {
    fn of(chance: &mut Chance) -> Self {
        let most = if chance.percent(90) { 20_000 } else { 1_000_000 };
        Self(chance.between(50, most))
    }
}

impl std::fmt::Display for Cents {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}
