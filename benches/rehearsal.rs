//! A whole night rehearsed: `cargo bench --bench rehearsal` for 10,000 portals
//! on 2,000 gates in memory, under a clock that runs only while nobody works,
//! and for 320 portals over real sockets; `-- memory 1000 200` and
//! `-- sockets 100 25` for one of them in another size. `-- serve 100 100 DIR`
//! serves portals for another crawler, see benches/scrapy.py.
//!
//! The state lies in the folder for temporary files: `TMPDIR=/dev/shm` spares
//! a slow disk. Each half is a process of its own, so that its memory is its own.
#![allow(missing_docs, clippy::disallowed_methods, reason = "a bench")]

#[path = "../tests/rehearse/mod.rs"]
mod rehearse;

use std::process::{Command, exit};
use std::time::{Duration, Instant};

use rehearse::{Naming, Plan, Rehearsed, in_memory, over_sockets, serve};

/// What a night is to do with; said where it is not held, no failure.
const MOST_BYTES: u64 = 300 << 20;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let number = |at: usize, else_is: usize| arguments.get(at).and_then(|n| n.parse().ok()).unwrap_or(else_is);
    let in_memory_plan = Plan {
        n_portals: number(1, 10_000),
        n_gates: number(2, 2_000),
        faults_in_thousand: 50,
        interval: Duration::from_secs(3),
        naming: Naming::Hosts,
    };
    let sockets_plan = Plan {
        n_portals: number(1, 320),
        n_gates: number(2, 64),
        faults_in_thousand: 50,
        interval: Duration::from_millis(200),
        naming: Naming::Hosts,
    };
    match arguments.first().map(String::as_str) {
        Some("memory") => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
            rehearse(in_memory_plan, |plan, dir| runtime.expect("a runtime").block_on(in_memory(plan, dir)));
        }
        Some("sockets") => {
            let runtime = tokio::runtime::Runtime::new();
            rehearse(sockets_plan, |plan, dir| runtime.expect("a runtime").block_on(over_sockets(plan, dir)));
        }
        Some("serve") => {
            let dir = arguments.get(3).expect("a folder after the numbers of portals and gates");
            let plan = Plan { faults_in_thousand: 0, naming: Naming::Addresses, ..sockets_plan };
            let runtime = tokio::runtime::Runtime::new();
            runtime.expect("a runtime").block_on(serve(plan, std::path::Path::new(dir)));
        }
        _ => ["memory", "sockets"].into_iter().for_each(in_its_own_process),
    }
}

fn in_its_own_process(half: &str) {
    let own = std::env::current_exe().expect("the path of this bench");
    let status = Command::new(own).arg(half).status().expect("the bench starts itself");
    if !status.success() {
        exit(1);
    }
}

fn rehearse(plan: Plan, night: impl FnOnce(Plan, &std::path::Path) -> Rehearsed) {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let began = Instant::now();
    let night = night(plan, dir.path());
    let row = |name: &str, value: String| println!("{name:<28} {value:>12}");
    row("portals", plan.n_portals.to_string());
    row("gates", plan.n_gates.to_string());
    row("requests", night.n_requests.to_string());
    row("faults", night.n_faults.to_string());
    row("reports reachable", night.n_reachable.to_string());
    row("reports found", night.n_found.to_string());
    row("reports strange or doubled", night.n_strange.to_string());
    row("requests too soon", night.n_too_soon.to_string());
    row("the night, s", format!("{:.0}", night.took.as_secs_f64()));
    row("politeness bound, s", format!("{:.0}", night.bound.as_secs_f64()));
    row("times the bound", format!("{:.3}", night.times_bound()));
    row("most memory, MiB", (night.most_bytes >> 20).to_string());
    row("took, s", format!("{:.0}", began.elapsed().as_secs_f64()));
    println!("{:<28} {:>12}\n", "ended", format!("{:?}", night.ending));
    if night.most_bytes > MOST_BYTES {
        eprintln!("the goal of {} MiB is not met", MOST_BYTES >> 20);
    }
    let kept = night.n_found == night.n_reachable && night.n_strange == 0 && night.n_too_soon == 0;
    if !kept || night.times_bound() > 1.1 {
        eprintln!("the rehearsal failed: see the rows above");
        exit(1);
    }
}
