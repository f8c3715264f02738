//! What machines see of a run: metrics on a loopback address, and log lines that
//! are JSON with the name of their event.
#![allow(missing_docs)]
#![cfg(feature = "engine")]

mod loopback;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::Stdio;
use std::sync::mpsc;

use loopback::{Place, portal_with, status};
use serde_json::Value;

const YEARS: [i16; 3] = [2019, 2021, 2023];

/// Every line must be a JSON object with an event's name.
fn events(stderr: &str) -> Vec<Value> {
    let parse = |line: &str| {
        let event: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert!(event["event"].is_string() && event["level"].is_string() && event["timestamp"].is_string(), "{line}");
        event
    };
    stderr.lines().map(parse).collect()
}

fn names(events: &[Value]) -> BTreeSet<&str> {
    events.iter().filter_map(|event| event["event"].as_str()).collect()
}

#[test]
fn every_log_line_is_json_with_the_name_of_its_event() {
    let portal = portal_with(71, &YEARS);
    portal.put("/gknb/2021.html", status(403));
    let place = Place::new(&[("p", &portal.url("/gknb/"))], "");
    let said = place.gongkai(&["crawl", "--log", "json"]);
    assert_eq!(said.code, 1);
    let events = events(&said.stderr);
    let expected = ["run.started", "report.found", "trouble.met", "lake.committed", "run.ended"];
    assert!(names(&events).is_superset(&BTreeSet::from(expected)), "{}", said.stderr);
    let of = |name: &str| events.iter().find(|event| event["event"] == name).unwrap();
    assert_eq!(of("run.started")["n_portals"], 1);
    // Pages are read side by side: which is done first is no matter.
    let found = events.iter().filter(|event| event["event"] == "report.found");
    let years: BTreeSet<i64> = found.filter_map(|event| event["report_year"].as_i64()).collect();
    assert_eq!(years, BTreeSet::from([2019, 2023]), "{}", said.stderr);
    assert_eq!(of("trouble.met")["words"], "block: status 403");
    assert_eq!((&of("run.ended")["ending"], &of("run.ended")["n_reports"]), (&"done".into(), &2.into()));
    let first = events.first().unwrap();
    assert_eq!(first["event"], "run.started");
}

#[test]
fn a_failure_is_json_too() {
    let place = Place::new(&[], "");
    for (arguments, code) in [(vec!["check", "--config", "nowhere"], 2), (vec!["explain", "http://a.example/"], 2)] {
        let said = place.gongkai(&[&["--log", "json"], arguments.as_slice()].concat());
        assert_eq!(said.code, code, "{said:?}");
        let events = events(&said.stderr);
        assert_eq!(names(&events), BTreeSet::from(["command.failed"]));
        assert_eq!(events[0]["exit_code"], code);
        assert!(!events[0]["hint"].as_str().unwrap().is_empty());
    }
}

/// The metrics of an exposition, after its form was checked.
fn parsed(text: &str) -> BTreeMap<String, String> {
    let (mut types, mut samples) = (BTreeMap::new(), BTreeMap::new());
    for line in text.lines() {
        if let Some(of) = line.strip_prefix("# TYPE ") {
            let (name, kind) = of.split_once(' ').unwrap();
            types.insert(name.to_owned(), kind.to_owned());
        } else if !line.starts_with("# HELP ") {
            let (name, value) = line.rsplit_once(' ').unwrap();
            let family = name.split('{').next().unwrap();
            let kind = types.get(family).unwrap_or_else(|| panic!("{family} has no type"));
            assert_eq!(kind == "counter", family.ends_with("_total"), "{family}");
            assert!(value.parse::<f64>().is_ok(), "{line}");
            samples.insert(name.to_owned(), value.to_owned());
        }
    }
    assert!(types.keys().all(|name| name.starts_with("gongkai_")));
    samples
}

fn get(address: &str, path: &str) -> (String, String) {
    let mut socket = TcpStream::connect(address).unwrap();
    write!(socket, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.to_owned(), body.to_owned())
}

#[test]
fn a_run_can_be_scraped_while_it_goes_on() {
    // A portal that answers its page only once the test says so.
    let listener = TcpListener::bind("127.0.0.72:0").unwrap();
    let entry = format!("http://{}/", listener.local_addr().unwrap());
    let ((arrived, is_there), (let_go, may_answer)) = (mpsc::channel(), mpsc::channel::<()>());
    let portal = std::thread::spawn(move || {
        for n in 0..2 {
            let (mut socket, _) = listener.accept().unwrap();
            let mut line = String::new();
            BufReader::new(socket.try_clone().unwrap()).read_line(&mut line).unwrap();
            if n == 1 {
                arrived.send(()).unwrap();
                may_answer.recv().unwrap();
            }
            let _ = socket.write_all(b"HTTP/1.1 404 x\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno");
        }
    });
    let place = Place::new(&[("p", &entry)], "");
    let mut command = place.command(&["crawl", "--quiet", "--log", "json", "--metrics", "127.0.0.1:0"]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    let address = loop {
        line.clear();
        assert_ne!(stderr.read_line(&mut line).unwrap(), 0, "it ended without metrics");
        let event: Value = serde_json::from_str(&line).unwrap();
        if event["event"] == "metrics.listening" {
            break event["address"].as_str().unwrap().to_owned();
        }
    };
    is_there.recv().unwrap();
    let (head, body) = get(&address, "/metrics");
    assert!(head.starts_with("HTTP/1.1 200") && head.contains("text/plain; version=0.0.4"), "{head}");
    let samples = parsed(&body);
    assert_ne!(samples["gongkai_requests_total"], "0", "{body}");
    assert_eq!(samples["gongkai_portals"], "1");
    assert_eq!(samples["gongkai_pages_total{result=\"new\"}"], "0");
    assert!(samples["gongkai_run_start_timestamp_seconds"].parse::<f64>().unwrap() > 1.7e9);
    assert!(samples.contains_key(&format!("gongkai_build_info{{version=\"{}\"}}", env!("CARGO_PKG_VERSION"))));
    assert!(get(&address, "/other").0.starts_with("HTTP/1.1 404"));
    let_go.send(()).unwrap();
    let mut rest = String::new();
    stderr.read_to_string(&mut rest).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1), "a page that is gone is news");
    portal.join().unwrap();
    assert!(TcpStream::connect(&address).is_err(), "they end with the run");
}

#[test]
fn a_port_that_is_taken_costs_the_metrics_and_not_the_night() {
    let portal = portal_with(74, &YEARS);
    let place = Place::new(&[("p", &portal.url("/gknb/"))], "");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let said = place.gongkai(&["crawl", "--quiet", "--metrics", &address]);
    assert_eq!((said.code, portal.asked().len()), (1, 5), "{said:?}");
    let words = format!("all portals  metrics  cannot listen on {address} for metrics: ");
    assert!(said.stdout.contains(&words), "{said:?}");
    assert_eq!(place.gongkai(&["crawl", "--quiet", "--metrics", &address]).stdout, "", "it is told once");
    drop(taken);
    assert_eq!(place.gongkai(&["crawl", "--quiet", "--metrics", &address]).code, 0);
    assert!(!place.gongkai(&["status"]).stdout.contains("metrics"), "it passed");
}

#[test]
fn metrics_are_refused_on_any_other_address() {
    let portal = portal_with(73, &YEARS);
    let place = Place::new(&[("p", &portal.url("/gknb/"))], "");
    for address in ["0.0.0.0:9464", "[::]:9464", "192.0.2.1:9464", "9464", "localhost:9464"] {
        let said = place.gongkai(&["crawl", "--metrics", address]);
        assert_eq!(said.code, 2, "{address}: {said:?}");
        assert!(said.stderr.contains("loopback"), "{said:?}");
    }
    assert_eq!(portal.asked(), [], "nothing was begun");
}
