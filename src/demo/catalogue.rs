//! What the demo's shop sells, to whom, and who works there.

use serde_json::{Number, Value};

/// Something that is for sale.
pub(super) struct Item {
    pub(super) sku: &'static str,
    pub(super) cents: i64,
    /// How often it is bought, compared with the others.
    pub(super) popularity: i64,
    /// How many lie there on the first day, and how many a delivery brings.
    pub(super) batch: i64,
}

const fn item(sku: &'static str, cents: i64, popularity: i64, batch: i64) -> Item {
    Item { sku, cents, popularity, batch }
}

pub(super) const ITEMS: [Item; 12] = [
    item(BLUE_CUP, 800, 20, 60),
    item("sku-cup-green", 800, 12, 60),
    item("sku-cup-white", 750, 10, 60),
    item("sku-cup-espresso", 590, 9, 80),
    item("sku-saucer", 350, 8, 90),
    item("sku-pot-small", 1890, 7, 30),
    item("sku-pot-large", 2490, 6, 30),
    item("sku-bowl-soup", 1150, 8, 50),
    item("sku-plate-dinner", 1290, 7, 50),
    item("sku-jug-milk", 1420, 5, 30),
    item("sku-vase-tall", 3900, 3, 20),
    item("sku-tea-assam", 695, 5, 70),
];

/// The item that runs short.
pub(super) const BLUE_CUP: &str = "sku-cup-blue";

/// Somebody who buys.
pub(super) struct Customer {
    pub(super) id: &'static str,
    pub(super) login: &'static str,
    pub(super) name: &'static str,
    pub(super) street: &'static str,
    pub(super) postcode: &'static str,
    pub(super) city: &'static str,
}

const fn customer(
    id: &'static str,
    login: &'static str,
    name: &'static str,
    street: &'static str,
    postcode: &'static str,
    city: &'static str,
) -> Customer {
    Customer { id, login, name, street, postcode, city }
}

pub(super) const CUSTOMERS: [Customer; 14] = [
    customer("c-101", "anna", "Anna Keller", "Mill Lane 12", "04109", "Leipzig"),
    customer("c-104", "bruno", "Bruno Vogt", "Harbour Street 3", "20457", "Hamburg"),
    customer("c-107", "chiara", "Chiara Rossi", "Garden Way 41", "80331", "Munich"),
    customer("c-109", "deniz", "Deniz Aydın", "Castle Hill 7", "90403", "Nuremberg"),
    customer("c-112", "emil", "Emil Sørensen", "Station Road 88", "24937", "Flensburg"),
    customer("c-115", "fatima", "Fatima Haddad", "Linden Avenue 19", "10969", "Berlin"),
    customer("c-118", "greta", "Greta Lind", "Orchard Path 5", "18055", "Rostock"),
    customer("c-121", "hugo", "Hugo Martin", "Bridge Street 23", "79098", "Freiburg"),
    customer("c-126", "ines", "Inês Carvalho", "Market Square 2", "50667", "Cologne"),
    customer("c-130", "jonas", "Jonas Weber", "Forest Road 64", "01067", "Dresden"),
    customer("c-133", "katya", "Kateryna Bondar", "River Walk 9", "60311", "Frankfurt"),
    customer("c-137", "liam", "Liam O'Connor", "School Lane 30", "45127", "Essen"),
    customer("c-142", "mei", "Mei Tanaka", "Hill View 16", "40213", "Düsseldorf"),
    customer("c-148", "noor", "Noor de Vries", "Canal Side 51", "28195", "Bremen"),
];

/// Who did something, what kind of actor that is, and through what it came.
#[derive(Clone, Copy)]
pub(super) struct By {
    pub(super) actor: &'static str,
    pub(super) actor_type: &'static str,
    pub(super) source: &'static str,
    /// The part of the shop's software that wrote the event; empty for the web shop itself.
    pub(super) handler: &'static str,
}

const fn by(actor: &'static str, actor_type: &'static str, source: &'static str, handler: &'static str) -> By {
    By { actor, actor_type, source, handler }
}

pub(super) const CHECKOUT: By = by("checkout", "service", "system", "reserve-on-checkout");
pub(super) const PAYMENTS: By = by("payments", "service", "system", "request-payment");
pub(super) const PROVIDER: By = by("payment-provider", "service", "webhook", "provider-webhook");
pub(super) const CONFIRMATION: By = by("checkout", "service", "system", "confirm-on-capture");
pub(super) const SWEEPER: By = by("sweeper", "system", "system", "expire-unpaid");
pub(super) const CANCEL_ON_EXPIRY: By = by("checkout", "service", "system", "cancel-on-expiry");
pub(super) const RELEASE_ON_CANCEL: By = by("stock-keeper", "service", "system", "release-on-cancel");
pub(super) const RELEASE_ON_EXPIRY: By = by("stock-keeper", "service", "system", "release-on-expiry");
pub(super) const TAKE_ON_SHIPPING: By = by("stock-keeper", "service", "system", "take-on-shipping");
pub(super) const REFUNDS: By = by("payments", "service", "system", "refund-on-cancel");
pub(super) const WAREHOUSE: By = by("tom", "user", "api", "packing-table");
pub(super) const OFFICE: By = by("mira", "user", "ui", "back-office");
pub(super) const CARRIER: By = by("carrier", "service", "webhook", "carrier-webhook");
pub(super) const IMPORT: By = by("import", "system", "import", "delivery-import");

/// What a customer does in the web shop.
pub(super) fn web(customer: &Customer) -> By {
    by(customer.login, "user", "ui", "")
}

/// An amount of money as the shop writes it: always with two decimals, `8.00`.
pub(super) fn money(cents: i64) -> Value {
    let sign = if cents < 0 { "-" } else { "" };
    let (euros, rest) = (cents.unsigned_abs() / 100, cents.unsigned_abs() % 100);
    format!("{sign}{euros}.{rest:02}").parse::<Number>().map_or(Value::Null, Value::Number)
}
