//! The units and cron lines of docs/operation.md do what it says: they are taken
//! from the files and run.
#![allow(missing_docs)]
#![cfg(all(feature = "engine", unix))]

mod loopback;

use std::path::Path;
use std::process::{Command, Output};

use loopback::{Place, portal_with, status};

const YEARS: [i16; 3] = [2019, 2021, 2023];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The cron lines of a document, without the five fields of their time.
fn cron_lines(document: &str) -> Vec<String> {
    let text = std::fs::read_to_string(root().join(document)).unwrap();
    let blocks = text.split("```cron\n").skip(1).filter_map(|rest| rest.split("```").next());
    let command = |line: &str| line.split_whitespace().skip(5).collect::<Vec<_>>().join(" ");
    blocks.flat_map(str::lines).map(command).collect()
}

/// Runs a line as cron does: by sh, in its environment, with what it prints to be
/// mailed. The program and its folder are where this test has them.
fn cron(place: &Place, line: &str) -> Output {
    let line = line.replace("/usr/local/bin/gongkai", env!("CARGO_BIN_EXE_gongkai"));
    let line = line.replace("/srv/gongkai", place.dir.path().to_str().unwrap());
    Command::new("/bin/sh").arg("-c").arg(line).env_clear().env("PATH", "/usr/bin:/bin").output().unwrap()
}

fn mail(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.as_slice(), &output.stderr].concat()).into_owned()
}

#[test]
fn cron_mails_only_news() {
    let lines = [cron_lines("docs/operation.md"), cron_lines("README.md")].concat();
    assert!(lines.len() >= 3, "{lines:?}");
    for (line, last) in lines.iter().zip(81..) {
        let portal = portal_with(last, &YEARS);
        portal.put("/gknb/2021.html", status(403));
        let place = Place::new(&[("p", &portal.url("/gknb/"))], "");
        let first = mail(&cron(&place, line));
        assert!(first.starts_with("needs a person:\n") && first.contains("block: status 403"), "{line}: {first}");
        assert_eq!(mail(&cron(&place, line)), "", "{line}: nothing is new");
        assert_eq!(place.runs().len(), 2, "{line}: both ran");
        // What fails as a whole is mailed too.
        place.write("config/gongkai.toml", "[crawl]\ninterval = 1\n");
        let failed = mail(&cron(&place, line));
        assert!(failed.contains("`interval` is not known here"), "{line}: {failed}");
    }
}

#[test]
fn the_units_are_sound() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["gongkai.service", "gongkai.timer", "gongkai-news.service"] {
        let text = std::fs::read_to_string(root().join("docs/systemd").join(name)).unwrap();
        // The program and its folder are where this test has them.
        let text = text.replace("/usr/local/bin/gongkai", env!("CARGO_BIN_EXE_gongkai"));
        let text = text.replace("/srv/gongkai", dir.path().to_str().unwrap()).replace("User=gongkai\n", "");
        loopback::write(&dir.path().join(name), &text);
    }
    let command = |text: &str| -> Vec<String> {
        let line = text.lines().find_map(|line| line.strip_prefix("ExecStart=")).unwrap();
        line.split(' ').skip(1).map(str::to_owned).collect()
    };
    let service = std::fs::read_to_string(dir.path().join("gongkai.service")).unwrap();
    let place = Place::new(&[], "");
    let arguments: Vec<String> = command(&service).into_iter().chain(["--help".to_owned()]).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    assert_eq!(place.gongkai(&arguments).code, 0, "its options are known");
    let units = ["gongkai.service", "gongkai.timer", "gongkai-news.service"].map(|name| dir.path().join(name));
    // A machine without systemd cannot say more.
    let Ok(verified) = Command::new("systemd-analyze").arg("verify").args(units).output() else { return };
    assert!(verified.status.success(), "{}", mail(&verified));
    assert_eq!(mail(&verified), "", "not even a warning");
    let calendar = Command::new("systemd-analyze").args(["calendar", "*-*-* 01:30:00 Asia/Shanghai"]).output().unwrap();
    assert!(calendar.status.success(), "{}", mail(&calendar));
}
