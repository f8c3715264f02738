//! A rehearsal of a night: many small invented portals on few gates, faults
//! among their answers, and what the crawl of them came to beside what
//! politeness allows at best.
//!
//! The portals are made on demand from a seed, so that their number costs no
//! memory; the same ones are served in memory, under a clock that tokio drives,
//! and over real sockets on loopback.
#![allow(dead_code, missing_docs, reason = "each rehearsal uses a part of it")]

#[path = "../../benches/support/mod.rs"]
pub mod support;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Body;
use axum::extract::{ConnectInfo, Request as HttpRequest, State};
use axum::http::header;
use axum::response::Response;
use gongkai::clock::Clock;
use gongkai::config::{Crawl, Operator, PlannedPortal, Settings, Start};
use gongkai::crawl::engine::{Ending, Tally};
use gongkai::crawl::resolve::{Addresses, Failure, FixedResolver, ResolveError, Resolver};
use gongkai::crawl::restraints::Restraints;
use gongkai::crawl::transport::{Answer, Answering, Request, Transport, TransportError};
use gongkai::demo::page::{Style, form_of_year, render, title};
use gongkai::demo::truth::truth;
use gongkai::lake::stored_reports;
use gongkai::ops::SystemDisk;
use gongkai::pipeline::{Places, Run, crawl, crawl_over};
use gongkai::report::Catalogue;
use gongkai::report::regions::Place;
use jiff::Timestamp;
use tokio::task::JoinSet;

/// How large a rehearsal is.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    pub n_portals: usize,
    /// Addresses that the portals stand on.
    pub n_gates: usize,
    /// Requests of a thousand that end in a fault.
    pub faults_in_thousand: u64,
    pub interval: Duration,
    pub naming: Naming,
}

/// How the portals are called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Naming {
    /// By names that only the rehearsal's resolver knows.
    Hosts,
    /// By their bare addresses, for crawlers that are not ours.
    Addresses,
}

/// The years of every portal's reports.
const YEARS: [i16; 3] = [2012, 2019, 2023];

/// What befalls a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    Reset,
    Silence,
    ServerError,
    Busy,
    TooMany,
    Slow,
}

/// How a host behaves all night.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    Well,
    /// Nobody answers.
    Down,
    /// robots.txt forbids all.
    Closed,
}

/// How a request ended, as politeness takes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Came {
    Well,
    AskedForTime,
    Failed,
}

/// What a host's interval is multiplied by, and good answers since.
#[derive(Debug, Clone, Copy)]
struct Slowed {
    times: u32,
    n_good: u32,
}

/// A request as a gate saw it.
#[derive(Debug, Clone, Copy)]
struct Seen {
    gate: u32,
    began: Timestamp,
    ended: Timestamp,
    /// From the end to the next that the rules allow at the soonest.
    wait: Duration,
}

/// All portals, as functions of their number.
pub struct World {
    plan: Plan,
    catalogue: Catalogue,
    places: Vec<Place>,
    clock: Clock,
    attempts: Mutex<HashMap<u64, u64>>,
    slowed: Mutex<HashMap<String, Slowed>>,
    seen: Mutex<Vec<Seen>>,
    n_faults: AtomicUsize,
    port: u16,
    /// Where requests are written down for another process.
    log: Mutex<Option<std::fs::File>>,
}

/// Where a portal stands.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stand {
    gate: usize,
    host: String,
    /// Before its paths: portals of a large platform share a host.
    prefix: String,
}

impl World {
    pub fn new(plan: Plan, clock: Clock, port: u16) -> Self {
        assert!(plan.n_gates >= 10, "a rehearsal needs ten gates, for one of each kind");
        let catalogue = Catalogue::embedded();
        let places = catalogue.regions.places().iter().filter(|place| place.last_listed.is_none()).cloned().collect();
        let (attempts, slowed) = (Mutex::default(), Mutex::default());
        let (seen, n_faults) = (Mutex::default(), AtomicUsize::new(0));
        Self { plan, catalogue, places, clock, attempts, slowed, seen, n_faults, port, log: Mutex::default() }
    }

    /// A hundredth of the gates are large platforms, the first; four fifths are
    /// single hosts, the last; those between are addresses that a dozen hosts
    /// share.
    fn n_large_and_shared(&self) -> (usize, usize) {
        let n_gates = self.plan.n_gates;
        let n_large = (n_gates / 100).max(1);
        (n_large, n_gates - n_large - n_gates * 4 / 5)
    }

    fn stand(&self, portal: usize) -> Stand {
        if self.plan.naming == Naming::Addresses {
            let gate = portal % self.plan.n_gates;
            return Stand { gate, host: Self::address(gate).to_string(), prefix: format!("/p{portal}/") };
        }
        let (n_large, n_shared) = self.n_large_and_shared();
        let on_large = n_large * (self.plan.n_portals / 100).max(2);
        let n_single = self.plan.n_gates - n_large - n_shared;
        if portal < on_large {
            let gate = portal % n_large;
            return Stand { gate, host: format!("platform{gate}.invalid"), prefix: format!("/p{portal}/") };
        }
        let gate = match portal - on_large {
            place if place < n_single => n_large + n_shared + place,
            place => n_large + (place - n_single) % n_shared,
        };
        Stand { gate, host: format!("h{portal}.invalid"), prefix: "/".to_owned() }
    }

    fn address(gate: usize) -> IpAddr {
        Ipv4Addr::new(127, 40, (gate / 250) as u8, (gate % 250 + 1) as u8).into()
    }

    fn manner(stand: &Stand) -> Manner {
        match stand.gate {
            gate if gate % 97 == 50 => Manner::Down,
            gate if gate % 89 == 40 => Manner::Closed,
            _ => Manner::Well,
        }
    }

    fn url(&self, stand: &Stand, path: &str) -> String {
        let port = if self.port == 80 { String::new() } else { format!(":{}", self.port) };
        format!("http://{}{port}{}{path}", stand.host, stand.prefix)
    }

    fn portals(&self) -> Vec<PlannedPortal> {
        let portal = |number: usize| PlannedPortal {
            id: format!("p{number}"),
            name: format!("{}人民政府", self.place(number).name),
            region: Some(self.place(number).code.clone()),
            entries: vec![self.url(&self.stand(number), "").parse().unwrap()],
            starts_at: Start::HomePage,
            max_pages: 200,
            max_depth: 8,
        };
        (0..self.plan.n_portals).map(portal).collect()
    }

    fn place(&self, portal: usize) -> &Place {
        &self.places[portal % self.places.len()]
    }

    /// The URLs of the reports that can be had.
    fn reachable(&self) -> BTreeSet<String> {
        let stands = (0..self.plan.n_portals).map(|number| self.stand(number));
        let well = stands.filter(|stand| Self::manner(stand) == Manner::Well);
        well.flat_map(|stand| YEARS.map(|year| self.url(&stand, &format!("zwgk/nb/{year}.html")))).collect()
    }

    /// The portal of a host and path, and the path in it.
    fn portal_of<'a>(host: &str, path: &'a str) -> Option<(usize, &'a str)> {
        if let Some(number) = host.strip_prefix('h').and_then(|rest| rest.strip_suffix(".invalid")) {
            return Some((number.parse().ok()?, path.strip_prefix('/')?));
        }
        let (number, rest) = path.strip_prefix("/p")?.split_once('/')?;
        Some((number.parse().ok()?, rest))
    }

    /// What a portal answers: a home page, the column, the list, the reports.
    fn page(&self, host: &str, path: &str) -> (u16, Vec<u8>) {
        let missing = (404, b"<title>404</title>".to_vec());
        let Some((number, path)) = Self::portal_of(host, path) else { return missing };
        let (stand, place) = (self.stand(number), self.place(number));
        let page = |title: &str, links: &[(String, String)]| {
            let link = |(to, text): &(String, String)| format!("<li><a href=\"{}{to}\">{text}</a></li>", stand.prefix);
            let links: String = links.iter().map(link).collect();
            (200, format!("<title>{title}</title><h2>{title}</h2><ul>{links}</ul>").into_bytes())
        };
        let link = |to: &str, text: &str| (to.to_owned(), text.to_owned());
        let truth_of = |year: i16| truth(number as u64, place, year, form_of_year(year), &self.catalogue);
        match path {
            "" => page(
                &format!("{}人民政府", place.name),
                &[link("zwgk/", "政务公开"), link("bsfw/", "办事服务"), link("hdjl/", "互动交流")],
            ),
            "zwgk/" => page("政务公开", &[link("zwgk/nb/", "政府信息公开年报"), link("zwgk/zn/", "政府信息公开指南")]),
            "zwgk/nb/" => {
                let report = |year: i16| (format!("zwgk/nb/{year}.html"), title(&truth_of(year)));
                page("政府信息公开年报", &YEARS.map(report))
            }
            other => {
                let year = other.strip_prefix("zwgk/nb/").and_then(|rest| rest.strip_suffix(".html"));
                let year = year.and_then(|year| year.parse().ok()).filter(|year| YEARS.contains(year));
                year.map_or(missing, |year| (200, render(&truth_of(year), Style::PORTAL, &self.catalogue)))
            }
        }
    }

    /// What befalls the next request for a URL: the third passes in any case.
    fn fault(&self, url: &str) -> Option<Fault> {
        let digest = |n: u64| {
            use std::hash::{DefaultHasher, Hash, Hasher};
            let mut hasher = DefaultHasher::new();
            (url, n).hash(&mut hasher);
            hasher.finish()
        };
        let mut attempts = self.attempts.lock().unwrap();
        let n = attempts.entry(digest(0)).or_default();
        *n += 1;
        let lot = digest(*n);
        if *n > 2 || lot % 1000 >= self.plan.faults_in_thousand {
            return None;
        }
        self.n_faults.fetch_add(1, Ordering::SeqCst);
        let faults = [Fault::Reset, Fault::Silence, Fault::ServerError, Fault::Busy, Fault::TooMany, Fault::Slow];
        Some(faults[(lot / 1000 % 6) as usize])
    }

    fn note(&self, gate: usize, began: Timestamp, wait: Duration) {
        let ended = self.clock.now();
        self.seen.lock().unwrap().push(Seen { gate: gate as u32, began, ended, wait });
    }

    /// The interval that politeness asks for after an answer that took so long
    /// and ended so: who asked for time gets twice as much, up to eight times,
    /// and half again after five good answers.
    fn interval_after(&self, host: &str, began: Timestamp, came: Came) -> Duration {
        let took = Duration::try_from(self.clock.now().duration_since(began)).unwrap_or_default();
        let mut slowed = self.slowed.lock().unwrap();
        let Slowed { times, n_good } = slowed.entry(host.to_owned()).or_insert(Slowed { times: 1, n_good: 0 });
        match came {
            Came::Well => *n_good += 1,
            Came::Failed => *n_good = 0,
            Came::AskedForTime => (*times, *n_good) = ((*times * 2).min(8), 0),
        }
        if *n_good >= 5 && *times > 1 {
            (*times, *n_good) = (*times / 2, 0);
        }
        took.min(Duration::from_secs(30)).max(self.plan.interval) * *times
    }

    /// Whether a gate is one host's alone, whose Retry-After closes it.
    fn is_of_one_host(&self, gate: usize) -> bool {
        let (n_large, n_shared) = self.n_large_and_shared();
        !(n_large..n_large + n_shared).contains(&gate)
    }
}

/// The world as a transport in memory.
struct InMemory(Arc<World>);

/// How long an answer takes in memory.
const ANSWER_TIME: Duration = Duration::from_millis(200);

impl Transport for InMemory {
    fn send(&self, request: Request) -> Answering<'_> {
        Box::pin(async move {
            let world = &self.0;
            let began = world.clock.now();
            let (host, path) = (request.url.host_str().unwrap_or_default(), request.url.path());
            let IpAddr::V4(address) = request.address else { unreachable!("all addresses are of loopback") };
            let gate = usize::from(address.octets()[2]) * 250 + usize::from(address.octets()[3]) - 1;
            let stand = Stand { gate, host: host.to_owned(), prefix: String::new() };
            let manner = World::manner(&stand);
            let fault = if manner == Manner::Well { world.fault(request.url.as_str()) } else { None };
            let takes = match (manner, fault) {
                (Manner::Down, _) | (_, Some(Fault::Silence)) => Duration::from_secs(10),
                (_, Some(Fault::Slow)) => Duration::from_secs(4),
                _ => ANSWER_TIME,
            };
            tokio::time::sleep(takes).await;
            let came = match fault {
                None | Some(Fault::Slow) => Came::Well,
                Some(Fault::Busy | Fault::TooMany) => Came::AskedForTime,
                Some(Fault::Reset | Fault::Silence | Fault::ServerError) => Came::Failed,
            };
            let asked_for = match fault {
                Some(Fault::Busy) if world.is_of_one_host(gate) => Duration::from_secs(20),
                _ => Duration::ZERO,
            };
            let came = if manner == Manner::Down { Came::Failed } else { came };
            world.note(gate, began, world.interval_after(host, began, came).max(asked_for));
            let html = |status: u16, body: Vec<u8>| {
                let fields = vec![("content-type".to_owned(), "text/html; charset=utf-8".to_owned())];
                Answer { remote: Some(request.address), duration: takes, ..Answer::of(status, fields, body) }
            };
            match (manner, fault) {
                (Manner::Down, _) => return Err(TransportError::Connect("refused".to_owned())),
                (_, Some(Fault::Reset)) => return Err(TransportError::Broken("reset".to_owned())),
                (_, Some(Fault::Silence)) => return Err(TransportError::Stalled(takes)),
                (_, Some(Fault::ServerError)) => return Ok(html(500, b"<p>error</p>".to_vec())),
                (_, Some(Fault::TooMany)) => return Ok(html(429, b"<p>slower</p>".to_vec())),
                (_, Some(Fault::Busy)) => {
                    let mut answer = html(503, b"<p>busy</p>".to_vec());
                    answer.headers.push(("retry-after".to_owned(), "20".to_owned()));
                    return Ok(answer);
                }
                _ => {}
            }
            if path == "/robots.txt" {
                return Ok(match manner {
                    Manner::Closed => html(200, b"User-agent: *\nDisallow: /\n".to_vec()),
                    _ => html(404, Vec::new()),
                });
            }
            let (status, body) = world.page(host, path);
            Ok(html(status, body))
        })
    }
}

/// Names to the gates' addresses.
struct Names(Arc<World>);

impl Resolver for Names {
    fn resolve<'a>(&'a self, host: &'a str) -> Addresses<'a> {
        let world = &self.0;
        let of_platform = host.strip_prefix("platform").and_then(|rest| rest.strip_suffix(".invalid")?.parse().ok());
        let of_host = || Some(world.stand(World::portal_of(host, "/")?.0).gate);
        let gate = of_platform.or_else(of_host);
        let found = gate.map(|gate| vec![World::address(gate)]);
        let found = found.ok_or_else(|| ResolveError {
            host: host.to_owned(),
            why: "no such name".to_owned(),
            failure: Failure::NoSuchName,
        });
        Box::pin(async move { found })
    }
}

/// What a rehearsal came to.
#[derive(Debug)]
pub struct Rehearsed {
    pub plan: Plan,
    pub n_reachable: usize,
    pub n_found: usize,
    /// Reports that are not reachable, or stand in the lake twice.
    pub n_strange: usize,
    pub n_requests: usize,
    pub n_faults: usize,
    /// How long the run took by its clock.
    pub took: Duration,
    /// How long the busiest gate must take at the least.
    pub bound: Duration,
    /// Requests that came sooner than allowed, or while another was under way.
    pub n_too_soon: usize,
    pub ending: Ending,
    /// What the process took at most until the run was over, before its lake
    /// was counted.
    pub most_bytes: u64,
}

impl Rehearsed {
    pub fn times_bound(&self) -> f64 {
        self.took.as_secs_f64() / self.bound.as_secs_f64()
    }
}

fn settings(plan: Plan) -> Settings {
    let crawl = Crawl {
        interval_ms: plan.interval.as_millis() as u64,
        jitter_ms: 0,
        concurrency: 1000,
        max_wait_ms: 600_000,
        allow_addresses: vec!["127.40.0.0/16".to_owned()],
        ..Crawl::default()
    };
    Settings {
        operator: Operator { name: "a rehearsal".to_owned(), contact: "mailto:rehearsal@localhost.invalid".to_owned() },
        crawl,
        portals: vec![],
        directory: vec![],
        restraints: Restraints::default(),
        catalogue: Catalogue::embedded(),
        dir: Path::new("rehearsal").to_owned(),
    }
}

/// A night in memory, under a clock that runs only while nobody works. Needs
/// tokio's time paused.
pub async fn in_memory(plan: Plan, dir: &Path) -> Rehearsed {
    let clock = Clock::starting_at("2026-01-15T14:00:00Z".parse().unwrap());
    let world = Arc::new(World::new(plan, clock.clone(), 80));
    let (settings, places) = (settings(plan), places(dir));
    let portals = world.portals();
    let run = Run {
        settings: &settings,
        portals: &portals,
        places: &places,
        user_agent: settings.user_agent().unwrap(),
        resolver: Arc::new(Names(world.clone())),
        clock: clock.clone(),
        max_time: None,
        noticed: vec![],
    };
    let began = clock.now();
    let transport = Arc::new(InMemory(world.clone()));
    let (ending, tally) =
        crawl_over(transport, Box::new(SystemDisk), run, std::future::pending(), |_| {}).await.unwrap();
    outcome(&world, began, ending, &tally, &places)
}

/// The same over real sockets.
pub async fn over_sockets(plan: Plan, dir: &Path) -> Rehearsed {
    let (world, servers) = served(plan).await;
    let (settings, places) = (settings(plan), places(dir));
    let portals = world.portals();
    let stands = (0..plan.n_portals).map(|number| world.stand(number));
    let hosts = stands.map(|stand| (stand.host, SocketAddr::new(World::address(stand.gate), world.port)));
    let clock = world.clock.clone();
    let run = Run {
        settings: &settings,
        portals: &portals,
        places: &places,
        user_agent: settings.user_agent().unwrap(),
        resolver: Arc::new(FixedResolver::of(hosts)),
        clock: clock.clone(),
        max_time: Some(Duration::from_mins(10)),
        noticed: vec![],
    };
    let began = clock.now();
    let (ending, tally) = crawl(run, std::future::pending(), |_| {}).await.unwrap();
    drop(servers);
    outcome(&world, began, ending, &tally, &places)
}

/// Serves the portals until nobody is left on standard input, for crawlers of
/// other processes. `homes.txt` and `reports.txt` in the folder name the home
/// pages and the reports that can be had; `requests.txt` grows by a line a
/// request.
pub async fn serve(plan: Plan, dir: &Path) {
    let (world, _servers) = served(plan).await;
    *world.log.lock().unwrap() = Some(std::fs::File::create(dir.join("requests.txt")).unwrap());
    let lines = |urls: Vec<String>| urls.join("\n") + "\n";
    let homes = (0..plan.n_portals).map(|number| world.url(&world.stand(number), "")).collect();
    std::fs::write(dir.join("homes.txt"), lines(homes)).unwrap();
    std::fs::write(dir.join("reports.txt"), lines(world.reachable().into_iter().collect())).unwrap();
    println!("serving");
    tokio::task::spawn_blocking(|| std::io::stdin().lines().for_each(drop)).await.unwrap();
}

/// The portals over real sockets, until the servers are dropped.
async fn served(plan: Plan) -> (Arc<World>, JoinSet<()>) {
    let first = tokio::net::TcpListener::bind((World::address(0), 0)).await.unwrap();
    let port = first.local_addr().unwrap().port();
    let world = Arc::new(World::new(plan, Clock::system(), port));
    let mut servers = JoinSet::new();
    let mut first = Some(first);
    for gate in 0..plan.n_gates {
        let stand = Stand { gate, host: String::new(), prefix: String::new() };
        if World::manner(&stand) == Manner::Down {
            continue;
        }
        let listener = match first.take() {
            Some(listener) => listener,
            None => tokio::net::TcpListener::bind((World::address(gate), port)).await.unwrap(),
        };
        let app = axum::Router::new().fallback(answer).with_state((world.clone(), gate));
        let app = app.into_make_service_with_connect_info::<SocketAddr>();
        servers.spawn(async move { axum::serve(listener, app).await.unwrap() });
    }
    (world, servers)
}

async fn answer(
    State((world, gate)): State<(Arc<World>, usize)>,
    ConnectInfo(_): ConnectInfo<SocketAddr>,
    request: HttpRequest,
) -> Response {
    let began = world.clock.now();
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let host = host.split(':').next().unwrap_or_default().to_owned();
    let path = request.uri().path().to_owned();
    if let Some(log) = &mut *world.log.lock().unwrap() {
        writeln!(log, "{host}{path}").unwrap();
    }
    let stand = Stand { gate, host: host.clone(), prefix: String::new() };
    let fault = world.fault(&format!("{host}{path}"));
    let respond = |status: u16, body: Vec<u8>| {
        Response::builder()
            .status(status)
            .header(header::CONTENT_TYPE, "text/html; charset=utf-8")
            .body(Body::from(body))
    };
    let response = match fault {
        Some(Fault::Reset | Fault::Silence | Fault::ServerError) => respond(500, b"<p>error</p>".to_vec()),
        Some(Fault::Busy | Fault::TooMany) => respond(429, b"<p>slower</p>".to_vec()),
        Some(Fault::Slow) => {
            tokio::time::sleep(Duration::from_millis(300)).await;
            respond(503, b"<p>busy</p>".to_vec())
        }
        None if path == "/robots.txt" => match World::manner(&stand) {
            Manner::Closed => respond(200, b"User-agent: *\nDisallow: /\n".to_vec()),
            _ => respond(404, Vec::new()),
        },
        None => {
            let (status, body) = world.page(&host, &path);
            respond(status, body)
        }
    };
    let came = match fault {
        None => Came::Well,
        Some(Fault::Reset | Fault::Silence | Fault::ServerError) => Came::Failed,
        Some(Fault::Busy | Fault::TooMany | Fault::Slow) => Came::AskedForTime,
    };
    world.note(gate, began, world.interval_after(&host, began, came));
    response.unwrap()
}

fn places(dir: &Path) -> Places {
    let places = Places { output: dir.join("lake"), state: dir.join("state") };
    std::fs::create_dir_all(&places.state).unwrap();
    places
}

fn outcome(world: &World, began: Timestamp, ending: Ending, tally: &Tally, places: &Places) -> Rehearsed {
    let most_bytes = support::most_resident_bytes();
    assert_eq!(tally.n_lost_tasks, 0);
    let reachable = world.reachable();
    let stored: Vec<String> = stored_reports(&places.output).unwrap().into_iter().map(|report| report.url).collect();
    let found: BTreeSet<&String> = stored.iter().filter(|url| reachable.contains(*url)).collect();
    let seen = world.seen.lock().unwrap();
    let mut gates: BTreeMap<u32, Vec<Seen>> = BTreeMap::new();
    seen.iter().for_each(|request| gates.entry(request.gate).or_default().push(*request));
    let mut n_too_soon = 0;
    let mut bound = Duration::ZERO;
    for requests in gates.values_mut() {
        requests.sort_by_key(|request| request.began);
        let too_soon = |pair: &&[Seen]| {
            let waited = Duration::try_from(pair[1].began.duration_since(pair[0].ended)).unwrap_or_default();
            waited < world.plan.interval
        };
        n_too_soon += requests.windows(2).filter(too_soon).count();
        let took = |request: &Seen| Duration::try_from(request.ended.duration_since(request.began)).unwrap_or_default();
        let last = requests.last().map_or(Duration::ZERO, |last| last.wait);
        let sum: Duration = requests.iter().map(|request| took(request) + request.wait).sum();
        bound = bound.max(sum.saturating_sub(last));
    }
    Rehearsed {
        plan: world.plan,
        n_reachable: reachable.len(),
        n_found: found.len(),
        n_strange: stored.len() - found.len(),
        n_requests: seen.len(),
        n_faults: world.n_faults.load(Ordering::SeqCst),
        took: Duration::try_from(world.clock.now().duration_since(began)).unwrap_or_default(),
        bound,
        n_too_soon,
        ending,
        most_bytes,
    }
}
