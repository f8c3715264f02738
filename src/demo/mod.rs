//! The generator of report pages, and loopback portals that serve them.
//!
//! | file | idea |
//! | --- | --- |
//! | `truth` | an invented report as data, its sums right by construction |
//! | `page` | a report rendered as a page, in the forms' labels and our own words |
//! | `portals` | portals of many content systems on loopback |
//! | `town` | a large portal as data, to measure discovery on |
//! | `score` | how many of the published numbers were found again |

pub mod page;
#[cfg(feature = "engine")]
pub mod portals;
#[cfg(feature = "engine")]
pub mod score;
pub mod town;
pub mod truth;
