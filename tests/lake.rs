//! The lake: whole partitions, one primary a report, the same rows the same
//! bytes.
#![allow(missing_docs)]
#![cfg(feature = "engine")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use gongkai::demo::page::{Chrome, Style, form_of_year, render};
use gongkai::demo::truth::truth;
use gongkai::lake::{Batch, Document, FetchRecord, Lake, Provenance, primary_urls, stored_facts, stored_reports};
use gongkai::report::{Against, Conflict};
use gongkai::{Capture, Catalogue};

fn document(catalogue: &Catalogue, host: &str, year: i16, chrome: Chrome) -> Document {
    let place = catalogue.regions.named("青田县", None)[0].clone();
    let truth = truth(4, &place, year, form_of_year(year), catalogue);
    let url = format!("http://{host}/{year}.html");
    let style = Style { chrome, ..Style::PORTAL };
    let capture = Capture { final_url: url.parse().ok(), ..Capture::of_bytes(render(&truth, style, catalogue)) };
    let report = gongkai::read(&capture, catalogue).reports.remove(0);
    let provenance = Provenance {
        url: Some(url),
        fetched_at: Some("2026-11-24T01:00:00Z".parse().unwrap()),
        payload_sha256: capture.payload_sha256(),
        ..Provenance::default()
    };
    Document { report, provenance }
}

fn batch(documents: Vec<Document>) -> Batch {
    Batch { documents, ..Batch::default() }
}

/// Every file of a folder with its bytes.
fn files(root: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![root.to_owned()];
    while let Some(dir) = open.pop() {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.insert(path.strip_prefix(root).unwrap().to_owned(), fs::read(&path).unwrap());
            }
        }
    }
    found
}

fn urls_of_primaries(root: &Path) -> Vec<String> {
    let mut urls: Vec<String> = primary_urls(root).unwrap();
    urls.sort();
    urls
}

#[test]
fn the_same_rows_are_the_same_bytes() {
    let catalogue = Catalogue::embedded();
    let dir = tempfile::tempdir().unwrap();
    let documents = vec![
        document(&catalogue, "www.qingtian.gov.cn", 2017, Chrome::Portal),
        document(&catalogue, "www.qingtian.gov.cn", 2021, Chrome::Portal),
    ];
    Lake::open(dir.path(), &catalogue).unwrap().commit(&batch(documents.clone())).unwrap();
    let first = files(dir.path());
    assert!(first.keys().any(|path| path.ends_with("facts/report_year=2021/province=33/part-0.parquet")));
    // Again by the same lake, by another, in another order, fetched later.
    let mut later = documents;
    later.reverse();
    later[0].provenance.fetched_at = Some("2026-12-01T00:00:00Z".parse().unwrap());
    let stats = Lake::open(dir.path(), &catalogue).unwrap().commit(&batch(later)).unwrap();
    assert_eq!((stats.n_new_documents, stats.n_files_written), (0, 0));
    assert_eq!(files(dir.path()), first);
}

/// More rows in one partition than are turned into columns together.
#[test]
fn the_bytes_do_not_tell_in_how_many_commits_the_rows_came() {
    let catalogue = Catalogue::embedded();
    let documents: Vec<Document> =
        (0..30).map(|n| document(&catalogue, &format!("www.qingtian{n}.gov.cn"), 2021, Chrome::Portal)).collect();
    let (at_once, by_and_by) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    Lake::open(at_once.path(), &catalogue).unwrap().commit(&batch(documents.clone())).unwrap();
    let mut lake = Lake::open(by_and_by.path(), &catalogue).unwrap();
    for some in documents.chunks(7).rev() {
        lake.commit(&batch(some.to_vec())).unwrap();
    }
    assert!(stored_facts(by_and_by.path()).unwrap().len() > 5000, "more rows than stand in one chunk");
    assert_eq!(files(at_once.path()), files(by_and_by.path()));
}

#[test]
fn the_most_official_document_of_a_report_is_primary() {
    let catalogue = Catalogue::embedded();
    let dir = tempfile::tempdir().unwrap();
    let commit = |batch: &Batch| Lake::open(dir.path(), &catalogue).unwrap().commit(batch).unwrap();
    let shop = document(&catalogue, "shop.example", 2017, Chrome::Shop);
    let portal = document(&catalogue, "www.qingtian.gov.cn", 2017, Chrome::Portal);
    commit(&batch(vec![shop]));
    assert_eq!(urls_of_primaries(dir.path()), ["http://shop.example/2017.html"]);
    commit(&batch(vec![portal.clone()]));
    assert_eq!(urls_of_primaries(dir.path()), ["http://www.qingtian.gov.cn/2017.html"]);
    let withdrawn = vec![portal.report.document_id];
    commit(&Batch { withdrawn, ..Batch::default() });
    assert_eq!(urls_of_primaries(dir.path()), ["http://shop.example/2017.html"]);
}

#[test]
fn of_two_as_complete_the_one_that_was_published_later_is_primary() {
    let catalogue = Catalogue::embedded();
    let dir = tempfile::tempdir().unwrap();
    let of = |host: &str, day: &str, fetched: &str| {
        let mut document = document(&catalogue, host, 2017, Chrome::Portal);
        document.report.published_on = day.parse().ok();
        document.provenance.fetched_at = fetched.parse().ok();
        document
    };
    let first = of("www.qingtian.gov.cn", "2018-01-20", "2026-11-24T02:00:00Z");
    let correction = of("a.qingtian.gov.cn", "2018-03-19", "2026-11-24T01:00:00Z");
    for documents in [[first.clone(), correction.clone()], [correction, first]] {
        let mut lake = Lake::open(dir.path(), &catalogue).unwrap();
        for document in documents {
            lake.commit(&batch(vec![document])).unwrap();
        }
        assert_eq!(urls_of_primaries(dir.path()), ["http://a.qingtian.gov.cn/2017.html"]);
    }
}

#[test]
fn what_a_page_says_again_counts_after_a_restart_as_well() {
    let catalogue = Catalogue::embedded();
    let dir = tempfile::tempdir().unwrap();
    let page = |id: char, fetched: &str| {
        let mut document = document(&catalogue, "www.qingtian.gov.cn", 2017, Chrome::Portal);
        document.report.document_id = String::from(id).repeat(32).parse().unwrap();
        document.provenance.fetched_at = fetched.parse().ok();
        document
    };
    // Each of these commits comes after a restart.
    let commit = |document| Lake::open(dir.path(), &catalogue).unwrap().commit(&batch(vec![document])).unwrap();
    let primary = || {
        let all = stored_reports(dir.path()).unwrap();
        all.into_iter().find(|report| report.is_primary).unwrap().document_id
    };
    commit(page('b', "2026-11-24T01:00:00Z"));
    commit(page('a', "2026-11-25T01:00:00Z"));
    assert_eq!(primary(), "a".repeat(32), "the correction");
    commit(page('b', "2026-11-26T01:00:00Z"));
    assert_eq!(primary(), "b".repeat(32), "it was withdrawn");
    let before = files(dir.path());
    commit(page('b', "2026-11-27T01:00:00Z"));
    assert_eq!(files(dir.path()), before, "what counts and is read once more writes nothing");
    // A copy elsewhere has the report settled once more.
    commit(document(&catalogue, "shop.example", 2017, Chrome::Shop));
    assert_eq!(primary(), "b".repeat(32));
}

#[test]
fn a_document_whose_year_was_corrected_leaves_its_old_partition() {
    let catalogue = Catalogue::embedded();
    let dir = tempfile::tempdir().unwrap();
    let mut document = document(&catalogue, "www.qingtian.gov.cn", 2017, Chrome::Portal);
    let mut lake = Lake::open(dir.path(), &catalogue).unwrap();
    lake.commit(&batch(vec![document.clone()])).unwrap();
    document.report.report_year = Some(2016);
    lake.commit(&batch(vec![document])).unwrap();
    let paths: Vec<String> = files(dir.path()).keys().map(|path| path.display().to_string()).collect();
    assert!(paths.iter().any(|path| path.contains("facts/report_year=2016")));
    assert!(!paths.iter().any(|path| path.contains("report_year=2017")), "{paths:?}");
    assert_eq!(lake.n_documents(), 1);
}

/// Killed after any file of a commit, the same commit makes the lake whole.
#[test]
fn a_commit_that_was_killed_is_made_whole_by_the_next() {
    let catalogue = Catalogue::embedded();
    let documents = vec![
        document(&catalogue, "www.qingtian.gov.cn", 2017, Chrome::Portal),
        document(&catalogue, "shop.example", 2017, Chrome::Shop),
        document(&catalogue, "www.qingtian.gov.cn", 2021, Chrome::Portal),
    ];
    let whole = tempfile::tempdir().unwrap();
    Lake::open(whole.path(), &catalogue).unwrap().commit(&batch(documents.clone())).unwrap();
    let all = files(whole.path());
    // Whatever subset of the files a kill left, the next commit ends the same.
    for missing in 0..all.len() {
        let dir = tempfile::tempdir().unwrap();
        for (path, bytes) in all.iter().enumerate().filter(|(n, _)| *n != missing).map(|(_, file)| file) {
            // Reports come last: without them nothing else is vouched for.
            if missing % 2 == 0 && path.starts_with("reports") {
                continue;
            }
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::File::create(&path).and_then(|mut file| std::io::Write::write_all(&mut file, bytes)).unwrap();
            let on_its_way = path.with_file_name(".part-0.parquet.tmp");
            fs::File::create(on_its_way).and_then(|mut file| std::io::Write::write_all(&mut file, b"half")).unwrap();
        }
        Lake::open(dir.path(), &catalogue).unwrap().commit(&batch(documents.clone())).unwrap();
        let healed = files(dir.path());
        assert_eq!(healed.keys().collect::<Vec<_>>(), all.keys().collect::<Vec<_>>());
        assert!(healed == all, "the files differ after file {missing} was missing");
    }
}

#[test]
fn documents_whose_numbers_were_put_away_are_lost() {
    let catalogue = Catalogue::embedded();
    let dir = tempfile::tempdir().unwrap();
    let mut document = document(&catalogue, "www.qingtian.gov.cn", 2021, Chrome::Portal);
    let indicator = document.report.facts[0].indicator.clone();
    let conflict = Conflict { indicator, applicant: None, against: Against::Table(1.into()), narrative: 2.into() };
    document.report.conflicts.push(conflict);
    let documents = batch(vec![document]);
    for table in ["facts", "checks", "conflicts"] {
        Lake::open(dir.path(), &catalogue).unwrap().commit(&documents).unwrap();
        assert_eq!(Lake::open(dir.path(), &catalogue).unwrap().n_documents(), 1);
        fs::remove_dir_all(dir.path().join(table)).unwrap();
        assert_eq!(Lake::open(dir.path(), &catalogue).unwrap().n_documents(), 0, "{table}");
    }
}

#[test]
fn what_is_not_ours_is_not_touched() {
    let catalogue = Catalogue::embedded();
    let dir = tempfile::tempdir().unwrap();
    let put = |path: &str, bytes: &[u8]| {
        let path = dir.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::File::create(&path).and_then(|mut file| std::io::Write::write_all(&mut file, bytes)).unwrap();
        path
    };
    let foreign = put("reports/notes.txt", b"mine");
    Lake::open(dir.path(), &catalogue)
        .unwrap()
        .commit(&batch(vec![document(&catalogue, "www.qingtian.gov.cn", 2017, Chrome::Portal)]))
        .unwrap();
    assert_eq!(fs::read(foreign).unwrap(), b"mine");
}

#[test]
fn a_damaged_file_is_put_aside_and_its_documents_are_lost_but_for_what_other_tables_tell() {
    let catalogue = Catalogue::embedded();
    let dir = tempfile::tempdir().unwrap();
    let documents = batch(vec![document(&catalogue, "www.qingtian.gov.cn", 2021, Chrome::Portal)]);
    Lake::open(dir.path(), &catalogue).unwrap().commit(&documents).unwrap();
    let whole = files(dir.path());
    let half: fn(&[u8]) -> Vec<u8> = |bytes| bytes[..bytes.len() / 2].to_vec();
    // Its end, which is read first, is sound.
    let middle: fn(&[u8]) -> Vec<u8> =
        |bytes| bytes.iter().enumerate().map(|(at, byte)| if (8..40).contains(&at) { !byte } else { *byte }).collect();
    for (table, n_documents) in [("reports", 0), ("facts", 0), ("checks", 0), ("panel", 1)] {
        for (n, spoil) in (1..).zip([half, middle]) {
            let path = PathBuf::from(table).join("report_year=2021/province=33/part-0.parquet");
            let spoilt = spoil(&whole[&path]);
            fs::File::create(dir.path().join(&path))
                .and_then(|mut f| std::io::Write::write_all(&mut f, &spoilt))
                .unwrap();
            assert!(stored_reports(dir.path()).is_ok() || table == "reports", "who looks does not put it aside");
            let mut lake = Lake::open(dir.path(), &catalogue).unwrap();
            let name = if n == 1 { "_part-0.parquet.damaged" } else { "_part-0.parquet.damaged-2" };
            assert_eq!(lake.put_aside(), [dir.path().join(&path).with_file_name(name)], "{table}");
            assert_eq!(fs::read(&lake.put_aside()[0]).unwrap(), spoilt, "nothing is deleted");
            assert_eq!(lake.n_documents(), n_documents, "{table}");
            lake.commit(&documents).unwrap();
            let mut now = files(dir.path());
            now.retain(|path, _| path.extension().is_some_and(|extension| extension == "parquet"));
            assert!(now == whole, "{table}");
        }
    }
    assert_eq!(Lake::open(dir.path(), &catalogue).unwrap().put_aside(), [] as [&Path; 0]);
}

#[test]
fn a_fetch_is_a_row_once() {
    let catalogue = Catalogue::embedded();
    let dir = tempfile::tempdir().unwrap();
    let fetch = FetchRecord {
        fetched_at: "2026-11-24T01:00:00Z".parse().unwrap(),
        url: "http://www.qingtian.gov.cn/".into(),
        host: "www.qingtian.gov.cn".into(),
        portal: "331121".into(),
        status: 200,
        outcome: "no report".into(),
        payload_sha256: "00".into(),
        payload_bytes: 7,
        duration_ms: 3,
        n_reports: 0,
        archive_file: "a.warc.gz".into(),
        archive_offset: 0,
    };
    let batch = Batch { fetches: vec![fetch.clone(), fetch], ..Batch::default() };
    let mut lake = Lake::open(dir.path(), &catalogue).unwrap();
    lake.commit(&batch).unwrap();
    let first = files(dir.path());
    assert!(first.keys().any(|path| path.ends_with("fetches/fetched_on=2026-11-24/part-0.parquet")));
    lake.commit(&batch).unwrap();
    assert_eq!(files(dir.path()), first);
}
