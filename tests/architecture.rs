//! The lines of the house hold: who may import what, and who may touch what.
#![allow(missing_docs)]

use std::path::{Path, PathBuf};

/// A prohibition: files under these folders must not name these words.
struct Rule {
    under: &'static [&'static str],
    but: &'static [&'static str],
    never: &'static [&'static str],
    why: &'static str,
}

const RULES: &[Rule] = &[
    Rule {
        under: &["src/page"],
        but: &[],
        never: &["use crate::report", "use crate::crawl", "use crate::lake", "use crate::archive", "use crate::config"],
        why: "page imports nothing of ours",
    },
    Rule {
        under: &["src/report", "src/read.rs"],
        but: &[],
        never: &["use crate::crawl", "use crate::lake", "use crate::archive", "use crate::config", "use crate::cli"],
        why: "report knows nothing of its callers",
    },
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
        under: &["src/crawl", "src/archive", "src/lake"],
        but: &[],
        never: &["use crate::pipeline", "use crate::cli", "use crate::config"],
        why: "imports run downwards",
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
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    gather(&root.join("src"), &mut files);
    assert!(files.len() > 40, "the sources were found");
    let mut broken = Vec::new();
    for rule in RULES {
        let is_under = |file: &Path, places: &[&str]| places.iter().any(|place| file.starts_with(root.join(place)));
        for file in files.iter().filter(|file| is_under(file, rule.under) && !is_under(file, rule.but)) {
            let text = std::fs::read_to_string(file).unwrap();
            for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")) {
                if let Some(word) = rule.never.iter().find(|word| line.contains(**word)) {
                    let place = file.strip_prefix(root).unwrap_or(file).display();
                    broken.push(format!("{place}:{}: {word}: {}", number + 1, rule.why));
                }
            }
        }
    }
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
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
