//! Every folder of tests/cases is a case: a page and what must be read of it.
//!
//! `expected.json` names what must hold: `report` (null, or fields that must be
//! so), `kind` (of a page without a report), `facts` (all table facts, as
//! `indicator[applicant]`), `narrative` (all figures of sentences), `unread`
//! (indicators that must be unread), `failed_checks` (how many of severity
//! error), `cut_short` (that a note says so; without it none does).
#![allow(missing_docs)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use gongkai::report::contract::{Extras, lines, number};
use gongkai::report::{Method, Outcome, Severity};
use gongkai::{Capture, Catalogue, Report};
use serde_json::Value;

#[test]
fn every_case_is_read_as_expected() {
    let catalogue = Catalogue::embedded();
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut n = 0;
    let mut failures = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let dir = entry.unwrap().path();
        let page = ["page.html", "page.txt"].map(|name| dir.join(name)).into_iter().find(|path| path.exists()).unwrap();
        let expected: Value = serde_json::from_slice(&fs::read(dir.join("expected.json")).unwrap()).unwrap();
        let problems = check(&fs::read(page).unwrap(), &expected, &catalogue);
        n += 1;
        failures
            .extend(problems.into_iter().map(|problem| format!("{}: {problem}", dir.file_name().unwrap().display())));
    }
    assert!(n > 5, "the cases were found");
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

fn check(bytes: &[u8], expected: &Value, catalogue: &Catalogue) -> Vec<String> {
    let reading = gongkai::read(&Capture::of_bytes(bytes.to_vec()), catalogue);
    let line: Value = serde_json::from_str(&lines("case", &reading, Extras::default())[0]).unwrap();
    let mut problems = Vec::new();
    let mut same = |what: &str, have: &Value, want: &Value| {
        if have != want {
            problems.push(format!("{what}: {have}, {want} expected"));
        }
    };
    if expected["report"].is_null() {
        same("report", &line["report"], &Value::Null);
        if !expected["kind"].is_null() {
            same("kind", &line["kind"], &expected["kind"]);
        }
        return problems;
    }
    let Some(report) = reading.reports.first() else {
        return vec![format!("no report: {}", line["reason"])];
    };
    for (field, want) in expected["report"].as_object().into_iter().flatten() {
        same(field, &line["report"][field], want);
    }
    for (key, method) in [("facts", Method::Table), ("narrative", Method::Narrative)] {
        if let Some(want) = expected[key].as_object() {
            let have = facts(report, method);
            let names: BTreeSet<&String> = have.keys().chain(want.keys()).collect();
            for name in names {
                let (have, want) = (have.get(name), want.get(name));
                if have.map(ToString::to_string) != want.map(ToString::to_string) {
                    problems.push(format!("{key} {name}: {have:?}, {want:?} expected"));
                }
            }
        }
    }
    for id in expected["unread"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if !report.unread.iter().any(|unread| unread.indicator.as_str() == id) {
            problems.push(format!("{id} should be unread"));
        }
    }
    let is_cut = reading.notes.iter().any(|note| note.contains("cut short"));
    if is_cut != expected["cut_short"].as_bool().unwrap_or_default() {
        problems.push(format!("taken for cut short: {is_cut}, {:?}", reading.notes));
    }
    if let Some(n) = expected["failed_checks"].as_u64() {
        let failed = report.checks.iter().filter(|c| c.outcome == Outcome::Fail && c.severity == Severity::Error);
        let failed: Vec<_> = failed.map(|c| format!("{} {}", c.check, c.indicator)).collect();
        if failed.len() as u64 != n {
            problems.push(format!("failed checks {failed:?}, {n} expected"));
        }
    }
    problems
}

fn facts(report: &Report, method: Method) -> BTreeMap<String, Value> {
    let of = report.facts.iter().filter(|fact| fact.method == method);
    of.map(|fact| {
        let applicant = fact.applicant.map(|applicant| format!("[{applicant}]")).unwrap_or_default();
        (format!("{}{applicant}", fact.indicator), fact.value.map_or(Value::Null, number))
    })
    .collect()
}
