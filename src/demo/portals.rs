//! Portals of several content systems on loopback, with real sockets.

use std::collections::{BTreeMap, HashMap};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::other::other;
use super::page::{Charset, Chrome, Layout, Script, Style, encode, form_of_year, render, title};
use super::quirk::Quirks;
use super::truth::{Truth, truth};
use crate::clock::Clock;
use crate::page::hex;
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
    /// Its host's name, the same in every run.
    pub host: String,
    /// Where it listens.
    pub address: SocketAddr,
}

/// A request as a portal saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The host asked for.
    pub host: String,
    /// The address that was asked.
    pub address: SocketAddr,
    /// Path and query.
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

/// What is special about a portal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum System {
    /// TRS: `createPageHTML`.
    Trs,
    /// Hanweb: jpage, GBK.
    Jpage,
    /// A list with a link to its next page.
    NextPage,
    /// Two answers of 503 with Retry-After before it recovers.
    Busy,
    /// robots.txt forbids one of its columns.
    Forbids,
    /// The list is in a frame.
    Frames,
    /// gkmlpt: JSON.
    Gkmlpt,
    /// The home page is moved.
    Moved,
    /// A Traditional wiki that copies.
    Mirror,
    /// A shop that copies.
    Shop,
    /// Tables of 2014 as one cell a line.
    Flattened,
}

const SYSTEMS: [System; 12] = [
    System::Trs,
    System::Jpage,
    System::NextPage,
    System::Busy,
    System::Forbids,
    System::Frames,
    System::Gkmlpt,
    System::Moved,
    System::Mirror,
    System::Shop,
    System::Flattened,
    System::Trs,
];

const YEARS: [i16; 6] = [2012, 2015, 2017, 2019, 2021, 2023];

/// Starts the portals; the same seed gives the same pages under the same URLs.
///
/// # Errors
///
/// - loopback addresses cannot be listened on
pub async fn start(seed: u64, catalogue: &Catalogue, clock: &Clock) -> std::io::Result<Running> {
    let places = places(catalogue);
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (mut portals, mut published, mut servers) = (Vec::new(), Vec::new(), Vec::new());
    let mut sites: BTreeMap<u8, HashMap<String, Site>> = BTreeMap::new();
    let mut hosts: Vec<(u8, DemoPortal)> = Vec::new();
    for (index, (system, place)) in SYSTEMS.into_iter().zip(&places).enumerate() {
        let number = index as u8 + 1;
        let host = match system {
            System::Mirror => "baike.gongkai-demo.example".to_owned(),
            System::Shop => "shop.gongkai-demo.example".to_owned(),
            _ => format!("www.gongkai-demo-{number}.gov.cn"),
        };
        let id = format!("demo-{number}");
        // A copy carries another place's reports.
        let copied = match system {
            System::Mirror | System::Shop => &places[0],
            _ => place,
        };
        let (site, own) = site(system, seed, &host, copied, catalogue);
        published.extend(own.into_iter().map(|(url, truth)| Published { portal: id.clone(), url, truth }));
        // The last two share an address, as portals of one platform do.
        let at = number.min(SYSTEMS.len() as u8 - 1);
        sites.entry(at).or_default().insert(host.clone(), site);
        let region = place.code.as_str().to_owned();
        let name = format!("{}人民政府", place.name);
        hosts.push((at, DemoPortal { id, name, region, host, address: ([127, 0, 1, at], 0).into() }));
    }
    for (at, sites) in sites {
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::new(127, 0, 1, at), 0)).await?;
        let address = listener.local_addr()?;
        portals.extend(
            hosts.iter().filter(|(of, _)| *of == at).map(|(_, portal)| DemoPortal { address, ..portal.clone() }),
        );
        let server = Arc::new(Server { sites, seen: seen.clone(), address, clock: clock.clone() });
        let app = axum::Router::new().fallback(answer).with_state(server);
        servers.push(tokio::spawn(async move {
            // It ends with the task.
            let _ = axum::serve(listener, app).await;
        }));
    }
    Ok(Running { portals, published, seen, servers })
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
        if found.iter().all(|other| other.code.province() != place.code.province()) && found.len() < SYSTEMS.len() {
            found.push(place.clone());
        }
    }
    found
}

/// A page as it is served.
#[derive(Debug, Clone)]
struct Stored {
    body: Vec<u8>,
    content_type: &'static str,
    status: u16,
    location: Option<String>,
}

#[derive(Debug)]
struct Site {
    pages: HashMap<String, Stored>,
    /// Answers of 503 that are left.
    busy: Mutex<u32>,
}

#[derive(Debug)]
struct Server {
    sites: HashMap<String, Site>,
    seen: Arc<Mutex<Vec<Seen>>>,
    address: SocketAddr,
    clock: Clock,
}

const HTML: &str = "text/html";

fn stored(body: Vec<u8>, content_type: &'static str) -> Stored {
    Stored { body, content_type, status: 200, location: None }
}

fn page(title: &str, body: &str, charset: Charset) -> Stored {
    let html = format!(
        "<!DOCTYPE html>\n<html><head><meta charset=\"CHARSET\"><title>{title}</title></head><body>\n<h2>{title}</h2>\n{body}\n\
         <div>主办单位：演示办公室</div></body></html>"
    );
    stored(encode(&html, charset), HTML)
}

fn site(system: System, seed: u64, host: &str, place: &Place, catalogue: &Catalogue) -> (Site, Vec<(String, Truth)>) {
    let charset = if system == System::Jpage { Charset::Gbk } else { Charset::Utf8 };
    let style = Style {
        chrome: match system {
            System::Mirror => Chrome::Mirror,
            System::Shop => Chrome::Shop,
            _ => Chrome::Portal,
        },
        layout: if system == System::Flattened { Layout::Lines } else { Layout::Tables },
        script: if system == System::Mirror { Script::Traditional } else { Script::Simplified },
        charset,
        quirks: Quirks::NONE,
        seed,
    };
    let mut pages = HashMap::new();
    let mut published = Vec::new();
    let mut links = Vec::new();
    for year in YEARS {
        let number =
            seed ^ (u64::from(place.code.as_str().parse::<u32>().unwrap_or(0)) << 16) ^ u64::from(year.unsigned_abs());
        let form = form_of_year(year);
        let quirks = Quirks::draw(&mut fastrand::Rng::with_seed(number), 4, form, style.layout);
        let style = Style { quirks, seed: number, ..style };
        let truth = truth(number, place, year, form, catalogue).printed(&style);
        let path = format!("/art/{}/3/1/art_9_{year}.html", year + 1);
        links.push(format!(
            "<li><a href=\"{path}\" title=\"{0}\">{0}</a><span>{1}</span></li>",
            title(&truth),
            truth.published_on
        ));
        pages.insert(path.clone(), stored(render(&truth, style, catalogue), HTML));
        published.push((format!("http://{host}{path}"), truth));
    }
    let noise = ["guide", "catalogue", "news"].iter().enumerate().map(|(n, kind)| {
        pages.insert(format!("/other/{n}.html"), stored(other(kind, &place.name), HTML));
        let name = ["政府信息公开指南", "政府信息公开目录", "召开政务公开工作推进会"][n];
        format!("<li><a href=\"/other/{n}.html\">{name}</a></li>")
    });
    let noise: String = noise.collect();
    let column = format!("<ul>{noise}<li><a href=\"/gknb/index.html\">政府信息公开年报</a></li></ul>");
    let menu = "<ul class=nav><li><a href=\"/zwgk/index.html\">政务公开</a></li><li><a href=\"/fw.html\">办事服务</a></li></ul>";
    pages.insert("/".to_owned(), page(&format!("{}人民政府", place.name), menu, charset));
    pages
        .insert("/zwgk/index.html".to_owned(), page("政务公开", "<a href=\"/zwgk/zfxxgk/\">政府信息公开</a>", charset));
    pages.insert("/zwgk/zfxxgk/".to_owned(), page("政府信息公开", &column, charset));
    lists(system, &links, &mut pages, charset);
    let mut robots = "User-agent: *\nDisallow: /admin/\n".to_owned();
    if system == System::Forbids {
        robots.push_str("Disallow: /old/\n");
        let truth = truth(seed ^ 0x4d, place, 2010, form_of_year(2010), catalogue);
        pages.insert("/old/2010.html".to_owned(), stored(render(&truth, style, catalogue), HTML));
    }
    pages.insert("/robots.txt".to_owned(), stored(robots.into_bytes(), "text/plain"));
    if system == System::Moved {
        let moved =
            Stored { body: vec![], content_type: HTML, status: 302, location: Some("/index/main.html".to_owned()) };
        if let Some(home) = pages.insert("/".to_owned(), moved) {
            pages.insert("/index/main.html".to_owned(), home);
        }
    }
    let busy = Mutex::new(if system == System::Busy { 2 } else { 0 });
    (Site { pages, busy }, published)
}

/// The list of reports, paged as the system pages it.
fn lists(system: System, links: &[String], pages: &mut HashMap<String, Stored>, charset: Charset) {
    const PER_PAGE: usize = 2;
    let chunks: Vec<String> = links.chunks(PER_PAGE).map(|chunk| format!("<ul>{}</ul>", chunk.concat())).collect();
    let name = "政府信息公开年报";
    let mut put = |path: &str, body: &str| {
        pages.insert(path.to_owned(), page(name, body, charset));
    };
    match system {
        System::Trs | System::Busy | System::Flattened => {
            for (n, chunk) in chunks.iter().enumerate() {
                let path = if n == 0 { "/gknb/index.html".to_owned() } else { format!("/gknb/index_{n}.html") };
                put(
                    &path,
                    &format!("{chunk}<script>createPageHTML({}, {n}, \"index\", \"html\");</script>", chunks.len()),
                );
            }
        }
        System::Jpage => {
            let script = format!(
                "<script>$('#5').jpage({{totalRecord:{}, proxyUrl:'/module/web/jpage/dataproxy.jsp', perPage:{PER_PAGE}, \
                 ajaxParam:{{webid:7, columnid:9, unitid:'5'}}}});</script>",
                links.len()
            );
            put("/gknb/index.html", &format!("{}{script}", chunks[0]));
            let record = |link: &String| format!("<record><![CDATA[{link}]]></record>");
            let xml = format!(
                "<datastore><recordset>{}</recordset></datastore>",
                links[PER_PAGE..].iter().map(record).collect::<String>()
            );
            let path = format!(
                "/module/web/jpage/dataproxy.jsp?startrecord={}&endrecord={}&perpage={PER_PAGE}",
                PER_PAGE + 1,
                links.len()
            );
            pages.insert(path, stored(encode(&xml, charset), "text/xml; charset=gbk"));
        }
        System::Gkmlpt => {
            let script = "<script>window._CONFIG = {SID: '5', CATEGORY_ID: '88'};</script>";
            // The column leads to the platform's page, which has no links.
            put("/gknb/index.html", "<a href=\"/gkmlpt/index\">政府信息公开年报</a>");
            put("/gkmlpt/index", script);
            for (n, chunk) in links.chunks(PER_PAGE).enumerate() {
                let article = |link: &String| {
                    let part = |from: &str, to: &str| {
                        let rest = link.split(from).nth(1).unwrap_or_default();
                        rest.split(to).next().unwrap_or_default().to_owned()
                    };
                    serde_json::json!({ "title": part("title=\"", "\""), "url": part("href=\"", "\"") })
                };
                let articles: Vec<_> = chunk.iter().map(article).collect();
                let json = serde_json::json!({ "articles": articles, "total": links.len(), "per_page": PER_PAGE });
                let path = format!("/gkmlpt/api/all/88?page={}&sid=5", n + 1);
                pages.insert(path, stored(json.to_string().into_bytes(), "application/json"));
            }
        }
        System::Frames => {
            put("/gknb/index.html", "<iframe src=\"/gknb/list.html\"></iframe>");
            put("/gknb/list.html", &chunks.concat());
        }
        System::Forbids => {
            let old = "<li><a href=\"/old/2010.html\">2010年政府信息公开工作年度报告</a></li>";
            put("/gknb/index.html", &format!("{}<ul>{old}</ul>", chunks.concat()));
        }
        System::NextPage | System::Moved | System::Mirror | System::Shop => {
            for (n, chunk) in chunks.iter().enumerate() {
                let path =
                    if n == 0 { "/gknb/index.html".to_owned() } else { format!("/gknb/list.asp?page={}", n + 1) };
                let next = if n + 1 < chunks.len() {
                    format!("<a href=\"/gknb/list.asp?page={}\">下一页</a>", n + 2)
                } else {
                    String::new()
                };
                put(&path, &format!("{chunk}{next}"));
            }
        }
    }
}

async fn answer(State(server): State<Arc<Server>>, request: Request) -> Response {
    let began = server.clock.now();
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let host = host.split(':').next().unwrap_or_default().to_owned();
    let path = request.uri().path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string);
    let asked_with = request.headers().get(header::IF_NONE_MATCH).cloned();
    // A POST's fields choose nothing here; they are read and bounded.
    let _ = to_bytes(request.into_body(), 64 * 1024).await;
    let response = server.sites.get(&host).map_or_else(not_found, |site| site.answer(&path, asked_with.as_ref()));
    let status = response.status().as_u16();
    let seen = Seen { host, address: server.address, path, began, ended: server.clock.now(), status };
    server.seen.lock().unwrap_or_else(PoisonError::into_inner).push(seen);
    response
}

impl Site {
    fn answer(&self, path: &str, asked_with: Option<&HeaderValue>) -> Response {
        let mut busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
        if *busy > 0 && path != "/robots.txt" {
            *busy -= 1;
            return response(503, HTML, vec![], &[(header::RETRY_AFTER, "1")]);
        }
        let Some(page) = self.pages.get(path) else { return not_found() };
        if let Some(location) = &page.location {
            return response(page.status, HTML, vec![], &[(header::LOCATION, location)]);
        }
        let etag = format!("\"{}\"", &hex(&Sha256::digest(&page.body))[..16]);
        if asked_with.is_some_and(|tag| tag.as_bytes() == etag.as_bytes()) {
            return response(304, page.content_type, vec![], &[(header::ETAG, &etag)]);
        }
        response(page.status, page.content_type, page.body.clone(), &[(header::ETAG, &etag)])
    }
}

fn not_found() -> Response {
    response(404, HTML, other("error", ""), &[])
}

fn response(status: u16, content_type: &str, body: Vec<u8>, fields: &[(header::HeaderName, &str)]) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let all = fields.iter().cloned().chain([(header::CONTENT_TYPE, content_type)]);
    for (name, value) in all {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
