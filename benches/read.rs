//! How fast pages are decoded, cleaned and read, in bytes a second.
#![allow(missing_docs)]

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use gongkai::demo::page::{Charset, Style, form_of_year, render};
use gongkai::demo::quirk::{Quirk, Quirks};
use gongkai::demo::truth::truth;
use gongkai::{Capture, Catalogue, page};

/// Report pages of every form, almost all table; the official ones as a word
/// processor exports them; and the real ones of ../shared, where they are here.
fn pages(catalogue: &Catalogue) -> Vec<(String, Vec<u8>)> {
    let place = catalogue.regions.named("青田县", None)[0].clone();
    let mut pages = Vec::new();
    for year in [2012, 2016, 2019, 2022] {
        for (charset, name) in [(Charset::Utf8, "utf-8"), (Charset::Gbk, "gbk")] {
            let style = Style { charset, ..Style::PORTAL };
            let truth = truth(9, &place, year, form_of_year(year), catalogue);
            pages.push((format!("{} {name}", truth.form), render(&truth, style, catalogue)));
        }
    }
    let quirks = Quirks::NONE.with(Quirk::WordMarkup).with(Quirk::SplitSpans).with(Quirk::SplitNumbers);
    for year in [2016, 2019, 2022] {
        let truth = truth(9, &place, year, form_of_year(year), catalogue);
        let page = render(&truth, Style { quirks, ..Style::PORTAL }, catalogue);
        pages.push((format!("{} exported", truth.form), page));
    }
    let real = std::fs::read_dir("../shared/reports/more").into_iter().flatten().filter_map(Result::ok);
    for path in real.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|end| end == "html")) {
        let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        pages.push((format!("real {name}"), std::fs::read(path).unwrap()));
    }
    pages
}

fn stages(criterion: &mut Criterion) {
    let catalogue = Catalogue::embedded();
    let left_for_peers = std::path::Path::new("target/bench-pages");
    std::fs::create_dir_all(left_for_peers).unwrap();
    for (name, bytes) in pages(&catalogue) {
        let file = std::fs::File::create(left_for_peers.join(format!("{name}.html").replace(' ', "-")));
        file.and_then(|mut file| std::io::Write::write_all(&mut file, &bytes)).unwrap();
        let capture = Capture::of_bytes(bytes.clone());
        let text = page::charset::text(&capture);
        let mut group = criterion.benchmark_group(&name);
        group.throughput(Throughput::Bytes(bytes.len() as u64));
        // The yardstick: the same parser building a common tree.
        group.bench_function(BenchmarkId::from_parameter("scraper alone"), |b| {
            b.iter(|| scraper::Html::parse_document(&text));
        });
        group.bench_function(BenchmarkId::from_parameter("decode"), |b| b.iter(|| page::decode(&capture)));
        let decoded = page::decode(&capture);
        group.bench_function(BenchmarkId::from_parameter("clean"), |b| b.iter(|| page::clean(&decoded)));
        group.bench_function(BenchmarkId::from_parameter("read"), |b| b.iter(|| gongkai::read(&capture, &catalogue)));
        group.finish();
    }
}

criterion_group!(benches, stages);
criterion_main!(benches);
