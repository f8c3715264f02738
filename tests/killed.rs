//! Killed at any instant, the next run finishes the work: nothing lost,
//! nothing twice.
//!
//! The instant is told by how much the archive holds, not by a clock; whatever
//! it is, the end must be the same.
#![allow(missing_docs)]
#![cfg(all(feature = "engine", unix))]

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use gongkai::Catalogue;
use gongkai::lake::Lake;

fn demo(dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gongkai"));
    command.args(["demo", "--output", "out", "--state", "state"]).current_dir(dir);
    command.stdout(Stdio::piped()).stderr(Stdio::null());
    command
}

fn archived(dir: &Path) -> u64 {
    let files = fs::read_dir(dir.join("state/demo/archive")).into_iter().flatten().flatten();
    files.filter_map(|file| file.metadata().ok()).map(|about| about.len()).sum()
}

/// Waits until the archive holds so much, or the program ends by itself.
fn wait_for(child: &mut Child, dir: &Path, n_bytes: u64) {
    while archived(dir) < n_bytes && child.try_wait().unwrap().is_none() {
        std::thread::yield_now();
    }
}

#[test]
fn a_demo_that_is_killed_again_and_again_still_finds_everything_once() {
    let dir = tempfile::tempdir().unwrap();
    for n_bytes in [1, 4_000, 20_000, 60_000, 110_000] {
        let mut child = demo(dir.path()).spawn().unwrap();
        wait_for(&mut child, dir.path(), n_bytes);
        // SIGKILL; wait returns when the process is gone, its lock with it.
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let output = demo(dir.path()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{said}");
    let number = |before: &str| -> usize {
        let rest = said.split_once(before).unwrap().1;
        rest.split(' ').next().unwrap().parse().unwrap()
    };
    let n_published = number("published 124 reports with ");
    assert!(n_published > 10_000, "{said}");
    assert_eq!(number("found again: 124 reports, "), n_published, "{said}");
    let lake = Lake::open(&dir.path().join("out/demo"), &Catalogue::embedded()).unwrap();
    assert_eq!((lake.n_documents(), lake.all_facts().unwrap().len()), (124, n_published));
}
