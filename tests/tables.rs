//! Statistics tables say what their cells say, and nothing more.
#![allow(missing_docs)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use gongkai::page::{Block, BlockKind, Locator, decode};
use gongkai::report::tables::{self, Tables};
use gongkai::report::{Outcome, Severity, checks};
use gongkai::{Capture, Catalogue};
use serde_json::Value;

type Cells = BTreeMap<(String, Option<String>), Option<f64>>;

fn cells(tables: &Tables) -> Cells {
    let number = |fact: &gongkai::report::Fact| fact.value.map(|value| value.to_string().parse().unwrap());
    let key = |fact: &gongkai::report::Fact| (fact.indicator.to_string(), fact.applicant.map(|a| a.to_string()));
    tables.facts.iter().map(|fact| (key(fact), number(fact))).collect()
}

/// What is read of the lines of a flattened page, each a paragraph.
fn of_lines(text: &str) -> Tables {
    let lines = text.lines().zip(1..).filter(|(line, _)| !line.trim().is_empty());
    let block = |(line, number): (&str, u32)| Block {
        kind: BlockKind::Paragraph(line.trim().to_owned()),
        locator: Locator::line(number),
        link_density: 0.0,
        context: Vec::new(),
    };
    let blocks: Vec<_> = lines.map(block).collect();
    tables::read(&blocks, None, &Catalogue::embedded())
}

/// The same in words: `indicator=value` of the facts, then `indicator?` of what was
/// refused.
fn read_lines(text: &str) -> BTreeSet<String> {
    let read = of_lines(text);
    let facts = read.facts.iter().map(|fact| match fact.value {
        Some(value) => format!("{}={value}", fact.indicator),
        None => format!("{}=null", fact.indicator),
    });
    facts.chain(read.unread.iter().map(|unread| format!("{}?", unread.indicator))).collect()
}

/// Six rows of invented numbers: as many as make a run of lines a table.
const HEAD: &str = "统计指标\n单位\n统计数\n三、依申请公开情况\n（一）收到申请数\n件\n24\n1.当面申请数\n件\n3\n\
    2.传真申请数\n件\n1\n3.网络申请数\n件\n15\n4.信函申请数\n件\n5\n（二）申请办结数\n件\n23\n\
    四、行政复议数量\n件\n7\n";

#[test]
fn flattened_rows_of_the_2014_form() {
    let cases = [
        ("（一）维持具体行政行为数\n件\n4", "reconsideration.upheld=4"),
        ("（二）被依法纠错数\n件\n2", "reconsideration.corrected=2"),
        ("（二）被依法纠错数\n件\n/", "reconsideration.corrected=null"),
        ("五、行政诉讼数量\n件\n3\n（二）被依法纠错数\n件\n1", "litigation.corrected=1"),
    ];
    for (rows, expected) in cases {
        let read = read_lines(&format!("{HEAD}{rows}\n"));
        for needed in ["request.received=24", "reconsideration.total=7", expected] {
            assert!(read.contains(needed), "{rows}: no {needed} in {read:?}");
        }
    }
}

#[test]
fn a_blank_part_counts_as_zero_where_another_is_reported() {
    let cases = [
        (["3", "1", "15", "5"], Outcome::Pass, 0),
        (["/", "4", "15", "5"], Outcome::Pass, 1),
        (["/", "1", "15", "5"], Outcome::Fail, 1),
        (["/", "/", "/", "/"], Outcome::NotApplicable, 4),
    ];
    for (parts, outcome, n_blank) in cases {
        let mut rows = HEAD.to_owned();
        for (label, (from, to)) in
            ["当面", "传真", "网络", "信函"].into_iter().zip(["3", "1", "15", "5"].into_iter().zip(parts))
        {
            rows = rows.replace(&format!("{label}申请数\n件\n{from}\n"), &format!("{label}申请数\n件\n{to}\n"));
        }
        let checks = checks::check(&of_lines(&rows).facts, &Catalogue::embedded());
        let sum = checks.iter().find(|check| check.check == "request_channels").unwrap();
        assert_eq!((sum.outcome, sum.n_blank), (outcome, n_blank), "{parts:?}");
    }
}

#[test]
fn a_label_alone_takes_no_number_of_its_neighbour() {
    let read = read_lines(&format!("{HEAD}（一）维持具体行政行为数\n（二）被依法纠错数\n件\n2\n"));
    assert!(read.contains("reconsideration.total=7"), "{read:?}");
    assert!(!read.iter().any(|fact| fact.starts_with("reconsideration.upheld=")), "{read:?}");
}

#[test]
fn two_numbers_behind_one_label_are_refused() {
    let read = read_lines(&format!("{HEAD}（一）维持具体行政行为数\n件\n4\n9\n"));
    assert!(read.contains("reconsideration.upheld?"), "{read:?}");
    assert!(!read.iter().any(|fact| fact.starts_with("reconsideration.upheld=")), "{read:?}");
}

#[test]
fn cells_that_ran_together_are_refused() {
    let read = read_lines(&format!("{HEAD}（一）维持具体行政行为数\n件20263542\n"));
    assert!(read.contains("reconsideration.upheld?"), "{read:?}");
    assert!(!read.iter().any(|fact| fact.starts_with("reconsideration.upheld=")), "{read:?}");
}

#[test]
fn a_fraction_of_what_is_counted_is_refused_and_one_of_money_is_not() {
    let read = read_lines(&format!("{HEAD}（一）维持具体行政行为数\n件\n4.123\n"));
    assert!(read.contains("reconsideration.upheld?"), "{read:?}");
    let read = read_lines(&format!("{HEAD}七、依申请公开信息收取的费用\n万元\n0.25\n"));
    assert!(read.contains("fee.collected=0.25"), "{read:?}");
}

#[test]
fn real_reports_agree_with_their_gold() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/reports");
    if !folder.exists() {
        println!("skipped: {} is missing", folder.display());
        return;
    }
    let names = [
        "tongxiang-2017.txt",
        "ruian-2017.txt",
        "jian-2017.txt",
        "more/pingtan-county-2012.txt",
        "more/hangzhou-2025.html",
        "more/shanghai-2020.html",
    ];
    let different: Vec<_> = names.iter().flat_map(|name| compare(&folder.join(name))).collect();
    assert!(different.is_empty(), "{}", different.join("\n"));
}

/// Where the reading of one document departs from its gold file.
fn compare(path: &Path) -> Vec<String> {
    let gold: Value = serde_json::from_slice(&fs::read(path.with_extension("gold.json")).unwrap()).unwrap();
    let expected: Cells = gold["table"].as_array().unwrap().iter().map(gold_cell).collect();
    let catalogue = Catalogue::embedded();
    let read = tables::read(&decode(&Capture::of_bytes(fs::read(path).unwrap())).blocks, None, &catalogue);
    let got = cells(&read);
    let name = path.file_name().unwrap().to_string_lossy();
    let keys: BTreeSet<_> = expected.keys().chain(got.keys()).collect();
    let mut different: Vec<_> = keys
        .into_iter()
        .filter(|key| expected.get(key) != got.get(key))
        .map(|key| format!("{name} {key:?}: expected {:?}, read {:?}", expected.get(key), got.get(key)))
        .collect();
    let checked = checks::check(&read.facts, &catalogue);
    let fails = checked.iter().filter(|c| c.outcome == Outcome::Fail && c.severity == Severity::Error).count();
    let n_gold = gold["failed_checks"].as_array().unwrap().len();
    println!("{name}: {} cells read of {}, {fails} failed checks of {n_gold}", got.len(), expected.len());
    if fails != n_gold {
        different.push(format!("{name}: {fails} failed checks, expected {n_gold}"));
    }
    different
}

fn gold_cell(cell: &Value) -> ((String, Option<String>), Option<f64>) {
    let text = |field: &str| cell[field].as_str().map(str::to_owned);
    ((text("indicator").unwrap(), text("applicant")), cell["value"].as_f64())
}
