//! No server makes us ask what lies in our own network (SSRF): not by names, by
//! literals in any spelling, by redirects, by look-ups that change, or by a
//! proxy that the environment happens to name.
#![allow(missing_docs)]
#![cfg(feature = "engine")]

mod sockets;

use std::net::{IpAddr, SocketAddr};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use gongkai::crawl::resolve::{Addresses, Resolver};

use sockets::{Server, World, moved, no_robots, page};

const HOST: &str = "www.qinghe.gov.cn";
/// It says where the search ends: no sitemap is looked for.
const HOME: &str = "<title>清河县人民政府</title><meta name=robots content=nofollow><p>欢迎访问</p>";

#[tokio::test]
async fn no_spelling_of_a_private_address_leads_there() {
    let private = Server::start(200, |_| page("secret")).await;
    let port = private.address.port();
    // 127.0.1.200, as browsers read it.
    let spellings = [
        "127.0.1.200",
        "127.0.1.200.",
        "127.0.456",
        "127.456",
        "2130706888",
        "0x7f0001c8",
        "0x7f.0.0x1.200",
        "017700000710",
        "0177.0.01.0310",
        "１２７.０.１.２００",
        "127。0。1。200",
        "%31%32%37.0.1.200",
        "someone:secret@127.0.1.200",
        "[::ffff:127.0.1.200]",
        "[::ffff:7f00:1c8]",
        "[0:0:0:0:0:ffff:7f00:01c8]",
        "[::127.0.1.200]",
        "[64:ff9b::127.0.1.200]",
        "[64:ff9b:1::7f00:1c8]",
        "[2002:7f00:1c8::]",
        "[2001:0:7f00:1c8::]",
        "[::]",
        "0.0.0.0",
        "0",
        "169.254.169.254",
        "[fe80::1]",
        "[fd00::1]",
        "224.0.0.1",
        "[ff02::1]",
        "255.255.255.255",
        "inside.gov.cn",
    ];
    let targets: Vec<_> = spellings.iter().map(|host| format!("http://{host}:{port}/")).collect();
    let (portals, redirects) = (targets.clone(), targets.clone());
    let server = Server::start(70, move |path| {
        let to = path.strip_prefix("/?").and_then(|n| redirects.get(n.parse::<usize>().ok()?));
        no_robots(path).unwrap_or_else(|| to.map_or_else(|| page(HOME), |to| moved(to)))
    })
    .await;
    let world = World::of(&[(HOST, server.address), ("inside.gov.cn", private.address)]);
    // Each as a redirect, and each as the place where a portal begins.
    let mut urls: Vec<_> = (0..targets.len()).map(|n| format!("http://{HOST}/?{n}")).collect();
    urls.extend(portals);
    let world = world.beginning_at(&urls.iter().map(String::as_str).collect::<Vec<_>>());
    let tally = world.run().await;
    assert_eq!(private.n_connections_before_now().await, 0);
    assert_eq!(tally.n_requests, 1 + spellings.len() as u64, "robots.txt and the redirects");
    let n_refused: u64 =
        tally.outcomes.iter().filter(|(words, _)| words.starts_with("the address ")).map(|(_, n)| n).sum();
    // What has one spelling is one URL: asked once, by whichever portal.
    assert!(n_refused >= 14, "{:?}", tally.outcomes);
    assert_eq!(tally.n_pages, spellings.len() as u64, "the redirects alone: {:?}", tally.outcomes);
}

/// A resolver whose answers change from look-up to look-up.
struct Changing {
    answers: Vec<Vec<SocketAddr>>,
    n_asked: AtomicUsize,
}

impl Resolver for Changing {
    fn resolve<'a>(&'a self, _: &'a str) -> Addresses<'a> {
        let n = self.n_asked.fetch_add(1, Ordering::SeqCst);
        let answer = self.answers[n.min(self.answers.len() - 1)].iter().map(SocketAddr::ip).collect();
        Box::pin(async move { Ok(answer) })
    }

    fn endpoint(&self, _: &str, address: IpAddr) -> SocketAddr {
        let all = self.answers.iter().flatten();
        all.copied().find(|socket| socket.ip() == address).unwrap_or(SocketAddr::new(address, 0))
    }
}

#[tokio::test]
async fn a_name_that_is_bound_anew_leads_to_no_other_address_than_the_one_that_was_checked() {
    let private = Server::start(201, |_| page("secret")).await;
    let server = Server::start(71, |path| no_robots(path).unwrap_or_else(|| page(HOME))).await;
    // First a good address, among one that is refused; then the refused alone.
    let answers = vec![vec![private.address, server.address], vec![private.address]];
    let resolver = Arc::new(Changing { answers, n_asked: AtomicUsize::new(0) });
    let mut world = World::of(&[(HOST, server.address)]);
    let urls: Vec<_> = (0..3).map(|n| format!("http://{HOST}/{n}")).collect();
    world = world.beginning_at(&urls.iter().map(String::as_str).collect::<Vec<_>>());
    world.resolver = resolver.clone();
    let tally = world.run().await;
    assert_eq!((tally.n_pages, tally.troubles.len()), (3, 0), "{:?}", tally.troubles);
    assert_eq!(resolver.n_asked.load(Ordering::SeqCst), 1, "what was checked is what is asked");
    let tally = world.run().await;
    assert_eq!(tally.n_requests, 0);
    assert_eq!(tally.outcomes["the address 127.0.1.201 is refused"], 3, "{:?}", tally.outcomes);
    assert_eq!(private.n_connections_before_now().await, 0);
}

#[tokio::test]
async fn proxies_of_the_environment_are_used_only_where_the_operator_says_so() {
    let proxy = Server::start(72, |path| {
        let is_rules = path.ends_with("/robots.txt");
        no_robots(if is_rules { "/robots.txt" } else { path }).unwrap_or_else(|| page(HOME))
    })
    .await;
    for (key, is_used) in [("", false), ("proxy_from_environment = true\n", true)] {
        let server = Server::start(73, |path| no_robots(path).unwrap_or_else(|| page(HOME))).await;
        let dir = tempfile::tempdir().unwrap();
        let operator = "[operator]\nname = \"a test\"\ncontact = \"mailto:test@localhost.invalid\"\n";
        let crawl = "[crawl]\ninterval_ms = 10\njitter_ms = 0\nallow_addresses = [\"127.0.1.73\"]\n";
        let url = format!("http://{}/", server.address);
        let portal = format!("[[portal]]\nid = \"p\"\nentry = [\"{url}\"]\n");
        let files = [("gongkai.toml", format!("{operator}{crawl}{key}")), ("portals.toml", portal)];
        for (name, text) in files {
            let mut file = std::fs::File::create(dir.path().join(name)).unwrap();
            std::io::Write::write_all(&mut file, text.as_bytes()).unwrap();
        }
        let mut command = Command::new(env!("CARGO_BIN_EXE_gongkai"));
        command.arg("crawl").arg("--config").arg(dir.path());
        command.arg("--output").arg(dir.path().join("lake")).arg("--state").arg(dir.path().join("state"));
        for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
            command.env(name, format!("http://{}", proxy.address));
        }
        command.env_remove("NO_PROXY").env_remove("no_proxy");
        let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(said.contains("2 requests, 1 page"), "{said}{}", String::from_utf8_lossy(&output.stderr));
        let asked = if is_used { proxy.asked() } else { server.asked() };
        let expected =
            if is_used { [format!("{url}robots.txt"), url] } else { ["/robots.txt".to_owned(), "/".to_owned()] };
        assert_eq!(asked, expected);
        let unused = if is_used { &server } else { &proxy };
        assert_eq!(unused.n_connections.load(Ordering::SeqCst), 0);
    }
}
