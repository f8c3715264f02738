//! What needs a person: told once, silent once a person knows of it.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use jiff::Timestamp;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::types::{CUT_SHORT, OUTAGE, RESTS};
use crate::crawl::address::HostKey;
use crate::page::hex;

/// Something that needs a person, as the state remembers it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KnownTrouble {
    /// A short name for it, the same as long as portal and place are.
    pub key: String,
    /// The portal, by id.
    pub portal: String,
    /// A URL, a host or the portal itself.
    pub place: String,
    /// What is wrong, in words.
    pub words: String,
    /// Since when, for this cause.
    pub since: Timestamp,
    /// When it was last met.
    pub last_at: Timestamp,
    /// How far it has been told.
    pub standing: Standing,
    /// The URLs of its host that it speaks of; its place is one of them.
    pub n_places: u64,
}

impl KnownTrouble {
    /// Whether it says that a whole host is out of order: it was not searched.
    #[must_use]
    pub fn is_out_of_order(&self) -> bool {
        self.words.starts_with(OUTAGE) || self.is_resting_host()
    }

    /// Whether it says that a host, its place, rests.
    #[must_use]
    pub fn is_resting_host(&self) -> bool {
        self.words.starts_with(RESTS)
    }

    /// What it is one trouble with others by: a host that refuses ten pages for one
    /// reason is one trouble. That a page is gone, or half of what it is, is of the page:
    /// another later is told again.
    pub(super) fn cause(&self) -> Option<(String, HostKey, String, Option<Standing>)> {
        let host = self.place.parse().ok().as_ref().and_then(HostKey::of)?;
        let is_of_page = ["gone: ", CUT_SHORT].iter().any(|kind| self.words.starts_with(kind));
        let standing = is_of_page.then_some(self.standing);
        Some((self.portal.clone(), host, cause_of(&self.words), standing))
    }
}

/// How what is said of a host without robots.txt begins; why follows.
pub const WITHOUT_ROBOTS: &str = "robots.txt is unreachable, the host is left alone: ";
/// What stands before the cause under the scheme that was tried first.
pub const OTHER_SCHEME: &str = "; under the other scheme, before: ";
/// Failures behind which the system's own words stand: refused tonight, timed out
/// tomorrow.
const IN_MANY_WORDS: [&str; 2] = ["no connection: ", "the answer broke: "];

/// What is wrong, without what varies while that stays the same: counts and times, which
/// page is named of a host, the system's words of a connection that failed, which of
/// two schemes was tried first. A status is no count.
pub(super) fn cause_of(words: &str) -> String {
    let (kind, why) = words.strip_prefix(WITHOUT_ROBOTS).map_or(("", words), |why| (WITHOUT_ROBOTS, why));
    let mut causes: Vec<String> = why.split(OTHER_SCHEME).map(without_detail).collect();
    causes.sort();
    causes.dedup();
    format!("{kind}{}", causes.join(OTHER_SCHEME))
}

fn without_detail(words: &str) -> String {
    let words = IN_MANY_WORDS
        .iter()
        .fold(words, |words, kind| words.find(kind).and_then(|at| words.get(..at + kind.len())).unwrap_or(words));
    let mut is_status = false;
    let mut cause = String::new();
    for word in words.split_inclusive(' ') {
        match host_of(word) {
            Some(host) => cause.push_str(host.as_str()),
            None if is_status => cause.push_str(word),
            None => push_uncounted(&mut cause, word),
        }
        is_status = word.trim_start_matches('(') == "status ";
    }
    cause
}

/// The host of a URL in a text, the marks around it aside.
fn host_of(word: &str) -> Option<HostKey> {
    let url = word.get(word.find("http://").or_else(|| word.find("https://"))?..)?;
    HostKey::of(&url.trim_end_matches([' ', ',', ';', ')']).parse().ok()?)
}

/// A word with `N` for each number, whole or not.
fn push_uncounted(cause: &mut String, word: &str) {
    let mut chars = word.chars().peekable();
    let mut in_number = false;
    while let Some(c) = chars.next() {
        let is_point = in_number && c == '.' && chars.peek().is_some_and(char::is_ascii_digit);
        if !c.is_ascii_digit() && !is_point {
            cause.push(c);
        } else if !in_number {
            cause.push('N');
        }
        in_number = c.is_ascii_digit() || is_point;
    }
}

/// Troubles, those of one cause on one host as one: as well known as the best known
/// of them, news first.
#[must_use]
pub fn by_cause(troubles: Vec<KnownTrouble>) -> Vec<KnownTrouble> {
    let mut found: Vec<KnownTrouble> = Vec::new();
    let mut by_cause = HashMap::new();
    for trouble in troubles {
        let first = trouble.cause().and_then(|cause| match by_cause.entry(cause) {
            Entry::Occupied(first) => Some(*first.get()),
            Entry::Vacant(vacant) => {
                vacant.insert(found.len());
                None
            }
        });
        match first.and_then(|first: usize| found.get_mut(first)) {
            Some(first) => {
                first.n_places += 1;
                first.standing = first.standing.max(trouble.standing);
                (first.since, first.last_at) = (first.since.min(trouble.since), first.last_at.max(trouble.last_at));
            }
            None => found.push(trouble),
        }
    }
    found.sort_by_key(|trouble| trouble.standing != Standing::News);
    found
}

/// Whose a trouble is that is no single portal's; no id has a space.
pub const ALL_PORTALS: &str = "all portals";

/// How far a trouble has been told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// No summary told it for this cause yet.
    News,
    /// A summary told it.
    Told,
    /// A person said that it is known.
    Acknowledged,
}

/// The short name of a trouble.
#[must_use]
pub fn trouble_key(portal: &str, place: &str) -> String {
    let mut digest = Sha256::new();
    digest.update(portal);
    digest.update([b'\n']);
    digest.update(place);
    hex(&digest.finalize()[..4])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crawl::transport::TransportError;

    #[test]
    fn words_that_vary_are_no_other_cause() {
        let refused = TransportError::Closed("Connection refused (os error 111)".to_owned()).to_string();
        let silent = TransportError::Connect("none in 20s".to_owned()).to_string();
        let reset = TransportError::Broken("connection reset by peer".to_owned()).to_string();
        let cut = TransportError::Broken("unexpected EOF".to_owned()).to_string();
        let robots = |why: &str, other: Option<&str>| {
            let other = other.map(|other| format!("{OTHER_SCHEME}{other}"));
            format!("{WITHOUT_ROBOTS}{why}{}", other.unwrap_or_default())
        };
        let nobody = "its list is known and closed, http://a.gov.cn/gk/";
        let cases = [
            (refused.clone(), silent.clone(), true),
            (reset.clone(), cut, true),
            (refused.clone(), reset, false),
            (robots(&refused, None), robots(&silent, Some(&refused)), true),
            (robots("status 503", Some(&refused)), robots(&silent, Some("status 503")), true),
            (robots("status 503", None), robots(&refused, None), false),
            (robots(&refused, None), refused, false),
            ("block: status 403".to_owned(), "block: status 404".to_owned(), false),
            ("nothing came for 30s".to_owned(), "nothing came for 29.5s".to_owned(), true),
            ("partly read: it says 3 pages".to_owned(), "partly read: it says 12 pages".to_owned(), true),
            ("partly read: it says 3 pages".to_owned(), "partly read: it says 3 records".to_owned(), false),
            (format!("{nobody} (status 403)"), format!("{nobody}2.html (status 403)"), true),
            (format!("{nobody} (status 403)"), format!("{nobody} (status 412)"), false),
            ("it should be http://www1.a.cn/".to_owned(), "it should be http://www2.a.cn/".to_owned(), false),
        ];
        for (one, other, is_same) in cases {
            assert_eq!(cause_of(&one) == cause_of(&other), is_same, "{one} / {other}");
        }
    }
}
