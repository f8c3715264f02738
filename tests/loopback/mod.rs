//! A portal on a loopback address, and a folder to crawl it from with the
//! program itself.
#![allow(dead_code, missing_docs, clippy::disallowed_methods)]

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gongkai::clock::Clock;
use gongkai::config::{Plan, Selection, Settings};
use gongkai::crawl::engine::{Ending, Tally};
use gongkai::crawl::resolve::SystemResolver;
use gongkai::ops::DiskSpace;
use gongkai::pipeline::{Places, Run, crawl_onto};

/// A request as the portal saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub host: String,
    pub path: String,
    /// Names in lower case.
    pub fields: BTreeMap<String, String>,
}

/// What the portal answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    pub status: u16,
    pub fields: Vec<(String, String)>,
    pub body: Vec<u8>,
}

pub fn page(html: &str) -> Reply {
    Reply { status: 200, fields: vec![], body: html.as_bytes().to_vec() }
}

pub fn status(status: u16) -> Reply {
    Reply { status, fields: vec![], body: b"<p>no</p>".to_vec() }
}

pub fn moved(to: &str) -> Reply {
    Reply { status: 302, fields: vec![("Location".to_owned(), to.to_owned())], body: vec![] }
}

/// What a portal holds, by path; all else is a 404. It may be changed while the
/// portal runs.
pub type Pages = Arc<Mutex<BTreeMap<String, Reply>>>;

/// A portal that runs until this is dropped.
pub struct Portal {
    pub address: SocketAddr,
    pub pages: Pages,
    asked: Arc<Mutex<Vec<Asked>>>,
    n_conditional: Arc<AtomicUsize>,
    is_over: Arc<AtomicBool>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Portal {
    /// A portal on 127.0.0.`last`. Every page has an entity tag.
    pub fn start(last: u8) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::new(127, 0, 0, last), 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let (pages, asked) = (Pages::default(), Arc::new(Mutex::new(Vec::new())));
        let is_over = Arc::new(AtomicBool::new(false));
        let n_conditional = Arc::new(AtomicUsize::new(0));
        let (held, log, over, count) = (pages.clone(), asked.clone(), is_over.clone(), n_conditional.clone());
        let thread = std::thread::spawn(move || {
            for socket in listener.incoming() {
                if over.load(Ordering::SeqCst) {
                    break;
                }
                // A client that goes away is none.
                let _ = socket.and_then(|socket| answer(socket, &held, &log, &count));
            }
        });
        Self { address, pages, asked, n_conditional, is_over, thread: Some(thread) }
    }

    pub fn put(&self, path: &str, reply: Reply) {
        self.pages.lock().unwrap().insert(path.to_owned(), reply);
    }

    pub fn remove(&self, path: &str) {
        self.pages.lock().unwrap().remove(path);
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// Requests so far that asked only for what changed.
    pub fn n_conditional(&self) -> usize {
        self.n_conditional.load(Ordering::SeqCst)
    }

    /// The paths asked for since the last call, robots.txt aside.
    pub fn take_paths(&self) -> Vec<String> {
        let asked = std::mem::take(&mut *self.asked.lock().unwrap());
        asked.into_iter().map(|asked| asked.path).filter(|path| path != "/robots.txt").collect()
    }
}

impl Drop for Portal {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
        // The last connection lets it see that it is over.
        let _ = TcpStream::connect(self.address);
        let _ = self.thread.take().map(std::thread::JoinHandle::join);
    }
}

fn answer(
    mut socket: TcpStream,
    pages: &Pages,
    log: &Mutex<Vec<Asked>>,
    n_conditional: &AtomicUsize,
) -> std::io::Result<()> {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") && head.len() < 16 * 1024 {
        socket.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let mut lines = head.split("\r\n");
    let path = lines.next().and_then(|line| line.split(' ').nth(1)).unwrap_or_default().to_owned();
    let fields: BTreeMap<String, String> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let host = fields.get("host").cloned().unwrap_or_default();
    let found = pages.lock().unwrap().get(&path).cloned().unwrap_or_else(|| status(404));
    let tag = format!(
        "\"{:x}\"",
        found.body.iter().fold(found.body.len(), |sum, b| sum * 31 % 0xffff_ffff + usize::from(*b))
    );
    let is_same = found.status == 200 && fields.get("if-none-match") == Some(&tag);
    n_conditional.fetch_add(usize::from(fields.contains_key("if-none-match")), Ordering::SeqCst);
    log.lock().unwrap().push(Asked { host, path, fields });
    let (status, body) = if is_same { (304, vec![]) } else { (found.status, found.body) };
    let mut reply = format!("HTTP/1.1 {status} x\r\nConnection: close\r\nETag: {tag}\r\n");
    found.fields.iter().for_each(|(name, value)| reply.push_str(&format!("{name}: {value}\r\n")));
    if status != 304 {
        reply.push_str(&format!("Content-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\n", body.len()));
    }
    socket.write_all(reply.as_bytes())?;
    socket.write_all(b"\r\n")?;
    socket.write_all(&body)
}

/// A folder with a configuration, a lake and a state of its own.
pub struct Place {
    pub dir: tempfile::TempDir,
}

/// What the program said.
#[derive(Debug)]
pub struct Said {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Place {
    /// Portals by id and entry; `crawl` is added to the section of that name.
    pub fn new(portals: &[(&str, &str)], crawl: &str) -> Self {
        let place = Self { dir: tempfile::tempdir().unwrap() };
        let main = format!(
            "[operator]\nname = \"a test\"\ncontact = \"mailto:test@localhost.invalid\"\n\
             [crawl]\ninterval_ms = 10\njitter_ms = 0\nmax_wait_ms = 2000\nmax_attempts = 1\n\
             allow_addresses = [\"127.0.0.0/16\"]\n{crawl}\n"
        );
        place.write("config/gongkai.toml", &main);
        let portal = |(id, entry): &(&str, &str)| {
            format!("[[portal]]\nid = \"{id}\"\nname = \"{id}人民政府\"\nregion = \"330483\"\nentry = [\"{entry}\"]\n")
        };
        place.write("config/portals.toml", &portals.iter().map(portal).collect::<String>());
        place
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Crawls the place in this process, by a clock and onto a disk of the test's own,
    /// until `stop` is done.
    pub async fn crawl(
        &self,
        clock: Clock,
        disk: impl DiskSpace + 'static,
        stop: impl Future<Output = ()>,
    ) -> (Ending, Tally) {
        let settings = Settings::load(&self.path("config")).unwrap();
        let plan = Plan::new(&settings, &Selection::default()).unwrap();
        let places = Places { output: self.path("output"), state: self.path("state") };
        std::fs::create_dir_all(&places.state).unwrap();
        let run = Run {
            settings: &settings,
            portals: &plan.portals,
            places: &places,
            user_agent: settings.user_agent().unwrap(),
            resolver: Arc::new(SystemResolver { timeout: Duration::from_secs(5) }),
            clock,
            max_time: None,
            noticed: vec![],
        };
        crawl_onto(Box::new(disk), run, stop, |_| {}).await.unwrap()
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gongkai"));
        command.args(arguments).current_dir(self.dir.path());
        command
    }

    pub fn gongkai(&self, arguments: &[&str]) -> Said {
        let output = self.command(arguments).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let code = output.status.code().expect("no signal ended it");
        Said { code, stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    /// The run reports so far, in their order.
    pub fn runs(&self) -> Vec<serde_json::Value> {
        let mut paths = files(&self.path("output/runs"));
        paths.sort();
        paths.iter().map(|path| serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()).collect()
    }
}

/// Writes a file of a test's own.
pub fn write(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
}

/// The files under a folder; none where it is not there.
pub fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

/// An invented report of 桐乡市, of the form of its year.
pub fn report(year: i16, seed: u64) -> Reply {
    use gongkai::demo::page::{Style, form_of_year, render};
    let catalogue = gongkai::Catalogue::embedded();
    let place = catalogue.regions.named("桐乡市", None)[0].clone();
    let truth = gongkai::demo::truth::truth(seed, &place, year, form_of_year(year), &catalogue);
    Reply { status: 200, fields: vec![], body: render(&truth, Style::PORTAL, &catalogue) }
}

/// A list of the reports of these years, each under /gknb/YEAR.html.
pub fn list(years: &[i16]) -> Reply {
    let link = |year: &i16| {
        format!("<li><a href=\"/gknb/{year}.html\">桐乡市人民政府{year}年政府信息公开工作年度报告</a></li>")
    };
    let links: String = years.iter().map(link).collect();
    page(&format!("<html><title>政府信息公开年报</title><body><h2>政府信息公开年报</h2><ul>{links}</ul></body></html>"))
}

/// A portal with a list at /gknb/ and the reports of these years.
pub fn portal_with(last: u8, years: &[i16]) -> Portal {
    let portal = Portal::start(last);
    portal.put("/robots.txt", page(""));
    portal.put("/gknb/", list(years));
    for year in years {
        portal.put(&format!("/gknb/{year}.html"), report(*year, u64::from(year.unsigned_abs())));
    }
    portal
}
