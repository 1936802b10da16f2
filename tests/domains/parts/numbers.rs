//! Numbers that events add to, take from, compare and multiply.

use serde_json::{Value, json};

use super::super::{Chance, Envelope, Part};
use super::{Names, State, begins, cased, counts, number, part, sets, trigger, whole};

/// A number that some events add to and others take from.
pub(super) fn balance(names: &mut Names, chance: &mut Chance) -> Part {
    let name = chance.take(&mut names.numbers);
    let field = match chance.between(0, 2) {
        0 => "amount".to_owned(),
        1 => format!("{name}_delta"),
        _ => "qty".to_owned(),
    };
    let real = chance.percent(20);
    let amount = move |chance: &mut Chance| {
        if real { json!(chance.between(1, 4000) as f64 / 4.0) } else { json!(chance.between(1, 500)) }
    };
    let created = begins(name, json!(0));
    let add = |sign: f64, field: String| {
        move |data: &State, _: &Envelope, state: &mut State| {
            let now = if real {
                json!(state[name].as_f64().unwrap_or(0.0) + sign * data[&field].as_f64().unwrap())
            } else {
                json!(whole(state, name) + sign as i64 * data[&field].as_i64().unwrap())
            };
            state.insert(name.to_owned(), now);
        }
    };
    let put = |field: String| {
        move |chance: &mut Chance, _: &State, data: &mut State| {
            data.insert(field.clone(), amount(chance));
            true
        }
    };
    let (gain, loss) =
        chance.pick(&[("Added", "Removed"), ("Raised", "Lowered"), ("Received", "Used"), ("PutIn", "Taken")]);
    let triggers = vec![
        trigger(format!("{}{gain}", cased(name)), put(field.clone()), add(1.0, field.clone())),
        trigger(format!("{}{loss}", cased(name)), put(field.clone()), add(-1.0, field)),
    ];
    part("balance", Some(created), triggers)
}

/// A number that begins with what the first event says.
pub(super) fn opening(names: &mut Names, chance: &mut Chance) -> Part {
    let name = chance.take(&mut names.numbers);
    let field = format!("opening_{name}");
    let created = trigger(String::new(), number(&field, 10, 900), move |data, _, state| {
        state.insert(name.to_owned(), data[&field].clone());
    });
    let spent = trigger(format!("{}Consumed", cased(name)), number("units", 1, 30), move |data, _, state| {
        state.insert(name.to_owned(), json!(whole(state, name) - data["units"].as_i64().unwrap()));
    });
    let reset = sets(format!("{}Reset", cased(name)), name, json!(0));
    part("opening", Some(created), if chance.percent(50) { vec![spent, reset] } else { vec![spent] })
}

/// How often something happened.
pub(super) fn counted(names: &mut Names, chance: &mut Chance) -> Part {
    let thing = chance.take(&mut names.things);
    let name = format!("{thing}_count");
    let by = chance.pick(&[1, 1, 1, 10]);
    let created = begins(&name, json!(0));
    let more = counts(format!("{}Opened", cased(thing)), &name, by);
    let less = counts(format!("{}Dismissed", cased(thing)), &name, -by);
    part("counted", Some(created), if chance.percent(50) { vec![more, less] } else { vec![more] })
}

/// The highest and the lowest.
pub(super) fn extremes(names: &mut Names, chance: &mut Chance) -> Part {
    let name = chance.take(&mut names.numbers);
    let measured = trigger(format!("{}Measured", cased(name)), number("reading", -200, 900), move |data, _, state| {
        let reading = data["reading"].as_i64().unwrap();
        for (key, better) in [(format!("max_{name}"), 1), (format!("min_{name}"), -1)] {
            let known = state.get(&key).and_then(Value::as_i64);
            if known.is_none_or(|known| (reading - known) * better > 0) {
                state.insert(key, json!(reading));
            }
        }
    });
    part("extremes", None, vec![measured])
}

/// Quantity times price.
pub(super) fn product(names: &mut Names, chance: &mut Chance) -> Part {
    let name = format!("{}_total", chance.take(&mut names.things));
    let title = cased(&name);
    let created = begins(&name, json!(0));
    let sold = trigger(
        format!("{title}Charged"),
        |chance, _, data| {
            data.insert("quantity".to_owned(), json!(chance.between(1, 9)));
            data.insert("price".to_owned(), json!(chance.between(5, 300)));
            true
        },
        move |data, _, state| {
            let by = data["quantity"].as_i64().unwrap() * data["price"].as_i64().unwrap();
            state.insert(name.clone(), json!(whole(state, &name) + by));
        },
    );
    part("product", Some(created), vec![sold])
}

/// From one number to another.
pub(super) fn moved(names: &mut Names, chance: &mut Chance) -> Part {
    let name = chance.take(&mut names.numbers);
    let (pending, settled) = (format!("{name}_pending"), format!("{name}_settled"));
    let (p, s) = (pending.clone(), settled.clone());
    let created = trigger(
        String::new(),
        |_, _, _| true,
        move |_, _, state| {
            state.insert(p.clone(), json!(0));
            state.insert(s.clone(), json!(0));
        },
    );
    let p = pending.clone();
    let claimed = trigger(format!("{}Claimed", cased(name)), number("sum", 1, 300), move |data, _, state| {
        state.insert(p.clone(), json!(whole(state, &p) + data["sum"].as_i64().unwrap()));
    });
    let settle = trigger(
        format!("{}Settled", cased(name)),
        |_, _, _| true,
        move |_, _, state| {
            state.insert(settled.clone(), json!(whole(state, &settled) + whole(state, &pending)));
            state.insert(pending.clone(), json!(0));
        },
    );
    part("moved", Some(created), vec![claimed, settle])
}

fn cents(text: &str) -> i64 {
    let (whole, fraction) = text.split_once('.').unwrap();
    whole.parse::<i64>().unwrap() * 100 + fraction.parse::<i64>().unwrap()
}

/// A sum of decimals in text.
pub(super) fn decimal_total(names: &mut Names, chance: &mut Chance) -> Part {
    let name = format!("{}_sum", chance.take(&mut names.numbers));
    let title = cased(&name);
    let times = chance.percent(50);
    let created = begins(&name, json!("0.00"));
    let billed = trigger(
        format!("{title}Billed"),
        |chance, _, data| {
            data.insert("cost".to_owned(), json!(format!("{}.{:02}", chance.between(0, 90), chance.between(0, 99))));
            data.insert("copies".to_owned(), json!(chance.between(1, 5)));
            true
        },
        move |data, _, state| {
            let by = if times { data["copies"].as_i64().unwrap() } else { 1 };
            let total = cents(state[&name].as_str().unwrap()) + by * cents(data["cost"].as_str().unwrap());
            state.insert(name.clone(), json!(format!("{}.{:02}", total / 100, total % 100)));
        },
    );
    part("decimal total", Some(created), vec![billed])
}

/// What follows from two others.
pub(super) fn difference(names: &mut Names, chance: &mut Chance) -> Part {
    let name = chance.take(&mut names.numbers);
    let (total, used, left) = (format!("{name}_total"), format!("{name}_used"), format!("{name}_left"));
    let (t, u, l) = (total.clone(), used.clone(), left.clone());
    let created = trigger(String::new(), number(&total, 100, 900), move |data, _, state| {
        state.insert(t.clone(), data[&t].clone());
        state.insert(u.clone(), json!(0));
        state.insert(l.clone(), data[&t].clone());
    });
    let taken = trigger(format!("{}Drawn", cased(name)), number("part", 1, 20), move |data, _, state| {
        state.insert(used.clone(), json!(whole(state, &used) + data["part"].as_i64().unwrap()));
        state.insert(left.clone(), json!(whole(state, &total) - whole(state, &used)));
    });
    part("difference", Some(created), vec![taken])
}

/// Added or taken away, as another field says.
pub(super) fn signed(names: &mut Names, chance: &mut Chance) -> Part {
    let name = chance.take(&mut names.numbers);
    let created = begins(name, json!(0));
    let posted = trigger(
        format!("{}Posted", cased(name)),
        |chance, _, data| {
            data.insert("direction".to_owned(), json!(chance.pick(&["in", "out"])));
            data.insert("money".to_owned(), json!(chance.between(1, 400)));
            true
        },
        move |data, _, state| {
            let sign = if data["direction"] == "in" { 1 } else { -1 };
            state.insert(name.to_owned(), json!(whole(state, name) + sign * data["money"].as_i64().unwrap()));
        },
    );
    part("signed", Some(created), vec![posted])
}

/// Counted in another unit than the events do.
pub(super) fn unit(names: &mut Names, chance: &mut Chance) -> Part {
    let name = chance.take(&mut names.numbers);
    let key = format!("{name}_cents");
    let field = format!("{name}_euros");
    let created = begins(&key, json!(0));
    let paid = trigger(format!("{}Paid", cased(name)), number(&field, 1, 300), move |data, _, state| {
        state.insert(key.clone(), json!(whole(state, &key) + 100 * data[&field].as_i64().unwrap()));
    });
    part("unit", Some(created), vec![paid])
}

/// The sum over a list that an event carries.
pub(super) fn summed(names: &mut Names, chance: &mut Chance) -> Part {
    let name = format!("{}_worth", chance.take(&mut names.things));
    let title = cased(&name);
    let created = begins(&name, json!(0));
    let listed = trigger(
        format!("{title}Listed"),
        |chance, _, data| {
            let count = chance.between(1, 4);
            let items: Vec<Value> =
                (0..count).map(|_| json!({"qty": chance.between(1, 6), "each": chance.between(1, 50)})).collect();
            data.insert("items".to_owned(), json!(items));
            true
        },
        move |data, _, state| {
            let items = data["items"].as_array().unwrap();
            let worth: i64 =
                items.iter().map(|item| item["qty"].as_i64().unwrap() * item["each"].as_i64().unwrap()).sum();
            state.insert(name.clone(), json!(whole(state, &name) + worth));
        },
    );
    part("summed", Some(created), vec![listed])
}
