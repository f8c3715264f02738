//! Hosts, paths and portals that asked to be left alone.
//!
//! Nothing overrides an exclusion: it is looked at before a request goes out, and so
//! on every redirect.

use std::fmt;

use jiff::civil::Date;
use serde::Serialize;
use url::Url;

/// How what an exclusion says of itself begins.
pub const EXCLUDED: &str = "excluded: ";

/// What is left alone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Exclusions(Vec<Exclusion>);

/// One that asked to be left alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Exclusion {
    /// What it covers.
    pub what: Excluded,
    /// Since when.
    pub date: Date,
    /// Why.
    pub reason: String,
}

/// What an exclusion covers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Excluded {
    /// A host, perhaps only what lies under a path.
    Host {
        /// The host.
        host: HostPattern,
        /// The path's beginning, decoded; none for all.
        path: Option<String>,
    },
    /// A portal, wherever its pages lie.
    Portal(String),
}

/// A host's name, or all the names under one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(into = "String")]
pub struct HostPattern {
    name: String,
    is_with_those_under_it: bool,
}

/// A text that is no host.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no host: it should look like www.example.gov.cn, or *.example.gov.cn for all under it")]
pub struct BadHost(pub String);

impl std::str::FromStr for HostPattern {
    type Err = BadHost;

    /// Every port of the host is meant, so none is allowed.
    fn from_str(text: &str) -> Result<Self, BadHost> {
        let bad = || BadHost(text.to_owned());
        let (is_with_those_under_it, name) = text.strip_prefix("*.").map_or((false, text), |name| (true, name));
        let has_port = if name.starts_with('[') { !name.ends_with(']') } else { name.contains(':') };
        if has_port || name.contains(['/', '@', '?', '#', '\\']) {
            return Err(bad());
        }
        // The URL's own rules: lower case, punycode, literals in one spelling.
        let url: Url = format!("http://{name}/").parse().map_err(|_| bad())?;
        host_of(&url).map(|name| Self { name, is_with_those_under_it }).ok_or_else(bad)
    }
}

impl HostPattern {
    /// Whether a host's name is meant.
    #[must_use]
    pub fn covers(&self, host: &str) -> bool {
        let is_under = || host.strip_suffix(&self.name).is_some_and(|rest| rest.ends_with('.'));
        host == self.name || (self.is_with_those_under_it && is_under())
    }
}

impl fmt::Display for HostPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.is_with_those_under_it { "*." } else { "" }, self.name)
    }
}

impl From<HostPattern> for String {
    fn from(pattern: HostPattern) -> Self {
        pattern.to_string()
    }
}

impl Exclusion {
    /// Whether the words that a URL ended with are an exclusion's, which may
    /// have been lifted since.
    #[must_use]
    pub fn is_told_by(words: &str) -> bool {
        words.starts_with(EXCLUDED)
    }
}

impl Exclusions {
    /// Leaves these alone.
    #[must_use]
    pub fn new(exclusions: Vec<Exclusion>) -> Self {
        Self(exclusions)
    }

    /// All of them.
    #[must_use]
    pub fn all(&self) -> &[Exclusion] {
        &self.0
    }

    /// Whether these words are what one of them says of itself.
    #[must_use]
    pub fn say(&self, words: &str) -> bool {
        self.0.iter().any(|exclusion| exclusion.to_string() == words)
    }

    /// What forbids a URL of a portal, where something does.
    #[must_use]
    pub fn of_url(&self, portal: &str, url: &Url) -> Option<&Exclusion> {
        self.of_portal(portal).or_else(|| self.0.iter().find(|exclusion| exclusion.what.covers(url)))
    }

    /// What forbids a portal, where something does.
    #[must_use]
    pub fn of_portal(&self, portal: &str) -> Option<&Exclusion> {
        self.0.iter().find(|exclusion| matches!(&exclusion.what, Excluded::Portal(id) if id == portal))
    }
}

impl Excluded {
    fn covers(&self, url: &Url) -> bool {
        let Self::Host { host, path } = self else { return false };
        let is_under = |prefix: &String| decoded(url.path()).starts_with(&decoded(prefix));
        host_of(url).is_some_and(|name| host.covers(&name)) && path.as_ref().is_none_or(is_under)
    }
}

impl fmt::Display for Excluded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host { host, path } => write!(f, "{host}{}", path.as_deref().unwrap_or_default()),
            Self::Portal(id) => write!(f, "the portal {id}"),
        }
    }
}

impl fmt::Display for Exclusion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{EXCLUDED}{} since {}, {}", self.what, self.date, self.reason)
    }
}

fn host_of(url: &Url) -> Option<String> {
    let name = url.host_str()?.trim_end_matches('.').to_ascii_lowercase();
    (!name.is_empty()).then_some(name)
}

/// The bytes of a path, percent-encoding taken off: `/%61` is `/a`, and a
/// server may read it so.
fn decoded(path: &str) -> Vec<u8> {
    let bytes = path.as_bytes();
    let digit = |at: usize| bytes.get(at).and_then(|byte| char::from(*byte).to_digit(16));
    let (mut found, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while let Some(byte) = bytes.get(at) {
        if let (b'%', Some(high), Some(low)) = (byte, digit(at + 1), digit(at + 2)) {
            found.push((high * 16 + low) as u8);
            at += 3;
        } else {
            found.push(*byte);
            at += 1;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exclusions() -> Exclusions {
        let of = |what| Exclusion { what, date: Date::constant(2026, 3, 1), reason: "a letter".to_owned() };
        let host = |host: &str, path: Option<&str>| {
            of(Excluded::Host { host: host.parse().unwrap(), path: path.map(str::to_owned) })
        };
        Exclusions::new(vec![
            host("www.a.gov.cn", None),
            host("*.b.gov.cn", None),
            host("c.gov.cn", Some("/信/")),
            host("d.gov.cn", Some("/%61/")),
            host("127.0.0.1", None),
            of(Excluded::Portal("p".to_owned())),
        ])
    }

    #[test]
    fn what_is_left_alone() {
        for (url, is_excluded) in [
            ("http://www.a.gov.cn/", true),
            ("https://WWW.A.gov.cn.:8443/x?y", true),
            ("http://a.gov.cn/", false),
            ("http://www.a.gov.cn.evil.example/", false),
            ("http://b.gov.cn/", true),
            ("http://x.y.b.gov.cn/", true),
            ("http://xb.gov.cn/", false),
            ("http://c.gov.cn/%E4%BF%A1/x", true),
            ("http://c.gov.cn/%e4%bf%a1/x", true),
            ("http://c.gov.cn/a/../%E4%BF%A1/x", true),
            ("http://c.gov.cn/x?信/", false),
            ("http://d.gov.cn/a/", true),
            ("http://d.gov.cn/b/", false),
            // The literal's other spellings.
            ("http://127.1/", true),
            ("http://0x7f000001/", true),
            ("http://127.0.0.2/", false),
        ] {
            let found = exclusions();
            assert_eq!(found.of_url("other", &url.parse().unwrap()).is_some(), is_excluded, "{url}");
            assert!(found.of_url("p", &url.parse().unwrap()).is_some(), "{url}: the portal is excluded");
        }
    }

    #[test]
    fn a_host_is_a_name_and_nothing_else() {
        for text in ["", "*.", "a.gov.cn:80", "a.gov.cn/x", "http://a.gov.cn", "u@a.gov.cn", "a b"] {
            assert!(text.parse::<HostPattern>().is_err(), "{text}");
        }
        assert_eq!("*.政府.中国".parse::<HostPattern>().unwrap().to_string(), "*.xn--mxtq1m.xn--fiqs8s");
    }
}
