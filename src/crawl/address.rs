//! URLs in one spelling, and the keys that politeness hangs on.

use std::borrow::Cow;
use std::fmt;

use encoding_rs::Encoding;
use url::Url;

/// The web address that a page's or an answer's text names, as a browser makes
/// it: characters of a query in the page's own encoding, without its fragment.
///
/// None for what is no web address.
pub(super) fn join(base: &Url, text: &str, encoding: &str) -> Option<Url> {
    let encoding = Encoding::for_label(encoding.as_bytes()).unwrap_or(encoding_rs::UTF_8);
    let encode = in_encoding(encoding);
    let mut url = Url::options().base_url(Some(base)).encoding_override(Some(&encode)).parse(text.trim()).ok()?;
    url.set_fragment(None);
    // Nobody logs in by a link. Web addresses can be without credentials.
    url.set_username("").and_then(|()| url.set_password(None)).ok()?;
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then_some(url)
}

fn in_encoding(encoding: &'static Encoding) -> impl for<'a> Fn(&'a str) -> Cow<'a, [u8]> {
    move |text| encoding.encode(text).0
}

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

    /// The host's name without its port.
    #[must_use]
    pub fn name(&self) -> &str {
        let port = self.0.rsplit_once(':').filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
        port.map_or(&*self.0, |(name, _)| name)
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

/// Whether a URL is that of a script in a file of its own.
#[must_use]
pub fn is_script_file(url: &Url) -> bool {
    extension(url.path()).as_deref() == Some("js")
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hosts_name_has_no_port() {
        for (url, name) in [
            ("http://a.gov.cn/", "a.gov.cn"),
            ("http://A.gov.cn.:8080/", "a.gov.cn"),
            ("http://127.0.0.1:81/", "127.0.0.1"),
            ("http://[::1]:81/", "[::1]"),
            ("http://[::1]/", "[::1]"),
        ] {
            assert_eq!(HostKey::of(&url.parse().unwrap()).unwrap().name(), name, "{url}");
        }
    }
}
