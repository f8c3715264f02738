//! How many of a large portal's reports are found, and with how many fetches,
//! beside an oracle that knows the shortest ways. `cargo bench --bench
//! discovery` measures larger ones and prints the figures.
#![allow(missing_docs)]
#![cfg(feature = "engine")]

mod site;

use gongkai::demo::town::Size;

use crate::site::measure;

#[tokio::test]
async fn nearly_all_reports_of_a_large_portal_are_found_with_few_fetches() {
    let size = Size { n_offices: 12, n_news: 900, n_other_columns: 12 };
    let measured = measure(7, size).await;
    println!("{measured:?}: recall {:.3}, {:.2} times the oracle's fetches", measured.recall(), measured.cost());
    assert!(measured.n_pages > 1000 && measured.n_reports > 100, "{measured:?}");
    assert!(measured.recall() >= 0.99, "{measured:?}");
    assert!(measured.cost() <= 1.5, "{measured:?}");
}
