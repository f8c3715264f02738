//! What the generator renders is read, cell for cell.
#![allow(missing_docs)]
#![cfg(feature = "generator")]

use std::collections::BTreeMap;

use gongkai::demo::page::{Charset, Chrome, Layout, NO_REPORTS, Script, Style, form_of_year, no_report, render};
use gongkai::demo::truth::{Truth, truth};
use gongkai::report::{Method, Outcome, Severity};
use gongkai::{Capture, Catalogue, Report};
use rust_decimal::Decimal;

/// Seeds of each year and style; a hundred thousand by
/// `GONGKAI_ROUND_TRIPS=20000 cargo test --release --test round_trip`.
fn n_seeds() -> u64 {
    std::env::var("GONGKAI_ROUND_TRIPS").ok().and_then(|text| text.parse().ok()).unwrap_or(18)
}

fn styles() -> Vec<Style> {
    let mut styles = Vec::new();
    for chrome in [Chrome::Plain, Chrome::Portal, Chrome::Mirror, Chrome::Shop] {
        let layouts = [Layout::Tables, Layout::Lines, Layout::Rows, Layout::Pipes, Layout::Spanless, Layout::Broken];
        for layout in layouts {
            if layout == Layout::Pipes && chrome != Chrome::Plain {
                continue;
            }
            for (script, charset) in [
                (Script::Simplified, Charset::Utf8),
                (Script::Simplified, Charset::Gbk),
                (Script::Traditional, Charset::Utf8),
            ] {
                styles.push(Style { chrome, layout, script, charset });
            }
        }
    }
    styles
}

fn read(bytes: Vec<u8>, catalogue: &Catalogue) -> Result<Report, String> {
    let mut reading = gongkai::read(&Capture::of_bytes(bytes), catalogue);
    match (reading.reports.len(), reading.no_report) {
        (1, _) => Ok(reading.reports.remove(0)),
        (n, reason) => Err(format!("{n} reports, {reason:?}")),
    }
}

/// What the report says, as the generator would have printed it.
fn said(report: &Report) -> BTreeMap<(String, Option<String>, Method), Option<Decimal>> {
    let key = |fact: &gongkai::report::Fact| {
        (fact.indicator.to_string(), fact.applicant.map(|applicant| applicant.to_string()), fact.method)
    };
    report.facts.iter().map(|fact| (key(fact), fact.value)).collect()
}

fn printed(truth: &Truth) -> BTreeMap<(String, Option<String>, Method), Option<Decimal>> {
    let cells = truth.cells.iter().map(|((id, applicant), value)| {
        ((id.to_string(), applicant.map(|applicant| applicant.to_string()), Method::Table), value.map(Decimal::from))
    });
    let figures =
        truth.figures.iter().map(|(id, value)| ((id.to_string(), None, Method::Narrative), Some((*value).into())));
    cells.chain(figures).collect()
}

#[test]
fn what_is_rendered_is_read() {
    let catalogue = Catalogue::embedded();
    let places = ["青田县", "蓬莱市", "江夏区"].map(|name| catalogue.regions.named(name, Some(2016))[0].clone());
    let mut n = 0;
    for seed in 0..n_seeds() {
        for year in [2012, 2016, 2019, 2022] {
            let place = &places[(seed % 3) as usize];
            let truth = truth(seed, place, year, form_of_year(year), &catalogue);
            for style in styles() {
                let report = read(render(&truth, style, &catalogue), &catalogue)
                    .unwrap_or_else(|why| panic!("seed {seed} {year} {style:?}: {why}"));
                let (have, want) = (said(&report), printed(&truth));
                let wrong: Vec<_> = want.iter().filter(|(key, value)| have.get(key) != Some(value)).take(5).collect();
                assert!(wrong.is_empty(), "seed {seed} {year} {style:?}: {wrong:?} read as {:?}", have.get(wrong[0].0));
                assert_eq!(have.len(), want.len(), "seed {seed} {year} {style:?}: more than was printed");
                let failed =
                    report.checks.iter().filter(|c| c.outcome == Outcome::Fail && c.severity == Severity::Error);
                assert_eq!(failed.count(), 0, "seed {seed} {year} {style:?}");
                assert_eq!((report.report_year, report.form), (Some(year), truth.form), "seed {seed} {style:?}");
                assert_eq!(report.issuer, truth.issuer, "seed {seed} {year} {style:?}");
                n += 1;
            }
        }
    }
    assert!(n >= 4000, "{n} round trips");
}

/// The same report in any dress gives the same numbers.
#[test]
fn dress_changes_no_number() {
    let catalogue = Catalogue::embedded();
    let place = catalogue.regions.named("青田县", None)[0].clone();
    for year in [2012, 2016, 2019, 2022] {
        let truth = truth(5, &place, year, form_of_year(year), &catalogue);
        let plain = said(&read(render(&truth, Style::PORTAL, &catalogue), &catalogue).unwrap());
        for style in styles() {
            assert_eq!(said(&read(render(&truth, style, &catalogue), &catalogue).unwrap()), plain, "{year} {style:?}");
        }
    }
}

/// A page that lost bytes may lose numbers; it must not gain wrong ones.
#[test]
fn a_cut_page_gives_no_wrong_number() {
    let catalogue = Catalogue::embedded();
    let place = catalogue.regions.named("青田县", None)[0].clone();
    for year in [2012, 2016, 2019, 2022] {
        let truth = truth(3, &place, year, form_of_year(year), &catalogue);
        let want = printed(&truth);
        let bytes = render(&truth, Style::PORTAL, &catalogue);
        for part in 1..40 {
            let cut = bytes[..bytes.len() * part / 40].to_vec();
            let Ok(report) = read(cut, &catalogue) else { continue };
            for (key, value) in said(&report) {
                // The cell in which the page was cut may have lost digits.
                let is_last = report.facts.last().is_some_and(|fact| fact.indicator.as_str() == key.0);
                assert!(
                    is_last || value.is_none() || want.get(&key) == Some(&value),
                    "{year} {part}/40: {key:?} {value:?}"
                );
            }
        }
    }
}

#[test]
fn pages_that_are_no_report_give_none() {
    let catalogue = Catalogue::embedded();
    for kind in NO_REPORTS {
        for place in ["青田县", "蓬莱市", "江夏区", "吉林市"] {
            let reading = gongkai::read(&Capture::of_bytes(no_report(kind, place)), &catalogue);
            assert!(reading.reports.is_empty(), "{kind} {place}");
            assert!(reading.no_report.is_some_and(|reason| !reason.words.is_empty()), "{kind} {place}");
        }
    }
}
