//! What README and the example configuration say is what the program does.
#![allow(missing_docs)]
#![cfg(feature = "engine")]

use std::path::Path;
use std::process::Command;

use gongkai::config::{Crawl, Settings};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn gongkai(arguments: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_gongkai")).args(arguments).current_dir(root()).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
}

#[test]
fn the_example_configuration_holds_every_default() {
    let settings = Settings::load(&root().join("config")).unwrap();
    assert_eq!(settings.crawl, Crawl::default());
    let text = std::fs::read_to_string(root().join("config/gongkai.toml")).unwrap();
    let options = format!("{:?}", Crawl::default());
    let names = options.split(['{', ',']).filter_map(|part| part.trim().split_once(':')).map(|(name, _)| name);
    for name in names {
        assert!(text.contains(&format!("\n{name} = ")), "config/gongkai.toml does not show {name}");
    }
}

#[test]
fn every_command_of_the_readme_is_one() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let (_, help, _) = gongkai(&["--help"]);
    let lines = readme.lines().filter_map(|line| line.trim().strip_prefix("gongkai "));
    let commands: Vec<&str> = lines.filter_map(|line| line.split(' ').next()).collect();
    assert!(commands.len() > 5);
    for command in commands {
        assert!(help.contains(&format!("\n  {command}")), "gongkai {command} is no command");
        let (code, text, _) = gongkai(&[command, "--help"]);
        assert_eq!(code, 0);
        assert!(text.contains("Usage:"), "{command}");
    }
    assert!(readme.contains("cargo test "), "README names the test command");
}

#[test]
fn the_documents_count_the_governments_as_the_directory_and_check_do() {
    let directory = std::fs::read_to_string(root().join("config/portals.csv")).unwrap();
    let rows: Vec<&str> = directory.lines().skip(1).collect();
    let n_known = rows.iter().filter(|row| !row.ends_with(',')).count();
    let counted = |n: usize| format!("{},{:03}", n / 1000, n % 1000);
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let words = format!("{} governments, {} with a home page", counted(rows.len()), counted(n_known));
    assert!(readme.contains(&words), "{words}");
    let portals = std::fs::read_to_string(root().join("config/portals.toml")).unwrap();
    assert!(portals.contains(&format!("pages of {} governments", counted(n_known))));
    let (_, stdout, _) = gongkai(&["check"]);
    assert!(stdout.contains(&format!("{n_known} governments with a home page\n")), "{stdout}");
}

#[test]
fn a_crawl_without_an_operator_is_refused() {
    let (code, _, stderr) = gongkai(&["crawl", "--region", "3304"]);
    assert_eq!(code, 2);
    assert!(stderr.contains("[operator]") && stderr.contains("hint:"), "{stderr}");
}

#[test]
fn a_dry_run_says_what_it_would_do_and_does_nothing() {
    let (code, stdout, _) = gongkai(&["crawl", "--region", "3304", "--dry-run"]);
    assert_eq!(code, 2, "without an operator it would be refused");
    assert!(stdout.contains("桐乡市") && stdout.contains("ms between requests"), "{stdout}");
    assert!(stdout.lines().skip(1).take_while(|line| !line.is_empty()).all(|line| line.starts_with("3304")));
}
