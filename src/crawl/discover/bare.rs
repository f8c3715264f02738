//! A page that leads nowhere by its words: what may hold its links all the same.
//!
//! Each is a guess of a few fetches: the way into the site behind a home page
//! that is only a picture, the links that may be meant, the scripts that may hold
//! the menu, the plain URLs that scripts ask for a menu, a list or an article's text,
//! the sitemap, for people and for machines.

use std::collections::HashSet;

use url::Url;

use super::anchors::{Anchor, AnchorKind, without_tags};
use super::apart::{Around, is_of_settings, settings, waiting};
use super::{
    CanonicalUrl, Context, Found, Link, PageRequest, Role, inline_scripts, is_attachment, is_same_domain,
    may_leave_for, record_template,
};
use crate::crawl::address::{HostKey, extension, is_script_file};
use crate::crawl::frontier::{GUESS, Priority};
use crate::crawl::paging::{asked_by_scripts, counts, list_of_a_column, sitemap};
use crate::page::fold::is_han;

/// A page without a link that is worth following.
pub(super) struct Bare<'a> {
    pub text: &'a str,
    pub url: &'a Url,
    /// Where its scripts run: itself, or the page whose script it is.
    pub from: &'a Url,
    pub anchors: &'a [Anchor],
    pub context: &'a Context<'a>,
}

/// Where such a page leads to perhaps.
pub(super) fn look_elsewhere(page: &Bare<'_>, found: &mut Found) {
    if page.context.priority == Priority::Report {
        article(page).into_iter().for_each(|link| found.take(link));
        return;
    }
    // A list may be empty: only what its page is put together from is looked at.
    let is_search = matches!(page.context.priority, Priority::Rest | Priority::Column);
    let mut links = asked_for(page);
    if links.is_empty() || is_search {
        links.extend(scripts(page));
    }
    if is_search {
        // Near the home page alone, and no guess leads to the next: a portal that
        // has no reports would be asked for ever more.
        let is_near = page.context.depth <= 1 && !page.context.is_guess;
        let perhaps = if is_near { perhaps_meant(page) } else { Vec::new() };
        links.extend(entrances(page).into_iter().chain(perhaps).chain(sitemaps(page)));
    }
    links.into_iter().for_each(|link| found.take(link));
}

/// What brings the text of an article's page that has none itself: its script asks
/// for it.
fn article(page: &Bare<'_>) -> Option<Link> {
    const NAMES: [&str; 7] = ["article", "content", "detail", "doc", "info", "news", ".json"];
    const OTHERS: [&str; 3] = ["list", "recommend", "comment"];
    let brings_it = |request: &PageRequest| {
        let path = request.url.path().to_ascii_lowercase();
        let is_named = NAMES.iter().any(|name| path.contains(name)) && !OTHERS.iter().any(|name| path.contains(name));
        is_named && !counts(&path) && HostKey::of(&request.url) == HostKey::of(page.url)
    };
    let request = asked_by_scripts(page.text, page.from).into_iter().find(brings_it)?;
    let why = "the page has no text of its own, its script asks for it".to_owned();
    is_shell(page.text).then_some(Link { request, role: Role::Part, score: 0.5, why })
}

/// Whether a page shows too little text for a report.
fn is_shell(html: &str) -> bool {
    const LEAST: usize = 300;
    let mut shown = html.to_owned();
    for script in inline_scripts(html).into_iter().rev() {
        shown.replace_range(script, "");
    }
    without_tags(&shown).chars().filter(|c| is_han(*c)).take(LEAST).count() < LEAST
}

/// The way into the site, where its home page is only a picture to be clicked,
/// or a choice of languages.
fn entrances(page: &Bare<'_>) -> Vec<Link> {
    /// Pages of its own site that such a page leads to at most.
    const MOST_OF_A_SPLASH: usize = 6;
    const MOST_ENTRANCES: usize = 2;
    const WORDS: [&str; 8] = ["进入", "首页", "主页", "主站", "门户", "中文", "简体", "人民政府"];
    const OTHERS: [&str; 12] =
        ["english", "繁体", "手机", "移动", "无障碍", "长者", "登录", "邮箱", "/en/", "/wap", "login", "mail"];
    if page.context.priority != Priority::Rest || page.context.depth > 0 {
        return Vec::new();
    }
    let mut seen = HashSet::from([CanonicalUrl::of(page.url)]);
    let is_page = |url: &Url| extension(url.path()).is_none_or(|kind| kind.contains("htm") || kind.contains("sp"));
    let mut own: Vec<&Anchor> = page.anchors.iter().filter(|a| a.kind == AnchorKind::Link).collect();
    own.retain(|a| is_same_domain(page.url, &a.url) && !is_attachment(&a.url) && seen.insert(CanonicalUrl::of(&a.url)));
    if own.len() > MOST_OF_A_SPLASH {
        return Vec::new();
    }
    let n_own = own.len();
    let says = |anchor: &Anchor, words: &[&str]| {
        let said = format!("{} {}", anchor.text, anchor.url).to_lowercase();
        words.iter().any(|word| said.contains(word))
    };
    own.retain(|anchor| is_page(&anchor.url) && !says(anchor, &OTHERS));
    if own.iter().any(|anchor| says(anchor, &WORDS)) {
        own.retain(|anchor| says(anchor, &WORDS));
    }
    let why = format!("the home page has {n_own} links of its own, perhaps this is the way in");
    let way_in = |anchor: &Anchor| Link::to(anchor.url.clone(), Role::Entrance, 0.5, &why);
    own.into_iter().take(MOST_ENTRANCES).map(way_in).collect()
}

/// Links whose words may mean the disclosure where no link does plainly, and the
/// map of the site.
fn perhaps_meant(page: &Bare<'_>) -> Vec<Link> {
    const MOST_PERHAPS: usize = 4;
    const MOST_IN_ALL: usize = 10;
    const LONGEST: usize = 8;
    const OTHERS: [&str; 8] = ["指南", "制度", "依申请", "申请公开", "意见箱", "服务", "电话", "要闻"];
    let why = format!("{GUESS}no link says so plainly, perhaps this one leads to the disclosure");
    let ranks: [&[&str]; 5] =
        [&["公开"], &["政务", "阳光"], &["区政府", "市政府", "县政府"], &["更多"], &["网站地图", "站点地图"]];
    let is_meant = |anchor: &&Anchor, words: &[&str]| {
        let text = anchor.text.trim_matches(|c: char| !c.is_alphanumeric());
        anchor.kind == AnchorKind::Link
            && !anchor.is_dated
            && text.chars().count() <= LONGEST
            && words.iter().any(|word| text.contains(word))
            && OTHERS.iter().all(|word| !text.contains(word))
            && HostKey::of(&anchor.url) == HostKey::of(page.url)
            && !is_attachment(&anchor.url)
    };
    let mut links: Vec<Link> = Vec::new();
    for words in ranks {
        let is_more = words == ["更多"];
        // On a home page 更多 is that of news.
        if is_more && page.context.priority == Priority::Rest {
            continue;
        }
        let meant = page.anchors.iter().filter(|anchor| is_meant(anchor, words)).take(MOST_PERHAPS);
        let role = if words == ["网站地图", "站点地图"] { Role::Part } else { Role::Column };
        links.extend(meant.map(|anchor| Link::to(anchor.url.clone(), role, 0.3, &why)));
    }
    links.extend(guide(page));
    links.truncate(MOST_IN_ALL);
    links
}

/// The guide, 公开指南, where it is all that a page has of the disclosure: beside it, on its
/// own page, stand its sisters.
fn guide(page: &Bare<'_>) -> Option<Link> {
    const LONGEST: usize = 14;
    let is_guide = |anchor: &&Anchor| {
        let is_named = anchor.text.contains("公开指南") && anchor.text.chars().count() <= LONGEST;
        let is_page = may_leave_for(page.url, &anchor.url) && !is_attachment(&anchor.url);
        anchor.kind == AnchorKind::Link && is_named && is_page && !anchor.is_dated
    };
    let why = format!("{GUESS}no link says so plainly, perhaps the annual reports stand beside the guide");
    page.anchors.iter().find(is_guide).map(|guide| Link::to(guide.url.clone(), Role::Column, 0.3, &why))
}

/// Why a script is asked for.
const WHY: &str = "the page does not say all of its links, perhaps its script does";

/// The scripts of the page that are the site's own.
pub(super) fn scripts(page: &Bare<'_>) -> Vec<Link> {
    const MOST_SCRIPTS: usize = 3;
    const LIBRARIES: [&str; 12] = [
        "jquery",
        "bootstrap",
        "swiper",
        "vue",
        "axios",
        "react",
        "layui",
        "polyfill",
        "vendor",
        "echarts",
        "slide",
        "respond",
    ];
    let is_own = |anchor: &&Anchor| {
        let file = anchor.url.path().rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
        anchor.kind == AnchorKind::Script
            && HostKey::of(&anchor.url) == HostKey::of(page.url)
            && is_script_file(&anchor.url)
            && LIBRARIES.iter().all(|library| !file.contains(library))
    };
    let own: Vec<Url> = page.anchors.iter().filter(is_own).take(MOST_SCRIPTS).map(|own| own.url.clone()).collect();
    let mut around = Around { page: page.url.clone(), script: waiting(page.text, page.url), then: Vec::new() };
    let why = format!("{GUESS}{WHY}");
    if let Some(settings) = own.iter().find(|url| is_of_settings(url)).filter(|_| own.len() > 1) {
        around.then = own.iter().filter(|url| *url != settings).cloned().collect();
        return vec![script(settings.clone(), &around, &why)];
    }
    own.into_iter().map(|url| script(url, &around, &why)).collect()
}

/// The other scripts of a page, with what a file of settings says.
pub(super) fn scripts_behind(settings_file: &str, around: &Around) -> Vec<Link> {
    let script_of_page = format!("{}{}", around.script, settings(settings_file));
    let with_settings = Around { page: around.page.clone(), script: script_of_page, then: Vec::new() };
    let why = format!("{GUESS}{WHY}");
    around.then.iter().map(|url| script(url.clone(), &with_settings, &why)).collect()
}

fn script(mut url: Url, around: &Around, why: &str) -> Link {
    url.set_fragment(around.fragment().as_deref());
    Link::to(url, Role::Part, 0.4, why)
}

/// What the page's scripts ask for by a plain URL: of a list whatever that is, else
/// what is a piece of the page or is named as a menu.
fn asked_for(page: &Bare<'_>) -> Vec<Link> {
    const MOST_MENUS: usize = 3;
    const NAMES: [&str; 8] = ["menu", "nav", "column", "channel", "cate", "tree", "catalog", "lanmu"];
    let is_list = page.context.priority == Priority::List;
    let names_a_menu = |url: &Url| {
        let path = url.path().to_ascii_lowercase();
        NAMES.iter().any(|name| path.contains(name))
    };
    let is_piece = |url: &Url| {
        let kind = extension(&url.path().to_ascii_lowercase());
        matches!(kind.as_deref(), Some("json" | "html" | "htm" | "shtml"))
    };
    let asked = asked_by_scripts(page.text, page.from).into_iter();
    // What is posted chooses a list, or a site's menu.
    let asked = asked
        .filter(|request| is_list || names_a_menu(&request.url) || (request.body.is_none() && is_piece(&request.url)));
    let asked = asked.filter(|request| is_same_domain(page.url, &request.url)).take(MOST_MENUS);
    let why = format!("{GUESS}the page has no links, perhaps what its script asks for has");
    let asked = asked.chain(by_script_tags(page)).take(MOST_MENUS);
    // What the answer does not say of its records, this page's scripts do.
    let template = record_template(page.text, page.from).or_else(|| list_of_a_column(page.text, page.from));
    let link = |mut request: PageRequest| {
        request.url.set_fragment(template.as_deref());
        Link { request, role: Role::Part, score: 0.4, why: why.clone() }
    };
    asked.map(link).collect()
}

/// The lists that a page has brought by the tag of a script: JSONP,
/// `<script src="/api/list.jsp?col=7&callback=show">`.
fn by_script_tags(page: &Bare<'_>) -> impl Iterator<Item = PageRequest> {
    const NAMES: [&str; 5] = ["callback", "jsonp", "jsoncallback", "jsonpcallback", "cb"];
    let is_list = |anchor: &&Anchor| {
        let mut fields = anchor.url.query_pairs();
        let is_called_back = fields.any(|(name, _)| NAMES.iter().any(|known| name.eq_ignore_ascii_case(known)));
        anchor.kind == AnchorKind::Script && is_called_back && !counts(&anchor.url.path().to_ascii_lowercase())
    };
    let own = page.anchors.iter().filter(is_list).filter(|anchor| is_same_domain(page.url, &anchor.url));
    own.map(|anchor| PageRequest::get(anchor.url.clone()))
}

/// The sitemaps that robots.txt names, else those where sites have theirs.
fn sitemaps(page: &Bare<'_>) -> Vec<Link> {
    const MOST_SITEMAPS: usize = 5;
    if is_script_file(page.url) {
        return Vec::new();
    }
    let named = page.context.sitemaps.iter().filter_map(|text| text.parse().ok());
    let mut named: Vec<Url> = named.filter(|to| may_leave_for(page.url, to)).take(MOST_SITEMAPS).collect();
    if named.is_empty() {
        named.extend(sitemap::customary(page.url));
    }
    let why = format!("{GUESS}the page offers nothing else, perhaps the site has a sitemap");
    named.into_iter().map(|url| Link::to(url, Role::Sitemap, 0.3, &why)).collect()
}
