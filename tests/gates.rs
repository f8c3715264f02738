//! The numbers of politeness, by the instants that servers recorded.
//!
//! The servers are in memory and the clock is tokio's, so that hours pass in
//! a moment; tests/politeness.rs says the same over sockets. After every run
//! `in_memory::World` looks at every gate.
#![allow(missing_docs)]
#![cfg(feature = "engine")]

mod in_memory;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use gongkai::crawl::engine::{Ending, EntryKind};
use gongkai::crawl::restraints::QuietHours;

use in_memory::{Reply, Seen, Servers, World, pages};

const HOST: &str = "www.qinghe.gov.cn";
const ADDRESS: &str = "203.0.113.1";

/// A host without rules.
fn no_rules(path: &str) -> Option<Reply> {
    (path == "/robots.txt").then(|| Reply::status(404))
}

/// One host that answers so; how long after each answer the next request came,
/// in milliseconds.
async fn waits(n_pages: usize, replies: impl Fn(usize) -> Reply + Send + Sync + 'static) -> (Vec<i64>, World) {
    let asked = AtomicUsize::new(0);
    let servers =
        Servers::new(move |_, path| no_rules(path).unwrap_or_else(|| replies(asked.fetch_add(1, Ordering::SeqCst))));
    servers.name(HOST, &[&[ADDRESS]]);
    let mut world = World::new(servers);
    // How long the gates wait is looked at here, not after how many failures nobody asks.
    world.settings.max_host_failures = 100;
    let (ending, _) = world.crawl(&[("p", pages(HOST, n_pages))]).await;
    assert_eq!(ending, Ending::Done);
    (waited(&world.servers.seen()), world)
}

fn waited(seen: &[Seen]) -> Vec<i64> {
    let between = |pair: &[Seen]| pair[1].began.duration_since(pair[0].ended);
    // The first is robots.txt.
    seen.windows(2).skip(1).map(|pair| (between(pair).as_secs_f64() * 1000.0).round() as i64).collect()
}

#[tokio::test(start_paused = true)]
async fn the_interval_is_a_second_or_as_long_as_the_answer_took_up_to_thirty() {
    let takes = [0, 400, 1500, 9000, 30_000, 45_000, 0];
    let (waits, _) = waits(takes.len(), move |n| Reply::status(200).after_ms(takes[n])).await;
    assert_eq!(waits, [1000, 1000, 1500, 9000, 30_000, 30_000]);
}

#[tokio::test(start_paused = true)]
async fn answers_that_ask_for_time_double_the_interval_and_five_good_ones_halve_it() {
    for status in [429, 503] {
        let (waits, _) = waits(20, move |n| Reply::status(if n < 5 { status } else { 200 })).await;
        let seconds: Vec<_> = waits.iter().map(|ms| ms / 1000).collect();
        // A good answer counts before its own wait, so that the fifth halves.
        assert_eq!(seconds, [2, 4, 8, 8, 8, 8, 8, 8, 8, 4, 4, 4, 4, 4, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_retry_after_is_obeyed_in_both_forms_and_up_to_a_day() {
    // The test begins at 22:13:20 on 14 November 2023; robots.txt and the
    // first second have passed.
    let cases = [
        (503, "90", 90_000),
        (429, "90", 90_000),
        (500, "90", 90_000),
        (403, "90", 90_000),
        (503, "Tue, 14 Nov 2023 22:20:00 GMT", 399_000),
        (503, "Tue, 14 Nov 2023 22:00:00 GMT", 2000),
        (503, "172800", 86_400_000),
        (503, "99999999999999999999", 86_400_000),
        (503, "Mon, 14 Nov 2033 22:20:00 GMT", 86_400_000),
        (503, "soon", 2000),
    ];
    for (status, value, expected) in cases {
        let reply = move |n| if n == 0 { Reply::status(status).with("Retry-After", value) } else { Reply::status(200) };
        let (waits, _) = waits(2, reply).await;
        assert_eq!(waits[0], expected, "{status} {value}");
    }
}

#[tokio::test(start_paused = true)]
async fn five_failures_park_a_host_and_longer_each_time() {
    let (waits, _) = waits(20, |n| if n < 15 { Reply::broken() } else { Reply::status(200) }).await;
    let parked: Vec<_> = waits.iter().filter(|ms| **ms >= 60_000).map(|ms| ms / 1000).collect();
    assert_eq!(parked, [60, 120, 240], "{waits:?}");
}

#[tokio::test(start_paused = true)]
async fn a_host_that_fails_whatever_it_is_asked_rests_and_its_pages_stay_due() {
    let failures: [fn() -> Reply; 4] =
        [|| Reply::status(503), || Reply::status(503).with("Retry-After", "90"), || Reply::status(500), Reply::broken];
    // One page alone, some that come to their last attempt, more than are asked at all.
    for (n_pages, n_asked) in [(1, 3), (2, 5), (40, 5)] {
        for failure in failures {
            let servers = Servers::new(move |_, path| no_rules(path).unwrap_or_else(failure));
            servers.name(HOST, &[&[ADDRESS]]);
            let mut world = World::new(servers);
            world.settings.max_attempts = 3;
            let (ending, tally) = world.crawl(&[("p", pages(HOST, n_pages))]).await;
            assert_eq!(ending, Ending::Done);
            let seen = world.servers.seen();
            assert_eq!(seen.len(), 1 + n_asked, "robots.txt and {n_pages} pages: {seen:?}");
            let rests = n_pages > 1;
            let waiting = if rests { vec![("p".into(), n_pages as u64)] } else { vec![] };
            assert_eq!((tally.waiting, tally.n_failed), (waiting, u64::from(!rests)));
            let told: Vec<_> = tally.news.iter().map(|trouble| trouble.place.as_str()).collect();
            assert_eq!(told, [if rests { HOST } else { "http://www.qinghe.gov.cn/1" }], "{:?}", tally.news);
            // The next run asks again, and is as patient.
            world.crawl(&[("p", vec![])]).await;
            assert_eq!(world.servers.seen().len(), 1 + n_asked + if rests { 5 } else { 0 });
            if !failure().headers.is_empty() {
                assert!(waited(&world.servers.seen()).iter().all(|ms| *ms >= 90_000), "{:?}", world.servers.seen());
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_closed_port_is_tried_once_a_run_and_its_pages_stay_due() {
    // Of robots.txt a home page's host is asked under both schemes.
    for (is_open, starts_at, n_asked) in
        [(true, EntryKind::Named, 2), (false, EntryKind::Named, 1), (false, EntryKind::HomePage, 2)]
    {
        let servers = Servers::new(move |_, path| no_rules(path).filter(|_| is_open).unwrap_or_else(Reply::closed));
        // The other name has an address when it is looked up again.
        servers.name(HOST, &[&[ADDRESS]]).name("qinghe.gov.cn", &[&[], &[], &["203.0.113.9"]]);
        let mut world = World::new(servers);
        (world.starts_at, world.settings.max_wait) = (starts_at, Duration::from_mins(10));
        let urls = if is_open { pages(HOST, 3) } else { vec![format!("http://{HOST}/")] };
        let (ending, tally) = world.crawl(&[("p", urls.clone())]).await;
        assert_eq!(ending, Ending::Done);
        assert_eq!(world.servers.seen().len(), n_asked, "{:?}", world.servers.seen());
        assert_eq!((tally.waiting, tally.n_failed), (vec![("p".into(), urls.len() as u64)], 0));
        let [told] = &tally.news[..] else { panic!("{:?}", tally.news) };
        assert_eq!(told.place, HOST);
        let words = "it rests, and what is due there waits: nobody listens there (connection refused)";
        assert_eq!(told.words == words, is_open, "{told:?}");
        tokio::time::advance(Duration::from_hours(22)).await;
        world.crawl(&[("p", vec![])]).await;
        assert!(world.servers.seen().len() > n_asked, "the next night asks again");
    }
}

#[tokio::test(start_paused = true)]
async fn failures_between_which_a_host_answers_do_not_add_up() {
    let (waits, world) = {
        let asked = AtomicUsize::new(0);
        let servers = Servers::new(move |_, path| {
            no_rules(path).unwrap_or_else(|| match asked.fetch_add(1, Ordering::SeqCst) % 5 {
                4 => Reply::status(200),
                _ => Reply::status(503),
            })
        });
        servers.name(HOST, &[&[ADDRESS]]);
        let world = World::new(servers);
        world.crawl(&[("p", pages(HOST, 9))]).await;
        (waited(&world.servers.seen()), world)
    };
    assert!(world.servers.seen().len() > 5 * 8, "{waits:?}");
}

#[tokio::test(start_paused = true)]
async fn a_crawl_delay_holds_from_its_answer_on_and_a_longer_one_ends_the_visit() {
    for (delay, expected) in [("5", vec![5000, 5000]), ("0.5", vec![1000, 1000]), ("30", vec![30_000, 30_000])] {
        let servers = Servers::new(move |_, path| match path {
            "/robots.txt" => Reply::page(&format!("User-agent: *\nCrawl-delay: {delay}")),
            _ => Reply::status(200),
        });
        servers.name(HOST, &[&[ADDRESS]]);
        let world = World::new(servers);
        world.crawl(&[("p", pages(HOST, 2))]).await;
        let seen = world.servers.seen();
        let all: Vec<_> = seen.windows(2).map(|pair| pair[1].began_ms() - pair[0].began_ms()).collect();
        assert_eq!(all, expected, "Crawl-delay: {delay}");
    }
    let servers = Servers::new(|_, path| match path {
        "/robots.txt" => Reply::page("User-agent: *\nCrawl-delay: 31"),
        _ => Reply::status(200),
    });
    servers.name(HOST, &[&[ADDRESS]]);
    let world = World::new(servers);
    let (_, tally) = world.crawl(&[("p", pages(HOST, 2))]).await;
    assert_eq!(world.servers.seen().len(), 1, "robots.txt alone");
    assert_eq!(tally.outcomes["robots.txt asks for 31 s between requests"], 2, "{:?}", tally.outcomes);
    assert_eq!(tally.troubles.len(), 2, "it is reported");
}

#[tokio::test(start_paused = true)]
async fn hosts_of_one_address_take_turns_whatever_their_names_are() {
    // Two names, the bare address with and without a port, and a second address
    // of its own.
    let servers = Servers::new(|_, path| no_rules(path).unwrap_or_else(|| Reply::status(200).after_ms(300)));
    servers.name("a.gov.cn", &[&[ADDRESS]]).name("b.gov.cn", &[&[ADDRESS]]).name("c.gov.cn", &[&["203.0.113.2"]]);
    let world = World::new(servers);
    let portals = [
        ("a", pages("a.gov.cn", 3)),
        ("b", pages("b.gov.cn", 3)),
        ("c", pages("c.gov.cn", 3)),
        ("bare", pages(ADDRESS, 3)),
        ("port", pages("203.0.113.1:8080", 3)),
    ];
    world.crawl(&portals).await;
    let seen = world.servers.seen();
    let shared: Vec<_> =
        seen.iter().filter(|request| request.address == ADDRESS.parse::<std::net::IpAddr>().unwrap()).collect();
    assert_eq!(shared.len(), 4 * 4);
    // As fast as politeness allows: robots.txt of four takes no time, then 300 ms.
    let last = shared.last().unwrap();
    assert_eq!(last.began_ms(), 15 * 1000 + 11 * 300);
    let alone = seen.iter().filter(|request| request.host == "c.gov.cn").map(Seen::began_ms).collect::<Vec<_>>();
    assert_eq!(alone, [0, 1000, 2300, 3600], "the others do not hold it up");
}

#[tokio::test(start_paused = true)]
async fn addresses_of_the_sixth_version_have_gates_as_well() {
    let servers = Servers::new(|_, path| no_rules(path).unwrap_or_else(|| Reply::status(200)));
    servers.name("a.gov.cn", &[&["2001:db8::1"]]).name("b.gov.cn", &[&["2001:db8::1", "2001:db8::2"]]);
    let world = World::new(servers);
    let portals = [("a", pages("a.gov.cn", 2)), ("b", pages("b.gov.cn", 2)), ("bare", pages("[2001:db8:0::1]", 2))];
    world.crawl(&portals).await;
    let mut at: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    for request in world.servers.seen() {
        at.entry(request.address.to_string()).or_default().push(request.began_ms());
    }
    assert_eq!(at["2001:db8::1"].len() + at["2001:db8::2"].len(), 9);
    assert_eq!(at["2001:db8::1"][0], 0);
    assert!(!at["2001:db8::2"].is_empty(), "the free address is taken: {at:?}");
}

#[tokio::test(start_paused = true)]
async fn a_host_whose_addresses_rotate_is_still_one_host() {
    let servers = Servers::new(|_, path| no_rules(path).unwrap_or_else(|| Reply::status(200)));
    let turns: [&[&str]; 4] = [&["203.0.113.1"], &["203.0.113.2", "203.0.113.1"], &["203.0.113.3"], &["203.0.113.1"]];
    servers.name(HOST, &turns).name("b.gov.cn", &[&["203.0.113.1"]]);
    let mut world = World::new(servers);
    // Every look-up is stale at once.
    world.settings.dns_lifetime = Duration::from_millis(1500);
    world.crawl(&[("p", pages(HOST, 6)), ("q", pages("b.gov.cn", 6))]).await;
    let seen = world.servers.seen();
    assert_eq!(seen.len(), 14);
    let mut asked: Vec<_> = seen.iter().filter(|r| r.host == HOST).map(|r| r.address.to_string()).collect();
    asked.dedup();
    assert!(asked.len() >= 3, "it did rotate: {asked:?}");
}

#[tokio::test(start_paused = true)]
async fn a_resolver_that_has_no_answer_is_asked_again_and_one_that_knows_better_is_not() {
    let run = async |look_ups: Option<&[&[&str]]>| {
        let servers = Servers::new(|_, path| no_rules(path).unwrap_or_else(|| Reply::status(200)));
        look_ups.iter().for_each(|look_ups| _ = servers.name(HOST, look_ups));
        let mut world = World::new(servers);
        world.settings.max_attempts = 3;
        let began = world.servers.clock.now();
        let (_, tally) = world.crawl(&[("p", pages(HOST, 2))]).await;
        (world.servers.clock.now().duration_since(began).as_secs(), tally.n_pages, tally.troubles.len())
    };
    let (seconds, n_pages, n_troubles) = run(Some(&[&[], &[], &[ADDRESS]])).await;
    assert!(seconds >= 60 + 120, "{seconds} s");
    assert_eq!((n_pages, n_troubles), (2, 0));
    let (seconds, n_pages, n_troubles) = run(Some(&[&[], &[], &[], &[ADDRESS]])).await;
    assert_eq!((seconds, n_pages, n_troubles), (180, 0, 2), "each page is given up till the next night");
    assert_eq!(run(None).await, (0, 0, 2));
}

#[tokio::test(start_paused = true)]
async fn a_turn_that_comes_to_nothing_leaves_the_address_to_the_next_in_line() {
    // All wait for one address. Each portal has two hosts and one page to
    // spend: the second host's turn comes when the page is spent. A line that
    // stopped there would lose all behind it.
    let servers = Servers::new(|_, path| no_rules(path).unwrap_or_else(|| Reply::status(200)));
    let mut portals = Vec::new();
    for id in ["p", "q", "r", "s"] {
        let hosts = [format!("{id}1.gov.cn"), format!("{id}2.gov.cn")];
        for host in &hosts {
            servers.name(host, &[&[ADDRESS]]);
        }
        portals.push((id, hosts.iter().flat_map(|host| pages(host, 1)).collect()));
    }
    let mut world = World::new(servers);
    world.max_pages = 1;
    let (ending, tally) = world.crawl(&portals).await;
    assert_eq!(ending, Ending::Done);
    assert_eq!(world.servers.seen().iter().filter(|request| request.path == "/1").count(), portals.len());
    assert_eq!(tally.waiting.iter().map(|(_, n)| n).sum::<u64>(), 4, "one page each waits for the next run");
}

#[tokio::test(start_paused = true)]
async fn the_next_run_remembers_the_gates_of_the_last() {
    let servers = Servers::new(|host, path| match (host, path) {
        (_, "/robots.txt") => Reply::status(404),
        ("busy.gov.cn", _) => Reply::status(503).with("Retry-After", "600"),
        _ => Reply::status(200),
    });
    for host in ["a.gov.cn", "b.gov.cn", "busy.gov.cn"] {
        servers.name(host, &[&[ADDRESS]]);
    }
    let mut world = World::new(servers);
    let soon = world.servers.clock.clone();
    let stop = async move { soon.sleep_until(soon.now() + jiff::SignedDuration::from_millis(3500)).await };
    let first = [("a", pages("a.gov.cn", 9)), ("busy", pages("busy.gov.cn", 1))];
    let (ending, _) = world.crawl_until(&first, stop).await;
    assert_eq!(ending, Ending::Stopped);
    let n_before = world.servers.seen().len();
    // Another run, with another portal: its host shares the address.
    world.settings.max_wait = Duration::from_hours(1);
    world.crawl(&[("b", pages("b.gov.cn", 1)), ("busy", vec![])]).await;
    let seen = world.servers.seen();
    assert!(seen[n_before].host == "b.gov.cn", "{seen:?}");
    let busy: Vec<_> = seen.iter().filter(|r| r.host == "busy.gov.cn" && r.path == "/1").collect();
    assert!(busy.len() >= 2, "{seen:?}");
    assert!(busy[1].began.duration_since(busy[0].ended).as_secs() >= 600);
}

#[tokio::test(start_paused = true)]
async fn a_run_whose_time_is_up_before_anything_is_due_ends_and_says_who_waits() {
    type Answers = fn() -> Reply;
    let busy: Answers = || Reply::status(503).with("Retry-After", "500");
    let (here, nowhere, always, quiet) = (&[ADDRESS][..], &[][..], &[][..], &["06:00-06:20"][..]);
    // The tests begin at 22:13:20 UTC, 06:13:20 in China.
    for (replies, address, hours, expected, n_seconds) in [
        (busy, here, always, "until 2023-11-14 22:21:41 UTC: status 503", 1),
        (busy, here, quiet, "until 2023-11-14 22:20:00 UTC: the configuration holds it back", 0),
        (Reply::broken, here, always, "until 2023-11-14 22:14:29 UTC: the answer broke", 30),
        (busy, nowhere, always, "until 2023-11-14 22:14:20 UTC: the resolver had no answer for its name", 0),
    ] {
        let servers = Servers::new(move |_, path| no_rules(path).unwrap_or_else(replies));
        servers.name("a.gov.cn", &[address]);
        let mut world = World::new(servers);
        (world.settings.max_time, world.settings.max_wait) = (Some(Duration::from_secs(45)), Duration::from_mins(10));
        world.settings.max_host_failures = 99;
        world.settings.restraints.quiet_hours = QuietHours::parse(hours).unwrap();
        let (ending, tally) = world.crawl(&[("a", pages("a.gov.cn", 1))]).await;
        assert_eq!(ending, Ending::TimeUp, "{expected}");
        let why = tally.resting.get("a.gov.cn").map_or("", String::as_str);
        assert!(why.starts_with(expected), "{expected}: {:?}", tally.resting);
        assert!(tally.duration.as_secs() <= n_seconds, "{expected}: it idled for {:?}", tally.duration);
        assert_eq!(tally.waiting.iter().map(|(_, n)| n).sum::<u64>(), 1, "{expected}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_next_run_remembers_addresses_whose_hosts_it_does_not_ask() {
    let servers = Servers::new(|_, path| no_rules(path).unwrap_or_else(|| Reply::status(200)));
    servers.name("a.gov.cn", &[&[ADDRESS]]).name("b.gov.cn", &[&[ADDRESS]]);
    let world = World::new(servers);
    let clock = world.servers.clock.clone();
    let stop = async move { clock.sleep_until(clock.now() + jiff::SignedDuration::from_millis(2500)).await };
    world.crawl_until(&[("a", pages("a.gov.cn", 9))], stop).await;
    world.crawl(&[("b", pages("b.gov.cn", 1))]).await;
    let began: Vec<_> = world.servers.seen().iter().map(Seen::began_ms).collect();
    assert_eq!(began, [0, 1000, 2000, 3000, 4000], "the address opens a second after the last answer");
}

#[tokio::test(start_paused = true)]
async fn whatever_the_servers_do_no_gate_lets_two_through() {
    const HOSTS: usize = 30;
    let count = AtomicUsize::new(0);
    let servers = Servers::new(move |_, path| {
        // A small generator: the same mix in every run.
        let n = count.fetch_add(1, Ordering::SeqCst).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
        let takes = (n % 7) as u64 * 350;
        match (path, n % 11) {
            (_, 0) => Reply::broken().after_ms(takes),
            (_, 1) => Reply::status(503).with("Retry-After", "7").after_ms(takes),
            (_, 2) => Reply::status(429).after_ms(takes),
            (_, 3) => Reply::status(500).after_ms(takes),
            ("/robots.txt", 4) => Reply::page("User-agent: *\nCrawl-delay: 4").after_ms(takes),
            ("/robots.txt", _) => Reply::status(404).after_ms(takes),
            _ => Reply::status(200).after_ms(takes),
        }
    });
    let names: Vec<_> = (0..HOSTS).map(|n| format!("h{n}.gov.cn")).collect();
    for (n, name) in names.iter().enumerate() {
        // Seven addresses; every third host has two of them.
        let (first, second) = (format!("203.0.113.{}", n % 7), format!("203.0.113.{}", (n + 1) % 7));
        let both = [first.as_str(), second.as_str()];
        servers.name(name, &[if n % 3 == 0 { &both } else { &both[..1] }]);
    }
    let world = World::new(servers);
    let portals: Vec<_> = names.iter().map(|name| (name.as_str(), pages(name, 6))).collect();
    let (ending, _) = world.crawl(&portals).await;
    assert_eq!(ending, Ending::Done);
    assert!(world.servers.seen().len() > HOSTS * 7);
}

#[tokio::test(start_paused = true)]
async fn a_resolver_without_an_answer_is_one_trouble_and_a_few_names_are_their_own() {
    // Names without an answer, and with one.
    for (n_silent, n_known, places) in [(5, 0, 1), (5, 2, 1), (5, 6, 5), (2, 0, 2)] {
        let servers = Servers::new(|_, path| no_rules(path).unwrap_or_else(|| Reply::status(200)));
        let name = |n: usize| format!("www.{n}.gov.cn");
        (0..n_silent).for_each(|n| _ = servers.name(&name(n), &[&[]]));
        (n_silent..n_silent + n_known).for_each(|n| _ = servers.name(&name(n), &[&[ADDRESS]]));
        let mut world = World::new(servers);
        world.settings.max_attempts = 3;
        let ids: Vec<String> = (0..n_silent + n_known).map(name).collect();
        let portals: Vec<_> = ids.iter().map(|id| (id.as_str(), pages(id, 1))).collect();
        let (_, tally) = world.crawl(&portals).await;
        let of_names = tally.news.iter().filter(|news| !news.words.starts_with("searched"));
        let told: Vec<_> = of_names.map(|news| news.words.as_str()).collect();
        assert_eq!((tally.n_failed, told.len()), (n_silent as u64, places), "{told:?}");
        let words = format!("the resolver had no answer for 5 of {} names: ", n_silent + n_known);
        assert_eq!(told[0].starts_with(&words), places == 1, "{told:?}");
    }
}
