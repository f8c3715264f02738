//! URLs in one spelling, and the keys that politeness hangs on.

use std::fmt;

use url::Url;

/// A host as politeness counts it: lower case, punycode, without the final
/// dot, with the port where it is not the scheme's.
///
/// Made only by [`HostKey::of`], so that two spellings of a host cannot own
/// two rate limits. `http` and `https` of one host share the key.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HostKey(std::sync::Arc<str>);

impl HostKey {
    /// The key of a URL's host; none for a URL without one.
    #[must_use]
    pub fn of(url: &Url) -> Option<Self> {
        let host = url.host_str()?.trim_end_matches('.').to_ascii_lowercase();
        let key = url.port().map_or_else(|| host.clone(), |port| format!("{host}:{port}"));
        (!host.is_empty()).then(|| Self(key.into()))
    }

    /// The key that [`HostKey::of`] made and the state kept.
    pub(crate) fn from_stored(text: String) -> Self {
        Self(text.into())
    }

    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for HostKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a path's file ends in, in lower case: `pdf` of `/a/b.PDF`.
#[must_use]
pub fn extension(path: &str) -> Option<String> {
    let file = path.rsplit('/').next().unwrap_or_default();
    let (stem, extension) = file.rsplit_once('.')?;
    (!stem.is_empty() && !extension.is_empty() && extension.len() <= 5).then(|| extension.to_ascii_lowercase())
}

/// The spelling under which a URL is known: equal for URLs that surely name
/// the same document.
///
/// The text is [`canonical_url`](crate::page::canonical_url)'s; the request
/// itself uses the URL as it was found.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CanonicalUrl(String);

impl CanonicalUrl {
    /// The canonical spelling of a URL.
    #[must_use]
    pub fn of(url: &Url) -> Self {
        Self(crate::page::canonical_url(url))
    }

    /// The spelling as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CanonicalUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
