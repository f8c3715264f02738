//! What must hold of any input: shared by the fuzz targets beside this file and
//! by `tests/fuzz_corpus.rs`, so that the two cannot drift.
//!
//! Each function takes the fuzzer's bytes, reads them with one stage and panics
//! where a promise of that stage is broken.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use gongkai::page::fold::fold;
use gongkai::page::{Article, Block, BlockKind, Grid, Page, PageKind, Place, charset, clean, decode};
use gongkai::report::numbers::{CellValue, cell, numbers_in};
use gongkai::report::{Against, Applicant, Fact, Method, Outcome, Report};
use gongkai::{Capture, Catalogue, Reading};

/// What stands between the parts of a capture in the input of [`read`].
const PART: &[u8] = b"\n==PART==\n";

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(Catalogue::embedded);

/// Bytes to text. The first byte chooses what the server said of them.
pub fn charset(input: &[u8]) {
    const TYPES: [Option<&str>; 6] = [
        None,
        Some("text/html"),
        Some("text/html; charset=utf-8"),
        Some("text/html; charset=gb2312"),
        Some("text/html;charset=\"big5\""),
        Some("text/html; charset=utf-16le"),
    ];
    let Some((first, body)) = input.split_first() else { return };
    let content_type = TYPES[usize::from(*first) % TYPES.len()];
    let (text, decoding) = charset::decode(body, content_type);
    assert_eq!(text.matches('\u{fffd}').count(), decoding.n_replaced, "what was replaced is counted");
    assert_eq!((text.clone(), decoding), charset::decode(body, content_type), "decoding twice is decoding once");
    // Nobody writes Chinese in UTF-8 by chance: no declaration makes it another.
    if let Ok(valid) = std::str::from_utf8(body)
        && valid.chars().filter(|c| c.len_utf8() > 2).nth(2).is_some()
        && !valid.contains('\0')
    {
        assert_eq!(text, valid.trim_start_matches('\u{feff}'), "text in UTF-8 stays what it is");
    }
}

/// Markup to blocks, and the blocks that are the article.
pub fn html(input: &[u8]) {
    let page = decode(&Capture::of_bytes([b"<html>", input].concat()));
    assert_page(&page);
    if page.kind == PageKind::Html {
        assert!(page.blocks.iter().all(|block| matches!(block.locator.place, Place::Dom(_))));
    }
    assert_article(&page, &clean(&page));
    let lines = decode(&Capture::of_bytes(input.to_vec()));
    assert_page(&lines);
    assert_article(&lines, &clean(&lines));
}

/// Tables with spans: each byte of the input is a row, a span or a cell.
pub fn grid(input: &[u8]) {
    let mut html = "<html><body><table><tr><td>0<td>0".to_owned();
    for byte in input {
        let (high, low) = (byte >> 4, byte & 15);
        match high {
            0 => html.push_str("<tr>"),
            1 => html.push_str("</td>"),
            2 => html.push_str("<caption>公</caption>"),
            3 => html.push_str("<tbody>"),
            4 => html.push_str(&format!("<td colspan={low}00 rowspan={low}>")),
            5 => html.push_str(&format!("<th rowspan={low}>{low}")),
            6 => html.push_str(&format!("<td colspan=-{low} rowspan=x>{low}")),
            7 => html.push_str("<td rowspan=65534 colspan=2>"),
            high => html.push_str(&format!("<td rowspan={} colspan={}>{byte}", low % 4, high % 8)),
        }
    }
    assert_page(&decode(&Capture::of_bytes(html.into_bytes())));
}

/// Numbers in cells and in sentences.
pub fn numbers(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let as_cell = cell(&text);
    assert_eq!(as_cell, cell(&text));
    if let CellValue::Number(number) = as_cell {
        match cell(&number.value.to_string()) {
            CellValue::Number(again) => assert_eq!(again.value, number.value),
            other => panic!("{} of {text:?} is read again as {other:?}", number.value),
        }
    }
    for text in [text.as_ref(), &fold(&text)] {
        let mut last_end = 0;
        for number in numbers_in(text) {
            assert!(number.span.start >= last_end, "numbers do not overlap");
            assert!(text.get(number.span.clone()).is_some_and(|digits| !digits.is_empty()), "and stand in the text");
            assert!(!number.value.is_sign_negative(), "and have no sign");
            let again = numbers_in(&text[number.span.clone()]);
            assert_eq!(again.first().map(|again| again.value), Some(number.value), "and mean the same alone");
            last_end = number.span.end;
        }
    }
}

/// A whole capture. The first byte chooses its URL, its headers and what the
/// configuration knows; `==PART==` on a line of its own parts its bodies.
pub fn read(input: &[u8]) {
    let Some((first, bytes)) = input.split_first() else { return };
    let capture = capture(*first, bytes);
    let reading = gongkai::read(&capture, &CATALOGUE);
    assert_eq!(reading, gongkai::read(&capture, &CATALOGUE), "the same capture gives the same reading");
    assert_eq!(reading.reports.is_empty(), reading.no_report.is_some(), "a report, or why there is none");
    assert_reading(&reading, capture.parts.len());
}

fn capture(first: u8, bytes: &[u8]) -> Capture {
    const URLS: [&str; 4] = [
        "http://www.example.gov.cn/art/2018/3/8/art_1_2.html",
        "https://wiki.example.org/%E5%B9%B4%E6%8A%A5;jsessionid=1?utm_source=x#top",
        "http://192.0.2.7:8080/",
        "file:///tmp/a.txt",
    ];
    let mut bodies = Vec::new();
    let mut rest = bytes;
    while let Some(at) = rest.windows(PART.len()).position(|window| window == PART) {
        bodies.push(rest[..at].to_vec());
        rest = &rest[at + PART.len()..];
    }
    bodies.push(rest.to_vec());
    let mut captures = bodies.into_iter().map(Capture::of_bytes);
    let mut capture = captures.next().unwrap_or_default();
    capture.parts = captures.collect();
    capture.final_url = URLS.get(usize::from(first & 7)).and_then(|url| url.parse().ok());
    if first & 8 != 0 {
        capture.headers.push(("Content-Type".to_owned(), "text/html; charset=gb2312".to_owned()));
    }
    if first & 16 != 0 {
        capture.hint.portal = Some("example".to_owned());
        capture.hint.name = Some("青田县人民政府".to_owned());
        capture.hint.region = Some("331121".to_owned());
    }
    capture
}

fn assert_page(page: &Page) {
    assert!(page.title.is_none() || page.title == page.titles.first().cloned());
    for block in &page.blocks {
        assert!((0.0..=1.0).contains(&block.link_density), "a share lies between 0 and 1");
        match &block.kind {
            BlockKind::Heading(level, text) => {
                assert!((1..=6).contains(level));
                assert_eq!(text.trim(), text);
            }
            BlockKind::Paragraph(text) | BlockKind::Control(text) => {
                assert!(!text.is_empty() && text.trim() == text, "text is trimmed and there: {text:?}");
            }
            BlockKind::List(items) => assert!(!items.is_empty() && items.iter().all(|item| !item.is_empty())),
            BlockKind::Table(grid) => assert_grid(grid),
        }
    }
    assert!(page.blocks.iter().all(|block| block.locator.part == 0), "a page knows nothing of parts");
}

/// No two cells cover one position, and none lies outside.
fn assert_grid(grid: &Grid) {
    let n_rows = grid.rows.len() as u32;
    let mut free_from = vec![0; grid.n_columns as usize];
    for (row, number) in grid.rows.iter().zip(0..) {
        for cell in &row.cells {
            assert_eq!(cell.row, number, "a row holds the cells that begin in it");
            assert!(cell.row_span > 0 && cell.column_span > 0);
            assert!(cell.row + cell.row_span <= n_rows, "{cell:?} ends below the last of {n_rows} rows");
            assert!(cell.column + cell.column_span <= grid.n_columns, "{cell:?} ends beyond {}", grid.n_columns);
            for column in cell.column..cell.column + cell.column_span {
                let free = &mut free_from[column as usize];
                assert!(*free <= number, "{cell:?} lies on another cell");
                *free = number + cell.row_span;
            }
            assert_eq!(grid.at(cell.row, cell.column), Some(cell), "a cell is found where it begins");
        }
    }
}

/// What is kept and what is dropped are the page's blocks, each once, in order.
fn assert_article(page: &Page, article: &Article) {
    let (mut kept, mut dropped) = (article.blocks.iter().peekable(), article.dropped.iter().peekable());
    for block in &page.blocks {
        let is_kept = kept.next_if(|kept| *kept == block).is_some();
        assert!(is_kept || dropped.next_if(|dropped| dropped.block == *block).is_some(), "a block is lost: {block:?}");
    }
    assert!(kept.next().is_none() && dropped.next().is_none(), "a block came from nowhere");
}

fn assert_reading(reading: &Reading, n_parts: usize) {
    let dropped = reading.article.dropped.iter().map(|dropped| &dropped.block);
    for block in reading.article.blocks.iter().chain(dropped) {
        assert!(block.locator.part as usize <= n_parts);
    }
    for report in &reading.reports {
        assert!(report.issuer.as_ref().is_none_or(|issuer| !issuer.is_empty()) && !report.title.is_empty());
        assert!(report.report_year.is_none_or(|year| (2000..=2100).contains(&year)), "{:?}", report.report_year);
        assert_facts(report, &reading.article.blocks);
        assert_checks(report);
    }
}

fn assert_facts(report: &Report, blocks: &[Block]) {
    let mut keys = BTreeSet::new();
    for fact in &report.facts {
        let id = &fact.indicator;
        assert!(keys.insert((id, fact.applicant, fact.method)), "{id} {:?} stands there twice", fact.applicant);
        assert!(fact.confidence > 0.0 && fact.confidence <= 1.0, "{id} is {} sure", fact.confidence);
        let mut rows = CATALOGUE.indicators.iter().filter(|row| row.id == *id);
        assert!(rows.any(|row| row.unit == fact.unit && allows(&row.applicants, fact)), "no form has {fact:?}");
        assert!(blocks.iter().any(|block| block.locator.place == fact.locator.place), "{} is nowhere", fact.locator);
        assert!(fact.value.is_some() || fact.method == Method::Table, "a sentence says a number");
    }
    for unread in &report.unread {
        let (id, applicant) = (&unread.indicator, unread.applicant);
        assert!(!keys.contains(&(id, applicant, Method::Table)), "{id} {applicant:?} is read and unread");
        assert!(!unread.reason.is_empty());
    }
}

fn allows(applicants: &[Applicant], fact: &Fact) -> bool {
    fact.applicant.map_or(applicants.is_empty(), |applicant| applicants.contains(&applicant))
}

fn assert_checks(report: &Report) {
    for check in &report.checks {
        let is_told = check.left.is_some() && check.right.is_some();
        assert_eq!(is_told, check.outcome != Outcome::NotApplicable, "{} is applicable with both sides", check.check);
        assert!(check.left != check.right || check.outcome != Outcome::Fail, "{} fails on equal sides", check.check);
    }
    for conflict in &report.conflicts {
        let (Against::Table(before) | Against::Sentence(before)) = conflict.against;
        assert_ne!(before, conflict.narrative, "what agrees is no conflict");
        let mut said = report.facts.iter().filter(|fact| fact.method == Method::Narrative);
        // Sentences of which the later says more are told as unread.
        let is_unread = report.unread.iter().any(|unread| unread.indicator == conflict.indicator);
        let is_told = is_unread || said.any(|fact| fact.indicator == conflict.indicator);
        assert!(is_told, "{} was said", conflict.indicator);
    }
}
