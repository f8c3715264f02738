//! Killed at any instant, or on a disk that is full or fails, the next run
//! finishes the work: nothing lost, nothing twice.
//!
//! Instants are told by the named points of [`gongkai::faults`], or by how much
//! the archive holds, not by a clock; whatever they are, the end must be the
//! same.
#![allow(missing_docs, clippy::disallowed_methods)]
#![cfg(all(feature = "engine", unix))]

mod loopback;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use gongkai::Catalogue;
use gongkai::archive::Reader;
use gongkai::faults::FaultPoint;
use gongkai::lake::{Lake, StoredFact, stored_facts, stored_reports};
use loopback::{Place, Portal, files, portal_with};

const YEARS: [i16; 4] = [2012, 2016, 2019, 2022];

/// A new folder to crawl a portal from, every step written by itself and the
/// archive in files of a record or two.
fn place(portal: &Portal) -> Place {
    Place::new(
        &[("p", &portal.url("/gknb/"))],
        "flush_at = 1\nflush_after_ms = 1\ncommit_every_ms = 1000\narchive_file_bytes = 12000",
    )
}

fn crawl(place: &Place, fault: &str) -> Output {
    place.command(&["crawl", "--quiet"]).env("GONGKAI_FAULT", fault).output().unwrap()
}

/// What a crawl leaves that must not depend on what happened on the way: the
/// facts, the documents that count, and how often the archive has each page.
#[derive(Debug, PartialEq, Eq)]
struct Left {
    facts: Vec<StoredFact>,
    documents: Vec<(String, bool)>,
    archived: BTreeMap<String, usize>,
    /// Files that no reader of the lake expects.
    strays: Vec<String>,
}

fn left(place: &Place) -> Left {
    let output = place.path("output");
    // A start takes away what a kill left on its way.
    Lake::open(&output, &Catalogue::embedded()).unwrap();
    let mut facts = stored_facts(&output).unwrap();
    facts.sort_by_cached_key(|fact| format!("{fact:?}"));
    let mut documents: Vec<_> =
        stored_reports(&output).unwrap().into_iter().map(|report| (report.url, report.is_primary)).collect();
    documents.sort();
    let mut archived = BTreeMap::new();
    for path in files(&place.path("state/archive")) {
        let mut reader = Reader::open(&path).unwrap();
        while let Some(entry) = reader.next_entry().expect("every record can be read") {
            if entry.record_type == "response" {
                let (_, url) = entry.fields.into_iter().find(|(name, _)| name == "WARC-Target-URI").unwrap();
                *archived.entry(url).or_default() += 1;
            }
        }
    }
    let names = files(&output).into_iter().map(|path| path.file_name().unwrap().to_string_lossy().into_owned());
    // The lake's lock stays where it is; who holds it the system knows.
    let ours = [".parquet", ".json", "lake.lock"];
    let strays = names.filter(|name| name.starts_with('.') || !ours.iter().any(|own| name.contains(own)));
    Left { facts, documents, archived, strays: strays.collect() }
}

/// What is left where nothing happens.
fn undisturbed(portal: &Portal) -> Left {
    let place = place(portal);
    assert_eq!(crawl(&place, "").status.code(), Some(0));
    let left = left(&place);
    assert_eq!((left.documents.len(), left.archived.len()), (YEARS.len(), YEARS.len() + 2), "{left:?}");
    assert!(left.facts.len() > 300 && left.strays.is_empty());
    left
}

fn finish(place: &Place, expected: &Left, after: &str) {
    let output = crawl(place, "");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "after {after}: {said}");
    let left = left(place);
    assert!(left.facts == expected.facts, "after {after}: {} facts of {}", left.facts.len(), expected.facts.len());
    assert_eq!(left.documents, expected.documents, "after {after}");
    assert_eq!(left.archived, expected.archived, "after {after}");
    assert_eq!(left.strays, expected.strays, "after {after}");
}

/// The faults of tests are compiled into builds with debug assertions only.
fn can_strike() -> bool {
    if !cfg!(debug_assertions) {
        println!("skipped: a release build has no fault points");
    }
    cfg!(debug_assertions)
}

#[test]
fn whoever_asks_a_run_to_stop_interrupts_it() {
    // Under `nohup` the tests, and what they begin, outlive their terminal.
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| u64::from_str_radix(line.strip_prefix("SigIgn:")?.trim(), 16).ok());
    let hears_hang_ups = ignored.is_some_and(|mask| mask & 1 == 0);
    for signal in ["INT", "TERM"].into_iter().chain(hears_hang_ups.then_some("HUP")) {
        let portal = portal_with(76, &YEARS);
        // The second page would wait for hours.
        let limit = "[[limit]]\nportal = \"p\"\ninterval_ms = 600000";
        let place = Place::new(&[("p", &portal.url("/gknb/"))], limit);
        let config = fs::read_to_string(place.path("config/gongkai.toml")).unwrap();
        place.write("config/gongkai.toml", &config.replace("max_wait_ms = 2000", "max_wait_ms = 86400000"));
        let run = place.command(&["crawl", "--quiet"]).spawn().unwrap();
        while portal.asked().len() < 2 {
            std::thread::yield_now();
        }
        assert!(Command::new("kill").args([&format!("-{signal}"), &run.id().to_string()]).status().unwrap().success());
        let ended = run.wait_with_output().unwrap().status;
        assert_eq!((ended.code(), portal.asked().len()), (Some(130), 2), "{signal}");
        let said = place.gongkai(&["status"]).stdout;
        assert!(said.contains(" and was interrupted: the next goes on with it"), "{signal}: {said}");
    }
}

#[test]
fn a_kill_at_every_point_loses_nothing_and_doubles_nothing() {
    if !can_strike() {
        return;
    }
    let portal = portal_with(71, &YEARS);
    let expected = undisturbed(&portal);
    for point in FaultPoint::ALL {
        for passing in [1, 2, 5] {
            let (place, fault) = (place(&portal), format!("{}:{passing}:kill", point.name()));
            let output = crawl(&place, &fault);
            if passing == 1 {
                assert!(output.status.signal().is_some(), "{fault} does not strike: {output:?}");
            }
            finish(&place, &expected, &fault);
        }
    }
}

#[test]
fn a_disk_that_is_full_or_fails_stops_the_run_with_the_state_intact() {
    if !can_strike() {
        return;
    }
    let portal = portal_with(72, &YEARS);
    let expected = undisturbed(&portal);
    for point in FaultPoint::ALL {
        for fault in ["no_space", "bad_disk"] {
            let (place, fault) = (place(&portal), format!("{}:1:{fault}", point.name()));
            let output = crawl(&place, &fault);
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            // One line that names what failed, one that says what to do.
            assert_eq!(output.status.code(), Some(3), "{fault}: {said}");
            assert!(said.contains("error: ") && said.contains("hint: "), "{fault}: {said}");
            assert!(!said.contains("panicked"), "{fault}: {said}");
            let names = ["archive", "state", "lake", "run report"];
            assert!(names.iter().any(|name| said.contains(name)), "{fault}: {said}");
            finish(&place, &expected, &fault);
        }
    }
}

/// `GONGKAI_KILLS` sets how many kills there are, `GONGKAI_SEED` which.
#[test]
fn random_kills_lose_nothing_and_double_nothing() {
    if !can_strike() {
        return;
    }
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let n_kills = number("GONGKAI_KILLS").unwrap_or(30);
    let seed = number("GONGKAI_SEED").unwrap_or(20_260_325);
    let portal = portal_with(73, &YEARS);
    let expected = undisturbed(&portal);
    let mut random = fastrand::Rng::with_seed(seed);
    let mut n_struck = 0;
    while n_struck < n_kills {
        // A run that is killed again and again, and at last left to end.
        let place = place(&portal);
        let mut story = format!("seed {seed}:");
        for _ in 0..random.u8(1..6) {
            let fault = format!("any:{}:kill", random.u8(1..60));
            story.push_str(&format!(" {fault}"));
            n_struck += u64::from(crawl(&place, &fault).status.signal().is_some());
        }
        finish(&place, &expected, &story);
    }
}

/// For real, not by a named point: the system refuses to let any file grow
/// beyond a size, the archive's, the state's or the lake's.
#[test]
fn files_that_may_not_grow_stop_the_run_and_the_next_goes_on() {
    let portal = portal_with(74, &YEARS);
    let expected = undisturbed(&portal);
    let mut n_refused = 0;
    // In blocks of 512 bytes, from nothing to more than enough.
    for blocks in [1, 16, 40, 100, 180, 260, 4000] {
        let place = place(&portal);
        let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" crawl --quiet");
        let mut limited = Command::new("sh");
        limited.args(["-c", &script, env!("CARGO_BIN_EXE_gongkai")]).current_dir(place.dir.path());
        let output = limited.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.signal().is_none() && !said.contains("panicked"), "{blocks} blocks: {said}");
        if output.status.code() != Some(0) {
            n_refused += 1;
            assert!(said.contains("error: ") && said.contains("hint: "), "{blocks} blocks: {said}");
        }
        finish(&place, &expected, &format!("{blocks} blocks"));
    }
    assert!(n_refused >= 3, "{n_refused} were refused");
}

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
    let output = demo(dir.path()).stderr(Stdio::piped()).output().unwrap();
    let logged = String::from_utf8_lossy(&output.stderr);
    assert!(!logged.contains("report.found"), "it says how far it is, not what it does: {logged}");
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{said}");
    let number = |before: &str| -> usize {
        let rest = said.split_once(before).unwrap().1;
        rest.split(' ').next().unwrap().parse().unwrap()
    };
    let n_published = number("published 130 reports with ");
    assert!(n_published > 10_000, "{said}");
    assert_eq!(number("found again: 130 reports, "), n_published, "{said}");
    assert!(said.contains("Its panel has 118 rows, "), "{said}");
    assert!(fs::read_dir(dir.path().join("out/demo/runs")).unwrap().count() >= 1, "{said}");
    let lake = dir.path().join("out/demo");
    let n_documents = stored_reports(&lake).unwrap().len();
    assert_eq!((n_documents, stored_facts(&lake).unwrap().len()), (130, n_published));
}
