//! Prometheus metrics of a run, on a loopback address.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;
use jiff::Timestamp;
use tokio::net::TcpListener;

use crate::crawl::engine::Snapshot;

/// Metrics that are served until this is dropped.
#[derive(Debug)]
pub struct Metrics {
    address: SocketAddr,
    text: Arc<Mutex<String>>,
    started_at: Timestamp,
    server: tokio::task::JoinHandle<()>,
}

/// Metrics that cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum MetricsError {
    /// The address is no loopback address.
    #[error("metrics are served on loopback addresses only, and {0} is none")]
    NotLoopback(SocketAddr),
    /// The address cannot be listened on.
    #[error("cannot listen on {address} for metrics: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
}

/// What a metric is to Prometheus.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Counter,
    Gauge,
}

impl Metrics {
    /// Serves `http://ADDRESS/metrics`; port 0 takes a free one.
    ///
    /// # Errors
    ///
    /// - the address is no loopback address: what a crawl does is nobody else's
    ///   business, and whoever wants it elsewhere can put a proxy before it
    /// - the address cannot be listened on
    pub async fn serve(address: SocketAddr, started_at: Timestamp) -> Result<Self, MetricsError> {
        if !address.ip().is_loopback() {
            return Err(MetricsError::NotLoopback(address));
        }
        let fail = |source| MetricsError::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(fail)?;
        let address = listener.local_addr().map_err(fail)?;
        let text = Arc::new(Mutex::new(String::new()));
        let shown = text.clone();
        let show = move || async move {
            let text = shown.lock().unwrap_or_else(PoisonError::into_inner).clone();
            ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
        };
        let app = axum::Router::new().route("/metrics", get(show));
        let server = tokio::spawn(async move {
            // It ends with the task.
            let _ = axum::serve(listener, app).await;
        });
        Ok(Self { address, text, started_at, server })
    }

    /// Where they are served.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Shows how a run stands now.
    pub fn show(&self, snapshot: &Snapshot) {
        *self.text.lock().unwrap_or_else(PoisonError::into_inner) = exposition(snapshot, self.started_at);
    }
}

impl Drop for Metrics {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// A snapshot in the text exposition format, version 0.0.4.
fn exposition(snapshot: &Snapshot, started_at: Timestamp) -> String {
    use Kind::{Counter, Gauge};
    let mut text = String::new();
    let mut family = |name: &str, kind: Kind, help: &str, samples: &[(&str, f64)]| {
        let kind = match kind {
            Counter => "counter",
            Gauge => "gauge",
        };
        let _ = writeln!(text, "# HELP gongkai_{name} {help}\n# TYPE gongkai_{name} {kind}");
        for (labels, value) in samples {
            let _ = writeln!(text, "gongkai_{name}{labels} {value}");
        }
    };
    let n = |n: u64| n as f64;
    let version = format!("{{version=\"{}\"}}", env!("CARGO_PKG_VERSION"));
    family("build_info", Gauge, "The program.", &[(&version, 1.0)]);
    let started = started_at.as_millisecond() as f64 / 1000.0;
    family("run_start_timestamp_seconds", Gauge, "When the run began.", &[("", started)]);
    family("portals", Gauge, "Portals of the run.", &[("", snapshot.n_portals as f64)]);
    family("hosts_waiting", Gauge, "Hosts that wait for their turn.", &[("", snapshot.n_hosts_waiting as f64)]);
    family("tasks_in_flight", Gauge, "Requests and readings under way.", &[("", snapshot.n_under_way as f64)]);
    family("requests_total", Counter, "Requests sent, robots.txt included.", &[("", n(snapshot.n_requests))]);
    let seconds = snapshot.answer_time.as_secs_f64();
    family("answer_seconds_total", Counter, "Time that requests took, all added up.", &[("", seconds)]);
    family("received_bytes_total", Counter, "Payload bytes received.", &[("", n(snapshot.n_bytes))]);
    let new = n(snapshot.n_pages.saturating_sub(snapshot.n_unchanged));
    let pages = [("{result=\"new\"}", new), ("{result=\"unchanged\"}", n(snapshot.n_unchanged))];
    family("pages_total", Counter, "Answers that brought a page.", &pages);
    family("urls_given_up_total", Counter, "URLs that were given up.", &[("", n(snapshot.n_failed))]);
    family("reports_total", Counter, "Reports read from new payloads.", &[("", n(snapshot.n_reports))]);
    let failed = n(snapshot.n_failed_checks);
    family("failed_checks_total", Counter, "Checks of severity error that these reports fail.", &[("", failed)]);
    text
}
