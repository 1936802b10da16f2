use serde_json::{Map, Value, json};

/// Order-Placed from schema version 1 to 2: a skeleton, told from 4 and 4 events. Check every line.
pub fn upcast_order_placed_1_to_2(data: &mut Value) {
    // Added: object, always there.
    each(data, &[], &|members| {
        members.entry("customer".to_owned()).or_insert_with(|| json!({"name": "Ann 0", "tier": "gold"}));
    });
    // Added: boolean, always there.
    each(data, &["lines", "[]"], &|members| {
        members.entry("gift".to_owned()).or_insert_with(|| json!(false));
    });
    // Added: string, always there.
    each(data, &[], &|members| {
        members.entry("currency".to_owned()).or_insert_with(|| json!("EUR"));
    });
    // .coupon: sometimes there now.
    // Renamed, it seems.
    moved(data, (&[], "customerName"), (&["customer"], "name"));
    // Renamed, it seems.
    each(data, &["lines", "[]"], &|members| {
        if let Some(value) = members.remove("amount") {
            members.insert("qty".to_owned(), value);
        }
    });
    // Removed: nothing in the newer version has it.
    each(data, &[], &|members| {
        members.remove("legacy");
    });
    // A number is a text now.
    each(data, &[], &|members| {
        if let Some(value) = members.get_mut("total") {
            let made: Option<Value> = value.as_number().map(|number| number.to_string().into());
            if let Some(made) = made {
                *value = made;
            }
        }
    });
    // A text is a number now.
    each(data, &[], &|members| {
        if let Some(value) = members.get_mut("weight") {
            let made: Option<Value> = value.as_str().and_then(|text| serde_json::from_str(text).ok());
            if let Some(made) = made {
                *value = made;
            }
        }
    });
    // .note: string before, object now.
}

/// Changes the objects that a path leads to; `[]` in it stands for every item of a list.
#[allow(dead_code)]
fn each(value: &mut Value, path: &[&str], change: &dyn Fn(&mut Map<String, Value>)) {
    match path {
        [] => {
            if let Value::Object(members) = value {
                change(members);
            }
        }
        ["[]", rest @ ..] => {
            for item in value.as_array_mut().into_iter().flatten() {
                each(item, rest, change);
            }
        }
        [name, rest @ ..] => {
            if let Some(inner) = value.get_mut(*name) {
                each(inner, rest, change);
            }
        }
    }
}

/// Takes a value away that is within objects, and puts it into others.
#[allow(dead_code)]
fn moved(value: &mut Value, (from, name): (&[&str], &str), (to, new): (&[&str], &str)) {
    let mut around = Some(&mut *value);
    for step in from {
        around = around.and_then(|inner| inner.get_mut(*step));
    }
    let Some(taken) = around.and_then(Value::as_object_mut).and_then(|members| members.remove(name)) else { return };
    let mut around = value;
    for step in to {
        let Value::Object(members) = around else { return };
        around = members.entry((*step).to_owned()).or_insert_with(|| Value::Object(Map::new()));
    }
    if let Value::Object(members) = around {
        members.insert(new.to_owned(), taken);
    }
}
