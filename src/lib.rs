//! gongkai (公开) reads the annual reports of Chinese government disclosure
//! offices (政府信息公开工作年度报告) into a data set that can be trusted.
//!
//! One pipeline: bytes come in from a portal, a web archive or a file; a
//! checked report goes out into a table that any lake engine reads.
//!
//! ```text
//!  config ─► frontier ─► fetch ─► Capture ─► Page ─► Article ─► Report ─► lake
//!               ▲                  │   ▲       │
//!               └──── discover ◄───┼───┼───────┘
//!                                  ▼   │
//!                               archive (WARC)
//! ```
//!
//! Imports run downwards only: `cli → pipeline → {crawl, archive, lake} →
//! {page, report}`; `report` imports `page`, `page` imports nothing of ours.
//! tests/architecture.rs holds the code to it.

#[cfg(feature = "engine")]
pub mod archive;
#[cfg(feature = "engine")]
pub mod cli;
#[cfg(feature = "engine")]
pub mod clock;
#[cfg(feature = "engine")]
pub mod config;
#[cfg(feature = "engine")]
pub mod crawl;
#[cfg(feature = "generator")]
pub mod demo;
#[cfg(feature = "engine")]
pub mod faults;
#[cfg(feature = "engine")]
pub mod lake;
#[cfg(feature = "engine")]
pub mod ops;
pub mod page;
#[cfg(feature = "engine")]
pub mod pipeline;
mod read;
pub mod report;
pub mod words;

pub use page::Capture;
pub use read::{explain, read};
pub use report::{Catalogue, Reading, Report};

/// A pattern of our own, compiled. What is looked for in the scripts of pages has the
/// word bounds and letters of ASCII: those of all scripts keep a pattern from the
/// quick automaton where a page is Chinese, and have many states. One that is none, or
/// too large, is a defect that any test meets; a release goes on without it.
pub(crate) fn pattern(text: &str) -> Option<regex::Regex> {
    let made = regex::Regex::new(text);
    debug_assert!(made.is_ok(), "{text}: {made:?}");
    made.ok()
}
