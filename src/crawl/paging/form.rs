//! Older ASP and JSP: a form that a script sends with the next page's number.
//!
//! ASP.NET's `__doPostBack` is left alone: it carries the server's own state
//! back and forth, and a crawler that plays it asks for more than pages.

use std::sync::LazyLock;

use regex::Regex;
use url::Url;

use super::fields::is_page;
use super::next::says_next;
use super::numbered::said_pages;
use super::{ListPage, MOST_PAGES, PageRequest, Paging};
use crate::crawl::body::Body;
use crate::crawl::discover::{attribute, join};
use crate::page::fold::fold;

/// Fields of one form at most.
const MOST_FIELDS: usize = 30;

pub(super) struct Form;

impl Paging for Form {
    fn name(&self) -> &'static str {
        "form"
    }

    fn pages(&self, list: &ListPage<'_>) -> Vec<PageRequest> {
        next(list).into_iter().collect()
    }
}

fn next(list: &ListPage<'_>) -> Option<PageRequest> {
    let form = forms(list.text).find(|form| form.fields.iter().any(|(name, _)| is_page(name)))?;
    let page = called_page(list.text).or_else(|| typed_page(list)).filter(|page| *page <= MOST_PAGES)?;
    let url = if form.action.is_empty() { list.url.clone() } else { join(list.url, &form.action, "utf-8")? };
    let value = |name: &str, old: &str| if is_page(name) { page.to_string() } else { old.to_owned() };
    let fields = form.fields.iter().map(|(name, old)| (name.clone(), value(name, old))).collect();
    Some(if form.is_post {
        PageRequest { url, body: Some(Body::Form(fields)) }
    } else {
        PageRequest::get(asked(url, &fields))
    })
}

fn asked(mut url: Url, fields: &Vec<(String, String)>) -> Url {
    url.query_pairs_mut().clear().extend_pairs(fields);
    url
}

/// The page that 下一页 calls for: `javascript:goPage(2)`, or an `onclick`.
pub(super) fn called_page(text: &str) -> Option<u32> {
    static CALL: LazyLock<Option<Regex>> = LazyLock::new(|| {
        crate::pattern(
            r"(?is)<(?:a|button|span|input|li)\s([^>]{0,600}?(?:javascript:|onclick)[^>]{0,600}?)>([^<]{0,30})",
        )
    });
    static NUMBER: LazyLock<Option<Regex>> =
        LazyLock::new(|| crate::pattern(r#"(?:\(\s*['"]?|\.value\s*=\s*['"]?)(\d{1,4})['"]?\s*[),;]?"#));
    let calls = CALL.as_ref()?.captures_iter(text);
    let of = |attributes: &str| {
        let code = attribute(attributes, "onclick").or_else(|| attribute(attributes, "href"))?;
        (!code.contains("__doPostBack")).then(|| NUMBER.as_ref()?.captures(&code)?[1].parse().ok())?
    };
    calls.filter(|call| says_next(&fold(&call[2]))).find_map(|call| of(&call[1]))
}

/// The page behind the one that was asked for, where a number can be typed and the
/// page says how many there are: 共3页, and a button. What the field holds may be this
/// page's number or the next one's.
fn typed_page(list: &ListPage<'_>) -> Option<u32> {
    let asked =
        list.asked().filter(|(name, _)| is_page(name)).filter_map(|(_, value)| value.parse::<u32>().ok()).last();
    let next = asked.unwrap_or(1).checked_add(1)?;
    (next <= said_pages(list.text)?).then_some(next)
}

/// What a form sends.
pub(in crate::crawl) struct Sent<'a> {
    /// Its name in the page.
    pub id: String,
    /// Where to, as the page writes it.
    pub action: String,
    /// Whether it is posted.
    pub is_post: bool,
    /// Its fields with their first values; boxes to choose from are none.
    pub fields: Vec<(String, String)>,
    /// What stands inside the form, and from there on.
    pub inside: &'a str,
    pub behind: &'a str,
}

/// The forms of a page that may be sent: none with a password, a file or the
/// state of ASP.NET.
pub(in crate::crawl) fn forms(text: &str) -> impl Iterator<Item = Sent<'_>> {
    static FORM: LazyLock<Option<Regex>> = LazyLock::new(|| crate::pattern(r"(?is)<form\b([^>]{0,1000})>(.*?)</form"));
    static INPUT: LazyLock<Option<Regex>> = LazyLock::new(|| crate::pattern(r"(?is)<input\b([^>]{0,1000})>"));
    let forms = FORM.iter().flat_map(move |form| form.captures_iter(text));
    forms.filter_map(move |form| {
        let inside = form.get(2)?;
        let mut fields = Vec::new();
        for input in INPUT.as_ref()?.captures_iter(inside.as_str()).take(MOST_FIELDS) {
            let kind = attribute(&input[1], "type").unwrap_or_default().to_ascii_lowercase();
            let Some(name) = attribute(&input[1], "name") else { continue };
            if matches!(kind.as_str(), "password" | "file") || name.starts_with("__") {
                return None;
            }
            if !matches!(kind.as_str(), "submit" | "button" | "image" | "reset" | "checkbox" | "radio") {
                fields.push((name, attribute(&input[1], "value").unwrap_or_default()));
            }
        }
        let action = attribute(&form[1], "action").unwrap_or_default();
        let is_post = attribute(&form[1], "method").is_some_and(|method| method.eq_ignore_ascii_case("post"));
        let id = attribute(&form[1], "id").unwrap_or_default();
        Some(Sent { id, action, is_post, fields, inside: inside.as_str(), behind: &text[inside.start()..] })
    })
}
