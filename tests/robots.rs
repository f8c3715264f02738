//! robots.txt by RFC 9309: a row of `robots_cases.csv` for what each sentence
//! says, decided by the command that foreign suites use as well.
#![allow(missing_docs, clippy::disallowed_methods)]
#![cfg(feature = "engine")]

mod loopback;

use std::collections::BTreeMap;
use std::process::Command;
use std::time::{Duration, Instant};

use loopback::{Place, Portal, moved, page};

#[derive(Debug, serde::Deserialize)]
struct Case {
    section: String,
    says: String,
    agent: String,
    /// With `\n`, `\r`, `\t`, `\xHH` and `\\` for what a cell cannot show.
    file: String,
    path: String,
    verdict: String,
    line: Option<u32>,
}

fn unescaped(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        let escape = if c == '\\' { rest.next() } else { None };
        match (c, escape) {
            ('\\', Some('n')) => bytes.push(b'\n'),
            ('\\', Some('r')) => bytes.push(b'\r'),
            ('\\', Some('t')) => bytes.push(b'\t'),
            ('\\', Some('\\')) => bytes.push(b'\\'),
            ('\\', Some('x')) => {
                let hex: String = rest.by_ref().take(2).collect();
                bytes.push(u8::from_str_radix(&hex, 16).unwrap());
            }
            ('\\', other) => panic!("\\{other:?} in {text}"),
            (c, _) => bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    bytes
}

#[test]
fn every_sentence_of_the_rfc_has_its_cases() {
    let mut cases = csv::Reader::from_path("tests/robots_cases.csv").unwrap();
    let mut by_file: BTreeMap<(String, String), Vec<Case>> = BTreeMap::new();
    for case in cases.deserialize::<Case>() {
        let case = case.unwrap();
        by_file.entry((case.file.clone(), case.agent.clone())).or_default().push(case);
    }
    assert!(by_file.len() > 80, "{}", by_file.len());
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("robots.txt");
    let mut wrong = Vec::new();
    for ((text, agent), cases) in by_file {
        std::io::Write::write_all(&mut std::fs::File::create(&file).unwrap(), &unescaped(&text)).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_gongkai"));
        command.arg("robots").arg(&file).args(["--agent", &agent]).args(cases.iter().map(|case| &case.path));
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        let said = String::from_utf8(output.stdout).unwrap();
        assert_eq!(said.lines().count(), cases.len());
        for (case, said) in cases.iter().zip(said.lines()) {
            let line = case.line.map_or("no rule".to_owned(), |line| format!("line {line}: "));
            let cell = |rest: &str, cell: &str| rest.strip_prefix(cell).map(|rest| rest.trim_start().to_owned());
            let why = cell(said, &case.verdict).and_then(|rest| cell(&rest, &case.path));
            if !why.is_some_and(|why| why.starts_with(&line)) {
                wrong.push(format!("{} {}: {case:?}\n  said: {said}", case.section, case.says));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// Who fetches a robots.txt is as polite as a crawl.
#[test]
fn a_robots_txt_is_fetched_by_name_with_the_interval_and_not_from_who_is_excluded() {
    let portal = Portal::start(91);
    portal.put("/robots.txt", moved("/rules/robots.txt"));
    portal.put("/rules/robots.txt", page("User-agent: *\nDisallow: /x"));
    let place = Place::new(&[], "");
    let main = |interval: u32| {
        format!(
            "[operator]\nname = \"a test\"\ncontact = \"mailto:test@localhost.invalid\"\n\
             [crawl]\ninterval_ms = {interval}\nallow_addresses = [\"127.0.0.0/16\"]\n"
        )
    };
    place.write("config/gongkai.toml", &main(300));
    let url = portal.url("/robots.txt");
    let began = Instant::now();
    let said = place.gongkai(&["robots", &url, "/x"]);
    assert!(began.elapsed() >= Duration::from_millis(300), "the interval lies between two requests");
    assert_eq!((said.code, said.stdout.as_str()), (0, "deny  /x  line 2: Disallow: /x\n"), "{said:?}");
    let agents: Vec<String> = portal.asked().iter().map(|asked| asked.fields["user-agent"].clone()).collect();
    assert_eq!(agents.len(), 2);
    assert!(agents.iter().all(|agent| agent.contains("mailto:test@localhost.invalid")), "{agents:?}");

    portal.take_paths();
    let exclude = |what: &str| {
        let text = format!("[[exclude]]\n{what}\ndate = 2026-03-01\nreason = \"a letter\"\n");
        place.write("config/exclusions.toml", &text);
        place.gongkai(&["robots", &url, "/x"])
    };
    place.write("config/gongkai.toml", &main(10));
    let said = exclude("host = \"127.0.0.91\"\npath = \"/rules/\"");
    assert_eq!((said.code, portal.asked().len()), (3, 1), "a redirect leads to what is excluded: {said:?}");
    assert!(said.stderr.contains("excluded: 127.0.0.91/rules/") && said.stderr.contains("hint: "), "{said:?}");
    place.write("config/portals.toml", &format!("[[portal]]\nid = \"p\"\nentry = [\"{}\"]\n", portal.url("/gk/")));
    let said = exclude("portal = \"p\"");
    assert_eq!((said.code, portal.asked().len()), (3, 1), "no portal that begins there may be asked: {said:?}");
}
