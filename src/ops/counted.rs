//! Counts in words.

use std::fmt::Display;

/// So many of something: `1 report`, `2 reports`. `one` is the word for one of them.
#[must_use]
pub fn counted<N: Display + PartialEq + From<u8>>(n: N, one: &str) -> String {
    let ending = if n == N::from(1) { "" } else { "s" };
    format!("{n} {one}{ending}")
}
