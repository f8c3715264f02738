//! The only part that opens a connection to a portal, and the only async one.
//!
//! | file | idea |
//! | --- | --- |
//! | `address` | URLs in one spelling, and the keys that politeness hangs on |
//! | `robots` | RFC 9309 |
//! | `guard` | which network addresses may be asked at all |
//! | `resolve` | names to addresses |
//! | `gates` | one request at a time for each host and each address |
//! | `restraints` | what an operator says of single hosts, portals and platforms |
//! | `transport` | one request, one bounded answer, no redirects followed |
//! | `answer` | what an answer means: keep, follow, retry, leave |
//! | `discover` | which links of a page to follow, and why |
//! | `paging` | the next pages of a list, one file a content system |
//! | `frontier` | what is known of every URL, durable in SQLite |
//! | `engine` | the loop that takes due URLs through the gates |

pub mod address;
pub mod answer;
pub mod discover;
pub mod engine;
pub mod frontier;
pub mod gates;
pub mod guard;
pub mod paging;
pub mod resolve;
pub mod restraints;
pub mod robots;
pub mod transport;
