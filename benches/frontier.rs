//! What the frontier costs as it grows: `cargo bench --bench frontier` for a
//! hundred thousand and a million URLs, `cargo bench --bench frontier -- 10000000`
//! for more (some 5 GB in the folder for temporary files, minutes).
//!
//! The steps are those of a crawl, commits included: a page's links are
//! remembered together; a host's next URL is looked for; its visit is noted.
#![allow(missing_docs)]
#![allow(clippy::disallowed_methods, reason = "a bench measures time")]

mod support;

use std::path::Path;
use std::time::Instant;

use gongkai::crawl::address::HostKey;
use gongkai::crawl::frontier::{
    Due, Frontier, NewUrl, PageRequest, PortalId, Priority, SqliteFrontier, Validators, Visit,
};
use jiff::Timestamp;

/// URLs of one host, and links of one page.
const PER_HOST: u64 = 1000;
const LINKS: u64 = 100;
/// How often each step is measured.
const ROUNDS: u64 = 300;

fn main() {
    let sizes: Vec<u64> = std::env::args().skip(1).filter_map(|argument| argument.parse().ok()).collect();
    let mut sizes = if sizes.is_empty() { vec![100_000, 1_000_000] } else { sizes };
    sizes.sort_unstable();
    let dir = tempfile::tempdir().expect("a temporary folder");
    let path = dir.path().join("frontier.sqlite");
    println!(
        "{:>10}  {:>12}  {:>12}  {:>12}  {:>12}  {:>9}  {:>9}",
        "URLs", "link", "known link", "next due", "visit", "file", "resident"
    );
    let mut n_urls = 0;
    for size in sizes {
        fill(&path, n_urls, size);
        n_urls = size;
        let began = Instant::now();
        let mut frontier = SqliteFrontier::open(&path).expect("the frontier opens");
        frontier.begin_run(&[], now()).expect("a run begins");
        let waiting = frontier.waiting().expect("the hosts are listed").len();
        let opened = began.elapsed();
        let new = timed(LINKS, |round| remember(&mut frontier, n_urls + round * LINKS, LINKS));
        n_urls += ROUNDS * LINKS;
        let known = timed(LINKS, |round| remember(&mut frontier, round * 7919 % size, LINKS));
        let next = timed(1, |round| drop(next_due(&mut frontier, round * 7919 % size)));
        let visit = timed(1, |round| visit(&mut frontier, round * 7919 % size));
        let file = std::fs::metadata(&path).map_or(0, |meta| meta.len() / 1_000_000);
        println!(
            "{size:>10}  {new:>9.1} us  {known:>9.1} us  {next:>9.1} us  {visit:>9.1} us  {file:>6} MB  {:>6} MB",
            support::most_resident_bytes() / 1_000_000
        );
        println!("{:>10}  opened, begun and listed ({waiting} hosts) in {opened:.2?}", "");
    }
}

/// Microseconds of one of the `of` things that a step does, the mean.
fn timed(of: u64, mut step: impl FnMut(u64)) -> f64 {
    let began = Instant::now();
    (0..ROUNDS).for_each(&mut step);
    began.elapsed().as_secs_f64() * 1e6 / (ROUNDS * of) as f64
}

fn fill(path: &Path, from: u64, to: u64) {
    let mut frontier = SqliteFrontier::open(path).expect("the frontier opens");
    let mut at = from;
    while at < to {
        let n = (to - at).min(5000);
        remember(&mut frontier, at, n);
        at += n;
    }
}

fn remember(frontier: &mut dyn Frontier, from: u64, n: u64) {
    let mut batch = frontier.batch().expect("a batch begins");
    for number in from..from + n {
        batch.enqueue(&url(number)).expect("a URL is remembered");
    }
    batch.commit().expect("the batch is committed");
}

fn next_due(frontier: &mut dyn Frontier, number: u64) -> Due {
    let new = url(number);
    let batch = frontier.batch().expect("a batch begins");
    batch.next_due(&new.host, &new.portal, Priority::ALL, now()).expect("it is looked for").expect("each host has one")
}

fn visit(frontier: &mut dyn Frontier, number: u64) {
    let due = next_due(frontier, number);
    let again_at = now() + jiff::SignedDuration::from_hours(1);
    let visit = Visit::Done { again_at, validators: Validators::default(), n_unchanged: 0 };
    let mut batch = frontier.batch().expect("a batch begins");
    batch.in_work(due.id).expect("it is noted");
    batch.commit().expect("the batch is committed");
    let mut batch = frontier.batch().expect("a batch begins");
    batch.visited(due.id, now(), Some(200), "no report", &visit).expect("it is noted");
    batch.commit().expect("the batch is committed");
    let _ = frontier.next_instant(&due.host, &due.portal).expect("it is looked for");
}

fn url(number: u64) -> NewUrl {
    let host = number / PER_HOST;
    let text = format!("http://www.county-{host}.gov.cn/art/2017/3/8/art_{}_{number}.html", number % 37);
    let url = text.parse().expect("a URL");
    NewUrl {
        host: HostKey::of(&url).expect("a host"),
        request: PageRequest::get(url),
        requested: None,
        hops: 0,
        portal: PortalId::from(format!("{:06}", host / 3)),
        priority: Priority::ALL[(number % 4) as usize],
        depth: 3,
        why: "政府信息公开年报: the words of the column; found on a list of the bench".to_owned(),
        found_on: None,
        is_part: false,
        not_before: now(),
    }
}

fn now() -> Timestamp {
    Timestamp::from_second(1_700_000_000).expect("an instant")
}
