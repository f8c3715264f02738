//! Servers by hand on loopback sockets, and crawls of them.
#![allow(dead_code, reason = "each test file uses its share")]

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gongkai::archive::{self, RecordRef};
use gongkai::clock::Clock;
use gongkai::config::{Crawl, Operator, PlannedPortal, Settings, Start};
use gongkai::crawl::engine::{Ending, Tally};
use gongkai::crawl::frontier::{ArchiveRef, Frontier, PageRequest, SeenUrl, SqliteFrontier};
use gongkai::crawl::resolve::{FixedResolver, Resolver};
use gongkai::crawl::restraints::Restraints;
use gongkai::page::Capture;
use gongkai::pipeline::{Places, Run, crawl};
use gongkai::report::Catalogue;
use jiff::{SignedDuration, Timestamp};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// What a server does with a request.
pub enum Reply {
    /// These bytes, and the end.
    Bytes(Vec<u8>),
    /// An answer whose body has no end and begins so.
    Endless(&'static str),
    /// These bytes, and then these again and again without an end.
    Repeat(Vec<u8>, Vec<u8>),
    /// These bytes again and again, slower than anyone can wait.
    Drip(&'static [u8]),
    /// These bytes, and then nothing until the client goes away.
    Stall(Vec<u8>),
    /// Nothing, until the client goes away.
    Silence,
}

pub fn reply(status: &str, fields: &str, body: &[u8]) -> Reply {
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\n{fields}Content-Length: {length}\r\nConnection: close\r\n\r\n");
    Reply::Bytes([head.as_bytes(), body].concat())
}

pub fn page(body: &str) -> Reply {
    reply("200 OK", "Content-Type: text/html; charset=utf-8\r\n", body.as_bytes())
}

pub fn moved(to: &str) -> Reply {
    reply("302 Found", &format!("Location: {to}\r\n"), b"")
}

/// Bytes in a content coding.
pub fn pack(coding: &str, bytes: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut packed = Vec::new();
    match coding {
        "gzip" | "x-gzip" => {
            flate2::write::GzEncoder::new(&mut packed, flate2::Compression::best()).write_all(bytes).unwrap();
        }
        "deflate" => {
            let mut encoder = flate2::write::ZlibEncoder::new(&mut packed, flate2::Compression::best());
            encoder.write_all(bytes).unwrap();
        }
        "deflate without zlib" => {
            let mut encoder = flate2::write::DeflateEncoder::new(&mut packed, flate2::Compression::best());
            encoder.write_all(bytes).unwrap();
        }
        "br" => brotli::CompressorWriter::new(&mut packed, 4096, 5, 22).write_all(bytes).unwrap(),
        "zstd" => packed = zstd::encode_all(bytes, 3).unwrap(),
        other => panic!("{other}"),
    }
    packed
}

pub fn no_robots(path: &str) -> Option<Reply> {
    (path == "/robots.txt").then(|| reply("404 Not Found", "", b"none"))
}

/// A request as it came: what stands before the body.
pub struct Asked {
    pub path: String,
    pub head: String,
}

impl Asked {
    /// The value of a header field.
    pub fn header(&self, name: &str) -> Option<&str> {
        let is_it = |line: &&str| line.split(':').next().is_some_and(|n| n.eq_ignore_ascii_case(name));
        self.head.lines().find(is_it).and_then(|line| line.split_once(':')).map(|(_, value)| value.trim())
    }
}

/// A server by hand; it ends when this is dropped.
pub struct Server {
    pub address: SocketAddr,
    /// What was asked for, one for each connection; empty where nothing came.
    asked: Arc<Mutex<Vec<String>>>,
    pub n_connections: Arc<AtomicUsize>,
    task: tokio::task::JoinHandle<()>,
}

impl Server {
    pub async fn start(last: u8, replies: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Self {
        Self::at(Ipv4Addr::new(127, 0, 1, last).into(), move |asked| replies(&asked.path)).await
    }

    pub async fn at(address: IpAddr, replies: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((address, 0)).await.unwrap();
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

    /// The paths that were asked for.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    /// Connections are taken in their order: after this none is left untold,
    /// and how many there were before it.
    pub async fn n_connections_before_now(&self) -> usize {
        let mut own = TcpStream::connect(self.address).await.unwrap();
        own.write_all(b"GET /own HTTP/1.1\r\n\r\n").await.unwrap();
        own.read_to_end(&mut Vec::new()).await.unwrap();
        self.n_connections.load(Ordering::SeqCst) - 1
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(mut socket: TcpStream, log: &Mutex<Vec<String>>, replies: &(impl Fn(&Asked) -> Reply + Sync)) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") && head.len() < 8192 {
        match socket.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => break,
        }
        // A TLS handshake has no lines: the answer is not one of HTTP either.
        if head == [22] {
            break;
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    log.lock().unwrap().push(path.clone());
    // The client may go away at any time.
    match replies(&Asked { path, head }) {
        Reply::Bytes(bytes) => {
            let _ = socket.write_all(&bytes).await;
            // What was sent is lost where a socket closes with bytes unread.
            let _ = socket.shutdown().await;
            let _ = socket.read_to_end(&mut Vec::new()).await;
        }
        Reply::Endless(start) => {
            let _ = socket.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n").await;
            let _ = socket.write_all(start.as_bytes()).await;
            while socket.write_all(&[b'a'; 4096]).await.is_ok() {}
        }
        Reply::Repeat(start, again) => {
            let _ = socket.write_all(&start).await;
            while socket.write_all(&again).await.is_ok() {}
        }
        Reply::Drip(bytes) => {
            for byte in bytes.iter().cycle() {
                if socket.write_u8(*byte).await.is_err() {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(30)).await;
            }
        }
        Reply::Stall(bytes) => {
            let _ = socket.write_all(&bytes).await;
            let _ = socket.read_to_end(&mut Vec::new()).await;
        }
        Reply::Silence => drop(socket.read_u8().await),
    }
}

/// Names and portals, and one state for all runs over them.
pub struct World {
    pub crawl: Crawl,
    pub resolver: Arc<dyn Resolver>,
    /// An id each, and where to begin.
    pub portals: Vec<(String, String)>,
    /// What the portals begin with.
    pub starts_at: Start,
    pub places: Places,
    /// From one run to the next.
    pub hours_apart: i64,
    n_runs: AtomicUsize,
    dir: tempfile::TempDir,
}

impl World {
    /// Portals at the roots of these hosts.
    pub fn of(hosts: &[(&str, SocketAddr)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let places = Places { output: dir.path().join("lake"), state: dir.path().join("state") };
        std::fs::create_dir(&places.state).unwrap();
        let crawl = Crawl {
            interval_ms: 10,
            jitter_ms: 0,
            slow_factor: 0.0,
            max_wait_ms: 5000,
            flush_after_ms: 20,
            // The upper half of the network is refused.
            allow_addresses: vec!["127.0.1.0/25".to_owned(), "::1".to_owned()],
            ..Crawl::default()
        };
        let fixed = hosts.iter().map(|(host, address)| ((*host).to_owned(), *address));
        let portals = hosts.iter().map(|(host, _)| ((*host).to_owned(), format!("http://{host}/"))).collect();
        Self {
            crawl,
            resolver: Arc::new(FixedResolver::of(fixed)),
            portals,
            starts_at: Start::HomePage,
            places,
            hours_apart: 22,
            n_runs: AtomicUsize::new(0),
            dir,
        }
    }

    /// The same, with portals that begin at these URLs.
    pub fn beginning_at(mut self, urls: &[&str]) -> Self {
        self.portals = urls.iter().enumerate().map(|(n, url)| (format!("p{n}"), (*url).to_owned())).collect();
        self
    }

    /// One night's run. The nights are of January, when lists come back with
    /// each, and a robots.txt of the last one holds still.
    pub async fn run(&self) -> Tally {
        let n_before = i64::try_from(self.n_runs.fetch_add(1, Ordering::SeqCst)).unwrap();
        let first: Timestamp = "2026-01-15T17:00:00Z".parse().unwrap();
        let clock = Clock::starting_at(first + SignedDuration::from_hours(self.hours_apart * n_before));
        let settings = Settings {
            operator: Operator { name: "a test".to_owned(), contact: "mailto:test@localhost.invalid".to_owned() },
            crawl: self.crawl.clone(),
            portals: vec![],
            directory: vec![],
            restraints: Restraints::default(),
            catalogue: Catalogue::embedded(),
            dir: Path::new("test").to_owned(),
        };
        let planned = |(id, url): &(String, String)| PlannedPortal {
            id: id.clone(),
            name: id.clone(),
            region: None,
            entries: vec![url.parse().unwrap()],
            starts_at: self.starts_at,
            max_pages: 20,
            max_depth: 2,
        };
        let portals: Vec<_> = self.portals.iter().map(planned).collect();
        let run = Run {
            settings: &settings,
            portals: &portals,
            places: &self.places,
            user_agent: settings.user_agent().unwrap(),
            resolver: self.resolver.clone(),
            clock,
            // Never reached: the test fails where it is.
            max_time: Some(Duration::from_mins(1)),
            noticed: vec![],
        };
        let (ending, tally) = crawl(run, std::future::pending(), |_| {}).await.unwrap();
        assert_eq!(ending, Ending::Done, "{tally:?}");
        assert_eq!(tally.n_lost_tasks, 0);
        tally
    }

    /// What the state knows of a URL.
    pub fn seen(&self, url: &str) -> Option<SeenUrl> {
        let frontier = SqliteFrontier::open(&self.places.frontier()).unwrap();
        frontier.seen(&PageRequest::get(url.parse().unwrap())).unwrap()
    }

    /// The page of a URL, as it was archived.
    pub fn archived(&self, url: &str) -> Option<Capture> {
        let ArchiveRef { file, offset, length } = self.seen(url)?.archived?;
        Some(archive::read(&self.places.archive(), &RecordRef { file, offset, length }).unwrap())
    }

    /// All of the archive, as text.
    pub fn archive_text(&self) -> String {
        let mut text = String::new();
        for file in std::fs::read_dir(self.places.archive()).unwrap() {
            let file = std::fs::File::open(file.unwrap().path()).unwrap();
            let mut bytes = Vec::new();
            std::io::Read::read_to_end(&mut flate2::read::MultiGzDecoder::new(file), &mut bytes).unwrap();
            text.push_str(&String::from_utf8_lossy(&bytes));
        }
        text
    }
}
