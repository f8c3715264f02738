//! The fuzzers' corpus read again: what was found once stays found.
//!
//! `fuzz/README.md` says how to find more.
#![allow(missing_docs)]

#[path = "../fuzz/invariants.rs"]
mod invariants;

use std::path::Path;

/// Reads every input of a target's corpus with its invariants.
fn replay(target: &str, holds: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let mut paths: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(paths.len() >= 5, "{} holds the seeds", folder.display());
    for path in paths {
        let input = std::fs::read(&path).unwrap();
        let outcome = std::panic::catch_unwind(|| holds(&input));
        assert!(outcome.is_ok(), "{} breaks a promise: see the panic above", path.display());
    }
}

#[test]
fn charset() {
    replay("charset", invariants::charset);
}

#[test]
fn html() {
    replay("html", invariants::html);
}

#[test]
fn grid() {
    replay("grid", invariants::grid);
}

#[test]
fn numbers() {
    replay("numbers", invariants::numbers);
}

#[test]
fn read() {
    replay("read", invariants::read);
}
