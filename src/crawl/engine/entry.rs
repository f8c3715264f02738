//! A home page that does not answer: its other scheme, and its other name.
//!
//! Of 3,206 home pages of the directory some 30 answered only under the scheme
//! that it does not have, and others only with or without `www.`.

use jiff::Timestamp;
use url::Url;

use super::{Engine, EngineError, Entry, EntryKind, Sink};
use crate::crawl::address::HostKey;
use crate::crawl::frontier::{Due, GUESS, NewUrl, PageRequest, PortalId, Priority, Visit};
use crate::crawl::transport::{TlsTrouble, TransportError};

impl<S: Sink> Engine<S> {
    /// The visit of a home page that took no connection: tried next under the
    /// other scheme, as long as attempts are left.
    pub(super) fn other_scheme(&self, due: &Due, error: &TransportError, now: Timestamp) -> Option<Visit> {
        let may = is_silence(error) && self.is_home_page(due) && due.attempts + 1 < self.settings.max_attempts;
        let url = with_other_scheme(&due.request.url).filter(|_| may)?;
        Some(Visit::Respelled { url, again_at: now })
    }

    /// Where a host took no connection for its robots.txt: its home page, and
    /// with it robots.txt, is asked for under the other scheme, once; then
    /// under its other name. True where something was changed.
    pub(super) fn entry_elsewhere(&mut self, host: &HostKey, due: &Due, now: Timestamp) -> Result<bool, EngineError> {
        let is_home = self.is_home_page(due);
        let Some(known) = self.hosts.get_mut(host).filter(|known| known.is_silent && is_home) else { return Ok(false) };
        let url = with_other_scheme(&due.request.url).filter(|_| known.other_scheme.is_none());
        let Some(url) = url else {
            self.look_under_other_name(host, now)?;
            return Ok(false);
        };
        known.other_scheme = Some(known.unreachable().unwrap_or("no connection").to_owned());
        known.forget_rules();
        let visit = Visit::Respelled { url, again_at: now };
        let mut batch = self.parts.frontier.batch()?;
        batch.visited(due.id, now, None, "no connection: its other scheme is tried", &visit)?;
        batch.commit()?;
        Ok(true)
    }

    /// Whether a host that took no connection has a home page whose other scheme
    /// is yet to be tried.
    pub(super) fn may_answer_elsewhere(&self, host: &HostKey) -> bool {
        let is_untried = self.hosts.get(host).is_some_and(|known| known.is_silent && known.other_scheme.is_none());
        let is_home =
            |entry: &Entry| entry.kind == EntryKind::HomePage && HostKey::of(&entry.url).as_ref() == Some(host);
        is_untried && self.targets.values().any(|target| target.entries.iter().any(is_home))
    }

    /// Remembers the home pages of a host that does not answer under their
    /// other name: without `www.`, or with it.
    pub(super) fn look_under_other_name(&mut self, host: &HostKey, now: Timestamp) -> Result<(), EngineError> {
        let homes = self.targets.values().flat_map(|target| {
            let pages = target.entries.iter().filter(|entry| entry.kind == EntryKind::HomePage);
            let silent = pages.filter(|entry| HostKey::of(&entry.url).as_ref() == Some(host));
            silent.filter_map(|entry| other_name(&target.portal, &entry.url, now)).collect::<Vec<_>>()
        });
        let homes: Vec<NewUrl> = homes.collect();
        if homes.is_empty() {
            return Ok(());
        }
        let mut batch = self.parts.frontier.batch()?;
        for home in &homes {
            batch.enqueue(home)?;
        }
        batch.commit()?;
        for home in homes {
            self.expect(&home.host, &home.portal, now)?;
        }
        Ok(())
    }

    fn is_home_page(&self, due: &Due) -> bool {
        let entries = self.targets.get(&due.portal).map(|target| target.entries.as_slice()).unwrap_or_default();
        let is_it = |url: &Url| PageRequest::get(url.clone()).key() == due.request.key();
        due.depth == 0 && entries.iter().any(|entry| entry.kind == EntryKind::HomePage && is_it(&entry.url))
    }
}

/// Whether no conversation began at all: perhaps nobody listens under this
/// scheme or name. A certificate that fails is an answer, and plain HTTP would
/// trust even less.
pub(super) fn is_silence(error: &TransportError) -> bool {
    use TransportError::{Closed, Connect, Tls};
    matches!(error, Connect(_) | Closed(_) | Tls { trouble: TlsTrouble::NoTls, .. })
}

fn with_other_scheme(url: &Url) -> Option<Url> {
    let mut other = url.clone();
    other.set_scheme(if url.scheme() == "http" { "https" } else { "http" }).ok()?;
    Some(other)
}

fn other_name(portal: &PortalId, url: &Url, now: Timestamp) -> Option<NewUrl> {
    let host = url.domain()?;
    let name = host.strip_prefix("www.").map_or_else(|| format!("www.{host}"), str::to_owned);
    let mut other = url.clone();
    other.set_host(Some(&name)).ok()?;
    Some(NewUrl {
        host: HostKey::of(&other)?,
        request: PageRequest::get(other),
        requested: None,
        hops: 0,
        portal: portal.clone(),
        priority: Priority::Rest,
        depth: 0,
        why: format!("{GUESS}the home page under its other name, {host} did not answer"),
        found_on: None,
        is_part: false,
        not_before: now,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_home_page_has_another_scheme_and_another_name() {
        let url = |text: &str| text.parse::<Url>().unwrap();
        assert_eq!(with_other_scheme(&url("http://a.gov.cn/")), Some(url("https://a.gov.cn/")));
        assert_eq!(with_other_scheme(&url("https://a.gov.cn:8443/x")), Some(url("http://a.gov.cn:8443/x")));
        let other = |text: &str| other_name(&"p".into(), &url(text), Timestamp::UNIX_EPOCH).map(|new| new.request.url);
        assert_eq!(other("http://www.a.gov.cn/x"), Some(url("http://a.gov.cn/x")));
        assert_eq!(other("http://a.gov.cn/"), Some(url("http://www.a.gov.cn/")));
        assert_eq!(other("http://10.0.0.1/"), None);
    }
}
