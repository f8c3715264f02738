//! Portals in memory, under a clock that tokio drives: a day of politeness
//! passes in a moment, and every instant is exact.
#![allow(dead_code, reason = "each test file uses its share")]

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gongkai::clock::Clock;
use gongkai::crawl::address::HostKey;
use gongkai::crawl::engine::{
    Ending, Engine, EngineSettings, Entry, EntryKind, Exchange, Kept, Parts, Sink, SinkError, Tally, Target,
};
use gongkai::crawl::frontier::{ArchivePosition, ArchiveRef, ResponseId, SqliteFrontier};
use gongkai::crawl::gates::{GateSettings, Gates};
use gongkai::crawl::guard::AddressPolicy;
use gongkai::crawl::resolve::{Addresses, Failure, ResolveError, Resolver, literal};
use gongkai::crawl::transport::{Answer, Answering, Request, Transport, TransportError};
use gongkai::page::Capture;
use gongkai::report::Catalogue;
use jiff::{SignedDuration, Timestamp};

/// When every test begins.
pub const START: i64 = 1_700_000_000;

/// What a server saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    pub host: String,
    pub address: IpAddr,
    pub path: String,
    pub began: Timestamp,
    pub ended: Timestamp,
}

impl Seen {
    /// Milliseconds from the test's beginning to the request's.
    pub fn began_ms(&self) -> i64 {
        self.began.as_millisecond() - START * 1000
    }
}

/// A page that says where the search ends: no sitemap is looked for.
const PAGE: &[u8] = b"<meta name=robots content=nofollow><p>a page</p>";

/// What a server answers, and how long that takes.
#[derive(Debug, Clone)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    pub takes: Duration,
    pub fails: Option<TransportError>,
}

impl Reply {
    pub fn status(status: u16) -> Self {
        Self { status, headers: vec![], body: PAGE.to_vec(), takes: Duration::ZERO, fails: None }
    }

    pub fn page(body: &str) -> Self {
        Self { body: body.as_bytes().to_vec(), ..Self::status(200) }
    }

    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn after_ms(mut self, takes: u64) -> Self {
        self.takes = Duration::from_millis(takes);
        self
    }

    pub fn broken() -> Self {
        Self { fails: Some(TransportError::Broken("as the test wants it".to_owned())), ..Self::status(200) }
    }

    /// Nobody listens.
    pub fn closed() -> Self {
        Self { fails: Some(TransportError::Closed("Connection refused".to_owned())), ..Self::status(200) }
    }
}

type Replies = dyn Fn(&str, &str) -> Reply + Send + Sync;

/// All servers and the names that lead to them.
#[derive(Clone)]
pub struct Servers {
    pub clock: Clock,
    seen: Arc<Mutex<Vec<Seen>>>,
    names: Arc<Mutex<HashMap<String, VecDeque<Vec<IpAddr>>>>>,
    replies: Arc<Replies>,
}

impl Servers {
    /// Servers that answer a host and path so.
    pub fn new(replies: impl Fn(&str, &str) -> Reply + Send + Sync + 'static) -> Self {
        let clock = Clock::starting_at(Timestamp::from_second(START).unwrap());
        Self { clock, seen: Arc::default(), names: Arc::default(), replies: Arc::new(replies) }
    }

    /// Gives a name its addresses, those of each look-up; the last stay. A
    /// look-up of none is one that the resolver has no answer for.
    pub fn name(&self, host: &str, look_ups: &[&[&str]]) -> &Self {
        let look_ups = look_ups.iter().map(|all| all.iter().map(|text| text.parse().unwrap()).collect()).collect();
        self.names.lock().unwrap().insert(host.to_owned(), look_ups);
        self
    }

    /// What was seen, in the order of the beginnings.
    pub fn seen(&self) -> Vec<Seen> {
        let mut seen = self.seen.lock().unwrap().clone();
        seen.sort_by_key(|request| request.began);
        seen
    }
}

impl Transport for Servers {
    fn send(&self, request: Request) -> Answering<'_> {
        Box::pin(async move {
            let began = self.clock.now();
            let host = request.url.host_str().unwrap().to_owned();
            let path = request.url[url::Position::BeforePath..].to_owned();
            let reply = (self.replies)(&host, &path);
            tokio::time::sleep(reply.takes).await;
            let ended = self.clock.now();
            self.seen.lock().unwrap().push(Seen { host, address: request.address, path, began, ended });
            if let Some(error) = reply.fails {
                return Err(error);
            }
            let Reply { status, headers, body, .. } = reply;
            Ok(Answer { remote: Some(request.address), duration: reply.takes, ..Answer::of(status, headers, body) })
        })
    }
}

impl Resolver for Servers {
    fn resolve<'a>(&'a self, host: &'a str) -> Addresses<'a> {
        let mut names = self.names.lock().unwrap();
        let found = match (literal(host), names.get_mut(host)) {
            (Some(address), _) => Ok(vec![address]),
            (None, Some(look_ups)) if look_ups.len() > 1 => Ok(look_ups.pop_front().unwrap()),
            (None, Some(look_ups)) => Ok(look_ups[0].clone()),
            (None, None) => Err(("no such name", Failure::NoSuchName)),
        };
        let found = found.and_then(|all| if all.is_empty() { Err(("no answer", Failure::NoAnswer)) } else { Ok(all) });
        let fail = |(why, failure): (&str, _)| ResolveError { host: host.to_owned(), why: why.to_owned(), failure };
        let found = found.map_err(fail);
        Box::pin(async move { found })
    }
}

/// A sink that counts.
#[derive(Default)]
struct Nowhere(Vec<ResponseId>);

impl Sink for Nowhere {
    fn append(&mut self, _: &Exchange) -> Result<ArchiveRef, SinkError> {
        Ok(ArchiveRef { file: "none".to_owned(), offset: 0, length: 0 })
    }

    fn archived(&self, _: &ArchiveRef) -> Result<Capture, SinkError> {
        Ok(Capture::default())
    }

    fn sync(&mut self) -> Result<Option<ArchivePosition>, SinkError> {
        Ok(None)
    }

    fn keep(&mut self, kept: Kept) {
        self.0.push(kept.response);
    }

    fn wants_commit(&self, _: Timestamp) -> bool {
        false
    }

    fn commit(&mut self, _: Timestamp) -> Result<Vec<ResponseId>, SinkError> {
        Ok(std::mem::take(&mut self.0))
    }
}

/// Runs over the servers, one after the other, with one state.
pub struct World {
    pub servers: Servers,
    pub gates: GateSettings,
    pub settings: EngineSettings,
    pub policy: AddressPolicy,
    pub max_pages: u32,
    /// What the portals begin with.
    pub starts_at: EntryKind,
    state: PathBuf,
    _folder: tempfile::TempDir,
}

impl World {
    pub fn new(servers: Servers) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let settings = EngineSettings {
            concurrency: 64,
            max_wait: Duration::from_hours(48),
            flush_after: Duration::from_millis(1),
            dns_lifetime: Duration::from_hours(1),
            max_attempts: 20,
            ..EngineSettings::default()
        };
        Self {
            servers,
            gates: GateSettings { jitter: Duration::ZERO, ..GateSettings::default() },
            settings,
            policy: AddressPolicy::allowing(vec!["0.0.0.0/0".parse().unwrap(), "::/0".parse().unwrap()]),
            max_pages: 10_000,
            starts_at: EntryKind::Named,
            state: folder.path().join("frontier.sqlite"),
            _folder: folder,
        }
    }

    /// One run over portals: an id each, and the URLs to ask.
    pub async fn crawl(&self, portals: &[(&str, Vec<String>)]) -> (Ending, Tally) {
        self.crawl_until(portals, std::future::pending()).await
    }

    pub async fn crawl_until(
        &self,
        portals: &[(&str, Vec<String>)],
        stop: impl Future<Output = ()>,
    ) -> (Ending, Tally) {
        let parts = Parts {
            frontier: Box::new(SqliteFrontier::open(&self.state).unwrap()),
            sink: Nowhere::default(),
            resolver: Arc::new(self.servers.clone()),
            transport: Arc::new(self.servers.clone()),
            policy: self.policy.clone(),
            gates: Gates::new(self.gates.clone(), 1),
            clock: self.servers.clock.clone(),
            catalogue: Arc::new(Catalogue::embedded()),
        };
        let target = |(id, urls): &(&str, Vec<String>)| Target {
            portal: (*id).into(),
            name: (*id).to_owned(),
            region: None,
            entries: urls.iter().map(|url| Entry { url: url.parse().unwrap(), kind: self.starts_at }).collect(),
            max_pages: self.max_pages,
            max_depth: 3,
            max_bytes: u64::MAX,
            max_failures: u32::MAX,
            max_time: Duration::MAX,
        };
        let engine = Engine::new(parts, self.settings.clone(), portals.iter().map(target).collect());
        let (ending, tally, _) = engine.run(stop).await.unwrap();
        assert_eq!(tally.n_lost_tasks, 0);
        assert_polite(&self.servers.seen(), self.gates.interval);
        (ending, tally)
    }
}

/// Pages `/1` to `/n` of a host.
pub fn pages(host: &str, n: usize) -> Vec<String> {
    (1..=n).map(|page| format!("http://{host}/{page}")).collect()
}

/// For every gate, a host's or an address's: no request begins sooner than the
/// interval after the last one's end, so no two are ever under way at once.
pub fn assert_polite(seen: &[Seen], interval: Duration) {
    let interval = SignedDuration::try_from(interval).unwrap();
    let mut gates: BTreeMap<String, Vec<&Seen>> = BTreeMap::new();
    for request in seen {
        gates
            .entry(HostKey::of(&format!("http://{}/", request.host).parse().unwrap()).unwrap().to_string())
            .or_default()
            .push(request);
        gates.entry(format!("address {}", request.address)).or_default().push(request);
    }
    for (gate, mut requests) in gates {
        requests.sort_by_key(|request| request.began);
        for pair in requests.windows(2) {
            let waited = pair[1].began.duration_since(pair[0].ended);
            assert!(waited >= interval, "{waited:?} at {gate} between {:?} and {:?}", pair[0], pair[1]);
        }
    }
}
