//! The lines of the house hold: who may import what, and who may touch what.
#![allow(missing_docs)]

use std::path::{Path, PathBuf};

/// What each part of the house may name of the others; `cli` may name all.
/// Imports run downwards only.
const MAY_NAME: &[(&str, &[&str])] = &[
    ("page", &["pattern"]),
    ("report", &["page", "pattern"]),
    ("read", &["page", "report", "words"]),
    ("words", &[]),
    ("clock", &[]),
    ("faults", &[]),
    ("archive", &["faults", "page"]),
    ("lake", &["faults", "page", "report"]),
    ("crawl", &["clock", "faults", "page", "pattern", "read", "report"]),
    ("config", &["crawl", "report", "words"]),
    ("ops", &["archive", "config", "crawl", "faults", "lake", "words"]),
    ("pipeline", &["archive", "clock", "config", "crawl", "lake", "ops", "page", "report"]),
    ("demo", &["clock", "lake", "page", "report"]),
];

/// A prohibition: files under these folders must not name these words.
struct Rule {
    under: &'static [&'static str],
    but: &'static [&'static str],
    never: &'static [&'static str],
    why: &'static str,
}

const RULES: &[Rule] = &[
    Rule {
        under: &["src/page", "src/report", "src/read.rs"],
        but: &[],
        never: &[
            "std::fs",
            "std::net",
            "std::time::Instant",
            "SystemTime",
            "tokio",
            "Timestamp::now",
            "std::env",
            "println!",
        ],
        why: "the middle is pure: no I/O, no clock, no globals",
    },
    Rule {
        under: &["src"],
        but: &["src/crawl", "src/demo/portals", "src/ops/metrics.rs"],
        never: &["reqwest", "TcpStream", "UdpSocket", "TcpListener", "lookup_host"],
        why: "only crawl opens connections (the demo's portals and the metrics listen)",
    },
    Rule {
        under: &["src"],
        but: &["src/lake"],
        never: &["parquet::", "arrow_array", "arrow_schema"],
        why: "only lake knows Parquet",
    },
    Rule {
        under: &["src"],
        but: &["src/archive", "src/crawl/paging/sitemap.rs", "src/crawl/coding.rs"],
        never: &["flate2"],
        why: "only archive knows WARC (a sitemap may be a gzip file, a body be deflated)",
    },
    Rule {
        under: &["src"],
        but: &["src/clock.rs"],
        never: &["Timestamp::now", "Instant::now", "SystemTime::now"],
        why: "only the clock module asks the time",
    },
];

#[test]
fn the_lines_of_the_house_hold() {
    let mut broken = Vec::new();
    for (place, text) in sources() {
        let is_under = |places: &[&str]| places.iter().any(|under| Path::new(&place).starts_with(under));
        for rule in RULES.iter().filter(|rule| is_under(rule.under) && !is_under(rule.but)) {
            for (number, line) in text.lines().enumerate() {
                if let Some(word) = rule.never.iter().find(|word| line.contains(**word)) {
                    broken.push(format!("{place}:{}: {word}: {}", number + 1, rule.why));
                }
            }
        }
    }
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}

#[test]
fn imports_run_downwards() {
    let mut broken = Vec::new();
    for (place, text) in sources() {
        // src/page/html.rs is in page, and two modules deep.
        let path = place.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod");
        let (part, depth) = (path.split('/').next().unwrap_or_default(), path.split('/').count());
        let Some((_, allowed)) = MAY_NAME.iter().find(|(name, _)| *name == part) else {
            assert!(["lib", "main", "cli"].contains(&part), "{place} is of no part of the house");
            continue;
        };
        // A module of tests may name whatever it tests with.
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for name in names_of_crate(code).iter().filter(|name| *name != part && !allowed.contains(&name.as_str())) {
            broken.push(format!("{place} names crate::{name}"));
        }
        if code.contains(&"super::".repeat(depth)) {
            broken.push(format!("{place} climbs to the crate's root: say crate::"));
        }
    }
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}

#[test]
fn names_are_seen_wherever_they_stand() {
    let cases: [(&str, &[&str]); 5] = [
        ("use crate::page::Capture;", &["page"]),
        ("use crate::{archive, crawl as c, lake::{self, Lake}};", &["archive", "crawl", "lake"]),
        ("use crate::{\n    page::{\n        Capture,\n    },\n    report,\n};", &["page", "report"]),
        ("let x: crate::crawl::Url = crate::ops::now();", &["crawl", "ops"]),
        ("let x = 1;", &[]),
    ];
    for (code, expected) in cases {
        assert_eq!(names_of_crate(code), expected, "{code}");
    }
}

/// The modules that a text names as `crate::X`, alone or in a group.
fn names_of_crate(code: &str) -> Vec<String> {
    let first_word = |text: &str| -> String {
        text.trim_start().chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect()
    };
    let mut names = Vec::new();
    for rest in code.split("crate::").skip(1) {
        let Some(group) = rest.strip_prefix('{') else {
            names.push(first_word(rest));
            continue;
        };
        let (mut depth, mut begins) = (1, true);
        for (at, c) in group.char_indices() {
            if depth == 1 && begins && !c.is_whitespace() && c != '}' {
                names.push(first_word(&group[at..]));
            }
            begins = depth == 1 && (c == ',' || (begins && c.is_whitespace()));
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                break;
            }
        }
    }
    names
}

/// The files of the sources, each by its path, without the lines that are comments.
fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    gather(&root.join("src"), &mut files);
    assert!(files.len() > 40, "the sources were found");
    let source = |file: PathBuf| {
        let is_comment = |line: &str| line.trim_start().starts_with("//");
        let text = std::fs::read_to_string(&file).unwrap();
        // Each line keeps its number.
        let lines = text.lines().map(|line| if is_comment(line) { "" } else { line });
        let place = file.strip_prefix(root).unwrap_or(&file).to_string_lossy().replace('\\', "/");
        (place, lines.collect::<Vec<_>>().join("\n"))
    };
    files.into_iter().map(source).collect()
}

fn gather(dir: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            gather(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}
