//! Wallets with a balance in cents.

use serde_json::{Value, json};

use super::super::super::Envelope;
use super::super::{Said, Written, add, person, phrase, reference, take};
use crate::chance::Chance;

pub const WALLET: Written = Written { name: "Wallet", next, evolve };

fn next(state: &Value, chance: &mut Chance) -> Option<Said> {
    if state.is_null() {
        return Some(("WalletOpened", json!({"owner": person(chance), "currency": chance.pick(&["EUR", "USD"])})));
    }
    let balance = state["balanceCents"].as_i64()?;
    let amount = chance.between(100, 20_000);
    let free = !state["frozen"].as_bool()?;
    Some(match chance.between(0, 9) {
        0..=3 => ("FundsDeposited", json!({"amountCents": amount, "source": chance.pick(&["card", "iban", "cash"])})),
        4 | 5 if amount <= balance && free => {
            ("FundsWithdrawn", json!({"amountCents": amount, "reference": phrase(chance)}))
        }
        6 if amount <= balance && free => {
            ("TransferSent", json!({"amountCents": amount, "toWallet": reference("W", chance)}))
        }
        7 => ("TransferReceived", json!({"amountCents": amount, "fromWallet": reference("W", chance)})),
        8 if free => ("WalletFrozen", json!({"reason": phrase(chance)})),
        9 if !free => ("WalletUnfrozen", json!({})),
        _ => return None,
    })
}

fn evolve(state: &mut Value, envelope: &Envelope, data: &Value) {
    let amount = data["amountCents"].as_i64().unwrap_or(0);
    match envelope.event_type.as_str() {
        "WalletOpened" => {
            *state = json!({"balanceCents": 0, "frozen": false, "transactionCount": 0});
            take(state, data, &["owner", "currency"]);
        }
        "FundsDeposited" | "TransferReceived" => {
            add(state, "balanceCents", amount);
            add(state, "transactionCount", 1);
        }
        "FundsWithdrawn" | "TransferSent" => {
            add(state, "balanceCents", -amount);
            add(state, "transactionCount", 1);
        }
        "WalletFrozen" => state["frozen"] = json!(true),
        "WalletUnfrozen" => state["frozen"] = json!(false),
        _ => {}
    }
}
