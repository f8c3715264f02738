//! Whose turn it is, exactly: hosts first, then the portals of a host, then
//! reports before lists before the rest.
#![allow(missing_docs)]
#![cfg(feature = "engine")]

mod in_memory;

use in_memory::{Reply, Servers, World, pages};

/// Hosts without rules, each at an address of its own where none is given.
fn world(hosts: &[(&str, &str)], replies: impl Fn(&str, &str) -> Reply + Send + Sync + 'static) -> World {
    let servers =
        Servers::new(move |host, path| if path == "/robots.txt" { Reply::status(404) } else { replies(host, path) });
    for (host, address) in hosts {
        servers.name(host, &[&[address]]);
    }
    let mut world = World::new(servers);
    // One request at a time: the order of the requests is that of the turns.
    world.settings.concurrency = 1;
    world
}

/// The requests in their order, robots.txt left out: `HOST/PATH`.
fn order(world: &World) -> Vec<String> {
    let seen = world.servers.seen().into_iter().filter(|request| request.path != "/robots.txt");
    seen.map(|request| format!("{}{}", request.host, request.path)).collect()
}

#[tokio::test(start_paused = true)]
async fn hosts_take_turns_however_much_one_of_them_has() {
    let hosts = [("a", "203.0.113.1"), ("b", "203.0.113.2"), ("c", "203.0.113.3")];
    let world = world(&hosts, |_, _| Reply::status(200));
    world.crawl(&[("big", pages("a", 25)), ("small", pages("b", 2)), ("tiny", pages("c", 1))]).await;
    let order = order(&world);
    assert_eq!(order[..7], ["a/1", "b/1", "c/1", "a/2", "b/2", "a/3", "a/4"]);
    assert_eq!(order.len(), 28);
}

#[tokio::test(start_paused = true)]
async fn hosts_of_one_platform_stand_in_one_line() {
    let names: Vec<_> = (0..20).map(|n| format!("big{n:02}")).collect();
    let mut hosts: Vec<_> = names.iter().map(|name| (name.as_str(), "203.0.113.1")).collect();
    hosts.push(("small", "203.0.113.1"));
    let world = world(&hosts, |_, _| Reply::status(200));
    let big = names.iter().flat_map(|name| pages(name, 5)).collect();
    world.crawl(&[("big", big), ("small", pages("small", 3))]).await;
    let order = order(&world);
    let expected: Vec<_> = (1..=3)
        .flat_map(|page| names.iter().map(move |name| format!("{name}/{page}")).chain([format!("small/{page}")]))
        .collect();
    assert_eq!(order[..expected.len()], expected[..], "the small one has every twenty-first turn");
    assert_eq!(order.len(), 20 * 5 + 3);
}

#[tokio::test(start_paused = true)]
async fn the_portals_of_a_host_take_turns() {
    let world = world(&[("a", "203.0.113.1")], |_, _| Reply::status(200));
    let of = |name: &str, n: usize| (1..=n).map(|page| format!("http://a/{name}{page}")).collect::<Vec<_>>();
    world.crawl(&[("huge", of("huge", 25)), ("medium", of("medium", 3)), ("small", of("small", 2))]).await;
    let order = order(&world);
    let first =
        ["a/huge1", "a/medium1", "a/small1", "a/huge2", "a/medium2", "a/small2", "a/huge3", "a/medium3", "a/huge4"];
    assert_eq!(order[..9], first);
    assert_eq!(order.len(), 30);
}

#[tokio::test(start_paused = true)]
async fn reports_go_before_lists_and_lists_before_the_rest() {
    let world = world(&[("a", "203.0.113.1")], |_, path| match path {
        "/1" => Reply::page(
            "<p>政府信息公开</p><a href='/zwgk/'>政务公开</a><a href='/xxgknb/'>政府信息公开年报</a>\
             <a href='/r1.html'>关于2016年政府信息公开工作年度报告</a>",
        ),
        "/xxgknb/" => Reply::page("<ul><a href='/r2.html'>关于2017年政府信息公开工作年度报告</a></ul>"),
        _ => Reply::status(200),
    });
    world.crawl(&[("p", pages("a", 2))]).await;
    assert_eq!(order(&world), ["a/1", "a/r1.html", "a/xxgknb/", "a/r2.html", "a/2", "a/zwgk/"]);
}

#[tokio::test(start_paused = true)]
async fn a_host_that_fails_holds_up_nobody() {
    let hosts = [("a", "203.0.113.1"), ("b", "203.0.113.2")];
    let world =
        world(&hosts, |host, _| if host == "a" { Reply::broken().after_ms(60_000) } else { Reply::status(200) });
    let mut world = world;
    world.settings.concurrency = 2;
    world.settings.max_attempts = 3;
    world.crawl(&[("bad", pages("a", 3)), ("good", pages("b", 30))]).await;
    let seen = world.servers.seen();
    let good: Vec<_> = seen.iter().filter(|request| request.host == "b").map(in_memory::Seen::began_ms).collect();
    assert_eq!(good, (0..31).map(|n| n * 1000).collect::<Vec<_>>(), "one a second, as politeness allows");
}

#[tokio::test(start_paused = true)]
async fn a_portal_on_several_hosts_keeps_to_its_pages_whatever_is_under_way() {
    let hosts = [("a", "203.0.113.1"), ("b", "203.0.113.2"), ("c", "203.0.113.3"), ("d", "203.0.113.4")];
    // All hosts answer slowly, and one not at all what is asked.
    let mut world = world(&hosts, |host, _| Reply::status(if host == "a" { 404 } else { 200 }).after_ms(3000));
    world.settings.concurrency = 64;
    world.max_pages = 6;
    let all = hosts.iter().flat_map(|(host, _)| pages(host, 9)).collect();
    let (_, tally) = world.crawl(&[("p", all)]).await;
    let asked = order(&world);
    assert_eq!(tally.n_pages, 6);
    assert_eq!(asked.iter().filter(|path| !path.starts_with('a')).count(), 6, "{asked:?}");
    assert!(asked.iter().any(|path| path.starts_with('a')), "what fails is no page");
}
