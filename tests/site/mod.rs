//! One portal of a test's own on loopback, crawled with the program's engine.
#![allow(dead_code, reason = "each test uses a part of it")]

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{Method, header};
use axum::response::Response;
use gongkai::clock::Clock;
use gongkai::config::{Crawl, Operator, PlannedPortal, Settings, Start};
use gongkai::crawl::engine::{Ending, Tally};
use gongkai::crawl::resolve::FixedResolver;
use gongkai::crawl::restraints::Restraints;
use gongkai::demo::page::{Style, form_of_year, render, title};
use gongkai::demo::truth::truth;
use gongkai::pipeline::{Places, Run, crawl};
use gongkai::report::{Catalogue, Level};
use jiff::{SignedDuration, Timestamp};

pub const HOST: &str = "www.qinghe.gov.cn";

/// What a server answers.
pub enum Reply {
    Html(String),
    Bytes(Vec<u8>),
    Moved(String),
    Missing(String),
}

type Answers = dyn Fn(&str, &str) -> Reply + Send + Sync;

/// A portal that runs, with a state and a lake of its own.
pub struct Site {
    address: SocketAddr,
    log: Arc<Log>,
    server: tokio::task::JoinHandle<()>,
    pub settings: Settings,
    pub places: Places,
    pub hosts: Vec<String>,
    pub max_pages: u32,
    n_runs: AtomicUsize,
    _dir: tempfile::TempDir,
}

struct Log {
    answers: Mutex<Arc<Answers>>,
    asked: Mutex<Vec<String>>,
}

impl Site {
    /// Starts a portal that answers as `answers` says for a host and a path
    /// (with query; a POST's fields behind `#`). robots.txt is none.
    pub async fn start(answers: impl Fn(&str, &str) -> Reply + Send + Sync + 'static) -> Self {
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::new(127, 0, 1, 77), 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let answers: Arc<Answers> = Arc::new(answers);
        let log = Arc::new(Log { answers: Mutex::new(answers), asked: Mutex::default() });
        let app = axum::Router::new().fallback(answer).with_state(log.clone());
        let server = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        let dir = tempfile::tempdir().unwrap();
        let places = Places { output: dir.path().join("lake"), state: dir.path().join("state") };
        std::fs::create_dir(&places.state).unwrap();
        let crawl = Crawl {
            interval_ms: 10,
            jitter_ms: 0,
            // A page is read and written before the next request goes out: so
            // counts are exact.
            concurrency: 1,
            flush_at: 1,
            flush_after_ms: 1,
            max_wait_ms: 5000,
            allow_addresses: vec!["127.0.1.0/24".to_owned()],
            ..Crawl::default()
        };
        let settings = Settings {
            operator: Operator { name: "a test".to_owned(), contact: "mailto:test@localhost.invalid".to_owned() },
            crawl,
            portals: vec![],
            directory: vec![],
            restraints: Restraints::default(),
            catalogue: Catalogue::embedded(),
            dir: Path::new("test").to_owned(),
        };
        let hosts = vec![HOST.to_owned()];
        Self { address, log, server, settings, places, hosts, max_pages: 1000, n_runs: AtomicUsize::new(0), _dir: dir }
    }

    /// Answers differently from now on.
    pub fn change(&self, answers: impl Fn(&str, &str) -> Reply + Send + Sync + 'static) {
        *self.log.answers.lock().unwrap() = Arc::new(answers);
    }

    /// One night's crawl from its home page, in January: what was asked, robots.txt left out, and
    /// what the run came to.
    pub async fn crawl(&self) -> (Vec<String>, Tally) {
        self.log.asked.lock().unwrap().clear();
        let n_before = i64::try_from(self.n_runs.fetch_add(1, Ordering::SeqCst)).unwrap();
        let first: Timestamp = "2026-01-15T17:00:00Z".parse().unwrap();
        let portal = PlannedPortal {
            id: "qinghe".to_owned(),
            name: "青禾县人民政府".to_owned(),
            region: None,
            entries: vec![format!("http://{HOST}/").parse().unwrap()],
            starts_at: Start::HomePage,
            max_pages: self.max_pages,
            max_depth: self.settings.crawl.max_depth,
        };
        let hosts = self.hosts.iter().map(|host| (host.clone(), self.address));
        let run = Run {
            settings: &self.settings,
            portals: &[portal],
            places: &self.places,
            user_agent: self.settings.user_agent().unwrap(),
            resolver: Arc::new(FixedResolver::of(hosts)),
            clock: Clock::starting_at(first + SignedDuration::from_hours(22 * n_before)),
            max_time: None,
            noticed: vec![],
        };
        let (ending, tally) = crawl(run, std::future::pending(), |_| {}).await.unwrap();
        assert_eq!((ending, tally.n_lost_tasks), (Ending::Done, 0));
        let asked = self.log.asked.lock().unwrap().clone();
        (asked, tally)
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn answer(State(log): State<Arc<Log>>, request: Request) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let host = host.split(':').next().unwrap_or_default().to_owned();
    let mut path = request.uri().path_and_query().unwrap().to_string();
    let is_post = request.method() == Method::POST;
    let fields = to_bytes(request.into_body(), 1 << 16).await.unwrap();
    if is_post {
        path = format!("{path}#{}", String::from_utf8_lossy(&fields));
    }
    let respond = |status, kind: &str, body: Vec<u8>| {
        Response::builder().status(status).header(header::CONTENT_TYPE, kind).body(Body::from(body)).unwrap()
    };
    if path == "/robots.txt" {
        return respond(404, "text/plain", vec![]);
    }
    let shown = if host == HOST { path.clone() } else { format!("{host}{path}") };
    log.asked.lock().unwrap().push(shown);
    let answers = log.answers.lock().unwrap().clone();
    match answers(&host, &path) {
        Reply::Html(html) => respond(200, "text/html; charset=utf-8", html.into_bytes()),
        Reply::Bytes(bytes) => respond(200, "text/html; charset=utf-8", bytes),
        Reply::Missing(html) => respond(404, "text/html; charset=utf-8", html.into_bytes()),
        Reply::Moved(to) => Response::builder().status(302).header(header::LOCATION, to).body(Body::empty()).unwrap(),
    }
}

/// A page with a title and a body.
pub fn page(title: &str, body: &str) -> Reply {
    Reply::Html(format!("<html><head><title>{title}</title></head><body><h2>{title}</h2>{body}</body></html>"))
}

/// A link.
pub fn link(path: &str, text: &str) -> String {
    format!("<li><a href=\"{path}\">{text}</a></li>")
}

/// The invented report of a year, and its title.
pub fn report(year: i16) -> (String, Vec<u8>) {
    let catalogue = Catalogue::embedded();
    let places = catalogue.regions.places();
    let is_it = |place: &&gongkai::report::regions::Place| place.level == Level::County && place.name.ends_with('县');
    let place = places.iter().find(is_it).unwrap();
    let truth = truth(year.unsigned_abs().into(), place, year, form_of_year(year), &catalogue);
    (title(&truth), render(&truth, Style::PORTAL, &catalogue))
}

/// A small portal that is well: home page, column, a list of reports.
pub struct Well {
    reports: BTreeMap<String, (String, Vec<u8>)>,
    pub list: &'static str,
}

impl Well {
    /// A portal with the reports of these years on the list at a path.
    pub fn new(list: &'static str, years: &[i16]) -> Self {
        let reports = years.iter().map(|year| (format!("/r/{year}.html"), report(*year))).collect();
        Self { reports, list }
    }

    /// What it answers; `None` for what it does not have. `more` stands on its
    /// column beside the link to the list.
    pub fn answer(&self, path: &str, more: &str) -> Option<Reply> {
        if let Some((_, report)) = self.reports.get(path) {
            return Some(Reply::Bytes(report.clone()));
        }
        match path {
            "/" => Some(page("青禾县人民政府", &link("/zfxxgk/", "政府信息公开"))),
            "/zfxxgk/" => Some(page("政府信息公开", &(link(self.list, "政府信息公开年报") + more))),
            path if path == self.list => {
                let links = self.reports.iter().map(|(path, (title, _))| link(path, title));
                Some(page("政府信息公开年报", &links.collect::<String>()))
            }
            _ => None,
        }
    }

    /// The paths of all that it has.
    pub fn all(&self) -> Vec<String> {
        let own = ["/", "/zfxxgk/", self.list].map(str::to_owned);
        own.into_iter().chain(self.reports.keys().cloned()).collect()
    }
}

/// What the crawl of a large portal came to.
#[derive(Debug)]
pub struct Measured {
    pub n_pages: usize,
    pub n_reports: usize,
    pub n_found: usize,
    pub n_fetches: usize,
    pub n_shortest: usize,
    pub troubles: Vec<String>,
}
impl Measured {
    /// The share of the reports that was found.
    pub fn recall(&self) -> f64 {
        self.n_found as f64 / self.n_reports as f64
    }

    /// Fetches, as a multiple of the oracle's.
    pub fn cost(&self) -> f64 {
        self.n_fetches as f64 / self.n_shortest as f64
    }
}

/// Crawls a large invented portal from its home page.
pub async fn measure(seed: u64, size: gongkai::demo::town::Size) -> Measured {
    let catalogue = Catalogue::embedded();
    let place = catalogue.regions.named("青田县", None)[0].clone();
    let town = gongkai::demo::town::town(seed, size, &place, &catalogue);
    let (n_pages, n_shortest, reports) = (town.pages.len(), town.n_shortest, town.reports);
    let pages = town.pages;
    let mut site = Site::start(move |_, path| match pages.get(path) {
        Some(page) => Reply::Bytes(page.clone()),
        None => Reply::Missing("<title>404</title>".to_owned()),
    })
    .await;
    site.max_pages = 100_000;
    site.settings.crawl.interval_ms = 1;
    let (asked, tally) = site.crawl().await;
    Measured {
        n_pages,
        n_reports: reports.len(),
        n_found: asked.iter().filter(|path| reports.contains(*path)).count(),
        n_fetches: asked.len(),
        n_shortest,
        troubles: tally.troubles.iter().map(|trouble| format!("{}: {}", trouble.place, trouble.words)).collect(),
    }
}
