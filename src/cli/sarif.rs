//! An audit as SARIF 2.1.0 (<https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>).

use std::path::Path;

use serde_json::{Value, json};

use crate::insight::audit::{Finding, Severity};

/// The report: a rule for each kind of finding, a result for each instance.
pub(super) fn report(file: &Path, findings: &[Finding]) -> Value {
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
                "message": {"text": format!("{} {}", finding.explanation, crate::session::one_line(&instance.to_string()))},
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
