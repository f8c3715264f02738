//! A night rehearsed on a small scale; `cargo bench --bench rehearsal` is the
//! large one.
#![allow(missing_docs, clippy::disallowed_methods)]
#![cfg(feature = "engine")]

mod rehearse;

use std::time::Duration;

use gongkai::crawl::engine::Ending;
use rehearse::{Naming, Plan, Rehearsed, in_memory, over_sockets};

fn check(night: &Rehearsed) {
    assert_eq!(night.ending, Ending::Done, "{night:?}");
    assert_eq!((night.n_found, night.n_strange), (night.n_reachable, 0), "{night:?}");
    assert_eq!(night.n_too_soon, 0, "{night:?}");
    assert!(night.n_requests > 5 * night.plan.n_portals, "{night:?}");
}

#[tokio::test(start_paused = true)]
async fn a_night_in_memory_finds_all_as_fast_as_politeness_allows() {
    let dir = tempfile::tempdir().unwrap();
    let plan = Plan {
        n_portals: 120,
        n_gates: 60,
        faults_in_thousand: 50,
        interval: Duration::from_secs(1),
        naming: Naming::Hosts,
    };
    let night = in_memory(plan, dir.path()).await;
    check(&night);
    assert!(night.times_bound() <= 1.1, "{night:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_night_over_sockets_finds_all() {
    let dir = tempfile::tempdir().unwrap();
    let plan = Plan {
        n_portals: 24,
        n_gates: 12,
        faults_in_thousand: 50,
        interval: Duration::from_millis(50),
        naming: Naming::Hosts,
    };
    check(&over_sockets(plan, dir.path()).await);
}
