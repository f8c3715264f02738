//! The archive keeps what came, and a crash leaves no torn record.
#![allow(missing_docs)]
#![cfg(feature = "engine")]

use std::fs;

use gongkai::Capture;
use gongkai::archive::{self, Exchange, Kind, Position, Reader, RecordRef, Writer};

fn capture(n: u32) -> Capture {
    Capture {
        requested_url: Some("http://www.qinghe.gov.cn/a".parse().unwrap()),
        final_url: Some(format!("http://www.qinghe.gov.cn/{n}").parse().unwrap()),
        fetched_at: Some("2026-11-24T01:02:03Z".parse().unwrap()),
        status: Some(200),
        headers: vec![("content-type".into(), "text/html; charset=gbk".into()), ("x".into(), "a\r\nb: c".into())],
        body: format!("<p>第{n}页</p>\r\n\r\nWARC/1.1").into_bytes(),
        ..Capture::default()
    }
}

fn append(writer: &mut Writer, n: u32, kind: Kind) -> RecordRef {
    let capture = capture(n);
    writer
        .append(&Exchange {
            capture: &capture,
            posted: None,
            remote: Some([127, 0, 0, 1].into()),
            tls_trouble: None,
            kind,
        })
        .unwrap()
}

fn open(dir: &std::path::Path, committed: Option<&Position>) -> Writer {
    Writer::open(dir, "gongkai/test", 1 << 30, committed).unwrap()
}

#[test]
fn what_was_appended_is_read_back() {
    let dir = tempfile::tempdir().unwrap();
    let mut writer = open(dir.path(), None);
    let places: Vec<_> = (0..3).map(|n| append(&mut writer, n, Kind::Response)).collect();
    writer.sync().unwrap();
    for (n, place) in places.iter().enumerate() {
        let read = archive::read(dir.path(), place).unwrap();
        let kept = capture(n as u32);
        assert_eq!((read.body, read.final_url, read.status), (kept.body, kept.final_url, kept.status));
        assert_eq!(read.headers[0], kept.headers[0]);
        // A line break in a value cannot make a field of its own.
        assert_eq!(read.headers[1].1, "a  b: c");
    }
}

#[test]
fn a_revisit_refers_to_what_was_kept() {
    let dir = tempfile::tempdir().unwrap();
    let mut writer = open(dir.path(), None);
    let first_at = "2026-11-01T00:00:00Z".parse().unwrap();
    let same = append(&mut writer, 1, Kind::SamePayload { first_at });
    append(&mut writer, 2, Kind::NotModified);
    writer.sync().unwrap();
    let mut reader = Reader::open(&dir.path().join(&same.file)).unwrap();
    let mut types = Vec::new();
    while let Some(entry) = reader.next_entry().unwrap() {
        types.push(entry.record_type);
    }
    assert_eq!(types, ["warcinfo", "revisit", "request", "revisit", "request"]);
    assert!(archive::read(dir.path(), &same).is_err());
}

#[test]
fn after_a_crash_the_file_is_cut_back_to_the_last_committed_record() {
    let whole = tempfile::tempdir().unwrap();
    let mut writer = open(whole.path(), None);
    let first = append(&mut writer, 1, Kind::Response);
    let committed = writer.sync().unwrap().unwrap();
    append(&mut writer, 2, Kind::Response);
    writer.sync().unwrap();
    let bytes = fs::read(whole.path().join(&first.file)).unwrap();
    // Killed at any byte of the second record.
    for length in (committed.length as usize)..=bytes.len() {
        let dir = tempfile::tempdir().unwrap();
        fs::File::create(dir.path().join(&first.file))
            .and_then(|mut f| std::io::Write::write_all(&mut f, &bytes[..length]))
            .unwrap();
        let mut writer = open(dir.path(), Some(&committed));
        let third = append(&mut writer, 3, Kind::Response);
        writer.sync().unwrap();
        assert_eq!(archive::read(dir.path(), &first).unwrap().body, capture(1).body);
        assert_eq!(archive::read(dir.path(), &third).unwrap().body, capture(3).body);
        let mut reader = Reader::open(&dir.path().join(&first.file)).unwrap();
        let mut n = 0;
        while reader.next_entry().unwrap().is_some() {
            n += 1;
        }
        assert_eq!(n, 5);
    }
}

#[test]
fn a_clipped_file_does_not_read_as_complete() {
    let dir = tempfile::tempdir().unwrap();
    let mut writer = open(dir.path(), None);
    let place = append(&mut writer, 1, Kind::Response);
    writer.sync().unwrap();
    let path = dir.path().join(&place.file);
    let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
    file.set_len(place.offset + place.length / 2).unwrap();
    let mut reader = Reader::open(&path).unwrap();
    assert!(reader.next_entry().unwrap().is_some());
    let error = reader.next_entry().unwrap_err();
    assert!(error.to_string().contains("breaks off"), "{error}");
    let position = Position { file: place.file, length: place.offset + place.length };
    assert!(Writer::open(dir.path(), "x", 1, Some(&position)).is_err());
}

#[test]
fn a_full_file_is_followed_by_a_new_one() {
    let dir = tempfile::tempdir().unwrap();
    let mut writer = Writer::open(dir.path(), "gongkai/test", 100, None).unwrap();
    let files: std::collections::BTreeSet<_> = (0..3).map(|n| append(&mut writer, n, Kind::Response).file).collect();
    assert_eq!(files.len(), 3);
}

/// A clock that runs ahead and is put right, over a roll and a start: nothing that
/// was acknowledged sorts behind the committed position, which a start cuts off.
#[test]
fn a_clock_that_is_put_back_costs_no_file() {
    let dir = tempfile::tempdir().unwrap();
    let open = |committed: Option<&Position>| Writer::open(dir.path(), "gongkai/test", 1, committed).unwrap();
    let at = |n: u32, at: &str, writer: &mut Writer| {
        let capture = Capture { fetched_at: Some(at.parse().unwrap()), ..capture(n) };
        let kind = Kind::Response;
        writer.append(&Exchange { capture: &capture, posted: None, remote: None, tls_trouble: None, kind }).unwrap()
    };
    let mut writer = open(None);
    let mut places = vec![at(0, "2031-01-01T00:00:00Z", &mut writer), at(1, "2026-11-24T01:02:03Z", &mut writer)];
    let mut committed = writer.sync().unwrap();
    for n in 2..4 {
        let mut writer = open(committed.as_ref());
        places.push(at(n, "2026-11-24T01:02:03Z", &mut writer));
        committed = writer.sync().unwrap();
    }
    open(committed.as_ref());
    for (n, place) in places.iter().enumerate() {
        assert_eq!(archive::read(dir.path(), place).unwrap().body, capture(n as u32).body);
    }
    // Nor where the last file was moved away.
    let last = committed.unwrap();
    fs::remove_file(dir.path().join(&last.file)).unwrap();
    let mut writer = open(Some(&last));
    let moved = at(4, "2026-11-24T01:02:03Z", &mut writer);
    assert!(moved.file > last.file, "{} after {}", moved.file, last.file);
}

/// `/dev/full` answers every write as a full disk does.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error_that_says_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let file = "gongkai-20261124000000-00000.warc.gz".to_owned();
    std::os::unix::fs::symlink("/dev/full", dir.path().join(&file)).unwrap();
    let mut writer = open(dir.path(), Some(&Position { file, length: 0 }));
    let capture = capture(1);
    let exchange = Exchange { capture: &capture, posted: None, remote: None, tls_trouble: None, kind: Kind::Response };
    let error = writer.append(&exchange).unwrap_err();
    assert!(error.to_string().contains("No space left"), "{error}");
    assert!(error.hint().contains("free some space"));
}
