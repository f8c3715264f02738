//! Servers that answer badly, or not: every run ends, says what was wrong, and
//! the other portals of the run come home.
#![allow(missing_docs)]
#![cfg(feature = "engine")]

use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use gongkai::clock::Clock;
use gongkai::config::{Crawl, Operator, PlannedPortal, Settings, Start};
use gongkai::crawl::engine::{Ending, Tally};
use gongkai::crawl::frontier::PortalId;
use gongkai::crawl::resolve::FixedResolver;
use gongkai::pipeline::{Places, Run, crawl};
use gongkai::report::Catalogue;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

const MAX_BODY: u64 = 64 * 1024;
const MAX_REDIRECTS: u8 = 3;
const MAX_ATTEMPTS: u32 = 2;
const TOTAL_TIMEOUT_MS: u64 = 400;
const PORTAL: &str = "www.bad.gov.cn";
const NEIGHBOUR: &str = "www.good.gov.cn";

/// What a server does with a request.
enum Reply {
    /// These bytes, and the end.
    Bytes(Vec<u8>),
    /// A body without an end.
    Endless,
    /// Nothing, until the client goes away.
    Silence,
}

fn reply(status: &str, fields: &str, body: &[u8]) -> Reply {
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\n{fields}Content-Length: {length}\r\nConnection: close\r\n\r\n");
    Reply::Bytes([head.as_bytes(), body].concat())
}

fn moved(to: &str) -> Reply {
    reply("302 Found", &format!("Location: {to}\r\n"), b"")
}

fn no_robots(path: &str) -> Option<Reply> {
    (path == "/robots.txt").then(|| reply("404 Not Found", "", b"none"))
}

/// A server by hand; it ends when this is dropped.
struct Server {
    address: SocketAddr,
    /// The paths that were asked for, one for each connection; empty where none
    /// came.
    asked: Arc<Mutex<Vec<String>>>,
    n_connections: Arc<AtomicUsize>,
    task: tokio::task::JoinHandle<()>,
}

impl Server {
    async fn start(last: u8, replies: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::new(127, 0, 1, last), 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let n_connections = Arc::new(AtomicUsize::new(0));
        let (log, count, replies) = (asked.clone(), n_connections.clone(), Arc::new(replies));
        let task = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                let (log, replies) = (log.clone(), replies.clone());
                tokio::spawn(async move { serve(socket, &log, &*replies).await });
            }
        });
        Self { address, asked, n_connections, task }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(mut socket: TcpStream, log: &Mutex<Vec<String>>, replies: &(impl Fn(&str) -> Reply + Sync)) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") && head.len() < 8192 {
        match socket.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => break,
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    log.lock().unwrap().push(path.clone());
    // The client may go away at any time.
    match replies(&path) {
        Reply::Bytes(bytes) => {
            let _ = socket.write_all(&bytes).await;
        }
        Reply::Endless => {
            let _ = socket.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n").await;
            while socket.write_all(&[b'a'; 4096]).await.is_ok() {}
        }
        Reply::Silence => {
            let _ = socket.read_u8().await;
        }
    }
}

/// Crawls the server's portal beside one that answers well.
async fn run(server: &Server) -> Tally {
    let page = "<html><title>政府</title><p>欢迎</p></html>";
    let good = |path: &str| match path {
        "/" => reply("200 OK", "", page.as_bytes()),
        _ => reply("404 Not Found", "", b"none"),
    };
    let neighbour = Server::start(100, good).await;
    let hosts = [(PORTAL, server.address), (NEIGHBOUR, neighbour.address)];
    let dir = tempfile::tempdir().unwrap();
    let places = Places { output: dir.path().join("lake"), state: dir.path().join("state") };
    std::fs::create_dir(&places.state).unwrap();
    let crawl_settings = Crawl {
        interval_ms: 10,
        jitter_ms: 0,
        total_timeout_ms: TOTAL_TIMEOUT_MS,
        max_body_bytes: MAX_BODY,
        max_redirects: MAX_REDIRECTS,
        max_attempts: MAX_ATTEMPTS,
        max_wait_ms: 5000,
        flush_after_ms: 20,
        // The upper half of the network is refused.
        allow_addresses: vec!["127.0.1.0/25".to_owned()],
        ..Crawl::default()
    };
    let settings = Settings {
        operator: Operator { name: "a test".to_owned(), contact: "mailto:test@localhost.invalid".to_owned() },
        crawl: crawl_settings,
        portals: vec![],
        directory: vec![],
        catalogue: Catalogue::embedded(),
        dir: Path::new("test").to_owned(),
    };
    let planned: Vec<_> = hosts
        .iter()
        .map(|(host, _)| PlannedPortal {
            id: (*host).to_owned(),
            name: (*host).to_owned(),
            region: None,
            entries: vec![format!("http://{host}/").parse().unwrap()],
            starts_at: Start::HomePage,
            max_pages: 20,
            max_depth: 2,
        })
        .collect();
    let run = Run {
        settings: &settings,
        portals: &planned,
        places: &places,
        user_agent: settings.user_agent().unwrap(),
        resolver: Arc::new(FixedResolver::of(hosts.map(|(host, address)| (host.to_owned(), address)))),
        clock: Clock::system(),
        // Never reached: the test fails where it is.
        max_time: Some(std::time::Duration::from_secs(10)),
    };
    let (ending, tally) = crawl(run, std::future::pending(), |_| {}).await.unwrap();
    assert_eq!(ending, Ending::Done, "{tally:?}");
    assert_eq!(tally.n_lost_tasks, 0);
    let good = &tally.portals[&PortalId::from(NEIGHBOUR)];
    assert_eq!((good.n_pages, good.n_failed, good.last_trouble.as_deref()), (1, 0, None));
    // A home page without links has its sitemap looked for; that there is none
    // is no trouble.
    assert_eq!(neighbour.asked(), ["/robots.txt", "/", "/sitemap.xml"]);
    tally
}

/// Crawls a server that says nothing against robots: what it was asked, and
/// what the run said of it.
async fn crawled(last: u8, replies: impl Fn(&str) -> Reply + Send + Sync + 'static) -> (Vec<String>, Tally) {
    let server = Server::start(last, move |path| no_robots(path).unwrap_or_else(|| replies(path))).await;
    let tally = run(&server).await;
    (server.asked(), tally)
}

fn last_trouble(tally: &Tally) -> &str {
    tally.portals[&PortalId::from(PORTAL)].last_trouble.as_deref().unwrap_or_default()
}

fn n(tally: &Tally, outcome: &str) -> u64 {
    tally.outcomes.get(outcome).copied().unwrap_or_default()
}

#[tokio::test]
async fn a_redirect_loop_is_left() {
    let (asked, tally) = crawled(11, |path| moved(if path == "/" { "/a" } else { "/" })).await;
    assert_eq!(asked, ["/robots.txt", "/", "/a"]);
    assert_eq!(n(&tally, "a redirect loop"), 1, "{:?}", tally.outcomes);
    assert_eq!(last_trouble(&tally), "a redirect loop: back to http://www.bad.gov.cn/");
}

#[tokio::test]
async fn a_redirect_to_itself_is_left() {
    let (asked, tally) = crawled(12, |_| moved("/")).await;
    assert_eq!(asked, ["/robots.txt", "/"]);
    assert_eq!(n(&tally, "a redirect loop"), 1, "{:?}", tally.outcomes);
}

#[tokio::test]
async fn redirects_without_an_end_are_followed_a_few_times() {
    let (asked, tally) = crawled(13, |path| moved(&format!("{path}x"))).await;
    assert_eq!(asked, ["/robots.txt", "/", "/x", "/xx", "/xxx"]);
    assert_eq!(asked.len(), 2 + usize::from(MAX_REDIRECTS));
    assert_eq!(n(&tally, "too many redirects"), 1, "{:?}", tally.outcomes);
}

#[tokio::test]
async fn a_server_that_never_answers_is_asked_as_often_as_the_settings_say() {
    let (asked, tally) = crawled(14, |_| Reply::Silence).await;
    assert_eq!(asked, ["/robots.txt", "/", "/"]);
    assert_eq!(n(&tally, "no whole answer in 400ms"), u64::from(MAX_ATTEMPTS), "{:?}", tally.outcomes);
    assert_eq!(tally.n_failed, 1);
}

#[tokio::test]
async fn a_body_without_an_end_is_cut_off() {
    let (asked, tally) = crawled(15, |_| Reply::Endless).await;
    assert_eq!(asked, ["/robots.txt", "/"]);
    assert_eq!(n(&tally, "the body is larger than 65536 bytes"), 1, "{:?}", tally.outcomes);
}

#[tokio::test]
async fn a_bomb_does_not_go_off() {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(&vec![b'a'; 8 * 1024 * 1024]).unwrap();
    let bomb = encoder.finish().unwrap();
    assert!((bomb.len() as u64) < MAX_BODY, "only what comes out is too large");
    let (asked, tally) = crawled(16, move |_| reply("200 OK", "Content-Encoding: gzip\r\n", &bomb)).await;
    assert_eq!(asked, ["/robots.txt", "/"]);
    assert_eq!(n(&tally, "the body is larger than 65536 bytes"), 1, "{:?}", tally.outcomes);
}

#[tokio::test]
async fn half_an_answer_is_no_page() {
    let half = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n<p>half".to_vec();
    let (asked, tally) = crawled(17, move |_| Reply::Bytes(half.clone())).await;
    assert_eq!(asked, ["/robots.txt", "/", "/"]);
    assert_eq!(n(&tally, "the answer broke"), u64::from(MAX_ATTEMPTS), "{:?}", tally.outcomes);
    assert_eq!((tally.n_pages, tally.n_failed), (1, 1), "the neighbour's page alone");
}

#[tokio::test]
async fn an_empty_reply_is_no_page() {
    let (asked, tally) = crawled(18, |_| Reply::Bytes(vec![])).await;
    assert_eq!(asked, ["/robots.txt", "/", "/"]);
    assert_eq!(n(&tally, "the answer broke"), u64::from(MAX_ATTEMPTS), "{:?}", tally.outcomes);
}

#[tokio::test]
async fn an_answer_that_is_no_http_is_no_page() {
    let (_, tally) = crawled(19, |_| Reply::Bytes(b"\x00\x01\x02 hello\r\n\r\n".to_vec())).await;
    assert_eq!(n(&tally, "the answer broke"), u64::from(MAX_ATTEMPTS), "{:?}", tally.outcomes);
}

#[tokio::test]
async fn what_the_server_refuses_is_not_asked_again() {
    let cases = [
        (20, "404 Not Found", "gone", "gone: status 404"),
        (21, "403 Forbidden", "block", "block: status 403"),
        (22, "521 Blocked", "challenge", "challenge: status 521"),
    ];
    for (last, status, outcome, words) in cases {
        let (asked, tally) = crawled(last, move |_| reply(status, "", b"<p>no</p>")).await;
        assert_eq!(asked, ["/robots.txt", "/"], "{status}");
        assert_eq!(n(&tally, outcome), 1, "{:?}", tally.outcomes);
        assert_eq!(last_trouble(&tally), words);
    }
}

#[tokio::test]
async fn a_redirect_into_a_private_network_opens_no_socket() {
    let private = Server::start(200, |_| reply("200 OK", "", b"secret")).await;
    let to = format!("http://{}/secret", private.address);
    let (asked, tally) = crawled(23, move |_| moved(&to)).await;
    assert_eq!(asked, ["/robots.txt", "/"]);
    // Connections are taken in their order: after ours, none is left untold.
    let mut own = TcpStream::connect(private.address).await.unwrap();
    own.write_all(b"GET /own HTTP/1.1\r\n\r\n").await.unwrap();
    own.read_to_end(&mut Vec::new()).await.unwrap();
    assert_eq!(private.asked(), ["/own"], "not even robots.txt was asked for");
    assert_eq!(private.n_connections.load(Ordering::SeqCst), 1);
    assert_eq!(n(&tally, "the address 127.0.1.200 is refused"), 1, "{:?}", tally.outcomes);
    assert_eq!(last_trouble(&tally), "the address 127.0.1.200 is refused: a loopback address");
}

#[tokio::test]
async fn without_robots_txt_nothing_is_asked() {
    type Replies = fn(&str) -> Reply;
    let replies: [(u8, Replies); 3] = [
        (24, |_| reply("500 Internal Server Error", "", b"")),
        (25, |_| Reply::Silence),
        (26, |_| Reply::Bytes(vec![])),
    ];
    for (last, replies) in replies {
        let server = Server::start(last, replies).await;
        let tally = run(&server).await;
        assert_eq!(server.asked(), ["/robots.txt"]);
        assert_eq!(last_trouble(&tally), "robots.txt is unreachable: the host is left alone");
        assert_eq!(tally.waiting, [(PortalId::from(PORTAL), 1)], "the next run tries again");
    }
}
