//! Bad input at the command line: a clear message, the right exit code, and
//! nothing lost.
#![allow(missing_docs)]
#![cfg(feature = "engine")]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use gongkai::ops::FolderLock;

fn gongkai(arguments: &[&str], dir: &Path) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_gongkai")).args(arguments).current_dir(dir).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let (stdout, stderr) = (text(output.stdout), text(output.stderr));
    assert!(!stderr.contains("panicked"), "{stderr}");
    (output.status.code().unwrap_or(-1), stdout, stderr)
}

fn put(dir: &Path, name: &str, bytes: &[u8]) {
    let path = dir.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::File::create(path).and_then(|mut file| std::io::Write::write_all(&mut file, bytes)).unwrap();
}

/// A configuration that crawls one portal on loopback where nobody listens.
fn configured(dir: &Path) {
    let settings = "[operator]\nname = \"Test\"\ncontact = \"mailto:a@example.org\"\n[crawl]\nmax_wait_ms = 0\n\
                    allow_addresses = [\"127.0.0.0/16\"]\n";
    let portals = "[[portal]]\nid = \"a\"\nentry = [\"http://127.0.0.9:9/\"]\n";
    put(dir, "config/gongkai.toml", settings.as_bytes());
    put(dir, "config/portals.toml", portals.as_bytes());
}

#[test]
fn files_that_hold_no_report_say_why() {
    let dir = tempfile::tempdir().unwrap();
    let gbk = encoding_rs::GBK.encode("<html><p>政府信息公开年度报告</p>").0;
    let cases: [(&str, &[u8], &str); 6] = [
        ("empty.html", b"", "the document is empty"),
        ("image.html", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "an image"),
        ("report.pdf", b"%PDF-1.7\n%\xe2\xe3", "a PDF, which is not read yet"),
        ("cut.html", &gbk[..gbk.len() - 9], "no report"),
        ("noise.html", b"\x01\x02\x03\x04\x05\x06\x07\x08\x0e\x0f\x10", "not text"),
        ("zip.html", b"PK\x03\x04\x14\0\0\0", "zip file"),
    ];
    for (name, bytes, words) in cases {
        put(dir.path(), name, bytes);
        let (code, stdout, _) = gongkai(&["extract", name], dir.path());
        assert_eq!(code, 0, "{name}");
        assert!(stdout.contains(words), "{name}: {stdout}");
        let (_, json, _) = gongkai(&["extract", "--format", "json", name], dir.path());
        assert!(json.starts_with('{') && json.contains("\"report\":null"), "{json}");
    }
}

#[test]
fn what_the_reader_noticed_is_told_to_persons_and_to_programs() {
    let dir = tempfile::tempdir().unwrap();
    put(dir.path(), "cut.txt", b"2017\xc4\xea\xd5\xfe\xb8\xae\xd0\xc5\xcf\xa2\xff\xff\xb9\xab\xbf\xaa");
    let (_, table, _) = gongkai(&["extract", "cut.txt"], dir.path());
    let note = table.lines().find_map(|line| line.strip_prefix("  note: ")).unwrap_or_else(|| panic!("{table}"));
    let (_, json, _) = gongkai(&["extract", "--format", "json", "cut.txt"], dir.path());
    let line: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(line["notes"], serde_json::json!([note]));
}

#[test]
fn a_missing_file_is_named_and_the_others_are_read() {
    let dir = tempfile::tempdir().unwrap();
    put(dir.path(), "here.html", b"<p>x</p>");
    let (code, stdout, stderr) = gongkai(&["extract", "gone.html", "here.html"], dir.path());
    assert_eq!(code, 1);
    assert!(stdout.contains("here.html") && stderr.contains("gone.html") && stderr.contains("hint:"));
}

#[test]
fn what_is_no_file_or_folder_says_what_to_do_instead() {
    let dir = tempfile::tempdir().unwrap();
    configured(dir.path());
    put(dir.path(), "robots.txt", b"User-agent: *\nDisallow: /x\n");
    gongkai(&["crawl"], dir.path());
    let cases: [(&[&str], i32, &[&str]); 6] = [
        (&["extract", "https://www.example.gov.cn/x.html"], 1, &["it is a URL", "curl", "gongkai crawl --portal"]),
        (&["extract", "."], 1, &["error: .: it is a folder", "./*.html"]),
        (&["explain", "www.example.gov.cn/x"], 2, &["is no URL", "gongkai explain https://www.example.gov.cn/x"]),
        (&["robots", "robots.txt", "公开"], 0, &["note: 公开 does not begin with /", "/公开"]),
        (&["robots", "gone.txt", "/"], 2, &["error: gone.txt: there is no such file", "hint: name a file"]),
        (
            &["crawl", "--state", "robots.txt"],
            3,
            &["robots.txt: a file stands where a folder", "hint: check that --state"],
        ),
    ];
    for (arguments, code, words) in cases {
        let (had, _, stderr) = gongkai(arguments, dir.path());
        assert_eq!(had, code, "{arguments:?}: {stderr}");
        words.iter().for_each(|word| assert!(stderr.contains(word), "{arguments:?}: {stderr}"));
        assert!(!stderr.contains("os error"), "{stderr}");
    }
    put(dir.path(), "cut.txt", b"2017\xc4\xea\xd5\xfe\xb8\xae\xd0\xc5\xcf\xa2\xff\xb9\xab\xbf\xaa");
    let (_, table, _) = gongkai(&["extract", "cut.txt"], dir.path());
    assert!(table.contains("1 character could not be decoded"), "{table}");
}

#[test]
fn a_page_of_fifty_mebibytes_is_read_as_far_as_the_bound() {
    let dir = tempfile::tempdir().unwrap();
    let page = format!("<html><body>{}</body></html>", "<p>政府信息公开</p>".repeat(50 * 1024 * 1024 / 25));
    put(dir.path(), "large.html", page.as_bytes());
    let (code, stdout, _) = gongkai(&["extract", "large.html"], dir.path());
    assert_eq!(code, 0);
    assert!(stdout.contains("no report") && stdout.contains("the first 251658"), "{stdout}");
    assert!(!stdout.contains("could not be decoded"), "the bound cuts no character: {stdout}");
}

#[test]
fn a_hundred_thousand_nested_elements_are_said() {
    let dir = tempfile::tempdir().unwrap();
    put(dir.path(), "deep.html", format!("<html>{}", "<div>".repeat(100_000)).as_bytes());
    let (code, stdout, _) = gongkai(&["extract", "deep.html"], dir.path());
    assert_eq!(code, 0);
    assert!(stdout.contains("nested deeper than 400"), "{stdout}");
}

#[test]
fn the_output_may_be_closed_early() {
    let dir = tempfile::tempdir().unwrap();
    put(dir.path(), "a.html", b"<p>x</p>");
    let names = vec!["a.html"; 3000];
    let mut child = Command::new(env!("CARGO_BIN_EXE_gongkai"))
        .arg("extract")
        .args(names)
        .current_dir(dir.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(!String::from_utf8_lossy(&output.stderr).contains("panicked"));
}

#[cfg(target_os = "linux")]
#[test]
fn an_output_that_is_full_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    put(dir.path(), "a.html", b"<p>x</p>");
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_gongkai"));
    let output = command.args(["extract", "a.html"]).current_dir(dir.path()).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stderr).contains("the output cannot be written"));
}

#[test]
fn a_damaged_state_is_named_and_left_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    configured(dir.path());
    put(dir.path(), "state/frontier.sqlite", &[7; 5000]);
    for command in [&["crawl"][..], &["status"]] {
        let (code, _, stderr) = gongkai(command, dir.path());
        assert_eq!(code, 3, "{stderr}");
        assert!(stderr.contains("frontier.sqlite is damaged") && stderr.contains("move the file away"), "{stderr}");
    }
    assert_eq!(fs::read(dir.path().join("state/frontier.sqlite")).unwrap(), [7; 5000]);
}

#[test]
fn a_second_run_is_turned_away() {
    let dir = tempfile::tempdir().unwrap();
    configured(dir.path());
    // One that has the same state, and one of another state that writes the same lake.
    for (take, folder) in [(FolderLock::of_state as fn(&Path) -> _, "state"), (FolderLock::of_lake, "output")] {
        let lock = take(&dir.path().join(folder)).unwrap();
        let (code, _, stderr) = gongkai(&["crawl"], dir.path());
        assert_eq!(code, 75);
        let held = format!("another run holds the folder {folder} (process {})", std::process::id());
        assert!(stderr.contains(&held) && stderr.contains("hint: wait for it, or name other folders"), "{stderr}");
        drop(lock);
    }
}

#[test]
fn folders_that_cannot_be_written_are_named() {
    let dir = tempfile::tempdir().unwrap();
    configured(dir.path());
    // A file where the folder should be: no user, root neither, can write it.
    put(dir.path(), "taken", b"mine");
    for arguments in [["crawl", "--output", "taken"], ["crawl", "--state", "taken"]] {
        let (code, _, stderr) = gongkai(&arguments, dir.path());
        assert_eq!(code, 3, "{stderr}");
        assert!(stderr.contains("taken") && stderr.contains("hint:"), "{stderr}");
    }
    assert_eq!(fs::read(dir.path().join("taken")).unwrap(), b"mine");
}

#[test]
fn a_damaged_file_of_the_lake_is_put_aside_and_named_and_the_run_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    configured(dir.path());
    let [facts, reports, fetches] =
        ["facts/report_year=2017/province=33", "reports/report_year=2017/province=33", "fetches/fetched_on=2026-01-02"];
    let aside = |folder: &str| format!("output/{folder}/_part-0.parquet.damaged");
    let cases = [
        (&[facts, reports][..], ": what was lost is made again; "),
        (&[fetches][..], ": these days of `fetches` begin anew; "),
        (&[fetches, reports][..], ": what was lost is made again, but for these days of `fetches`; "),
    ];
    for (folders, again) in cases {
        for folder in folders {
            put(dir.path(), &format!("output/{folder}/part-0.parquet"), b"PAR1");
        }
        let (code, stdout, stderr) = gongkai(&["crawl"], dir.path());
        assert_eq!(code, 1, "{stderr}");
        let names: Vec<String> = folders.iter().map(|folder| aside(folder)).collect();
        assert!(stdout.contains(&format!("put aside as {}{again}", names.join(", "))), "{stdout}");
        assert!(stdout.contains("run report: "), "the run goes on: {stdout}");
        for name in names {
            assert_eq!(fs::read(dir.path().join(&name)).unwrap(), b"PAR1");
            fs::remove_file(dir.path().join(&name)).unwrap();
        }
        assert_eq!(gongkai(&["crawl"], dir.path()).0, 0, "it is told once");
    }
}

#[test]
fn a_file_that_somebody_put_among_those_of_the_lake_is_named_and_left_where_it_is() {
    let dir = tempfile::tempdir().unwrap();
    configured(dir.path());
    let copies = ["report_year=2017/province=33/part-0 (1).parquet", "report_year=2017 (1)/province=33/part-0.parquet"];
    for copy in copies {
        put(dir.path(), &format!("output/facts/{copy}"), b"PAR1");
    }
    put(dir.path(), "output/facts/notes.txt", b"mine");
    let (code, stdout, stderr) = gongkai(&["crawl"], dir.path());
    assert_eq!(code, 1, "{stderr}");
    let names = format!("move away output/facts/{}, output/facts/{}", copies[0], copies[1]);
    assert!(stdout.contains("the lake has 2 files that gongkai did not write") && stdout.contains(&names), "{stdout}");
    for copy in copies {
        assert_eq!(fs::read(dir.path().join("output/facts").join(copy)).unwrap(), b"PAR1");
    }
    assert_eq!(gongkai(&["crawl"], dir.path()).0, 0, "it is told once");
}

#[test]
fn each_file_that_cannot_be_read_is_named_and_each_kind_has_its_hint() {
    let dir = tempfile::tempdir().unwrap();
    put(dir.path(), "folder/report.html", b"x");
    let (code, _, stderr) = gongkai(&["extract", "nothing.html", "http://a.example/", "folder"], dir.path());
    assert_eq!(code, 1);
    for words in [
        "error: nothing.html: ",
        "error: http://a.example/: it is a URL",
        "error: folder: it is a folder",
        "curl -s URL",
        "name files",
    ] {
        assert!(stderr.contains(words), "{words}: {stderr}");
    }
}

#[test]
fn a_portal_that_is_not_there_is_a_row_of_the_summary() {
    let dir = tempfile::tempdir().unwrap();
    configured(dir.path());
    let (code, stdout, stderr) = gongkai(&["crawl"], dir.path());
    assert_eq!(code, 1, "{stderr}");
    assert!(stdout.contains("needs a person") && stdout.contains("robots.txt is unreachable"), "{stdout}");
    // The next run has nothing new to say.
    let (code, _, _) = gongkai(&["crawl"], dir.path());
    assert_eq!(code, 0);
}
