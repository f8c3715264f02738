//! The only part that opens a connection to a portal, and the only async one.
//!
//! | file | idea |
//! | --- | --- |
//! | `address` | URLs in one spelling, and the keys that politeness hangs on |
//! | `robots` | RFC 9309 |
//! | `page_rules` | what a page itself asks of robots |
//! | `guard` | which network addresses may be asked at all |
//! | `resolve` | names to addresses |
//! | `gates` | one request at a time for each host and each address |
//! | `restraints` | what an operator says of single hosts, portals and platforms |
//! | `tls` | handshakes that fail, and what is let through |
//! | `coding` | content codings that the HTTP client does not take off |
//! | `transport` | one request, one bounded answer, no redirects followed |
//! | `answer` | what an answer means: keep, follow, retry, leave |
//! | `shape` | pages that are walls or only lead elsewhere |
//! | `tags` | the tags of a page in one linear pass |
//! | `discover` | which links of a page to follow, and why |
//! | `paging` | the next pages of a list, one file a content system |
//! | `frontier` | what is known of every URL, durable in SQLite |
//! | `engine` | the loop that takes due URLs through the gates |

pub mod address;
pub mod answer;
pub mod body;
mod coding;
pub mod discover;
pub mod engine;
pub mod frontier;
pub mod gates;
pub mod guard;
pub mod page_rules;
pub mod paging;
pub mod resolve;
pub mod restraints;
pub mod robots;
mod shape;
mod tags;
mod tls;
pub mod transport;
