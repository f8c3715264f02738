//! Soft 404s: a page that says that there is none, with the status of one that
//! is there.
//!
//! A host's text for what is missing is learnt from its answers with status 404,
//! from guesses that were answered all the same, from pages that read as errors,
//! and from a text that comes back under ever other URLs. One that comes back
//! for pages that were there before is an outage's: the site is being mended.

use std::collections::HashMap;
use std::sync::LazyLock;

use regex::Regex;
use url::Url;

use crate::page::{Capture, charset};

/// Texts of one host for what is missing, at most.
const MOST_TEXTS: usize = 8;
/// Texts of one host that are counted, at most.
const MOST_COUNTED: usize = 64;
/// A text under so many URLs, without a link that leads on, is no page's.
const LEAST_OF_A_TEXT: u32 = 3;
/// A shorter text says nothing.
const LEAST_CHARS: usize = 8;

/// A page's visible text, in short.
pub(super) type TextKey = u64;

/// What a page without links and reports is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Guise {
    /// A page.
    Page,
    /// What the host says of pages that it does not have.
    Missing,
    /// What the host says under any URL: of a page that was there before it
    /// means no more than that something is wrong today.
    Everywhere,
}

/// What is known of a host's pages for what is missing.
#[derive(Debug, Default)]
pub(super) struct Missing {
    texts: Vec<TextKey>,
    /// Those that came back.
    everywhere: Vec<TextKey>,
    counted: HashMap<TextKey, u32>,
}

impl Missing {
    /// Learns a text of a page that is surely missing.
    pub fn learn(&mut self, text: Option<TextKey>) {
        if let Some(text) = text.filter(|text| !self.texts.contains(text))
            && self.texts.len() < MOST_TEXTS
        {
            self.texts.push(text);
        }
    }

    /// What a page without links and reports is.
    pub fn guise(&mut self, text: Option<TextKey>) -> Guise {
        let Some(text) = text else { return Guise::Page };
        if self.texts.contains(&text) {
            return Guise::Missing;
        }
        if self.everywhere.contains(&text) {
            return Guise::Everywhere;
        }
        if self.counted.len() < MOST_COUNTED || self.counted.contains_key(&text) {
            let n = self.counted.entry(text).or_default();
            *n += 1;
            if *n >= LEAST_OF_A_TEXT {
                if self.everywhere.len() < MOST_TEXTS {
                    self.counted.remove(&text);
                    self.everywhere.push(text);
                }
                return Guise::Everywhere;
            }
        }
        Guise::Page
    }
}

/// The visible text of a page without its own address, which error pages
/// repeat; none where there is too little of it.
pub(super) fn text_key(capture: &Capture) -> Option<TextKey> {
    use std::hash::{DefaultHasher, Hash, Hasher};
    static HIDDEN: LazyLock<Option<Regex>> =
        LazyLock::new(|| crate::pattern(r"(?is)<(?:script|style)\b.*?</(?:script|style)|<!--.*?-->|<[^>]*>"));
    let (text, _) = charset::decode(&capture.body, capture.header("content-type"));
    let mut plain = HIDDEN.as_ref()?.replace_all(&text, " ").into_owned();
    for address in capture.url().into_iter().flat_map(addresses) {
        plain = plain.replace(&address, "");
    }
    let words: Vec<&str> = plain.split_whitespace().collect();
    if words.iter().map(|word| word.chars().count()).sum::<usize>() < LEAST_CHARS {
        return None;
    }
    let mut hasher = DefaultHasher::new();
    words.hash(&mut hasher);
    Some(hasher.finish())
}

/// The ways in which a page may write its own address, the longest first.
fn addresses(url: &Url) -> Vec<String> {
    let whole = url.as_str().to_owned();
    let path = url[url::Position::BeforePath..].to_owned();
    [whole, path, url.path().to_owned()].into_iter().filter(|text| text.len() > 1).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(html: &str, url: &str) -> Option<TextKey> {
        let capture = Capture { final_url: Some(url.parse().unwrap()), ..Capture::of_bytes(html.as_bytes().to_vec()) };
        text_key(&capture)
    }

    #[test]
    fn a_missing_pages_text_is_known_again_under_other_urls() {
        let page =
            |path: &str| format!("<title>没有找到</title><p>您访问的页面 {path} 不存在</p><script>var t=1;</script>");
        let a = key(&page("/a.html"), "http://a.gov.cn/a.html");
        assert_eq!(a, key(&page("/b/c.html?x=1"), "http://a.gov.cn/b/c.html?x=1"));
        assert!(a.is_some() && a != key("<p>青禾市2017年政府信息公开年报</p>", "http://a.gov.cn/a.html"));
        assert_eq!(key("<div></div>", "http://a.gov.cn/a.html"), None);
        let mut missing = Missing::default();
        missing.learn(a);
        assert_eq!((missing.guise(a), missing.guise(None)), (Guise::Missing, Guise::Page));
    }

    #[test]
    fn a_text_that_comes_back_is_learnt() {
        let mut missing = Missing::default();
        let guises = [1, 2, 3, 4].map(|_| missing.guise(Some(7)));
        assert_eq!(guises, [Guise::Page, Guise::Page, Guise::Everywhere, Guise::Everywhere]);
        assert_eq!(missing.guise(Some(8)), Guise::Page);
    }
}
