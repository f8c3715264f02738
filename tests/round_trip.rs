//! What the generator renders is read, cell for cell; what is damaged is read
//! in part, or doubted, and never wrong.
//!
//! A thousand cases of each form; a hundred thousand by
//! `GONGKAI_ROUND_TRIPS=100000 cargo test --release --test round_trip`.
#![allow(missing_docs)]
#![cfg(feature = "generator")]

mod support;

use gongkai::demo::damage::{Damage, render_damaged};
use gongkai::demo::other::OTHERS;
use gongkai::demo::page::{Charset, Chrome, Layout, Script, Style, render};
use gongkai::demo::quirk::{Quirk, Quirks};
use gongkai::demo::truth::Truth;
use gongkai::report::{Method, Outcome, ReportForm, Severity};
use gongkai::{Capture, Catalogue};

use support::{printed, read, report, said};

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

/// The seeds of the cases: a thousand, or as many as `GONGKAI_ROUND_TRIPS` says,
/// so many times; or the one of `GONGKAI_SEED`, to look into a failure.
fn seeds(times: u64) -> std::ops::Range<u64> {
    let all = || 0..times * number("GONGKAI_ROUND_TRIPS").unwrap_or(1000);
    number("GONGKAI_SEED").map_or_else(all, |seed| seed..seed + 1)
}

/// Reads a report back; what is not as printed, in words.
fn trip(truth: &Truth, style: Style, catalogue: &Catalogue) -> Result<(), String> {
    let page = render(truth, style, catalogue);
    if number("GONGKAI_SEED").is_some() {
        println!("{}", String::from_utf8_lossy(&page));
    }
    let report = read(page, catalogue)?;
    let (have, want) = (said(&report), printed(truth));
    let wrong: Vec<_> = want.iter().filter(|(key, value)| have.get(key) != Some(value)).take(4).collect();
    if let Some((key, _)) = wrong.first() {
        let unread = report.unread.iter().find(|unread| unread.indicator.as_str() == key.0);
        return Err(format!("{wrong:?} read as {:?}, {unread:?}", have.get(key)));
    }
    if let Some(more) = have.keys().find(|key| !want.contains_key(key)) {
        return Err(format!("more than was printed: {more:?}"));
    }
    let failed = report.checks.iter().find(|c| c.outcome == Outcome::Fail && c.severity == Severity::Error);
    let has_wrong_total = style.quirks.has(Quirk::WrongTotal);
    // Blank totals count as zero beside those that are there.
    if failed.is_some() != has_wrong_total && !style.quirks.has(Quirk::BlankTotals) {
        return Err(format!("check failed: {failed:?}, a wrong total was printed: {has_wrong_total}"));
    }
    let identity = (report.report_year, report.form, report.issuer.as_deref());
    let expected = (Some(truth.year), truth.form, Some(truth.issuer.as_str()));
    if identity == expected { Ok(()) } else { Err(format!("{identity:?}, {expected:?} expected")) }
}

fn round_trips(form: ReportForm) {
    let catalogue = Catalogue::embedded();
    let mut failures = Vec::new();
    for seed in seeds(1) {
        let layout = Layout::ALL[(seed % 9) as usize];
        let style = Style::draw(seed, layout, form, 6);
        let truth = report(seed, form, &catalogue).printed(&style);
        if let Err(why) = trip(&truth, style, &catalogue) {
            let quirks: Vec<_> = style.quirks.iter().collect();
            failures.push(format!("seed {seed} {layout:?} {:?} {:?} {quirks:?}: {why}", style.chrome, style.charset));
        }
    }
    assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures[..failures.len().min(12)].join("\n"));
}

#[test]
fn narratives_are_read_as_rendered() {
    round_trips(ReportForm::Narrative);
}

#[test]
fn local_tables_are_read_as_rendered() {
    round_trips(ReportForm::Local);
}

#[test]
fn the_form_of_2014_is_read_as_rendered() {
    round_trips(ReportForm::Form2014);
}

#[test]
fn the_form_of_2019_is_read_as_rendered() {
    round_trips(ReportForm::Form2019);
}

#[test]
fn the_form_of_2021_is_read_as_rendered() {
    round_trips(ReportForm::Form2021);
}

/// Each quirk alone, in every form and layout that it fits.
#[test]
fn every_quirk_is_read() {
    let catalogue = Catalogue::embedded();
    let mut failures = Vec::new();
    for quirk in Quirk::ALL {
        for form in ReportForm::ALL {
            for layout in Layout::ALL.into_iter().filter(|layout| quirk.fits(*form, *layout)) {
                for seed in 0..3 {
                    let chrome = if layout.is_plain_text() { Chrome::Plain } else { Chrome::Portal };
                    let style = Style { quirks: Quirks::NONE.with(*quirk), layout, chrome, seed, ..Style::PORTAL };
                    let truth = report(seed, *form, &catalogue).printed(&style);
                    if let Err(why) = trip(&truth, style, &catalogue) {
                        failures.push(format!("{quirk:?} {form} {layout:?} seed {seed}: {why}"));
                    }
                }
            }
        }
    }
    assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures[..failures.len().min(40)].join("\n"));
}

/// The same report in any dress gives the same numbers.
#[test]
fn dress_changes_no_number() {
    let catalogue = Catalogue::embedded();
    for form in ReportForm::ALL {
        let truth = report(5, *form, &catalogue);
        let plain = said(&read(render(&truth, Style::PORTAL, &catalogue), &catalogue).unwrap());
        for layout in Layout::ALL {
            for chrome in Chrome::ALL.into_iter().filter(|chrome| !layout.is_plain_text() || *chrome == Chrome::Plain) {
                for (script, charset) in [
                    (Script::Simplified, Charset::Utf8),
                    (Script::Simplified, Charset::Gbk),
                    (Script::Traditional, Charset::Utf8),
                ] {
                    let style = Style { chrome, layout, script, charset, ..Style::PORTAL };
                    let have = said(&read(render(&truth, style, &catalogue), &catalogue).unwrap());
                    assert_eq!(have, plain, "{form} {style:?}");
                }
            }
        }
    }
}

/// Damage may cost numbers; it never makes a wrong one.
#[test]
fn damage_gives_no_wrong_number() {
    let catalogue = Catalogue::embedded();
    let mut failures = Vec::new();
    let mut n_doubted = 0;
    for seed in seeds(2) {
        let form =
            [ReportForm::Form2014, ReportForm::Form2019, ReportForm::Form2021, ReportForm::Local][(seed % 4) as usize];
        let damage = Damage::ALL[(seed / 4 % 13) as usize];
        let layout = Layout::ALL[(seed / 52 % 9) as usize];
        let style = Style::draw(seed, layout, form, 2);
        let truth = report(seed, form, &catalogue).printed(&style);
        let page = render_damaged(&truth, style, &[damage], &catalogue);
        if number("GONGKAI_SEED").is_some() {
            println!("{}", String::from_utf8_lossy(&page));
        }
        let Ok(report) = read(page, &catalogue) else { continue };
        let want = printed(&truth);
        let have = said(&report);
        n_doubted += usize::from(have.len() < want.len() || report.facts.iter().any(|fact| fact.confidence < 1.0));
        for (key, value) in &have {
            // The cell in which the page was cut may have lost digits.
            let is_cut = damage == Damage::CutPage
                && report
                    .facts
                    .iter()
                    .rfind(|f| f.value.is_some())
                    .is_some_and(|fact| fact.indicator.as_str() == key.0);
            // A table that is none any more may be read as the sentence it looks like.
            let in_table = (key.0.clone(), key.1.clone(), Method::Table);
            if !is_cut && value.is_some() && want.get(key) != Some(value) && want.get(&in_table) != Some(value) {
                let quirks: Vec<_> = style.quirks.iter().collect();
                failures.push(format!(
                    "seed {seed} {form} {damage:?} {layout:?} {quirks:?}: {key:?} {value:?}, {:?} was printed",
                    want.get(key)
                ));
                break;
            }
        }
    }
    let n = seeds(1).end - seeds(1).start;
    assert!(n == 1 || n_doubted as u64 > n, "the damage is felt: {n_doubted}");
    assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures[..failures.len().min(20)].join("\n"));
}

#[test]
fn pages_that_are_no_report_give_none() {
    let catalogue = Catalogue::embedded();
    assert!(OTHERS.len() >= 60, "{} kinds of pages", OTHERS.len());
    let mut failures = Vec::new();
    for other in OTHERS.iter() {
        for (place, year) in [("青田县", 2016), ("吉林市", 2022)] {
            for chrome in [Chrome::Plain, Chrome::Portal, Chrome::Mirror] {
                let reading =
                    gongkai::read(&Capture::of_bytes(other.render(place, year, chrome, Charset::Utf8)), &catalogue);
                if !reading.reports.is_empty() || reading.no_report.is_none_or(|reason| reason.words.is_empty()) {
                    failures.push(format!("{} {} {place} {chrome:?}", other.kind, other.title));
                }
            }
        }
    }
    assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures.join("\n"));
}

/// An article that goes on over pages or frames is the parts of one capture.
#[test]
fn an_article_in_parts_is_read_as_one() {
    let catalogue = Catalogue::embedded();
    for form in [ReportForm::Narrative, ReportForm::Form2014, ReportForm::Form2019, ReportForm::Form2021] {
        let truth = report(4, form, &catalogue);
        let page = render(&truth, Style::PORTAL, &catalogue);
        let whole = said(&read(page.clone(), &catalogue).unwrap());
        let html = String::from_utf8(page).unwrap();
        // Before the second section, and before the last.
        let cuts = ["<p>二、", "<p>五、"].map(|heading| html.find(heading).unwrap());
        let [first, second, third] = [&html[..cuts[0]], &html[cuts[0]..cuts[1]], &html[cuts[1]..]];
        let part = |text: &str| Capture::of_bytes(format!("<html><meta charset=utf-8><body>{text}").into_bytes());
        let capture =
            Capture { parts: vec![part(second), part(third)], ..Capture::of_bytes(first.as_bytes().to_vec()) };
        let reading = gongkai::read(&capture, &catalogue);
        assert_eq!(reading.reports.len(), 1, "{form}: {:?}", reading.no_report);
        assert_eq!(said(&reading.reports[0]), whole, "{form}");
        let is_in_part = |fact: &gongkai::report::Fact| fact.locator.part == 1;
        assert!(reading.reports[0].facts.iter().any(is_in_part), "{form}: a locator names its part");
    }
}
