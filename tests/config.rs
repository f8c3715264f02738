//! Every folder of `tests/config_cases` is a configuration; its expected.txt is
//! what `gongkai check` says of it on standard error, or `ok`.
//!
//! A new case needs a folder and no code. `UPDATE=1 cargo test --test config`
//! writes what is said now into expected.txt, to be read before it is committed.
#![allow(missing_docs, clippy::disallowed_methods)]
#![cfg(feature = "engine")]

use std::path::{Path, PathBuf};
use std::process::Command;

use gongkai::crawl::frontier::PageRequest;

const SOUND: i32 = 0;
const WRONG_USE: i32 = 2;

struct Said {
    code: i32,
    stdout: String,
    stderr: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn gongkai(arguments: &[&str]) -> Said {
    let output = Command::new(env!("CARGO_BIN_EXE_gongkai")).args(arguments).current_dir(root()).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let code = output.status.code().expect("no signal ended it");
    Said { code, stdout: text(output.stdout), stderr: text(output.stderr) }
}

fn cases() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(root().join("tests/config_cases")).unwrap();
    let mut cases: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    cases.sort();
    cases
}

#[test]
fn check_says_of_every_case_what_is_expected() {
    let cases = cases();
    assert!(cases.len() > 20);
    let mut wrong = Vec::new();
    for case in &cases {
        let dir = case.to_str().unwrap();
        let said = gongkai(&["check", "--config", dir]);
        let words = said.stderr.replace(dir, "DIR");
        let words = if said.code == SOUND && words.is_empty() { "ok\n".to_owned() } else { words };
        let place = case.join("expected.txt");
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&place, &words).unwrap();
        }
        let expected = std::fs::read_to_string(&place).unwrap_or_default();
        let code = if expected == "ok\n" { SOUND } else { WRONG_USE };
        if words != expected || said.code != code {
            wrong.push(format!("{dir}, exit code {}:\n{words}expected, exit code {code}:\n{expected}", said.code));
        }
        assert!(!words.contains("secret"), "{dir} shows a password:\n{words}");
        assert_eq!(said.stdout.contains("the configuration is sound"), code == SOUND, "{dir}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_error_points_at_a_place_that_exists() {
    for case in cases() {
        let said = gongkai(&["check", "--config", case.to_str().unwrap()]);
        for line in said.stderr.lines().filter_map(|line| line.strip_prefix("error: ")) {
            let mut parts = line.split(": ").next().unwrap().splitn(3, ':');
            let file = Path::new(parts.next().unwrap());
            assert!(file.exists(), "{line}");
            let (Some(row), Some(column)) = (parts.next(), parts.next()) else { continue };
            let text = std::fs::read_to_string(file).unwrap();
            let row = text.lines().nth(row.parse::<usize>().unwrap() - 1).unwrap_or_default();
            assert!(column.parse::<usize>().unwrap() <= row.chars().count() + 1, "{line}");
        }
    }
}

#[test]
fn the_configuration_of_this_repository_lacks_an_operator_and_nothing_else() {
    let said = gongkai(&["check"]);
    assert_eq!(said.code, WRONG_USE, "{}", said.stdout);
    assert!(said.stdout.contains("none: [operator] is empty"), "{}", said.stdout);
    // As a crawl says it, and a dry run of one.
    for arguments in [&["crawl"][..], &["crawl", "--dry-run"]] {
        let places = ["--output", "target/none/output", "--state", "target/none/state"];
        let crawl = gongkai(&[arguments, &places].concat());
        assert_eq!((crawl.code, crawl.stderr.as_str()), (WRONG_USE, said.stderr.as_str()), "{arguments:?}");
    }
    let name = "[operator]\nname = \"a test\"\ncontact = \"mailto:test@localhost.invalid\"\n";
    let dir = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(root().join("config")).unwrap().map(Result::unwrap) {
        std::fs::copy(entry.path(), dir.path().join(entry.file_name())).unwrap();
    }
    let main = std::fs::read_to_string(root().join("config/gongkai.toml")).unwrap();
    let (before, behind) = (main.find("\n[operator]").unwrap(), main.find("\n[crawl]").unwrap());
    std::fs::write(dir.path().join("gongkai.toml"), format!("{}\n{name}{}", &main[..before], &main[behind..])).unwrap();
    let said = gongkai(&["check", "--config", dir.path().to_str().unwrap()]);
    assert_eq!((said.code, said.stderr.as_str()), (SOUND, ""), "{}", said.stdout);
    assert!(said.stdout.ends_with("the configuration is sound\n"), "{}", said.stdout);
}

/// A home page is asked for on behalf of one portal: the other would not be
/// crawled.
#[test]
fn no_two_governments_of_the_directory_have_one_home_page() {
    let directory = std::fs::read_to_string(root().join("config/portals.csv")).unwrap();
    let mut seen = std::collections::HashMap::new();
    for line in directory.lines().skip(1) {
        let Ok(home) = line.rsplit(',').next().unwrap().parse() else { continue };
        if let Some(other) = seen.insert(PageRequest::get(home).key(), line) {
            panic!("{other} and {line}");
        }
    }
    assert!(seen.len() > 2000);
}

#[test]
fn a_dry_run_of_a_prefecture_lists_its_portals() {
    let (output, state) = ("target/none/output", "target/none/state");
    let said = gongkai(&["crawl", "--region", "3304", "--dry-run", "--output", output, "--state", state]);
    assert!(said.code == WRONG_USE && said.stderr.contains("[operator]"), "as a crawl of it: {}", said.stderr);
    let listed: Vec<&str> = said.stdout.lines().skip(1).take_while(|line| !line.is_empty()).collect();
    let directory = std::fs::read_to_string(root().join("config/portals.csv")).unwrap();
    let known: Vec<&str> = directory.lines().filter(|line| line.starts_with("3304") && !line.ends_with(',')).collect();
    assert!(known.len() > 5);
    assert_eq!(listed.len(), known.len(), "{}", said.stdout);
    for entry in known {
        let mut cells = entry.split(',');
        let (code, name) = (cells.next().unwrap(), cells.next().unwrap());
        assert!(listed.iter().any(|line| line.starts_with(code) && line.contains(name)), "{entry}");
    }
    assert!(said.stdout.contains(&format!("{} portals", listed.len())));
    assert!(!root().join("target/none").exists(), "a dry run writes nothing");
}

#[test]
fn a_crawl_without_an_operator_names_the_keys() {
    let said = gongkai(&["crawl", "--region", "3304", "--state", "target/none/state"]);
    assert_eq!(said.code, WRONG_USE);
    let hint = said.stderr.lines().find_map(|line| line.strip_prefix("hint: ")).unwrap();
    assert!(said.stderr.contains("[operator] name and contact"), "{}", said.stderr);
    assert!(hint.contains("name = ") && hint.contains("contact = ") && hint.contains("gongkai.toml"), "{hint}");
    assert!(!root().join("target/none").exists(), "nothing is begun");
}

#[test]
fn what_is_not_configured_cannot_be_selected() {
    for (option, value) in [("--portal", "atlantis"), ("--region", "99"), ("--portal", "")] {
        let said = gongkai(&["crawl", option, value, "--dry-run"]);
        assert_eq!(said.code, WRONG_USE, "{option} {value}");
        assert!(said.stderr.contains(value) && said.stderr.contains("hint:"), "{}", said.stderr);
        assert_eq!(said.stdout, "");
    }
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    let said = gongkai(&["check", "--config", "/no/such/folder"]);
    assert_eq!(said.code, WRONG_USE);
    assert!(said.stderr.starts_with("error: /no/such/folder: ") && said.stderr.contains("--config"), "{}", said.stderr);
}

#[test]
fn every_command_shows_examples() {
    let help = gongkai(&["--help"]).stdout;
    let list = help.split("Commands:").nth(1).unwrap().split("Options:").next().unwrap();
    let commands: Vec<&str> = list
        .lines()
        .filter_map(|line| line.strip_prefix("  ")?.split(' ').next())
        .filter(|name| !name.is_empty())
        .collect();
    assert!(commands.len() >= 8, "{commands:?}");
    for command in commands.iter().filter(|name| **name != "help") {
        let said = gongkai(&[command, "--help"]);
        assert_eq!((said.code, said.stderr.as_str()), (SOUND, ""), "{command}");
        assert!(said.stdout.contains(&format!("Examples:\n  gongkai {command}")), "{command}:\n{}", said.stdout);
    }
}

#[test]
fn help_shows_the_folders_that_a_command_makes_use_of() {
    let folders = ["--config", "--output", "--state"];
    for (command, shown) in [
        ("crawl", &folders[..]),
        ("status", &folders),
        ("explain", &folders),
        ("demo", &folders[1..]),
        ("extract", &folders[..1]),
        ("check", &folders[..2]),
        ("robots", &folders[..1]),
    ] {
        let help = gongkai(&[command, "--help"]).stdout;
        let has: Vec<_> = folders.iter().filter(|folder| help.contains(&format!("{folder} <DIR>"))).collect();
        assert_eq!(has, shown.iter().collect::<Vec<_>>(), "{command}:\n{help}");
    }
    // One command line serves them all, before the command and behind it.
    let case = "tests/config_cases/sound_minimal";
    for line in [["--output", "x", "check", "--config", case], ["check", "--config", case, "--output", "x"]] {
        assert_eq!(gongkai(&line).code, SOUND, "{line:?}");
    }
}

#[test]
fn a_portal_without_a_name_has_that_of_the_government_that_it_is_of() {
    let dir = tempfile::tempdir().unwrap();
    let portal = |id: &str, rest: &str| format!("[[portal]]\nid = \"{id}\"\n{rest}\n");
    let portals = [
        portal("region", "region = \"330483\"\nentry = [\"https://a.example.org/gknb/\"]"),
        portal("site", "entry = [\"https://www.example.gov.cn/gknb/\"]"),
        portal("nobody", "entry = [\"https://b.example.org/gknb/\"]"),
    ];
    std::fs::write(dir.path().join("portals.toml"), portals.concat()).unwrap();
    let directory = "region_code,name,level,homepage\n330424,海盐县,county,https://example.gov.cn/\n";
    std::fs::write(dir.path().join("portals.csv"), directory).unwrap();
    let said = gongkai(&["crawl", "--dry-run", "--config", dir.path().to_str().unwrap()]).stdout;
    let line = |id: &str| said.lines().find(|line| line.starts_with(id)).unwrap_or_else(|| panic!("{id}: {said}"));
    for (id, name) in [("region", "桐乡市人民政府"), ("site", "海盐县人民政府"), ("nobody", "  nobody  ")]
    {
        assert!(line(id).contains(name), "{said}");
    }
}

#[test]
fn a_number_that_no_clock_can_hold_is_refused() {
    let limit = u64::MAX.to_string();
    let said =
        gongkai(&["crawl", "--config", "tests/config_cases/sound_minimal", "--max-minutes", &limit, "--dry-run"]);
    assert_eq!(said.code, WRONG_USE, "{}", said.stderr);
    assert!(said.stderr.contains("--max-minutes"), "{}", said.stderr);
}

#[test]
fn an_exclusion_by_a_regions_code_covers_its_portals_whatever_their_ids() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
    write("gongkai.toml", "[operator]\nname = \"a test\"\ncontact = \"mailto:test@localhost.invalid\"\n");
    write("exclusions.toml", "[[exclude]]\nportal = \"330483\"\ndate = 2026-03-01\nreason = \"a letter\"\n");
    let portal = |id: &str, region: &str| {
        format!("[[portal]]\nid = \"{id}\"\nregion = \"{region}\"\nentry = [\"https://{id}.gov.cn/\"]\n")
    };
    write("portals.toml", &(portal("own", "330483") + &portal("other", "330481")));
    let settings = gongkai::config::Settings::load(dir.path()).unwrap();
    let is_excluded = |id: &str| settings.restraints.exclusions.of_portal(id).is_some();
    assert_eq!(["own", "330483", "other"].map(is_excluded), [true, true, false]);
}
