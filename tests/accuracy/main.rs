//! docs/accuracy.md says what is read, how that is measured and what came of
//! it. This test measures and compares; it writes the document by
//! `GONGKAI_WRITE=1 cargo test --test accuracy`.
//!
//! The pages are the generator's, by fixed seeds, so that the figures are the
//! same everywhere; those of real documents are there where ../shared is.
#![allow(missing_docs)]
#![cfg(feature = "generator")]

mod generated;
mod real;
#[path = "../support/mod.rs"]
mod support;

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;

use gongkai::Catalogue;
use gongkai::report::evidence::Evidence;

const HEAD: &str = include_str!("head.md");
const TAIL: &str = include_str!("tail.md");

/// Where the real documents' part begins and ends, for a machine without them.
const REAL: (&str, &str) = ("## Real documents\n", "## Known limits\n");

#[test]
fn the_document_says_what_is_measured() {
    let catalogue = Catalogue::embedded();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/accuracy.md");
    let there = fs::read_to_string(&path).unwrap_or_default();
    let real = real::measured(&catalogue).unwrap_or_else(|| {
        println!("skipped: ../shared/reports is missing; the document's part on real documents is not compared");
        between(&there, REAL).to_owned()
    });
    let text = [HEAD, &generated::measured(&catalogue), &confidences(&catalogue), &real, TAIL].concat();
    if std::env::var_os("GONGKAI_WRITE").is_some() {
        fs::File::create(&path).unwrap().write_all(text.as_bytes()).unwrap();
    } else {
        let line = text.lines().zip(there.lines()).find(|(new, old)| new != old);
        assert!(text == there, "docs/accuracy.md is not what is measured, first at {line:?}; write it anew");
    }
}

fn between<'t>(text: &'t str, (from, to): (&str, &str)) -> &'t str {
    match (text.find(from), text.find(to)) {
        (Some(from), Some(to)) if from < to => &text[from..to],
        _ => "",
    }
}

/// The catalogue's confidence of each evidence.
fn confidences(catalogue: &Catalogue) -> String {
    let mut text = "\nWhat each thing that was missing makes of it (`config/confidence.csv`; several multiply):\n\n\
                    | evidence | confidence |\n| --- | --- |\n"
        .to_owned();
    for of in Evidence::ALL {
        writeln!(text, "| {} | {:.2} |", of.as_str(), catalogue.confidence(&[*of])).unwrap();
    }
    writeln!(text, "\nBelow {:.2} a cell is unread.\n", catalogue.confidences.threshold()).unwrap();
    text
}
