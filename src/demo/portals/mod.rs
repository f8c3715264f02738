//! Portals of many content systems on loopback, with real sockets.
//!
//! | file | idea |
//! | --- | --- |
//! | `server` | what a portal serves, and how |
//! | `site` | a portal in the making, and the trait in which the systems differ |
//! | `systems` | the systems, one small file each |

mod server;
mod site;
mod systems;

use std::collections::{BTreeMap, HashMap};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;

use self::server::{Server, Site, answer};
use self::site::Builder;
use self::systems::ALL;
use super::truth::Truth;
use crate::clock::Clock;
use crate::report::regions::Place;
use crate::report::{Catalogue, Level};

/// A report that a portal publishes and robots.txt allows.
#[derive(Debug, Clone, PartialEq)]
pub struct Published {
    /// The portal's id.
    pub portal: String,
    /// Its URL.
    pub url: String,
    /// Its numbers.
    pub truth: Truth,
}

/// A portal that runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoPortal {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its region's code.
    pub region: String,
    /// Where the crawl is told to begin.
    pub entry: String,
}

/// A request as a portal saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The host asked for.
    pub host: String,
    /// The address that was asked.
    pub address: SocketAddr,
    /// Path and query, a POST's fields behind `#`.
    pub path: String,
    /// When it came.
    pub began: Timestamp,
    /// When its answer was made.
    pub ended: Timestamp,
    /// The answer's status.
    pub status: u16,
}

/// Portals that run until this is dropped.
#[derive(Debug)]
pub struct Running {
    /// The portals.
    pub portals: Vec<DemoPortal>,
    /// What they publish.
    pub published: Vec<Published>,
    /// The hosts' names, the same in every run, and where they listen.
    pub hosts: Vec<(String, SocketAddr)>,
    seen: Arc<Mutex<Vec<Seen>>>,
    servers: Vec<tokio::task::JoinHandle<()>>,
}

impl Running {
    /// The requests so far, in the order in which they ended.
    #[must_use]
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.servers.iter().for_each(tokio::task::JoinHandle::abort);
    }
}

/// Starts the portals; the same seed gives the same pages under the same URLs.
///
/// # Errors
///
/// - loopback addresses cannot be listened on
pub async fn start(seed: u64, catalogue: &Catalogue, clock: &Clock) -> std::io::Result<Running> {
    let places = places(catalogue);
    let (mut portals, mut published) = (Vec::new(), Vec::new());
    let mut sites: BTreeMap<u8, HashMap<String, Site>> = BTreeMap::new();
    for (index, (system, place)) in ALL.into_iter().zip(&places).enumerate() {
        let number = index as u8 + 1;
        let id = format!("demo-{number}");
        let host = system.host(number);
        // A copy carries another place's reports.
        let shown = if host.ends_with(".example") { &places[0] } else { place };
        let built = Builder::build(system, number, seed, shown, catalogue);
        published.extend(built.published.into_iter().map(|(url, truth)| Published { portal: id.clone(), url, truth }));
        // The last two share an address, as portals of one platform do.
        let at = number.min(ALL.len() as u8 - 1);
        for (name, pages) in built.pages {
            let busy = Mutex::new(if name == host { system.n_busy() } else { 0 });
            sites.entry(at).or_default().insert(name, Site { pages, busy });
        }
        let region = place.code.as_str().to_owned();
        portals
            .push(DemoPortal { id, name: format!("{}人民政府", place.name), region, entry: system.entry(&host) });
    }
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (mut hosts, mut servers) = (Vec::new(), Vec::new());
    for (at, sites) in sites {
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::new(127, 0, 1, at), 0)).await?;
        let address = listener.local_addr()?;
        hosts.extend(sites.keys().map(|host| (host.clone(), address)));
        let server = Arc::new(Server { sites, seen: seen.clone(), address, clock: clock.clone() });
        let app = axum::Router::new().fallback(answer).with_state(server);
        servers.push(tokio::spawn(async move {
            // It ends with the task.
            let _ = axum::serve(listener, app).await;
        }));
    }
    hosts.sort();
    Ok(Running { portals, published, hosts, seen, servers })
}

/// Counties with names of their own, spread over the provinces.
fn places(catalogue: &Catalogue) -> Vec<Place> {
    let places = catalogue.regions.places();
    let is_own = |place: &&Place| {
        place.level == Level::County
            && place.name.ends_with('县')
            && place.first_listed == 2007
            && place.last_listed.is_none()
            && catalogue.regions.named(&place.name, None).len() == 1
    };
    let mut found: Vec<Place> = Vec::new();
    for place in places.iter().filter(is_own) {
        if found.iter().all(|other| other.code.province() != place.code.province()) && found.len() < ALL.len() {
            found.push(place.clone());
        }
    }
    found
}
