//! Which links of a page to follow, and why.
//!
//! | file | idea |
//! | --- | --- |
//! | `anchors` | the links of a page with the words around them, in one linear pass |
//! | `apart` | scripts of a page that lie in files and need each other |
//! | `bare` | a page that leads nowhere by its words: what may hold its links |
//! | `clicks` | entries whose click asks for a list by what its call is given |
//! | `score` | what a link leads to, by the words and facts of `config/discovery.csv` |
//! | `trap` | URLs that lead nowhere |

mod anchors;
mod apart;
mod bare;
mod clicks;
mod score;
mod trap;

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use url::{Position, Url};

pub(super) use self::anchors::{
    Anchor, AnchorKind, Choice, PUTS_TOGETHER, Place, attribute, boxes, choices_of_forms, extent, given_object,
    inline_scripts, join, literal_fields, put_together, record_template, unescaped, without_tags,
};
use self::anchors::{anchors, is_for_frames, is_template, unopened};
use self::apart::Around;
use self::bare::{Bare, look_elsewhere, scripts, scripts_behind};
use self::clicks::asked_by_clicks;
pub(super) use self::score::is_bare_year;
pub use self::score::{ENOUGH, Point, Role, Verdict};
use self::score::{Fact, Seen, names_an_office, verdict, verdict_of_url};
pub use self::trap::{Trap, trap};
use super::address::{CanonicalUrl, HostKey, extension, is_script_file};
use super::body::Body;
use super::frontier::{PageRequest, Priority};
use super::paging::{self, ListPage, gkmlpt, sitemap};
use super::tags::without_comments;
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
    /// Why, in words: the points of its score.
    pub why: String,
}

/// What is known of the page whose links are judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Context<'a> {
    /// What the page itself was found as.
    pub priority: Priority,
    /// Links followed from the entry to it.
    pub depth: u16,
    /// Whether the page itself was only guessed.
    pub is_guess: bool,
    /// What the POST carried that brought it; none for GET.
    pub body: Option<&'a Body>,
    /// What stood behind `#` in the request for the page, where that chooses
    /// what it shows, or says how its records are linked.
    pub fragment: Option<&'a str>,
    /// The portal's own page, from which the way began: what is its host and
    /// what another's.
    pub home: Option<&'a Url>,
    /// The sitemaps that the host's robots.txt names.
    pub sitemaps: &'a [String],
}

impl Context<'_> {
    /// A page that was asked for plainly.
    #[must_use]
    pub fn of(priority: Priority, depth: u16) -> Self {
        Self { priority, depth, is_guess: false, body: None, fragment: None, home: None, sitemaps: &[] }
    }
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
    /// All its links but those of its pager, followed or not, in short; none
    /// where it has no others. Two pages of a list do not have the same.
    pub links_key: Option<u64>,
    /// What a list of reports says of its size, where it has more pages than a way
    /// is known to.
    pub more: Option<String>,
    /// The link that reads like the column and is not followed, because it leads to
    /// another site: its words and its URL.
    pub left: Option<(String, Url)>,
}

/// Links followed from one page at most.
const MOST_LINKS: usize = 400;
/// From this many links to reports on a page is a list of them, whatever it
/// was found as.
const LEAST_OF_A_LIST: usize = 2;

/// Finds the links of a page that lead to reports.
///
/// Pure: words of the anchor, its title and its URL, its place, and what the
/// page itself is, decide. Links leave the host only for the same registrable
/// domain, or for a government's host.
#[must_use]
pub fn discover(capture: &Capture, context: Context<'_>) -> Discovery {
    let Some(url) = capture.url() else { return Discovery::default() };
    let body = sitemap::unpacked(&capture.body).map_or(Cow::Borrowed(capture.body.as_slice()), Cow::Owned);
    let (text, decoding) = charset::decode(&body, capture.header("content-type"));
    let mut found = Found::new(url);
    if let Some(listed) = sitemap::read(&text, url) {
        of_sitemap(&listed, url, &mut found);
        return found.finish();
    }
    // What a script asks for counts from its page, and may begin with what others say.
    let around = context.fragment.and_then(Around::of);
    let from = around.as_ref().map_or(url, |around| &around.page);
    // JSON as a text of JSON is read as what it holds.
    let inner = text.starts_with('"').then(|| serde_json::from_str::<String>(text.trim_end()).ok()).flatten();
    let own = inner.unwrap_or(text);
    let own = shown(&own, url);
    let text = match &around {
        Some(around) if !around.script.is_empty() => Cow::Owned(format!("{}\n{own}", around.script)),
        _ => Cow::Borrowed(own.as_ref()),
    };
    let anchors = anchors(&text, url, decoding.encoding, context.fragment);
    let priority = kind_of(&anchors, context.priority);
    for anchor in &anchors {
        if let Some(link) = judge(anchor, url, &Context { priority, ..context }) {
            found.take(link);
        }
    }
    if leads_to_offices_alone(&anchors, &found.links, &context) {
        own_catalogue(&anchors, url).into_iter().for_each(|link| found.take(link));
    }
    if found.links.iter().all(|link| !matches!(link.role, Role::Report | Role::Year | Role::ReportList)) {
        asked_by_clicks(&text, from).into_iter().for_each(|link| found.take(link));
    }
    let mut more = None;
    if is_script_file(url) || leads_to_next_pages(priority, &found.links) {
        let list =
            ListPage { text: &text, url: from, fragment: context.fragment, body: context.body, anchors: &anchors };
        let next = paging::next_pages(&list);
        let is_list = priority != Priority::Report && found.links.iter().any(|link| link.role == Role::Report);
        more = (next.is_empty() && is_list).then(|| paging::says_more(&list)).flatten();
        more = more
            .or_else(|| is_list.then(|| left_for_others(&anchors, url, &Context { priority, ..context })).flatten());
        // What turns its pages lies in a file perhaps.
        if more.is_some() && unopened(&text).iter().any(|control| paging::is_way_on(&control.text)) {
            let page = Bare { text: &text, url, from, anchors: &anchors, context: &Context { priority, ..context } };
            scripts(&page).into_iter().for_each(|link| found.take(link));
        }
        for (why, request) in next {
            found.links.push(Link { request, role: Role::NextPage, score: 1.0, why });
        }
    }
    if let Some(around) = around.as_ref().filter(|_| found.links.iter().all(|link| link.role != Role::NextPage)) {
        scripts_behind(&own, around).into_iter().for_each(|link| found.take(link));
    }
    if found.links.is_empty() {
        let page = Bare { text: &text, url, from, anchors: &anchors, context: &Context { priority, ..context } };
        look_elsewhere(&page, &mut found);
    }
    let left = column_elsewhere(&anchors, url, &Context { priority, ..context });
    Discovery { links_key: links_key(&anchors), more, left, ..found.finish() }
}

/// What a page has that counts; in a script's file `<!--` hides nothing.
fn shown<'a>(text: &'a str, url: &Url) -> Cow<'a, str> {
    if is_script_file(url) { Cow::Borrowed(text) } else { without_comments(text) }
}

/// What a page is: a column or a report whose links are reports' is a list.
fn kind_of(anchors: &[Anchor], found_as: Priority) -> Priority {
    let is_report = |anchor: &&Anchor| verdict(&seen(anchor)).role == Some(Role::Report);
    let is_list = found_as != Priority::Rest && anchors.iter().filter(is_report).nth(LEAST_OF_A_LIST - 1).is_some();
    if is_list { Priority::List } else { found_as }
}

/// Whether the next pages of a page are worth a fetch: those of a list of
/// reports, and those of a column only where it shows reports itself. A column
/// of news would go on for ever.
fn leads_to_next_pages(priority: Priority, links: &[Link]) -> bool {
    match priority {
        Priority::List | Priority::Report => true,
        Priority::Column => links.iter().any(|link| matches!(link.role, Role::Report | Role::Year)),
        Priority::Rest => false,
    }
}

/// Whether all that a page leads to are the columns of offices, if it leads
/// anywhere.
fn leads_to_offices_alone(anchors: &[Anchor], links: &[Link], context: &Context<'_>) -> bool {
    let is_of_offices = |link: &Link| {
        let mut named = anchors.iter().filter(|anchor| anchor.url == link.request.url);
        link.role == Role::Column && named.any(|anchor| names_an_office(&anchor.text))
    };
    let is_column = matches!(context.priority, Priority::Rest | Priority::Column);
    is_column && links.iter().all(is_of_offices)
}

/// The government's own catalogue, 信息公开目录: by itself a tree of other columns,
/// and where nothing else is the government's the way to its reports.
fn own_catalogue(anchors: &[Anchor], page: &Url) -> Vec<Link> {
    const MOST_CATALOGUES: usize = 2;
    const LONGEST: usize = 14;
    let is_it = |anchor: &&Anchor| {
        let is_named = anchor.text.contains("公开目录") && anchor.text.chars().count() <= LONGEST;
        let is_own = is_same_domain(page, &anchor.url) && !is_attachment(&anchor.url);
        anchor.kind == AnchorKind::Link && is_named && is_own && !anchor.is_dated
    };
    let why = "besides it the page leads to no column of the government's own";
    let found = anchors.iter().filter(is_it).take(MOST_CATALOGUES);
    found.map(|anchor| Link::to(anchor.url.clone(), Role::Column, 0.6, why)).collect()
}

/// The links of a page in short, its pager's left out.
fn links_key(anchors: &[Anchor]) -> Option<u64> {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let is_of_pager = |text: &str| {
        let word = text.trim_matches(|c: char| !c.is_alphanumeric());
        !text.is_empty() && (word.bytes().all(|byte| byte.is_ascii_digit()) || word.ends_with('页'))
    };
    let links = anchors.iter().filter(|a| a.kind == AnchorKind::Link && !is_of_pager(&a.text));
    let links: Vec<&str> = links.map(|anchor| anchor.url.as_str()).collect();
    let mut hasher = DefaultHasher::new();
    links.hash(&mut hasher);
    (!links.is_empty()).then(|| hasher.finish())
}

/// The links found so far, each document once: of several links to one, the
/// best says what it is.
struct Found {
    links: Vec<Link>,
    /// Where each document's link stands, by its URL and what is posted to it; none
    /// for the page itself.
    seen: HashMap<(CanonicalUrl, Option<String>), Option<usize>>,
    n_traps: usize,
}

impl Found {
    fn new(page: &Url) -> Self {
        Self { links: Vec::new(), seen: HashMap::from([((CanonicalUrl::of(page), None), None)]), n_traps: 0 }
    }

    fn take(&mut self, mut link: Link) {
        if trap(&link.request.url).is_some() {
            self.n_traps += 1;
            return;
        }
        // A column of gkmlpt's, how the records of an answer are linked, what the page
        // around a frame opens, or a script's page.
        let is_said =
            |fragment: &str| is_template(fragment) || is_for_frames(fragment) || Around::of(fragment).is_some();
        let is_kept = |url: &Url| gkmlpt::column_of(url).is_some() || url.fragment().is_some_and(is_said);
        if !is_kept(&link.request.url) {
            link.request.url.set_fragment(None);
        }
        let posted = link.request.body.as_ref().map(Body::encoded);
        match self.seen.entry((CanonicalUrl::of(&link.request.url), posted)) {
            Entry::Vacant(first) => {
                first.insert(Some(self.links.len()));
                self.links.push(link);
            }
            Entry::Occupied(known) => {
                let known = known.get().and_then(|at| self.links.get_mut(at));
                if let Some(known) = known.filter(|known| best_first(&link, known) == Ordering::Less) {
                    *known = link;
                }
            }
        }
    }

    fn finish(mut self) -> Discovery {
        self.links.sort_by(best_first);
        let n_left_out = self.links.len().saturating_sub(MOST_LINKS);
        self.links.truncate(MOST_LINKS);
        Discovery { links: self.links, n_traps: self.n_traps, n_left_out, ..Discovery::default() }
    }
}

/// The better role first, then the higher score.
fn best_first(a: &Link, b: &Link) -> Ordering {
    a.role.cmp(&b.role).then(b.score.total_cmp(&a.score))
}

fn of_sitemap(listed: &sitemap::Sitemap, page: &Url, found: &mut Found) {
    /// Sitemaps of one index that are looked at.
    const MOST_SITEMAPS: usize = 20;
    match listed {
        sitemap::Sitemap::Index(urls) => {
            for url in urls.iter().filter(|url| may_leave_for(page, url)).take(MOST_SITEMAPS) {
                found.take(Link::to(url.clone(), Role::Sitemap, 0.5, "a sitemap of the site's index"));
            }
        }
        sitemap::Sitemap::Pages(urls) => {
            let mut links: Vec<Link> = Vec::new();
            for url in urls.iter().filter(|url| may_leave_for(page, url)) {
                let verdict = verdict_of_url(url.path());
                links.extend(verdict.role.map(|role| {
                    let request = PageRequest::get(url.clone());
                    Link { request, role, score: verdict.score, why: words(role, &verdict) }
                }));
            }
            // The column is asked for only where no list of reports is known.
            let is_known = links.iter().any(|link| link.role != Role::Column);
            links.into_iter().filter(|link| !is_known || link.role != Role::Column).for_each(|link| found.take(link));
        }
    }
}

/// Judges one link of a page, followed or not: what the words and facts say.
fn judge(anchor: &Anchor, page: &Url, context: &Context<'_>) -> Option<Link> {
    match anchor.kind {
        AnchorKind::Script => return None,
        AnchorKind::Frame => {
            let is_own = may_leave_for(page, &anchor.url);
            return is_own.then(|| Link::to(anchor.url.clone(), Role::Part, 0.5, "a frame of the page"));
        }
        AnchorKind::Link => {}
    }
    if context.priority == Priority::Report && is_attachment(&anchor.url) && may_leave_for(page, &anchor.url) {
        return Some(Link::to(anchor.url.clone(), Role::Attachment, 0.8, "attached to a page that names a report"));
    }
    let verdict = verdict_on(anchor, page, context);
    let role = verdict.role.filter(|_| may_leave_for(page, &anchor.url))?;
    let why = words(role, &verdict);
    Some(Link { request: PageRequest::get(anchor.url.clone()), role, score: verdict.score, why })
}

/// What is said of a list whose reports lie on other sites in part, which are not
/// followed.
fn left_for_others(anchors: &[Anchor], page: &Url, context: &Context<'_>) -> Option<String> {
    let is_left = |anchor: &&Anchor| anchor.kind == AnchorKind::Link && !may_leave_for(page, &anchor.url);
    let names_a_report = |anchor: &&Anchor| verdict_on(anchor, page, context).role == Some(Role::Report);
    let n = anchors.iter().filter(is_left).filter(names_a_report).count();
    (n > 0).then(|| format!("{n} of its links lead to other sites, which are not followed"))
}

/// The best of the links that read like the column and lead to a site that is not
/// known to be the government's own.
fn column_elsewhere(anchors: &[Anchor], page: &Url, context: &Context<'_>) -> Option<(String, Url)> {
    let is_left = |anchor: &&Anchor| {
        anchor.kind == AnchorKind::Link && HostKey::of(&anchor.url).is_some() && !may_leave_for(page, &anchor.url)
    };
    let judged = anchors.iter().filter(is_left).filter_map(|anchor| {
        let verdict = verdict_on(anchor, page, context);
        let role = verdict.role.filter(|role| matches!(role, Role::ReportList | Role::Column))?;
        Some((role, verdict.score, anchor))
    });
    let best = judged.min_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)))?.2;
    // Of a picture another anchor may have the words.
    let words = anchors.iter().filter(|anchor| anchor.url == best.url).map(|anchor| anchor.text.as_str());
    let words = words.max_by_key(|words| words.len()).unwrap_or_default();
    Some((words.to_owned(), best.url.clone()))
}

fn verdict_on(anchor: &Anchor, page: &Url, context: &Context<'_>) -> Verdict {
    let mut seen = seen(anchor);
    let facts = [
        (Fact::OnList, matches!(context.priority, Priority::List | Priority::Report)),
        (Fact::OnColumn, context.priority == Priority::Column),
        (Fact::ToOtherHost, !is_same_domain(page, &anchor.url)),
        (Fact::Elsewhere, is_elsewhere(anchor, page, context.home)),
    ];
    seen.facts.extend(facts.into_iter().filter(|(_, is_true)| *is_true).map(|(fact, _)| fact));
    if seen.is(Fact::Wordless) {
        seen.url = own_part(&anchor.url, page);
    }
    verdict(&seen)
}

/// What a URL has behind the folders that it shares with its page's: on a page below
/// `/xxgk/` every picture leads to `/xxgk/` something.
fn own_part<'a>(url: &'a Url, page: &Url) -> &'a str {
    let own = &url[Position::BeforePath..];
    if HostKey::of(url) != HostKey::of(page) {
        return own;
    }
    let n_same = own.bytes().zip(page.path().bytes()).take_while(|(own, pages)| own == pages).count();
    &own[own[..n_same].rfind('/').unwrap_or(0)..]
}

/// What a link says by itself.
fn seen(anchor: &Anchor) -> Seen<'_> {
    let facts = [
        (Fact::Dated, anchor.is_dated),
        (Fact::InFooter, anchor.place == Place::Footer),
        (Fact::BesideGuide, anchor.place == Place::BesideGuide),
    ];
    Seen {
        text: &anchor.text,
        is_title: anchor.is_title,
        url: &anchor.url[Position::BeforePath..],
        facts: facts.into_iter().filter(|(_, is_true)| *is_true).map(|(fact, _)| fact).collect(),
    }
}

/// Explains what is said of a URL by the links of a page that lead to it; none
/// where the page has no link to it.
#[must_use]
pub fn explain(capture: &Capture, context: Context<'_>, url: &Url) -> Option<(String, Verdict)> {
    let page = capture.url()?;
    let (text, decoding) = charset::decode(&capture.body, capture.header("content-type"));
    let anchors = anchors(&shown(&text, page), page, decoding.encoding, context.fragment);
    let priority = kind_of(&anchors, context.priority);
    let wanted = CanonicalUrl::of(url);
    let links = anchors.iter().filter(|a| a.kind == AnchorKind::Link && CanonicalUrl::of(&a.url) == wanted);
    let verdicts = links.map(|a| (a.text.clone(), verdict_on(a, page, &Context { priority, ..context })));
    verdicts.max_by(|a, b| a.1.score.total_cmp(&b.1.score))
}

fn words(role: Role, verdict: &Verdict) -> String {
    let points: Vec<String> = verdict.points.iter().map(ToString::to_string).collect();
    format!("{role}, {:.1}: {}", verdict.score, points.join(", "))
}

impl Link {
    fn to(url: Url, role: Role, score: f32, why: &str) -> Self {
        Self { request: PageRequest::get(url), role, score, why: why.to_owned() }
    }
}

/// Whether a link leads out of the portal's own place on a platform: the page
/// lies on another's host, and the link begins with another folder.
fn is_elsewhere(anchor: &Anchor, page: &Url, home: Option<&Url>) -> bool {
    let is_guest = home.is_some_and(|home| !is_same_domain(home, page));
    let folder = |url: &Url| url.path_segments().and_then(|mut parts| parts.next().map(str::to_owned));
    let is_root = page.path_segments().is_none_or(|parts| parts.filter(|part| !part.is_empty()).count() < 2);
    is_guest && !is_root && (HostKey::of(page) != HostKey::of(&anchor.url) || folder(page) != folder(&anchor.url))
}

/// Whether a URL's file is a document to be opened elsewhere.
#[must_use]
pub fn is_attachment(url: &Url) -> bool {
    const KINDS: [&str; 11] = ["pdf", "doc", "docx", "xls", "xlsx", "wps", "et", "ofd", "rtf", "zip", "rar"];
    extension(url.path()).is_some_and(|kind| KINDS.contains(&kind.as_str()))
}

/// Whether a link may lead from a page's host to another.
fn may_leave_for(page: &Url, to: &Url) -> bool {
    HostKey::of(to).is_some() && (is_same_domain(page, to) || to.domain().is_some_and(|host| host.ends_with(".gov.cn")))
}

/// Whether two URLs are of one host or one registrable domain.
fn is_same_domain(a: &Url, b: &Url) -> bool {
    let registrable = |url: &Url| psl::domain_str(url.domain()?).map(str::to_ascii_lowercase);
    HostKey::of(a) == HostKey::of(b) || registrable(a).is_some_and(|domain| Some(domain) == registrable(b))
}

impl Role {
    /// The frontier's priority for what a link leads to.
    #[must_use]
    pub fn priority(self, of_page: Priority) -> Priority {
        match self {
            Self::Report | Self::Attachment => Priority::Report,
            Self::ReportList | Self::NextPage | Self::Year => Priority::List,
            Self::Column | Self::Sitemap => Priority::Column,
            Self::Part | Self::Entrance => of_page,
        }
    }
}

impl std::fmt::Display for Role {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Report => "a report",
            Self::Attachment => "an attachment",
            Self::Year => "a year",
            Self::ReportList => "a list of reports",
            Self::NextPage => "a next page",
            Self::Column => "a disclosure column",
            Self::Part => "a part of the page",
            Self::Entrance => "the way into the site",
            Self::Sitemap => "a sitemap",
        })
    }
}

#[cfg(test)]
mod tests;
