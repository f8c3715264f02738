//! From a capture to its reports: the one pure function that the crawl, the
//! backfill, `extract` and anyone else call.

use std::borrow::Cow;
use std::ops::Range;

use sha2::{Digest, Sha256};

use crate::page::{Article, Block, Capture, Ending, Locator, Page, canonical_url, clean, decode, hex};
use crate::report::catalogue::Catalogue;
use crate::report::cut::cut_short;
use crate::report::narrative::Detail;
use crate::report::recognise::{Identity, Numbers, Part, Scene, not_a_report, parts, recognise};
use crate::report::{
    DocumentId, Fact, Form, Level, NoReport, NoReportKind, Reading, Report, ReportForm, ReportId, checks, narrative,
    tables,
};
use crate::words::counted;

/// Reads the reports that a capture holds.
///
/// Pure: no clock, no network, no globals, and total: what is no report gives
/// a reading that says why. The same capture and catalogue give the same
/// reading for ever.
#[must_use]
pub fn read(capture: &Capture, catalogue: &Catalogue) -> Reading {
    read_in(capture, catalogue, Detail::Facts)
}

/// [`read`], and of each figure of a sentence that no fact was made of, why
/// ([`Report::left_out`]): for a person who asks.
#[must_use]
pub fn explain(capture: &Capture, catalogue: &Catalogue) -> Reading {
    read_in(capture, catalogue, Detail::LeftOut)
}

fn read_in(capture: &Capture, catalogue: &Catalogue, detail: Detail) -> Reading {
    let page = decode(capture);
    let mut article = clean(&page);
    let mut notes = page.limits_met.clone();
    let (mut ending, mut last) = (page.ending, last_place(&page));
    for (index, part) in capture.parts.iter().enumerate() {
        let part_page = decode(part);
        notes.extend(part_page.limits_met.iter().map(|note| format!("part {}: {note}", index + 1)));
        (ending, last) =
            (part_page.ending, last_place(&part_page).map(|place| Locator { part: index as u32 + 1, ..place }));
        append(&mut article, clean(&part_page), index as u32 + 1);
    }
    if page.decoding.n_replaced > 0 {
        notes.push(format!("{} could not be decoded", counted(page.decoding.n_replaced, "character")));
    }
    // What stands behind the article tells that it did not end with the page.
    let is_last = article.blocks.last().is_some_and(|block| Some(&block.locator) == last.as_ref());
    let ending = if is_last { ending } else { Ending::Whole };
    let mut reports = Vec::new();
    let mut no_report = None;
    let parts = parts(&article.blocks);
    if parts.len() > 1 {
        notes.push(format!(
            "the document holds {}, one after the other: each is read for itself",
            counted(parts.len(), "report")
        ));
    }
    for (place, part) in parts.iter().enumerate() {
        let page = page_of(&page, &parts, place, &article.blocks);
        let ending = if place + 1 == parts.len() { ending } else { Ending::Whole };
        let of = Source { capture, catalogue, page: &page, article: &article, ending, detail };
        match read_one(of, part.blocks.clone(), place, &mut notes) {
            Ok(report) => reports.push(report),
            Err(reason) => {
                if parts.len() > 1 {
                    notes.push(format!("report {} of them was not read: {}", place + 1, reason.words));
                }
                no_report = no_report.or(Some(reason));
            }
        }
    }
    if !reports.is_empty() {
        no_report = None;
    } else if let Some(words) = ending.words() {
        notes.push(words.to_owned());
    }
    Reading { reports, no_report, title: page.title, decoding: page.decoding, article, notes }
}

/// Where the last block of a page stands.
fn last_place(page: &Page) -> Option<Locator> {
    page.blocks.last().map(|block| block.locator.clone())
}

/// The blocks of a later part, after those before it.
fn append(article: &mut Article, mut more: Article, part: u32) {
    let blocks = more.blocks.iter_mut().chain(more.dropped.iter_mut().map(|dropped| &mut dropped.block));
    blocks.for_each(|block| block.locator.part = part);
    article.blocks.append(&mut more.blocks);
    article.dropped.append(&mut more.dropped);
}

/// What of a page is around a report: all of it, but for the other reports of a
/// collection and their titles.
fn page_of<'p>(page: &'p Page, parts: &[Part], n: usize, blocks: &[Block]) -> Cow<'p, Page> {
    if parts.len() < 2 {
        return Cow::Borrowed(page);
    }
    let place = |part: &Part| page.blocks.iter().position(|block| block.locator == blocks[part.blocks.start].locator);
    let start = if n == 0 { 0 } else { place(&parts[n]).unwrap_or(0) };
    let end = parts.get(n + 1).and_then(place).unwrap_or(page.blocks.len());
    let is_anothers = |title: &String| parts[1..].iter().any(|part| part.title.as_ref() == Some(title));
    let titles = match &parts[n].title {
        Some(title) => vec![title.clone()],
        None => page.titles.iter().filter(|title| !is_anothers(title)).cloned().collect(),
    };
    let of_page = page.blocks.get(start..end).unwrap_or_default();
    Cow::Owned(Page { title: titles.first().cloned(), titles, blocks: of_page.to_vec(), ..page.clone() })
}

/// What a report is read from.
#[derive(Clone, Copy)]
struct Source<'a> {
    capture: &'a Capture,
    catalogue: &'a Catalogue,
    page: &'a Page,
    article: &'a Article,
    ending: Ending,
    detail: Detail,
}

fn read_one(of: Source<'_>, range: Range<usize>, place: usize, notes: &mut Vec<String>) -> Result<Report, NoReport> {
    let Source { capture, catalogue, page, article, ending, detail } = of;
    let blocks = &article.blocks[range];
    let text = blocks.iter().map(Block::text).collect::<Vec<_>>().join("\n");
    let scene = Scene { capture, page, blocks, text: &text, surroundings: article.surroundings };
    let identity = recognise(&scene, catalogue);
    let subject = tables::Subject { year: identity.report_year, level: identity.level };
    let from_tables = tables::read(blocks, Some(subject), catalogue);
    let form = from_tables.form.unwrap_or(ReportForm::Narrative);
    let prose = tables::prose(blocks, &from_tables);
    let scope = narrative::Scope {
        report_year: identity.report_year,
        level: identity.level,
        region_name: identity.region_name.clone(),
        issuer: identity.issuer.clone().unwrap_or_default(),
        form: form.official().or_else(|| identity.report_year.map(tables::form_of_year)),
    };
    let mut from_prose = narrative::read(&prose, &scope, catalogue, detail);
    from_prose.unread.extend(checks::counted_with_those_before(&from_tables.facts, &mut from_prose.facts));
    if from_prose.n_passed_over > 0 {
        let n = counted(from_prose.n_passed_over, "sentence");
        notes.push(format!("{n} passed over: too long, or too many"));
    }
    if from_prose.n_more_left_out > 0 {
        let n = counted(from_prose.n_more_left_out, "more figure");
        notes.push(format!("{n} of sentences gave no fact than are listed"));
    }
    let is_told = |fact: &&Fact| fact.value.is_some_and(|value| !value.is_zero());
    let numbers = Numbers {
        n_table: from_tables.facts.len(),
        n_told: from_tables.facts.iter().filter(is_told).count(),
        n_unread: from_tables.unread.len(),
        n_narrative: from_prose.facts.len(),
    };
    if let Some(reason) = not_a_report(&scene, &identity, numbers) {
        return Err(reason);
    }
    let cut_short = cut_short(page, blocks, ending, &from_tables, catalogue);
    notes.extend(cut_short.iter().map(|evidence| format!("the report may be cut short: {evidence}")));
    let mut conflicts = checks::conflicts(&from_tables.facts, &from_prose.facts);
    conflicts.extend(from_prose.conflicts);
    conflicts.sort_by(|a, b| (&a.indicator, a.applicant, a.narrative).cmp(&(&b.indicator, b.applicant, b.narrative)));
    conflicts.dedup();
    let checks = checks::check(&from_tables.facts, catalogue);
    let mut facts = from_tables.facts;
    facts.extend(from_prose.facts);
    sort(&mut facts, scope.form, catalogue);
    let mut unread = from_tables.unread;
    unread.extend(from_prose.unread);
    let Some((document_id, report_id)) = ids(capture, &text, place, &identity) else {
        let words = "its identity cannot be written as an id".to_owned();
        return Err(NoReport { kind: NoReportKind::OtherDocument, words });
    };
    let first_line = || text.lines().next().unwrap_or_default().to_owned();
    let title = identity.title.clone().or_else(|| identity.issuer.clone()).unwrap_or_else(first_line);
    Ok(Report {
        document_id,
        report_id,
        title,
        issuer: identity.issuer,
        region: identity.region,
        level: identity.level,
        report_year: identity.report_year,
        form,
        published_on: identity.published_on,
        script: identity.script,
        origin: identity.origin,
        facts,
        conflicts,
        checks,
        unread,
        n_stray_numbers: from_tables.n_stray_numbers,
        left_out: from_prose.left_out,
        cut_short,
        evidence: identity.evidence,
        text,
    })
}

/// Facts in the order of the form, then by applicant and method.
fn sort(facts: &mut [Fact], form: Option<Form>, catalogue: &Catalogue) {
    // The facts of a row stand together: its place is looked up once.
    let of = |fact: &Fact| (fact.indicator.clone(), fact.form.or(form));
    let mut last = None;
    facts.sort_by_cached_key(|fact| {
        let row = of(fact);
        let place = match &last {
            Some((known, place)) if *known == row => *place,
            _ => catalogue.place_of(&row.0, row.1),
        };
        let key = (place, row.0.clone(), fact.applicant, fact.method);
        last = Some((row, place));
        key
    });
}

/// The document's id, a digest of its place and text; and the report's, of who
/// reports and for when.
fn ids(capture: &Capture, text: &str, place: usize, identity: &Identity) -> Option<(DocumentId, ReportId)> {
    let origin = capture.url().map_or_else(|| capture.payload_sha256(), canonical_url);
    let digest = hex(&Sha256::digest(format!("{origin}\n{place}\n{text}")));
    let (region, issuer) = match &identity.region {
        Some(code) => (code.as_str(), &identity.issuer_in_region),
        None => ("000000", &identity.issuer),
    };
    let issuer: String = issuer.iter().flat_map(|name| name.chars()).filter(|c| c.is_alphanumeric()).collect();
    // An id has all its parts.
    let issuer = if issuer.is_empty() { "未知" } else { &issuer };
    let year = identity.report_year.map_or_else(|| "unknown".to_owned(), |year| year.to_string());
    let level: Level = identity.level;
    Some((digest[..32].parse().ok()?, format!("{region}-{level}-{issuer}-{year}").parse().ok()?))
}
