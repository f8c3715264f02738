//! The next pages of a list, one file a content system.
//!
//! | file | system |
//! | --- | --- |
//! | `jpage` | Hanweb: jpage and dataproxy, XML records |
//! | `jpaas` | Hanweb: pieces that a page is put together from, HTML inside JSON |
//! | `gkmlpt` | Guangdong's platform: a page that asks for JSON |
//! | `trs` | TRS WCM: `createPageHTML`, `countPage` |
//! | `counted` | a script that writes its pager in a loop |
//! | `ajax` | a script that asks for page and rows: laypage, avalon, one-page applications |
//! | `holes` | a pattern with a hole for the page: kkpager, laypage's jump, boxes of numbers |
//! | `names` | what the names of a page's scripts stand for |
//! | `json` | the answer to such a question, with its total |
//! | `form` | a form that is posted with the next page's number: older ASP and JSP |
//! | `more` | parts of a list that a script asks for, with a number and nothing else |
//! | `numbered` | pages that differ in a number: `index_N.html`, `?page=N`, 共N页 |
//! | `select` | a box that offers the pages by number |
//! | `next` | any list with a link to its next page |
//! | `unread` | a list that says it has more than a way is known to |
//! | `size` | what a list says of its size |
//! | `controls` | what of a list can be clicked to see more, and has no URL |
//! | `sitemap` | a sitemap or its index, where a site offers nothing else |

mod ajax;
mod controls;
mod counted;
mod fields;
mod form;
pub(super) mod gkmlpt;
mod holes;
mod jpaas;
mod jpage;
mod json;
mod more;
mod names;
mod next;
mod numbered;
mod select;
pub(super) mod sitemap;
mod size;
mod trs;
mod unread;

use url::Url;

pub(super) use self::ajax::{asked_by_scripts, counts, list_of_a_column, waits_for_another};
pub(super) use self::controls::is_way_on;
pub(super) use self::fields::is_page as is_page_field;
use self::fields::{is_index, page_among, with_query};
pub(super) use self::form::{Sent, forms};
pub(super) use self::names::Scope;
pub(super) use self::select::is_page;
pub(super) use self::unread::says_more;
use super::address::HostKey;
use super::body::Body;
use super::discover::{Anchor, trap};
use super::frontier::PageRequest;

/// A page of a list, as it came.
#[derive(Debug, Clone, Copy)]
pub(super) struct ListPage<'a> {
    /// Its text.
    pub text: &'a str,
    /// Its URL.
    pub url: &'a Url,
    /// What stood behind `#` in the request for it.
    pub fragment: Option<&'a str>,
    /// What the POST carried that brought it; none for GET.
    pub body: Option<&'a Body>,
    /// Its links.
    pub anchors: &'a [Anchor],
}

impl ListPage<'_> {
    /// The fields of the request that brought it: its query's, then its body's. What holds
    /// the page's number is named so.
    fn asked(&self) -> impl Iterator<Item = (String, String)> {
        let posted = self.body.map(Body::fields).unwrap_or_default();
        let mut fields: Vec<(String, String)> = self.url.query_pairs().into_owned().chain(posted).collect();
        if let Some(is_its) = page_among(fields.iter().map(|(name, _)| name.as_str())) {
            let others = fields.iter_mut().filter(|(name, _)| is_its(name) && !is_page_field(name));
            others.for_each(|(name, _)| "page".clone_into(name));
        }
        fields.into_iter()
    }

    /// Whether a request is the same question with the number of a page before: a part
    /// of a list that carries the script which asks for the first.
    fn is_behind(&self, page: &PageRequest) -> bool {
        let parted = |list: &ListPage<'_>| {
            let (number, mut others): (Vec<_>, Vec<_>) = list.asked().partition(|(name, _)| is_page_field(name));
            others.sort_unstable();
            let number: Option<u32> = number.first().and_then(|(_, number)| number.parse().ok());
            (number, others)
        };
        let (here, own) = parted(self);
        let (there, others) = parted(&ListPage { url: &page.url, body: page.body.as_ref(), ..*self });
        self.url.path() == page.url.path() && own == others && here.zip(there).is_some_and(|(here, there)| there < here)
    }

    /// The same question with another number in a field.
    fn with_number(&self, is_its: fn(&str) -> bool, number: u64) -> PageRequest {
        let posted = self.body.map(Body::fields).unwrap_or_default();
        let is_named =
            self.url.query_pairs().any(|(name, _)| is_its(&name)) || posted.iter().any(|(name, _)| is_its(name));
        let is_its = if is_named { is_its } else { is_index };
        let mut url = with_query(self.url, is_its, &number.to_string()).unwrap_or_else(|| self.url.clone());
        url.set_fragment(self.fragment);
        PageRequest { url, body: self.body.map(|body| body.with_number(is_its, number)) }
    }
}

/// A content system's way to page a list.
trait Paging: Sync {
    /// Its name, for the reason why a page was asked for.
    fn name(&self) -> &'static str;

    /// Why its next pages are asked for.
    fn reason(&self) -> String {
        format!("a next page, as {} pages it", self.name())
    }

    /// The pages that follow a list's page; none where it is not this system's.
    fn pages(&self, list: &ListPage<'_>) -> Vec<PageRequest>;
}

/// Pages of one list at most: more than any list of reports has.
const MOST_PAGES: u32 = 100;

/// The systems, tried in this order; the first that knows the page wins.
const SYSTEMS: [&dyn Paging; 13] = [
    &jpage::Jpage,
    &jpaas::Jpaas,
    &gkmlpt::Gkmlpt,
    &json::Json,
    &trs::Trs,
    &counted::Counted,
    &holes::Holes,
    &ajax::Ajax,
    &numbered::Numbered,
    &select::Select,
    &next::Next,
    &form::Form,
    &more::More,
];

/// The pages that follow a list's page, and why.
#[must_use]
pub(super) fn next_pages(list: &ListPage<'_>) -> Vec<(String, PageRequest)> {
    let here = PageRequest { url: list.url.clone(), body: list.body.cloned() }.key();
    for system in SYSTEMS {
        let mut pages = system.pages(list);
        // A list is paged by its own host; a page that says otherwise is not
        // believed, and one that names itself, or a page before, says nothing.
        pages.retain(|page| {
            let is_own = HostKey::of(&page.url) == HostKey::of(list.url) && trap(&page.url).is_none();
            is_own && page.key() != here && !list.is_behind(page)
        });
        pages.truncate(MOST_PAGES as usize);
        if !pages.is_empty() {
            return pages.into_iter().map(|page| (system.reason(), page)).collect();
        }
    }
    Vec::new()
}

#[cfg(test)]
mod tests;
