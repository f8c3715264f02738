//! Sentences to facts: a case is a row of `narrative_cases.csv`; the real
//! reports beside the project are read where they are present.

use std::path::Path;
use std::sync::LazyLock;

use gongkai::Catalogue;
use gongkai::page::{Block, BlockKind, Capture, Locator};
use gongkai::report::narrative::{Detail, Narrative, Scope, read};
use gongkai::report::{Against, Form, Level, Method};

fn block(line: u32, kind: BlockKind) -> Block {
    Block { kind, locator: Locator::line(line), link_density: 0.0, context: vec![] }
}

fn read_case(section: &str, sentence: &str, year: i16, form: Form) -> Narrative {
    read_at(Level::County, section, sentence, year, form)
}

/// Each line of a sentence is a paragraph.
fn read_at(level: Level, section: &str, sentence: &str, year: i16, form: Form) -> Narrative {
    static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(Catalogue::embedded);
    let is_government = matches!(level, Level::Province | Level::Prefecture | Level::County);
    let issuer = if is_government { "某县人民政府" } else { "某县某局" }.to_owned();
    let scope = Scope { report_year: Some(year), level, region_name: None, issuer, form: Some(form) };
    let lines = sentence.lines().zip(2..).map(|(line, n)| block(n, BlockKind::Paragraph(line.to_owned())));
    let heading = (!section.is_empty()).then(|| block(1, BlockKind::Heading(2, section.to_owned())));
    read(&heading.into_iter().chain(lines).collect::<Vec<_>>(), &scope, &CATALOGUE, Detail::LeftOut)
}

fn sorted(mut facts: Vec<String>) -> String {
    facts.sort();
    facts.join(";")
}

#[test]
fn sentences_say_what_the_table_expects() {
    let mut reader = csv::Reader::from_path("tests/narrative_cases.csv").unwrap();
    let (mut wrong, mut n) = (Vec::new(), 0);
    for record in reader.records() {
        let record = record.unwrap();
        let [note, level, section, year, form, sentence, expected] =
            std::array::from_fn(|cell| record[cell].to_owned());
        let level = level.parse().unwrap();
        let narrative = read_at(level, &section, &sentence, year.parse().unwrap(), form.parse().unwrap());
        let said = narrative.facts.iter().map(|fact| format!("{}={}", fact.indicator, fact.value.unwrap())).collect();
        let (said, expected) = (sorted(said), sorted(expected.split(';').map(str::to_owned).collect()));
        let page = format!("{section}{}", sentence.replace('\n', ""));
        let strange: Vec<_> = narrative.facts.iter().filter(|fact| !page.contains(&fact.raw)).collect();
        assert!(strange.is_empty(), "{note}: the page does not say {strange:?}");
        if said != expected {
            wrong.push(format!("{note}: {sentence}\n    read     {said}\n    expected {expected}"));
        }
        n += 1;
    }
    assert!(n >= 250, "{n} cases");
    assert!(wrong.is_empty(), "{} of {n} cases:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_raw_text_is_the_pages_own() {
    let cases = [
        ("全年收到政府資訊公開申請１２　件，“同意公開”９件。", "request.received", "全年收到政府資訊公開申請１２　件"),
        ("全年收到政府資訊公開申請１２　件，“同意公開”９件。", "reply.granted", "同意公開”９件"),
        (
            "年内共收到公民、法人和其他组织政府信息公开申请\n１２件。",
            "request.received",
            "年内共收到公民、法人和其他组织政府信息公开申请１２件",
        ),
        // A list is written out to be read: all of it says so.
        ("网站、微博分别公开信息６条、２条。", "disclosure.channel.weibo", "网站、微博分别公开信息６条、２条。"),
    ];
    for (sentence, indicator, raw) in cases {
        let narrative = read_case("二、主动公开和依申请公开情况", sentence, 2017, Form::F2014);
        let fact = narrative.facts.iter().find(|fact| fact.indicator.as_str() == indicator);
        assert_eq!(fact.map(|fact| fact.raw.as_str()), Some(raw), "{sentence}: {:?}", narrative.facts);
    }
    let under_a_heading = read_case("五、收费（减免）情况", "无。", 2017, Form::F2014);
    assert!(under_a_heading.facts.iter().all(|fact| fact.raw == "五、收费（减免）情况无。"), "{under_a_heading:?}");
    assert!(!under_a_heading.facts.is_empty());
}

#[test]
fn an_approximate_number_is_less_sure() {
    let sure = read_case("二、主动公开情况", "全年主动公开政府信息600条。", 2012, Form::F2014);
    let vague = read_case("二、主动公开情况", "全年主动公开政府信息约600条。", 2012, Form::F2014);
    assert!(vague.facts[0].confidence < sure.facts[0].confidence);
}

/// What a person asks of prose: a row that holds, one whose words nobody knows, one that is
/// said of a part.
#[test]
fn a_figure_that_no_fact_is_made_of_says_why() {
    let cases = [
        ("全县共收到政府信息公开申请12件。", vec![]),
        ("全县共栽种信息公开树12件。", vec![("全县共栽种信息公开树12件", "no rule understands “栽种”, “树”")]),
        (
            "县教育局收到政府信息公开申请12件。",
            vec![(
                "县教育局收到政府信息公开申请12件",
                "request.received: it is said of a part, or of more than the report speaks for; \
                 no rule understands “教育”",
            )],
        ),
        (
            "政府信息公开申请比上年增加12件。",
            vec![("政府信息公开申请比上年增加12件", "no rule understands “比上”, “增加”")],
        ),
    ];
    let told_of = |heading: &str, sentence: &str, expected: Vec<(&str, &str)>| {
        let told = read_case(heading, sentence, 2012, Form::F2014).left_out;
        let told: Vec<_> = told.iter().map(|left| (left.clause.as_str(), left.why.as_str())).collect();
        assert_eq!(told, expected, "{sentence}");
    };
    for (sentence, expected) in cases {
        told_of("三、依申请公开情况", sentence, expected);
    }
    // What was taken for a row's first, and what a section says of the next year.
    told_of(
        "二、主动公开情况",
        "全年主动公开政府信息2.1万余条。全年主动公开政府信息21347条。",
        vec![(
            "全年主动公开政府信息2.1万余条",
            "another number counts, exact, of the year or by the form's own word, for disclosure.total",
        )],
    );
    told_of(
        "六、下一步打算",
        "明年计划主动公开政府信息300条。",
        vec![("明年计划主动公开政府信息300条", "its section tells of plans")],
    );
}

/// A rule is told in words, and where it stands: its pattern says nothing to a person.
#[test]
fn a_rule_is_told_in_words() {
    let reading = read_case("二、主动公开情况", "通过网站公开信息500条，未收到政府信息公开申请。", 2012, Form::F2014);
    let rules: Vec<&str> = reading.facts.iter().map(|fact| fact.rule.as_ref()).collect();
    assert!(rules.len() >= 2, "{rules:?}");
    for rule in rules {
        assert!(rule.starts_with("a sentence that counts ") && rule.contains("(config/"), "{rule}");
        assert!(!rule.contains(['?', '*', '|', '{', '$']), "{rule}");
    }
}

#[test]
fn sentences_that_differ_contradict_each_other_and_no_table() {
    let text = "全年收到政府信息公开申请12件。\n全年共收到政府信息公开申请9件。";
    let [conflict] = read_case("三、依申请公开情况", text, 2012, Form::F2014).conflicts.try_into().unwrap();
    assert_eq!((conflict.against, conflict.narrative), (Against::Sentence(12.into()), 9.into()));
}

#[test]
fn a_part_greater_than_its_whole_is_less_sure() {
    let text = "全县收到政府信息公开申请5件，其中当面申请8件，网上申请4件。";
    let facts = read_case("三、依申请公开情况", text, 2012, Form::F2014).facts;
    let sureness = |id: &str| facts.iter().find(|fact| fact.indicator.as_str() == id).unwrap().confidence;
    assert!(sureness("request.received.in_person") < sureness("request.received.online"));
}

#[test]
fn a_total_and_parts_that_do_not_add_up_are_less_sure() {
    let sureness = |text: &str| {
        let facts = read_case("三、依申请公开情况", text, 2012, Form::F2014).facts;
        let total = facts.iter().find(|fact| fact.indicator.as_str() == "request.received").unwrap();
        (facts.len(), total.confidence, total.rule.contains("add up"))
    };
    assert_eq!(sureness("全县收到政府信息公开申请9件，其中当面申请5件，网上申请4件。"), (3, 0.95, false));
    assert_eq!(sureness("全县收到政府信息公开申请9件，其中当面申请5件，网上申请6件。"), (3, 0.5, true));
    assert_eq!(sureness("全县收到政府信息公开申请9件，其中当面申请5件，网上申请3件。"), (3, 0.7, true));
    // A figure that no rule reads may be the part that is missing.
    assert_eq!(sureness("全县收到政府信息公开申请9件，当面申请5件，网上申请3件，电话申请1件。"), (3, 0.95, false));
}

#[test]
fn two_numbers_in_one_sentence_are_unread() {
    let text = "全县收到政府信息公开申请5件，收到政府信息公开申请6件。";
    let narrative = read_case("三、依申请公开情况", text, 2012, Form::F2014);
    assert!(narrative.facts.is_empty());
    assert_eq!(narrative.unread[0].indicator.as_str(), "request.received");
}

/// Recall and wrong values of the sentences of the real reports.
#[test]
fn real_reports_are_read_without_a_wrong_value() {
    let (mut found, mut wanted, mut notes) = (0, 0, Vec::new());
    for folder in ["../shared/reports", "../shared/reports/more"] {
        let Ok(entries) = std::fs::read_dir(folder) else {
            eprintln!("skipped: {folder} is missing");
            return;
        };
        for path in entries.map(|entry| entry.unwrap().path()) {
            if path.extension().is_some_and(|extension| extension == "txt" || extension == "html") {
                let (some, all) = compare(&path, &mut notes);
                found += some;
                wanted += all;
            }
        }
    }
    println!("narrative recall {found}/{wanted}\n{}", notes.join("\n"));
    let wrong: Vec<&String> = notes.iter().filter(|note| note.starts_with("WRONG")).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(found * 10 >= wanted * 9, "recall {found}/{wanted}: {notes:#?}");
}

fn compare(path: &Path, notes: &mut Vec<String>) -> (usize, usize) {
    let gold = std::fs::read_to_string(path.with_extension("gold.json")).unwrap();
    let gold: serde_json::Value = serde_json::from_str(&gold).unwrap();
    let reading = gongkai::read(&Capture::of_bytes(std::fs::read(path).unwrap()), &Catalogue::embedded());
    let name = path.file_stem().unwrap().to_string_lossy().into_owned();
    let facts: Vec<(String, f64)> = reading
        .reports
        .iter()
        .flat_map(|report| &report.facts)
        .filter(|fact| fact.method == Method::Narrative)
        .filter_map(|fact| Some((fact.indicator.to_string(), fact.value?.to_string().parse().ok()?)))
        .collect();
    let rows = |key: &str| gold[key].as_array().cloned().unwrap_or_default();
    let value = |row: &serde_json::Value| row["value"].as_f64().unwrap();
    let mut found = 0;
    for row in rows("narrative") {
        let indicator = row["indicator"].as_str().unwrap();
        match facts.iter().find(|(id, _)| id == indicator) {
            Some((_, said)) if (said - value(&row)).abs() < 1e-9 => found += 1,
            Some((_, said)) => notes.push(format!("WRONG {name} {indicator}: {said}, expected {}", value(&row))),
            None => notes.push(format!("absent {name} {indicator}: {}", value(&row))),
        }
    }
    for row in rows("never") {
        let indicator = row["indicator"].as_str().unwrap();
        if facts.iter().any(|(id, said)| id == indicator && (said - value(&row)).abs() < 1e-9) {
            notes.push(format!("WRONG trap {name} {indicator} {}", value(&row)));
        }
    }
    let listed = rows("narrative");
    for (id, said) in facts.iter().filter(|(id, _)| !listed.iter().any(|row| row["indicator"] == id.as_str())) {
        notes.push(format!("extra {name} {id}: {said}"));
    }
    (found, listed.len())
}
