//! How many reports of large invented portals the crawl finds from their home
//! pages, and with how many fetches, beside an oracle that knows the shortest
//! ways. Prints a table; real sockets on loopback.
#![allow(missing_docs)]

#[path = "../tests/site/mod.rs"]
mod site;

use gongkai::demo::town::Size;

fn main() {
    let sizes = [
        Size { n_offices: 24, n_news: 1500, n_other_columns: 16 },
        Size { n_offices: 48, n_news: 2500, n_other_columns: 24 },
        Size { n_offices: 72, n_news: 5000, n_other_columns: 60 },
    ];
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    println!("| pages | reports | found | recall | fetches | oracle's | times | fetches for a report |");
    println!("| --- | --- | --- | --- | --- | --- | --- | --- |");
    for (seed, size) in (1..).zip(sizes) {
        let m = runtime.block_on(site::measure(seed, size));
        println!(
            "| {} | {} | {} | {:.3} | {} | {} | {:.2} | {:.2} |",
            m.n_pages,
            m.n_reports,
            m.n_found,
            m.recall(),
            m.n_fetches,
            m.n_shortest,
            m.cost(),
            m.n_fetches as f64 / m.n_found.max(1) as f64
        );
        m.troubles.iter().for_each(|words| println!("  {words}"));
    }
}
