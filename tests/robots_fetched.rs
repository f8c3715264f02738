//! How a host's rules are fetched (RFC 9309 2.3, 2.4): where redirects lead,
//! how long an answer holds, and what none means. The gates are looked at
//! after every run, those of the hosts on the way as well.
#![allow(missing_docs)]
#![cfg(feature = "engine")]

mod in_memory;

use std::io::Write as _;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use gongkai::crawl::engine::Tally;
use gongkai::crawl::guard::AddressPolicy;

use in_memory::{Reply, Servers, World, pages};

const HOST: &str = "a.gov.cn";

fn world(replies: impl Fn(&str, &str) -> Reply + Send + Sync + 'static) -> World {
    let servers = Servers::new(replies);
    for (n, host) in [HOST, "b.gov.cn", "c.gov.cn"].into_iter().enumerate() {
        servers.name(host, &[&[&format!("203.0.113.{n}")]]);
    }
    servers.name("inside.gov.cn", &[&["10.0.0.1"]]);
    let mut world = World::new(servers);
    world.policy = AddressPolicy::allowing(vec!["203.0.113.0/24".parse().unwrap()]);
    world.settings.max_wait = Duration::from_mins(10);
    world.settings.max_attempts = 3;
    world
}

fn moved(to: &str) -> Reply {
    Reply::status(302).with("Location", to)
}

/// What was asked, `HOST PATH` each.
fn asked(world: &World) -> Vec<String> {
    world.servers.seen().iter().map(|request| format!("{}{}", request.host, request.path)).collect()
}

async fn crawl(world: &World) -> Tally {
    world.crawl(&[("p", vec![format!("http://{HOST}/open"), format!("http://{HOST}/closed")])]).await.1
}

#[tokio::test(start_paused = true)]
async fn redirects_are_followed_to_other_hosts_and_the_rules_are_the_first_ones() {
    let world = world(|host, path| match (host, path) {
        (HOST, "/robots.txt") => moved("http://b.gov.cn/rules/robots.txt"),
        ("b.gov.cn", "/rules/robots.txt") => moved("https://c.gov.cn/r.txt"),
        ("c.gov.cn", "/r.txt") => Reply::page("User-agent: *\nDisallow: /closed\nCrawl-delay: 7"),
        _ => Reply::status(200),
    });
    let tally = crawl(&world).await;
    assert_eq!(asked(&world), ["a.gov.cn/robots.txt", "b.gov.cn/rules/robots.txt", "c.gov.cn/r.txt", "a.gov.cn/open"]);
    assert_eq!(tally.outcomes["robots.txt forbids it"], 1);
    let seen = world.servers.seen();
    assert_eq!(seen[3].began.duration_since(seen[2].ended).as_secs(), 7, "its delay holds from its answer on");
}

#[tokio::test(start_paused = true)]
async fn five_redirects_are_followed_and_no_more() {
    for (n_moves, is_reached) in [(5, true), (6, false)] {
        let world = world(move |_, path| match path.strip_prefix("/robots.txt") {
            Some(rest) if rest.len() < n_moves => moved(&format!("{path}x")),
            Some(_) => Reply::page("User-agent: *\nDisallow: /"),
            None => Reply::status(200),
        });
        let tally = crawl(&world).await;
        let n_rules = asked(&world).iter().filter(|path| path.contains("robots")).count();
        assert_eq!(n_rules, 6);
        // Unavailable: everything is allowed.
        let n_pages = if is_reached { 0 } else { 2 };
        assert_eq!(tally.n_pages, n_pages, "{n_moves} redirects");
    }
}

#[tokio::test(start_paused = true)]
async fn a_circle_of_redirects_comes_to_nothing_and_ends() {
    let world = world(|host, path| match (host, path) {
        (HOST, "/robots.txt") => moved("http://b.gov.cn/robots.txt"),
        ("b.gov.cn", "/robots.txt") => moved("http://a.gov.cn/robots.txt"),
        _ => Reply::status(200),
    });
    let tally = crawl(&world).await;
    assert_eq!(asked(&world).iter().filter(|path| path.contains("robots")).count(), 6);
    assert_eq!(tally.n_pages, 2);
}

#[tokio::test(start_paused = true)]
async fn rules_that_were_moved_into_a_network_of_our_own_are_not_fetched() {
    for to in ["http://inside.gov.cn/robots.txt", "http://127.0.0.1/robots.txt", "http://nowhere.gov.cn/robots.txt"] {
        let world = world(move |_, path| if path == "/robots.txt" { moved(to) } else { Reply::status(200) });
        let tally = crawl(&world).await;
        assert_eq!(asked(&world), ["a.gov.cn/robots.txt"], "{to}");
        let words = &tally.troubles[0].words;
        assert!(words.starts_with("robots.txt is unreachable, the host is left alone: "), "{words}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_an_answer_allows() {
    let cases: [(fn() -> Reply, u64); 9] = [
        (|| Reply::status(404), 2),
        (|| Reply::status(401), 2),
        (|| Reply::status(403), 2),
        (|| Reply::status(410), 2),
        (|| moved("ftp://a.gov.cn/robots.txt"), 2),
        (|| Reply::status(429), 0),
        (|| Reply::status(500), 0),
        (|| Reply::status(503), 0),
        (Reply::broken, 0),
    ];
    for (reply, n_pages) in cases {
        let world = world(move |_, path| if path == "/robots.txt" { reply() } else { Reply::status(200) });
        let tally = crawl(&world).await;
        assert_eq!(tally.n_pages, n_pages, "{:?}", reply());
        if n_pages == 0 {
            assert_eq!(asked(&world), ["a.gov.cn/robots.txt"; 3], "{:?}", reply());
            assert_eq!(tally.waiting.len(), 1, "the next run tries again");
            assert_eq!(tally.troubles.len(), 1, "{:?}", tally.troubles);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_wall_before_robots_txt_is_named_and_not_asked_again_in_the_run() {
    let block = Reply {
        status: 503,
        ..Reply::page("<title>访问被拦截</title><p>您的请求疑似攻击行为，已被WAF拦截</p>")
    };
    let cases = [(Reply::status(521), "challenge", "challenge: status 521"), (block, "block", "block: status 503")];
    for (reply, wall, words) in cases {
        let mut world = world(move |host, path| match (host, path) {
            (HOST, "/robots.txt") => reply.clone(),
            // Others keep the run busy for longer than no answer holds.
            ("b.gov.cn", path) if path != "/robots.txt" => Reply::status(200).after_ms(5_000_000),
            _ => Reply::status(200),
        });
        world.settings.max_wait = Duration::from_hours(9);
        let others = pages("b.gov.cn", 1);
        let (_, tally) = world.crawl(&[("p", pages(HOST, 2)), ("q", others)]).await;
        let of_rules = asked(&world).iter().filter(|path| *path == "a.gov.cn/robots.txt").count();
        assert_eq!((of_rules, tally.outcomes.get(wall)), (1, Some(&1)), "{words}: {:?}", asked(&world));
        let told = &tally.troubles[0].words;
        assert!(told.starts_with(&format!("robots.txt is unreachable, the host is left alone: {words}")), "{told}");
    }
}

#[tokio::test(start_paused = true)]
async fn one_bad_answer_does_not_cost_a_portal_its_night() {
    for first in [|| Reply::status(503), || Reply::status(500), Reply::broken] {
        let count = AtomicUsize::new(0);
        let world = world(move |_, path| match path {
            "/robots.txt" if count.fetch_add(1, Ordering::SeqCst) == 0 => first(),
            "/robots.txt" => Reply::page("User-agent: *\nDisallow: /closed"),
            _ => Reply::status(200),
        });
        let tally = crawl(&world).await;
        assert_eq!(asked(&world), ["a.gov.cn/robots.txt", "a.gov.cn/robots.txt", "a.gov.cn/open"]);
        assert_eq!(tally.outcomes["robots.txt forbids it"], 1);
        assert!(tally.troubles.iter().all(|trouble| !trouble.words.contains("unreachable")), "{:?}", tally.troubles);
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_holds_for_a_day_across_runs_and_no_answer_for_an_hour_of_its_run() {
    let cases = [(200, 23, false), (200, 25, true), (404, 23, false), (404, 25, true), (500, 0, true), (503, 0, true)];
    for (status, hours, is_asked) in cases {
        let world = world(move |_, path| Reply::status(if path == "/robots.txt" { status } else { 200 }));
        crawl(&world).await;
        let n_before = asked(&world).len();
        tokio::time::sleep(Duration::from_hours(hours)).await;
        world.crawl(&[("p", pages(HOST, 1))]).await;
        let n_rules = asked(&world)[n_before..].iter().filter(|path| path.ends_with("/robots.txt")).count();
        assert_eq!(n_rules > 0, is_asked, "{status} after {hours} hours");
    }
    let count = AtomicUsize::new(0);
    let mut world = world(move |_, path| match path {
        "/robots.txt" if count.fetch_add(1, Ordering::SeqCst) < 3 => Reply::status(500),
        "/robots.txt" => Reply::status(404),
        _ => Reply::status(200),
    });
    world.settings.max_wait = Duration::from_hours(2);
    let tally = crawl(&world).await;
    assert_eq!(tally.n_pages, 2, "the run was still on");
    let seen = world.servers.seen();
    assert!(seen[3].began.duration_since(seen[2].ended).as_mins() >= 60);
}

#[test]
fn the_command_fetches_as_the_crawl_does() {
    let listener = std::net::TcpListener::bind("127.0.5.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = std::thread::spawn(move || {
        for reply in ["302 Found\r\nLocation: /r.txt", "200 OK", "503 Busy", "404 Not Found"] {
            let (mut socket, _) = listener.accept().unwrap();
            let mut head = [0; 4096];
            let _ = std::io::Read::read(&mut socket, &mut head).unwrap();
            let body = "User-agent: *\nDisallow: /a\n";
            write!(socket, "HTTP/1.1 {reply}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}", body.len())
                .unwrap();
        }
    });
    let dir = tempfile::tempdir().unwrap();
    let gongkai = |config: &str| {
        let mut file = std::fs::File::create(dir.path().join("gongkai.toml")).unwrap();
        file.write_all(config.as_bytes()).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_gongkai"));
        command.arg("--config").arg(dir.path()).arg("robots").arg(format!("http://{address}/robots.txt"));
        let output = command.args(["/a", "/b"]).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, _, error) = gongkai("");
    assert_eq!(code, Some(3));
    assert!(error.contains("the address 127.0.5.1 is refused: a loopback address"), "{error}");
    let allowed = "[crawl]\nallow_addresses = [\"127.0.5.0/24\"]\n";
    for expected in [
        "deny   /a  line 2: Disallow: /a\nallow  /b  no rule matches\n",
        "deny  /a  robots.txt is unreachable: status 503\ndeny  /b  robots.txt is unreachable: status 503\n",
        "allow  /a  robots.txt is unavailable: status 404\nallow  /b  robots.txt is unavailable: status 404\n",
    ] {
        let (code, said, error) = gongkai(allowed);
        assert_eq!((code, said.as_str()), (Some(0), expected), "{error}");
    }
    server.join().unwrap();
    let (code, said, _) = gongkai(allowed);
    assert_eq!(code, Some(0));
    assert!(said.starts_with("deny  /a  robots.txt is unreachable: "), "{said}");
}
