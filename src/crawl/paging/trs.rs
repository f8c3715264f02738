//! TRS WCM and its like: `createPageHTML(pages, current, "index", "html")`, `Pager`
//! with the same in an object, or `countPage` in a script; the first page is static,
//! the rest are `index_1.html` on.

use std::sync::LazyLock;

use regex::Regex;
use url::Url;

use super::names::value_of;
use super::{ListPage, MOST_PAGES, PageRequest, Paging};

pub(super) struct Trs;

impl Paging for Trs {
    fn name(&self) -> &'static str {
        "TRS"
    }

    fn pages(&self, list: &ListPage<'_>) -> Vec<PageRequest> {
        let Some(call) = said(list) else { return Vec::new() };
        // The first page names all others; they need not again.
        if call.current > call.first {
            return Vec::new();
        }
        let last = call.n_pages.min(MOST_PAGES).saturating_add(call.first);
        let page = |n: u32| list.url.join(&format!("{}_{n}.{}", call.stem, call.extension)).ok().map(PageRequest::get);
        (call.first + 1..last).filter_map(page).collect()
    }
}

fn said(list: &ListPage<'_>) -> Option<Call> {
    called(list.text)
        .or_else(|| by_object(list.text))
        .or_else(|| counted(list.text, list.url))
        .or_else(|| in_parts(list.text, list.url))
}

/// What a page says of its list.
struct Call {
    n_pages: u32,
    current: u32,
    /// The number of the first page: 0, or 1 where a container's id comes
    /// first in the call.
    first: u32,
    stem: String,
    extension: String,
}

fn called(text: &str) -> Option<Call> {
    static CALL: LazyLock<Option<Regex>> = LazyLock::new(|| {
        crate::pattern(
            r#"createPage(?:HTML)?\s*\(\s*(['"][A-Za-z_][0-9A-Za-z_-]*['"]\s*,\s*)?['"]?(\d+)['"]?\s*,\s*['"]?(\d+)['"]?\s*,\s*['"](?:\./)?([0-9A-Za-z_-]+)['"]\s*,\s*['"]\.?([0-9A-Za-z_]+)['"]"#,
        )
    });
    // A page may define the function before it calls it: the definition has no
    // numbers.
    let found = CALL.as_ref()?.captures(text)?;
    Some(Call {
        n_pages: found[2].parse().ok()?,
        current: found[3].parse().ok()?,
        first: u32::from(found.get(1).is_some()),
        stem: found[4].to_owned(),
        extension: found[5].to_owned(),
    })
}

/// The same in an object: `Pager({size: 3, current: 0, prefix: 'index', suffix: 'htm'})`.
fn by_object(text: &str) -> Option<Call> {
    static OBJECT: LazyLock<Option<Regex>> =
        LazyLock::new(|| crate::pattern(r"[0-9A-Za-z_]*[pP]ager?\s*\(\s*\{([^{}]+)\}"));
    let object = OBJECT.as_ref()?.captures(text)?.get(1)?.as_str();
    let value = |names: &[&str]| names.iter().find_map(|name| value_of(name, object));
    let (stem, extension) = (value(&["prefix"])?, value(&["suffix"])?);
    Some(Call {
        n_pages: value(&["size", "pages", "total", "pageCount"])?.parse().ok()?,
        current: value(&["current"])?.parse().ok()?,
        first: 0,
        stem: stem.trim_start_matches("./").to_owned(),
        extension: extension.trim_start_matches('.').to_owned(),
    })
}

/// The pieces of a name, each given for itself: `var pageName = "index"; var pageExt =
/// "shtml"; var pageNo = 1; var pageCount = 3;`. Pages are counted from the first's
/// number, and later pages do not say which that was.
fn in_parts(text: &str, url: &Url) -> Option<Call> {
    let value = |names: &[&str]| names.iter().find_map(|name| value_of(name, text));
    let (stem, extension) = (value(&["pageName", "_PAGE_NAME"])?, value(&["pageExt", "pageSuffix", "_PAGE_EXT"])?);
    let n_pages = value(&["pageCount", "countPage", "totalPage", "m_nPageCount", "_PAGE_COUNT"])?.parse().ok()?;
    let current = ["pageNo", "pageIndex", "currentPage", "curPage", "m_nCurrPage", "_PAGE_INDEX"];
    let current = value(&current)?.parse().ok()?;
    let file = url.path_segments().and_then(Iterator::last).unwrap_or_default();
    let is_first = current <= 1 && (file.is_empty() || file.split('.').next() == Some(stem.as_str()));
    let extension = extension.trim_start_matches('.').to_owned();
    is_first.then_some(Call { n_pages, current, first: current, stem, extension })
}

/// A script of the template's own: `var countPage = 2`, and further down
/// `href="index"+"_" + nextPage + "."+"html"`, or only the first page's
/// `href="index"+"."+"html"`.
fn counted(text: &str, url: &Url) -> Option<Call> {
    static COUNT: LazyLock<Option<Regex>> = LazyLock::new(|| crate::pattern(r"var\s+countPage\s*=\s*['\x22]?(\d+)"));
    static CURRENT: LazyLock<Option<Regex>> =
        LazyLock::new(|| crate::pattern(r"var\s+currentPage\s*=\s*['\x22]?(\d+)"));
    static STEM: LazyLock<Option<Regex>> = LazyLock::new(|| {
        crate::pattern(
            r#"["'=]([0-9A-Za-z_-]+)["']\s*\+\s*["']_["']\s*\+\s*[0-9A-Za-z_()+ -]+\+\s*["']\.["']?\s*\+?\s*["']?([0-9A-Za-z_]+)"#,
        )
    });
    static FIRST: LazyLock<Option<Regex>> = LazyLock::new(|| {
        let joined = r#"["']\s*\+\s*["']"#;
        crate::pattern(&format!(
            r#"href\s*=\s*\\?["']?([0-9A-Za-z_-]+)(?:{joined}\.(?:{joined})?|\.{joined})(s?html?|jhtml|aspx?|jspx?|php)(?-u:\b)"#
        ))
    });
    let n_pages = COUNT.as_ref()?.captures(text)?[1].parse().ok()?;
    let current = CURRENT.as_ref()?.captures(text).and_then(|found| found[1].parse().ok()).unwrap_or(0);
    let written = STEM.as_ref()?.captures(text).or_else(|| FIRST.as_ref()?.captures(text));
    let named = written.map(|found| (found[1].to_owned(), found[2].to_owned()));
    let file = url.path_segments().and_then(Iterator::last).and_then(|file| file.rsplit_once('.'));
    let own = file.map(|(stem, extension)| (stem.to_owned(), extension.to_owned()));
    let (stem, extension) = named.or(own).unwrap_or_else(|| ("index".to_owned(), "html".to_owned()));
    Some(Call { n_pages, current, first: 0, stem, extension })
}
