//! The generator of report pages, and loopback portals that serve them.
//!
//! | file | idea |
//! | --- | --- |
//! | `truth` | an invented report as data, its sums right by construction |
//! | `sheet` | its tables as cells with spans, in the forms' labels |
//! | `article` | its paragraphs, in our own words |
//! | `page` | both rendered as the bytes of a page, in any layout |
//! | `aligned` | a table in columns by runs of spaces |
//! | `quirk` | what real pages do to a report, each a named switch |
//! | `damage` | what takes something away |
//! | `other` | pages that are no report |
//! | `portals` | portals of many content systems on loopback |
//! | `town` | a large portal as data, to measure discovery on |
//! | `score` | how many of the published numbers were found again |

mod aligned;
mod article;
pub mod damage;
pub mod other;
pub mod page;
#[cfg(feature = "engine")]
pub mod portals;
pub mod quirk;
#[cfg(feature = "engine")]
pub mod score;
mod sheet;
pub mod town;
pub mod truth;
