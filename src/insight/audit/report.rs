//! An audit as documents for other programs: lines of JSON, or SARIF 2.1.0
//! (<https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>).

use std::path::Path;

use serde_json::{Value, json};

use super::{Finding, Severity};
use crate::codec::one_line;

/// A finding as a document.
#[must_use]
pub fn document(finding: &Finding) -> Value {
    let positions: Vec<i64> = finding.instances.iter().filter_map(|instance| instance.position).collect();
    let instances = finding.instances.iter().map(|instance| {
        json!({
            "position": instance.position,
            "stream": instance.stream.as_ref().map(ToString::to_string),
            "version": instance.version,
            "what": instance.what,
        })
    });
    json!({
        "kind": finding.kind,
        "severity": finding.severity.name(),
        "count": finding.count,
        "positions": positions,
        "explanation": finding.explanation,
        "advice": finding.advice,
        "instances": instances.collect::<Vec<_>>(),
    })
}

/// The findings as lines of JSON, one each.
#[must_use]
pub fn ndjson(findings: &[Finding]) -> String {
    findings.iter().fold(String::new(), |lines, finding| lines + &document(finding).to_string() + "\n")
}

/// The findings as SARIF: a rule for each kind of finding, a result for each instance.
#[must_use]
pub fn sarif(file: &Path, findings: &[Finding]) -> Value {
    let rules = findings.iter().map(|finding| {
        json!({
            "id": finding.kind,
            "shortDescription": {"text": finding.explanation},
            "help": {"text": finding.advice},
            "defaultConfiguration": {"level": finding.severity.name()},
        })
    });
    let uri = percent_encoding::utf8_percent_encode(&file.to_string_lossy(), KEPT).to_string();
    let results = findings.iter().flat_map(|finding| {
        let uri = uri.clone();
        finding.instances.iter().map(move |instance| {
            let mut location = json!({"physicalLocation": {"artifactLocation": {"uri": uri}}});
            if let (Some(stream), Some(members)) = (&instance.stream, location.as_object_mut()) {
                let name = match instance.version {
                    Some(version) => format!("{stream}@{version}"),
                    None => stream.to_string(),
                };
                members.insert("logicalLocations".to_owned(), json!([{"fullyQualifiedName": name}]));
            }
            json!({
                "ruleId": finding.kind,
                "level": finding.severity.name(),
                "message": {"text": format!("{} {}", finding.explanation, one_line(&instance.to_string()))},
                "locations": [location],
                "properties": {"position": instance.position},
            })
        })
    });
    let worst = findings.iter().any(|finding| finding.severity == Severity::Error);
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "eventscope",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules.collect::<Vec<_>>(),
            }},
            "results": results.collect::<Vec<_>>(),
            "properties": {"sound": !worst},
        }],
    })
}

/// What may stand in a relative reference as it is: RFC 3986's unreserved characters, and what parts a path.
const KEPT: &percent_encoding::AsciiSet =
    &percent_encoding::NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

#[cfg(test)]
mod tests {
    use super::super::Instance;
    use super::*;
    use crate::event::StreamName;

    #[test]
    fn a_finding_is_a_line_and_each_of_its_places_a_result() {
        let place = |position| Instance {
            position: Some(position),
            stream: Some(StreamName::new("order", "1")),
            version: Some(3),
            ..Instance::default()
        };
        let finding = Finding {
            kind: "version_gap",
            severity: Severity::Error,
            count: 2,
            explanation: "A version\nis missing.".into(),
            advice: "Look for it.",
            instances: vec![place(4), place(9)],
        };
        let lines = ndjson(std::slice::from_ref(&finding));
        let read: Value = serde_json::from_str(&lines).unwrap();
        assert_eq!((lines.lines().count(), &read["positions"]), (1, &json!([4, 9])));
        let sarif = sarif(Path::new("/data/a shop.db"), &[finding]);
        let results = sarif["runs"][0]["results"].as_array().unwrap();
        assert_eq!(results.len(), 2);
        let place = &results[1]["locations"][0];
        assert_eq!(place["physicalLocation"]["artifactLocation"]["uri"], "/data/a%20shop.db");
        assert_eq!(place["logicalLocations"][0]["fullyQualifiedName"], "order/1@3");
    }
}
