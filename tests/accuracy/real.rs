//! What the real documents of ../shared give, against their gold files.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use gongkai::report::Method;
use gongkai::{Capture, Catalogue, Report};
use rust_decimal::prelude::ToPrimitive;
use serde_json::Value;

/// The part of the document on them; none where they are not here.
pub fn measured(catalogue: &Catalogue) -> Option<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/reports");
    if !folder.exists() {
        return None;
    }
    let mut golds: Vec<PathBuf> = [folder.clone(), folder.join("more")]
        .iter()
        .filter_map(|folder| fs::read_dir(folder).ok())
        .flat_map(|entries| entries.filter_map(Result::ok).map(|entry| entry.path()))
        .filter(|path| path.to_string_lossy().ends_with(".gold.json"))
        .collect();
    golds.sort();
    let mut text =
        "## Real documents\n\nAgainst numbers that people read from them. Wrong: given, and not what stands \
                    there.\n\n| document | form | cells | read | figures in sentences | read | wrong |\n\
                    | --- | --- | --- | --- | --- | --- | --- |\n"
            .to_owned();
    for path in golds {
        row(&path, catalogue, &mut text);
    }
    text.push('\n');
    Some(text)
}

fn row(gold: &Path, catalogue: &Catalogue, text: &mut String) {
    let expected: Value = serde_json::from_slice(&fs::read(gold).unwrap()).unwrap();
    let name = gold.file_name().unwrap().to_string_lossy().replace(".gold.json", "");
    let document = ["html", "txt"].map(|end| gold.with_file_name(format!("{name}.{end}")));
    let document = document.iter().find(|path| path.exists()).unwrap();
    let reading = gongkai::read(&Capture::of_bytes(fs::read(document).unwrap()), catalogue);
    let report = reading.reports.first().unwrap();
    let [(n_cells, cells, wrong_cells), (n_said, said, wrong_said)] =
        [("table", Method::Table), ("narrative", Method::Narrative)]
            .map(|(key, method)| compared(&expected[key], &facts(report, method), method));
    let wrong = wrong_cells + wrong_said;
    writeln!(text, "| {name} | {} | {n_cells} | {cells} | {n_said} | {said} | {wrong} |", report.form).unwrap();
}

type Facts = BTreeMap<(String, Option<String>), Option<f64>>;

fn facts(report: &Report, method: Method) -> Facts {
    let of = report.facts.iter().filter(|fact| fact.method == method);
    let number = |fact: &gongkai::report::Fact| fact.value.and_then(|value| value.to_f64());
    of.map(|fact| ((fact.indicator.to_string(), fact.applicant.map(|a| a.to_string())), number(fact))).collect()
}

/// How many are expected, how many of them are read, and how many are wrong: a
/// cell that is not there, or another value than the expected.
fn compared(expected: &Value, have: &Facts, method: Method) -> (usize, usize, usize) {
    let expected: Facts = expected
        .as_array()
        .unwrap()
        .iter()
        .map(|gold| {
            let word = |field: &str| gold[field].as_str().map(str::to_owned);
            ((word("indicator").unwrap(), word("applicant")), gold["value"].as_f64())
        })
        .collect();
    let right = expected.iter().filter(|(key, value)| have.get(key) == Some(value)).count();
    let differs = |(key, value): &(&(String, Option<String>), &Option<f64>)| match expected.get(key) {
        Some(gold) => gold != *value,
        // The gold names all cells of a table, but not all figures of prose.
        None => method == Method::Table,
    };
    (expected.len(), right, have.iter().filter(differs).count())
}
