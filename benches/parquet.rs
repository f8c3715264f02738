//! How fast facts are committed to the lake, in rows a second.
#![allow(missing_docs)]

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use gongkai::demo::page::{Style, form_of_year, render};
use gongkai::demo::truth::truth;
use gongkai::lake::{Batch, Document, Lake, Provenance};
use gongkai::{Capture, Catalogue};

/// The documents of a few hundred invented reports of one partition.
fn batch(catalogue: &Catalogue, n: u64) -> Batch {
    let place = catalogue.regions.named("青田县", None)[0].clone();
    let documents = (0..n).map(|seed| {
        let truth = truth(seed, &place, 2022, form_of_year(2022), catalogue);
        let url = format!("http://www.example.gov.cn/{seed}.html").parse().ok();
        let capture = Capture { final_url: url, ..Capture::of_bytes(render(&truth, Style::PORTAL, catalogue)) };
        let report = gongkai::read(&capture, catalogue).reports.remove(0);
        let provenance = Provenance { payload_sha256: capture.payload_sha256(), ..Provenance::default() };
        Document { report, provenance }
    });
    Batch { documents: documents.collect(), ..Batch::default() }
}

fn commit(criterion: &mut Criterion) {
    let catalogue = Catalogue::embedded();
    let batch = batch(&catalogue, 250);
    let n_facts: usize = batch.documents.iter().map(|document| document.report.facts.len()).sum();
    // For benches/peers.py, which writes the same rows.
    Lake::open(std::path::Path::new("target/bench-lake"), &catalogue).and_then(|mut lake| lake.commit(&batch)).unwrap();
    let mut group = criterion.benchmark_group("lake");
    group.sample_size(10);
    group.throughput(Throughput::Elements(n_facts as u64));
    group.bench_function("commit facts", |b| {
        b.iter_batched(
            || tempfile::tempdir().unwrap(),
            |dir| Lake::open(dir.path(), &catalogue).and_then(|mut lake| lake.commit(&batch)).unwrap(),
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

criterion_group!(benches, commit);
criterion_main!(benches);
