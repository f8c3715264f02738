//! The whole crawl against the demo's portals: what the portals themselves saw.
#![allow(missing_docs)]
#![cfg(feature = "engine")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use gongkai::clock::Clock;
use gongkai::config::{Crawl, Operator, PlannedPortal, Settings, Start};
use gongkai::crawl::engine::{Ending, Snapshot, Tally};
use gongkai::crawl::resolve::FixedResolver;
use gongkai::crawl::restraints::Restraints;
use gongkai::demo::portals::{Running, Seen, start};
use gongkai::demo::score::score;
use gongkai::lake::{StoredFact, stored_facts};
use gongkai::pipeline::{Places, Run, crawl};
use gongkai::report::Catalogue;
use jiff::SignedDuration;

const INTERVAL_MS: u64 = 40;
/// Instants are rounded.
const ROUNDING: SignedDuration = SignedDuration::from_millis(1);

/// The demo's portals, and a lake and a state of one's own.
struct World {
    running: Running,
    settings: Settings,
    places: Places,
    clock: Clock,
    /// What the next crawl's clock shows.
    night: Clock,
    _dir: tempfile::TempDir,
}

impl World {
    async fn new() -> Self {
        let catalogue = Catalogue::embedded();
        // In the season, when lists come back every night.
        let clock = Clock::starting_at("2026-01-15T17:00:00Z".parse().unwrap());
        let running = start(1, &catalogue, &clock).await.unwrap();
        let dir = tempfile::tempdir().unwrap();
        let places = Places { output: dir.path().join("lake"), state: dir.path().join("state") };
        std::fs::create_dir(&places.state).unwrap();
        let crawl = Crawl {
            interval_ms: INTERVAL_MS,
            jitter_ms: 10,
            max_wait_ms: 15_000,
            flush_at: 4,
            flush_after_ms: 100,
            allow_addresses: vec!["127.0.1.0/24".to_owned()],
            ..Crawl::default()
        };
        let operator = Operator { name: "a test".to_owned(), contact: "mailto:test@localhost.invalid".to_owned() };
        let settings = Settings {
            operator,
            crawl,
            portals: vec![],
            directory: vec![],
            restraints: Restraints::default(),
            catalogue,
            dir: Path::new("test").to_owned(),
        };
        Self { running, settings, places, night: clock.clone(), clock, _dir: dir }
    }

    async fn crawl(
        &self,
        stop: impl Future<Output = ()>,
        observe: impl FnMut(&Snapshot) + Send + 'static,
    ) -> (Ending, Tally) {
        let portals = &self.running.portals;
        let planned: Vec<_> = portals
            .iter()
            .map(|portal| PlannedPortal {
                id: portal.id.clone(),
                name: portal.name.clone(),
                region: portal.region.parse().ok(),
                entries: vec![portal.entry.parse().unwrap()],
                starts_at: Start::HomePage,
                max_pages: self.settings.crawl.max_pages,
                max_depth: self.settings.crawl.max_depth,
            })
            .collect();
        let resolver = FixedResolver::of(self.running.hosts.iter().cloned());
        let run = Run {
            settings: &self.settings,
            portals: &planned,
            places: &self.places,
            user_agent: self.settings.user_agent().unwrap(),
            resolver: Arc::new(resolver),
            clock: self.night.clone(),
            max_time: None,
            noticed: vec![],
        };
        crawl(run, stop, observe).await.unwrap()
    }

    async fn crawl_all(&self) -> Tally {
        let (ending, tally) = self.crawl(std::future::pending(), |_| {}).await;
        assert_eq!(ending, Ending::Done);
        assert_eq!(tally.n_lost_tasks, 0);
        tally
    }

    fn facts(&self) -> Vec<StoredFact> {
        stored_facts(&self.places.output).unwrap()
    }

    /// Every file of the lake.
    fn lake(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = BTreeMap::new();
        let mut folders = vec![self.places.output.clone()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    files.insert(path.display().to_string(), std::fs::read(path).unwrap());
                }
            }
        }
        files
    }
}

/// What each key saw, in the order of the beginnings.
fn by<K: Ord>(seen: &[Seen], key: impl Fn(&Seen) -> K) -> BTreeMap<K, Vec<&Seen>> {
    let mut groups: BTreeMap<K, Vec<&Seen>> = BTreeMap::new();
    for request in seen {
        groups.entry(key(request)).or_default().push(request);
    }
    groups.values_mut().for_each(|group| group.sort_by_key(|request| request.began));
    groups
}

/// Each request begins the interval after the last one's end, or what a 503
/// asked for: so no two overlap.
fn assert_polite(seen: &[Seen]) {
    let interval = SignedDuration::from_millis(INTERVAL_MS.cast_signed());
    let hosts = by(seen, |request| request.host.clone());
    let addresses = by(seen, |request| request.address.to_string());
    for group in hosts.values().chain(addresses.values()) {
        for pair in group.windows(2) {
            let waited = pair[1].began.duration_since(pair[0].ended) + ROUNDING;
            assert!(waited >= interval, "{waited:?} between {:?} and {:?}", pair[0], pair[1]);
        }
    }
    for group in hosts.values() {
        for pair in group.windows(2).filter(|pair| pair[0].status == 503) {
            let waited = pair[1].began.duration_since(pair[0].ended) + ROUNDING;
            assert!(waited >= SignedDuration::from_secs(1), "Retry-After was 1 s: {waited:?}");
        }
    }
}

/// Nobody was sent the same answer twice; a 503 is none.
fn assert_nothing_twice(seen: &[Seen]) {
    let mut asked = BTreeSet::new();
    for request in seen.iter().filter(|request| request.status != 503) {
        assert!(asked.insert((&request.host, &request.path)), "asked twice: {request:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crawl_is_polite_and_a_second_one_only_asks_what_changed() {
    let mut world = World::new().await;
    let tally = world.crawl_all().await;
    let first = world.running.seen();
    // One portal takes no https: that request never became one.
    assert_eq!(first.len() as u64 + 1, tally.n_requests);
    assert_polite(&first);
    assert_nothing_twice(&first);
    assert_eq!(first.iter().filter(|request| request.status == 503).count(), 2, "the busy portal was asked");
    let hosts = by(&first, |request| request.host.clone());
    let all: BTreeSet<_> = world.running.hosts.iter().map(|(host, _)| host).collect();
    assert_eq!(hosts.keys().collect::<BTreeSet<_>>(), all);
    for group in hosts.values() {
        assert_eq!(group[0].path, "/robots.txt");
    }
    let shared = by(&first, |request| (request.address, request.host.clone()));
    assert!(shared.len() > by(&first, |request| request.address).len(), "two hosts share an address");
    let is_forbidden = |request: &&Seen| request.path.starts_with("/old/") || request.path.starts_with("/admin/");
    assert_eq!(first.iter().find(is_forbidden), None);
    assert!(tally.outcomes.contains_key("robots.txt forbids it"), "{:?}", tally.outcomes);
    // Reports that are files: one on a list, one attached to a page.
    assert_eq!((tally.outcomes["unread pdf"], tally.outcomes["unread doc"]), (1, 1));
    let is_other = |request: &&Seen| request.path.starts_with("/p999/");
    assert_eq!(first.iter().find(is_other), None, "another's place on the platform");
    let found = score(&world.running.published, &world.facts());
    assert_eq!((found.n_found, found.problems), (found.n_numbers, vec![]));

    let before = world.lake();
    // The next night; robots.txt is not a day old.
    world.night = Clock::starting_at(world.clock.now() + SignedDuration::from_hours(21));
    let tally = world.crawl_all().await;
    let both = world.running.seen();
    assert_polite(&both);
    let second = &both[first.len()..];
    assert!(second.len() as u64 == tally.n_requests && second.len() > world.running.published.len());
    // The ways are known: no home page is asked for again, and what is asked
    // for is as it was.
    assert_eq!(second.iter().find(|request| request.status != 304 || request.path == "/"), None);
    assert_eq!((tally.n_new_payloads, tally.n_reports), (0, 0));
    let after = world.lake();
    assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>());
    let changed: Vec<_> = before.iter().filter(|(path, bytes)| after[*path] != **bytes).map(|(path, _)| path).collect();
    assert_eq!(changed, [] as [&String; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_was_stopped_is_continued_with_nothing_lost_and_nothing_twice() {
    const STOP_AFTER: u64 = 30;
    let (undisturbed, world) = (World::new().await, World::new().await);
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let mut stop = Some(stop);
    let observe = move |snapshot: &Snapshot| {
        if snapshot.n_pages >= STOP_AFTER
            && let Some(stop) = stop.take()
        {
            // The run may have ended.
            let _ = stop.send(());
        }
    };
    let stopped = async {
        // The sender lives as long as the observer.
        let _ = stopped.await;
    };
    let (all, (ending, tally)) = tokio::join!(undisturbed.crawl_all(), world.crawl(stopped, observe));
    assert_eq!(ending, Ending::Stopped);
    let n_before = world.running.seen().len();
    assert!(tally.n_pages >= STOP_AFTER && tally.n_pages < all.n_pages, "{} of {}", tally.n_pages, all.n_pages);
    assert!(!tally.waiting.is_empty());
    world.crawl_all().await;
    let seen = world.running.seen();
    assert!(seen.len() > n_before);
    assert_polite(&seen);
    assert_nothing_twice(&seen);
    let asked = |seen: &[Seen]| -> BTreeSet<(String, String)> {
        seen.iter().map(|request| (request.host.clone(), request.path.clone())).collect()
    };
    assert_eq!(asked(&undisturbed.running.seen()), asked(&seen));
    let facts = world.facts();
    assert!(!facts.is_empty());
    assert_eq!(facts, undisturbed.facts());
}
