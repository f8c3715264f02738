//! The memory that reading takes: at most twenty times the page.
//!
//! A page may always take 512 KiB: its facts, each with its place and its rule
//! in words, weigh more than the bare cells that they came from. A document made
//! to hurt may always take 64 MiB, what the bounds of `page` allow, and keeps to
//! twenty times from 3 MiB on.
//!
//! One test, since the allocator that counts is the whole program's. A debug
//! build reads two hostile documents of 10 MiB; this reads all of them:
//! `cargo test --release --no-default-features --features generator --test memory`
#![allow(missing_docs)]
#![cfg(feature = "generator")]

mod shapes;

use std::path::Path;

use gongkai::demo::page::{Layout, Style, form_of_year, render};
use gongkai::demo::truth::truth;
use gongkai::{Capture, Catalogue, read};
use peak_alloc::PeakAlloc;

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

const MOST_TIMES: usize = 20;

/// Bytes that any page may take.
const PAGE: usize = 512 * 1024;

/// Bytes that any document may take.
const ANY: usize = 64 * 1024 * 1024;

/// Bytes of a hostile document.
const HOSTILE: usize = 10 * 1024 * 1024;

/// Those of the most nodes and of the most facts for their bytes.
const DEAREST: [&str; 2] = ["empty cells", "numbers on lines"];

#[test]
fn reading_takes_at_most_twenty_times_the_page() {
    let catalogue = Catalogue::embedded();
    let pages: Vec<_> = reports(&catalogue).into_iter().chain(real_pages()).collect();
    // What is made once and kept (tables, compiled rules) is no page's.
    for (_, bytes) in &pages {
        drop(read(&Capture::of_bytes(bytes.clone()), &catalogue));
    }
    let all = !cfg!(debug_assertions);
    let shapes = shapes::all().filter(|shape| all || DEAREST.contains(&shape.name));
    let shapes = shapes.map(|shape| (shape.name.to_owned(), shape.document(HOSTILE).into_bytes()));
    let bytes = shapes::bytes(if all { HOSTILE } else { 0 });
    let bytes = bytes.into_iter().filter(|_| all).map(|(name, bytes)| (name.to_owned(), bytes));
    let pages = pages.into_iter().map(|(name, bytes)| (name, bytes, PAGE));
    let hostile = shapes.chain(bytes).map(|(name, bytes)| (name, bytes, ANY));
    let mut most = [0_usize; 2];
    let mut too_much = Vec::new();
    for (name, bytes, always) in pages.chain(hostile) {
        let n = bytes.len();
        let peak = peak_of(Capture::of_bytes(bytes), &catalogue);
        let share = &mut most[usize::from(always == ANY)];
        let bound = always.max(MOST_TIMES * n);
        *share = (*share).max(100 * peak / bound);
        if peak > bound {
            too_much.push(format!("{name}: {peak} bytes for {n}, {:.1} times", peak as f64 / n as f64));
        }
    }
    println!("of what they may take, pages took {} % at most, hostile documents {} %", most[0], most[1]);
    assert!(too_much.is_empty(), "\n{}", too_much.join("\n"));
    assert!(most.iter().all(|percent| *percent > 5), "the heap was not measured");
}

/// The most heap that a reading holds, beside the capture itself.
fn peak_of(capture: Capture, catalogue: &Catalogue) -> usize {
    let before = HEAP.current_usage();
    HEAP.reset_peak_usage();
    let reading = read(&capture, catalogue);
    let peak = HEAP.peak_usage();
    assert!(reading.reports.is_empty() == reading.no_report.is_some());
    peak.saturating_sub(before)
}

/// Invented reports of every form: bare, as a word processor exports them, with
/// prose that makes them long, and with their tables twenty times.
fn reports(catalogue: &Catalogue) -> Vec<(String, Vec<u8>)> {
    let place = catalogue.regions.named("青田县", None)[0].clone();
    let mut pages = Vec::new();
    for (year, layout) in [2012, 2016, 2019, 2022]
        .into_iter()
        .flat_map(|year| [Layout::Tables, Layout::Lines, Layout::Rows, Layout::Pipes].map(|layout| (year, layout)))
    {
        let truth = truth(9, &place, year, form_of_year(year), catalogue);
        let style = Style { layout, ..Style::PORTAL };
        let html = String::from_utf8(render(&truth, style, catalogue)).unwrap();
        let name = format!("{year} {layout:?}").to_lowercase();
        for n_prose in [100, 800] {
            let prose: String = (0..n_prose)
                .map(|n| format!("<p>第{n}件事已经办结，材料齐全，公众可以到窗口查阅，也可以在网上查询。</p>\n"))
                .collect();
            let long = html.replace("<p>五、", &format!("{prose}<p>五、"));
            pages.push((format!("{name} with {n_prose} paragraphs"), long.into_bytes()));
        }
        if let (Some(from), Some(to)) = (html.find("<table"), html.rfind("</table>")) {
            let copies = format!("{}{}{}", &html[..from], html[from..to + 8].repeat(20), &html[to + 8..]);
            pages.push((format!("{name} twenty times"), copies.into_bytes()));
        }
        pages.push((format!("{name} of a word processor"), exported(&html).into_bytes()));
        pages.push((name, html.into_bytes()));
    }
    pages
}

/// A page with the markup that word processors put around every cell.
fn exported(html: &str) -> String {
    html.replace("<td", "<td style=\"border:solid windowtext 1.0pt;padding:0cm 5.4pt 0cm 5.4pt;height:15.6pt\"")
        .replace("<p>", "<p class=MsoNormal align=center style='text-align:center;line-height:18.0pt'>")
        .replace("<span>", "<span lang=EN-US style='font-size:12.0pt;font-family:\"Times New Roman\",serif'>")
}

/// Pages of real reports, where they are at hand.
fn real_pages() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/reports/more");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        println!("skipped: {} is not here", folder.display());
        return Vec::new();
    };
    let paths = entries.flatten().map(|entry| entry.path());
    let html = paths.filter(|path| path.extension().is_some_and(|extension| extension == "html"));
    html.map(|path| (path.display().to_string(), std::fs::read(&path).unwrap())).collect()
}
