//! Courses and who takes them.

use serde_json::{Value, json};

use super::super::super::Envelope;
use super::super::{Said, Written, add, key_of, map, person, phrase, reference, take};
use crate::chance::Chance;

pub const COURSE: Written = Written { name: "Course", next, evolve };

fn next(state: &Value, chance: &mut Chance) -> Option<Said> {
    if state.is_null() {
        let capacity = chance.between(10, 40);
        return Some((
            "CourseCreated",
            json!({"code": reference("C", chance), "title": phrase(chance), "capacity": capacity}),
        ));
    }
    let student = || reference("S", &mut Chance::new(state.to_string().len() as u64, 7));
    Some(match chance.between(0, 9) {
        0..=4 => ("StudentEnrolled", json!({"studentId": student(), "name": person(chance)})),
        5 => ("StudentDropped", json!({"studentId": key_of(state, "students", chance)?})),
        6 | 7 => {
            let student = key_of(state, "students", chance)?;
            ("GradeRecorded", json!({"studentId": student, "grade": chance.between(1, 6)}))
        }
        8 => ("CapacityChanged", json!({"capacity": chance.between(10, 40)})),
        _ => ("CourseRenamed", json!({"title": phrase(chance)})),
    })
}

fn evolve(state: &mut Value, envelope: &Envelope, data: &Value) {
    let student = data["studentId"].as_str().unwrap_or_default();
    match envelope.event_type.as_str() {
        "CourseCreated" => {
            *state = json!({"students": {}, "enrolledCount": 0});
            take(state, data, &["code", "title", "capacity"]);
        }
        "StudentEnrolled" => {
            let students = map(state, "students");
            let before = students.insert(student.to_owned(), json!({"name": data["name"], "grade": null}));
            add(state, "enrolledCount", i64::from(before.is_none()));
        }
        "StudentDropped" => {
            map(state, "students").remove(student);
            add(state, "enrolledCount", -1);
        }
        "GradeRecorded" => state["students"][student]["grade"] = data["grade"].clone(),
        "CapacityChanged" => take(state, data, &["capacity"]),
        "CourseRenamed" => take(state, data, &["title"]),
        _ => {}
    }
}
