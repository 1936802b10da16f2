//! Loans.

use serde_json::{Value, json};

use super::super::super::Envelope;
use super::super::{Said, Written, add, person, take};
use crate::chance::Chance;

pub const LOAN: Written = Written { name: "Loan", next, evolve };

fn next(state: &Value, chance: &mut Chance) -> Option<Said> {
    if state.is_null() {
        let principal = chance.between(10, 400) * 100;
        let months = chance.pick(&[12, 24, 36]);
        return Some((
            "LoanApplied",
            json!({"applicant": person(chance), "principal": principal, "termMonths": months, "rate": 4.5}),
        ));
    }
    let outstanding = state["outstanding"].as_i64()?;
    Some(match (state["status"].as_str()?, chance.between(0, 5)) {
        ("applied", 0..=3) => ("LoanApproved", json!({"approvedBy": person(chance)})),
        ("applied", 4) => ("LoanRejected", json!({"reason": "income"})),
        ("approved", 0..=3) => ("LoanDisbursed", json!({"account": chance.hex()})),
        ("disbursed", 0..=3) if outstanding > 0 => {
            ("RepaymentReceived", json!({"amount": chance.between(50, 400).min(outstanding)}))
        }
        ("disbursed", 4) => ("FeeCharged", json!({"amount": chance.between(5, 40)})),
        ("disbursed", 5) if outstanding == 0 => ("LoanClosed", json!({})),
        _ => return None,
    })
}

fn evolve(state: &mut Value, envelope: &Envelope, data: &Value) {
    let amount = data["amount"].as_i64().unwrap_or(0);
    match envelope.event_type.as_str() {
        "LoanApplied" => {
            *state = json!({"status": "applied", "outstanding": 0, "repaid": 0, "fees": 0});
            take(state, data, &["applicant", "principal", "termMonths", "rate"]);
        }
        "LoanApproved" => {
            state["status"] = json!("approved");
            take(state, data, &["approvedBy"]);
        }
        "LoanRejected" => state["status"] = json!("rejected"),
        "LoanDisbursed" => {
            state["status"] = json!("disbursed");
            state["outstanding"] = state["principal"].clone();
        }
        "RepaymentReceived" => {
            add(state, "outstanding", -amount);
            add(state, "repaid", amount);
        }
        "FeeCharged" => {
            add(state, "outstanding", amount);
            add(state, "fees", amount);
        }
        "LoanClosed" => state["status"] = json!("closed"),
        _ => {}
    }
}
