//! Where redirects lead: each hop is a request of its own, past robots.txt,
//! the guard and the gates.

use jiff::Timestamp;
use url::Url;

use super::home::{After, Planned};
use super::revisit::{gone_until, refused_until};
use super::{Engine, EngineError, Sink};
use crate::crawl::address::{CanonicalUrl, HostKey};
use crate::crawl::frontier::{Due, MOVED, NewUrl, PageRequest, Priority, SeenUrl, UrlState, Validators, Visit};
use crate::page::Capture;

impl<S: Sink> Engine<S> {
    /// Takes a redirect: by status, by a refresh, by a script that does nothing
    /// else.
    pub(super) fn redirected(
        &mut self,
        due: &Due,
        answer: &Capture,
        to: Url,
        now: Timestamp,
    ) -> Result<After, EngineError> {
        // Of pages that lead on, only one that does nothing but ask for itself
        // again wants to see its cookie.
        let wants_cookie = answer.status.is_some_and(|status| status != 200) || to == due.request.url;
        if let Some(known) = self.hosts.get_mut(&due.host).filter(|_| wants_cookie) {
            known.cookies.take(&answer.headers, &due.request.url, now);
        }
        let Some(host) = HostKey::of(&to) else { return Ok(ended("a redirect to no host".to_owned(), now)) };
        let first = due.requested.as_ref().unwrap_or(&due.request.url);
        // 307 and 308 keep the method (RFC 9110 15.4.8).
        let body = due.request.body.clone().filter(|_| matches!(answer.status, Some(307 | 308)));
        let request = PageRequest { url: to, body };
        // A form that is answered by its own page is none.
        let is_back = request.url == due.request.url || request.url == *first;
        let is_loop = (request.body == due.request.body && is_back)
            || self.parts.frontier.leads_back(&request, first, due.hops)?;
        if is_loop {
            return Ok(self.gone_round(&host, request, now));
        }
        if due.hops >= self.settings.max_redirects {
            return Ok(ended(format!("too many redirects: more than {}", self.settings.max_redirects), now));
        }
        if let Some(exclusion) = self.meters.excluded(&due.portal, &request.url) {
            // The page itself did nothing wrong.
            return Ok(After::done(exclusion.to_string(), Validators::default()));
        }
        if is_sent_home(due, answer, &request.url) {
            // As portals do with pages that they removed.
            let visit = Planned::Fixed(Visit::Over { state: UrlState::Gone, again_at: gone_until(now) });
            return Ok(After {
                words: "gone: it redirects to the home page".to_owned(),
                visit,
                found: None,
                again: None,
            });
        }
        if due.was_there && answer.status.is_some_and(is_for_good) && host != due.host {
            self.watch.moves(&due.portal, &due.host, &host);
        }
        let words = format!("{MOVED}to {}", request.url);
        let mut request = request;
        // As browsers do: what the link chose is chosen there too.
        request.url.set_fragment(due.fragment.as_deref());
        if CanonicalUrl::of(&request.url) == CanonicalUrl::of(&due.request.url) && request.body == due.request.body {
            let visit = Planned::Fixed(Visit::Moved { host, to: request.url, again_at: now });
            return Ok(After { words, visit, found: None, again: None });
        }
        let next = NewUrl {
            host,
            request,
            requested: Some(first.clone()),
            hops: due.hops + 1,
            portal: due.portal.clone(),
            priority: due.priority,
            depth: due.depth,
            why: format!("{} redirects there", due.request.url),
            found_on: Some(due.id),
            is_part: false,
            not_before: now,
        };
        Ok(After { found: Some(next), ..After::done(words, Validators::default()) })
    }

    /// A circle is the end, but where a host wants to see its cookies: then the
    /// same is asked once more, with them.
    fn gone_round(&mut self, host: &HostKey, request: PageRequest, now: Timestamp) -> After {
        let wants_cookies = self.hosts.get_mut(host).is_some_and(|known| known.cookies.open());
        if !wants_cookies {
            return ended(format!("a redirect loop: back to {}", request.url), now);
        }
        let words = format!("{MOVED}back to {}, with a cookie", request.url);
        After { again: Some(request), ..After::done(words, Validators::default()) }
    }
}

/// Where an entry that was there was moved for good, where that is another host.
pub(super) fn moved_entry(seen: &SeenUrl) -> Option<Url> {
    let was_there = seen.archived.is_some() && seen.last_status.is_some_and(is_for_good);
    let to: Url =
        seen.last_words.as_ref().filter(|_| was_there)?.strip_prefix(MOVED)?.strip_prefix("to ")?.parse().ok()?;
    HostKey::of(&to).filter(|host| host.as_str() != seen.host).map(|_| to)
}

/// Whether a redirect says that it holds from now on (RFC 9110 15.4).
fn is_for_good(status: u16) -> bool {
    matches!(status, 301 | 308)
}

/// Whether who asks for a report is sent to the root of its host, and not to be
/// given a cookie there.
fn is_sent_home(due: &Due, answer: &Capture, to: &Url) -> bool {
    let is_home = to.path() == "/" && to.query().is_none() && HostKey::of(to).as_ref() == Some(&due.host);
    is_home && due.priority == Priority::Report && due.hops == 0 && answer.header("set-cookie").is_none()
}

fn ended(words: String, now: Timestamp) -> After {
    let visit = Planned::Fixed(Visit::Over { state: UrlState::Failed, again_at: refused_until(now) });
    After { words, visit, found: None, again: None }
}
