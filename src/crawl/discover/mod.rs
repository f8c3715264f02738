//! Which links of a page to follow, and why.
//!
//! | file | idea |
//! | --- | --- |
//! | `anchors` | the links of a page with the words around them, in one linear pass |
//! | `score` | what a link leads to, by the words of `config/discovery.csv` |
//! | `trap` | URLs that lead nowhere |

mod anchors;
mod score;
mod trap;

use url::Url;

use self::anchors::{Anchor, anchors};
pub use self::score::Role;
use self::score::{Seen, role_of};
pub use self::trap::{Trap, trap};
use super::address::{CanonicalUrl, HostKey};
use super::frontier::{PageRequest, Priority};
use super::paging;
use crate::page::{Capture, charset};

/// A link worth following.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// What to ask for.
    pub request: PageRequest,
    /// What it leads to.
    pub role: Role,
    /// How sure that is, from 0.
    pub score: f32,
    /// Why, in words.
    pub why: String,
}

/// What is known of the page whose links are judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Context {
    /// What the page itself was found as.
    pub priority: Priority,
    /// Links followed from the entry to it.
    pub depth: u16,
}

/// What a page leads to.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Discovery {
    /// The links to follow, best first, each document once.
    pub links: Vec<Link>,
    /// Links that were traps.
    pub n_traps: usize,
    /// Links beyond the bound of one page.
    pub n_left_out: usize,
}

/// Links followed from one page at most.
const MOST_LINKS: usize = 400;

/// Finds the links of a page that lead to reports.
///
/// Pure: words of the anchor, its title and its URL, and what the page itself
/// is, decide. Links leave the host only for the same registrable domain, or
/// for a government's host.
#[must_use]
pub fn discover(capture: &Capture, context: Context) -> Discovery {
    let Some(url) = capture.url() else { return Discovery::default() };
    let (text, decoding) = charset::decode(&capture.body, capture.header("content-type"));
    let mut found = Discovery::default();
    let mut seen = std::collections::HashSet::new();
    seen.insert(CanonicalUrl::of(url));
    for anchor in anchors(&text, url, decoding.encoding) {
        let Some(mut link) = judge(&anchor, url, context) else { continue };
        if trap(&link.request.url).is_some() {
            found.n_traps += 1;
            continue;
        }
        if seen.insert(CanonicalUrl::of(&link.request.url)) {
            link.request.url.set_fragment(None);
            found.links.push(link);
        }
    }
    if context.priority != Priority::Rest || context.depth > 0 {
        for (system, request) in paging::next_pages(&text, url) {
            let why = format!("a next page, as {system} pages it");
            found.links.push(Link { request, role: Role::NextPage, score: 1.0, why });
        }
    }
    found.links.sort_by(|a, b| (a.role as u8).cmp(&(b.role as u8)).then(b.score.total_cmp(&a.score)));
    found.n_left_out = found.links.len().saturating_sub(MOST_LINKS);
    found.links.truncate(MOST_LINKS);
    found
}

fn judge(anchor: &Anchor, page: &Url, context: Context) -> Option<Link> {
    let on_list = context.priority == Priority::List || context.priority == Priority::Report;
    let seen =
        Seen { text: &anchor.text, url: anchor.url.as_str(), on_list, on_column: context.priority == Priority::Column };
    let (role, score, why) =
        if anchor.is_frame { (Role::Frame, 0.5, "a frame of the page".to_owned()) } else { role_of(&seen)? };
    (may_leave_for(page, &anchor.url)).then(|| Link { request: PageRequest::get(anchor.url.clone()), role, score, why })
}

/// Whether a link may lead from a page's host to another.
fn may_leave_for(page: &Url, to: &Url) -> bool {
    let (Some(from_key), Some(to_key)) = (HostKey::of(page), HostKey::of(to)) else { return false };
    if from_key == to_key {
        return true;
    }
    let (Some(from), Some(host)) = (page.domain(), to.domain()) else { return false };
    let registrable = |host: &str| psl::domain_str(host).map(str::to_ascii_lowercase);
    host.ends_with(".gov.cn") || registrable(from).is_some_and(|domain| Some(domain) == registrable(host))
}

impl Role {
    /// The frontier's priority for what a link leads to.
    #[must_use]
    pub fn priority(self, of_page: Priority) -> Priority {
        match self {
            Self::Report => Priority::Report,
            Self::ReportList | Self::NextPage => Priority::List,
            Self::Column => Priority::Column,
            Self::Frame => of_page,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(html: &str, priority: Priority) -> Vec<(String, Role)> {
        let capture = Capture {
            final_url: Some("http://www.qinghe.gov.cn/zwgk/index.html".parse().unwrap()),
            ..Capture::of_bytes(html.as_bytes().to_vec())
        };
        let discovery = discover(&capture, Context { priority, depth: 1 });
        discovery.links.into_iter().map(|link| (link.request.url.to_string(), link.role)).collect()
    }

    #[test]
    fn links_are_told_by_their_words() {
        let cases = [
            ("<a href='/a.html'>青禾市2017年政府信息公开工作年度报告</a>", Priority::List, Some(Role::Report)),
            (
                "<a href='/a.html' title='青禾市統計局2017年政府資訊公開年報'>青禾…</a>",
                Priority::List,
                Some(Role::Report),
            ),
            ("<a href='/gknb/'>政府信息公开年报</a>", Priority::Rest, Some(Role::ReportList)),
            ("<a href='/zfxxgk/'><img src=x alt='政府信息公开'></a>", Priority::Rest, Some(Role::Column)),
            ("<a href='/zwgk/x/'>政务公开</a>", Priority::Rest, Some(Role::Column)),
            ("<a href='/zhinan.html'>政府信息公开指南</a>", Priority::Column, None),
            ("<a href='/n.html'>关于报送2017年政府信息公开工作年度报告的通知</a>", Priority::List, None),
            ("<a href='/q.html'>2017年企业年报公示</a>", Priority::List, None),
            ("<a href='/2017.html'>2017年</a>", Priority::List, Some(Role::Report)),
            ("<a href='/2017.html'>2017年</a>", Priority::Rest, None),
            ("<a href='/news.html'>青禾市召开会议</a>", Priority::Rest, None),
            ("<iframe src='/gknb/list.html'></iframe>", Priority::List, Some(Role::Frame)),
            ("<a href='http://xxgk.qinghe.gov.cn/nb'>政府信息公开年报</a>", Priority::Rest, Some(Role::ReportList)),
            ("<a href='http://www.example.com/nb'>政府信息公开年报</a>", Priority::Rest, None),
            ("<a href='javascript:void(0)'>政府信息公开年报</a>", Priority::Rest, None),
        ];
        for (html, priority, expected) in cases {
            assert_eq!(found(html, priority).first().map(|(_, role)| *role), expected, "{html}");
        }
    }

    #[test]
    fn a_document_is_followed_once_and_links_resolve_as_browsers_do() {
        let html = "<base href='/x/'><a href='a.html#1'>2017年政府信息公开年报</a><a href='./a.html'>2017年政府信息公开年报</a>";
        assert_eq!(found(html, Priority::List), [("http://www.qinghe.gov.cn/x/a.html".to_owned(), Role::Report)]);
    }
}
