//! A disk that becomes low stops a run with all saved, and the next goes on.
#![allow(missing_docs, clippy::disallowed_methods)]
#![cfg(feature = "engine")]

mod loopback;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use gongkai::clock::Clock;
use gongkai::crawl::engine::{Ending, Tally};
use gongkai::lake::stored_reports;
use gongkai::ops::DiskSpace;
use loopback::{Place, files, portal_with};

const YEARS: [i16; 3] = [2019, 2021, 2023];
const LEAST: u64 = 1 << 30;
/// Questions that a run asks before it begins: a folder each.
const IN_THE_BEGINNING: u64 = 2;

/// A disk that has room for so many questions, and then no more.
#[derive(Clone)]
struct Filling(Arc<AtomicU64>);

impl DiskSpace for Filling {
    fn free_bytes(&self, _folder: &Path) -> std::io::Result<u64> {
        let left = self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1));
        Ok(if left.is_ok() { LEAST } else { LEAST - 1 })
    }
}

async fn crawl(place: &Place, n_questions: u64) -> (Ending, Tally) {
    let disk = Filling(Arc::new(AtomicU64::new(n_questions)));
    place.crawl(Clock::system(), disk, std::future::pending()).await
}

#[tokio::test]
async fn a_disk_that_is_low_from_the_start_lets_no_request_out() {
    let portal = portal_with(61, &YEARS);
    let place = Place::new(&[("p", &portal.url("/gknb/"))], "");
    let (ending, tally) = crawl(&place, 0).await;
    assert_eq!((ending, portal.asked()), (Ending::DiskLow, vec![]));
    let words = tally.shortage.unwrap();
    assert!(words.contains("state") && words.contains("min_free_bytes = 1073741824"), "{words}");
}

#[tokio::test]
async fn a_disk_that_becomes_low_stops_the_run_and_the_next_goes_on() {
    let portal = portal_with(62, &YEARS);
    // Every answer is written at once, so that the disk is looked at after each.
    let place = Place::new(&[("p", &portal.url("/gknb/"))], "flush_at = 1");
    // Both folders are looked at in the beginning, and again after each write:
    // that of robots.txt, then that of the list.
    let mut asked = Vec::new();
    for expected in [&[][..], &["/gknb/"]] {
        assert_eq!(crawl(&place, IN_THE_BEGINNING).await.0, Ending::DiskLow);
        let paths = portal.take_paths();
        assert_eq!(paths, expected);
        asked.extend(paths);
    }
    let (ending, tally) = crawl(&place, IN_THE_BEGINNING).await;
    assert_eq!(ending, Ending::DiskLow);
    assert!(tally.n_reports >= 1);
    assert_eq!(stored_reports(&place.path("output")).unwrap().len() as u64, tally.n_reports, "all is saved");
    assert_eq!(crawl(&place, u64::MAX).await.0, Ending::Done);
    asked.extend(portal.take_paths());
    asked.sort();
    assert_eq!(asked, ["/gknb/", "/gknb/2019.html", "/gknb/2021.html", "/gknb/2023.html"], "nothing twice");
    assert_eq!(stored_reports(&place.path("output")).unwrap().len(), 3);
}

#[test]
fn the_program_says_so_and_needs_a_person_every_time() {
    let portal = portal_with(63, &YEARS);
    let place = Place::new(&[("p", &portal.url("/gknb/"))], &format!("min_free_bytes = {}", 1_u64 << 50));
    for _ in 0..2 {
        let said = place.gongkai(&["crawl", "--quiet"]);
        assert_eq!(said.code, 1, "{said:?}");
        assert!(said.stdout.starts_with("the disk of state has less than min_free_bytes"), "{said:?}");
    }
    assert_eq!(portal.asked(), []);
    assert_eq!(place.runs()[0]["ending"], "disk_low");
}

#[test]
fn the_archive_goes_on_in_a_new_file_at_the_size_that_is_set() {
    let portal = portal_with(64, &YEARS);
    let place = Place::new(&[("p", &portal.url("/gknb/"))], "archive_file_bytes = 1024");
    assert_eq!(place.gongkai(&["crawl"]).code, 0);
    let mut archive = files(&place.path("state/archive"));
    archive.sort();
    assert!(archive.len() >= 3, "{archive:?}");
    // What is in each can be read again.
    let said = place.gongkai(&["explain", "--numbers", &portal.url("/gknb/2023.html")]);
    assert!(said.stdout.contains("request.new[total]"), "{}", said.stderr);
    // A finished file may be moved away: what is left is looked through.
    let finished = &archive[..archive.len() - 1];
    finished.iter().for_each(|path| std::fs::remove_file(path).unwrap());
    let said = place.gongkai(&["explain", &portal.url("/gknb/2008.html")]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.stdout.contains("could not be read: their archive files are away"), "{said:?}");
}
