//! Scripts of one page that lie in files and need each other: what one asks for begins
//! with what another holds, `siteInfo.projectName + "/rest/list"`.
//!
//! The request for a file says whose script it is, and carries what is read together
//! with it: what the page's own scripts ask for without knowing where, or what a file of
//! settings said. A file of settings is asked for first, and leads to the page's others.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;
use url::Url;

use super::anchors::{Unopened, unopened};
use super::{inline_scripts, literal_fields};
use crate::crawl::paging::waits_for_another;

/// How the address of a script's page begins behind `#` in the request for the script.
const OF_PAGE: &str = "page:";
/// Bytes of all that stands behind `#` at most.
const LONGEST: usize = 20_000;
/// Bytes of scripts, and of markup, that are carried.
const MOST_CARRIED: usize = 1500;
const MOST_MARKUP: usize = 4000;

/// What the request for a script's file says of its page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Around {
    /// The page whose script it is.
    pub page: Url,
    /// What is read together with the file.
    pub script: String,
    /// The page's other files, which come behind this one.
    pub then: Vec<Url>,
}

impl Around {
    /// What stands behind `#`; none where that is something else.
    pub fn of(fragment: &str) -> Option<Self> {
        let (page, rest) = fragment.strip_prefix(OF_PAGE).map(|rest| rest.split_once('#').unwrap_or((rest, "")))?;
        let mut around = Self { page: page.parse().ok()?, script: String::new(), then: Vec::new() };
        for (name, value) in url::form_urlencoded::parse(rest.as_bytes()) {
            match &*name {
                "script" => around.script = value.into_owned(),
                _ => around.then.extend(value.parse::<Url>()),
            }
        }
        Some(around)
    }

    /// The same as it stands behind `#`; the page alone where all is too long.
    pub fn fragment(&self) -> Option<String> {
        let mut rest = url::form_urlencoded::Serializer::new(String::new());
        if !self.script.is_empty() {
            rest.append_pair("script", &self.script);
        }
        let rest = rest.extend_pairs(self.then.iter().map(|url| ("then", url.as_str()))).finish();
        let page = format!("{OF_PAGE}{}", self.page);
        let whole = if rest.is_empty() { page.clone() } else { format!("{page}#{rest}") };
        [whole, page].into_iter().find(|fragment| fragment.len() <= LONGEST)
    }
}

/// Whether a script's file holds settings by its name: `siteInfo.js`, `config.js`.
pub(super) fn is_of_settings(url: &Url) -> bool {
    const NAMES: [&str; 8] =
        ["config", "siteinfo", "setting", "global", "baseinfo", "constant", "common", "webbuilder"];
    let file = url.path().rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    NAMES.iter().any(|name| file.contains(name))
}

/// What of a page waits for a file: those of its scripts that ask for what begins with
/// a name of another, and what opens by a function that it does not have.
pub(super) fn waiting(html: &str, page: &Url) -> String {
    let mut carried = String::new();
    for script in inline_scripts(html).into_iter().map(|script| &html[script]) {
        if let Some(at) = waits_for_another(script, page)
            && carried.len() < MOST_CARRIED
        {
            // The names that it gives itself stand before, the fields behind.
            let start = if script.len() <= MOST_CARRIED { 0 } else { at.saturating_sub(MOST_CARRIED / 3) };
            let start = script.ceil_char_boundary(start);
            let end = script.floor_char_boundary((start + MOST_CARRIED).min(script.len()));
            carried.push_str(&script[start..end]);
            carried.push('\n');
        }
    }
    for Unopened { text, code } in unopened(html) {
        let markup = format!(";<a onclick=\"{}\">{text}</a>\n", code.replace('"', "'"));
        if carried.len() + markup.len() <= MOST_CARRIED + MOST_MARKUP {
            carried.push_str(&markup);
        }
    }
    carried
}

/// The texts that a script gives names, alone or in objects, as a script again.
pub(super) fn settings(script: &str) -> String {
    static GIVEN: LazyLock<Option<Regex>> = LazyLock::new(|| {
        crate::pattern(r#"(?-u:\b)([A-Za-z_$][0-9A-Za-z_$]*)\s*=\s*(?:(\{)|["']([0-9A-Za-z_./:?&=%-]+)["'])"#)
    });
    let mut said = String::new();
    for found in GIVEN.iter().flat_map(|given| given.captures_iter(script)) {
        let value = match (found.get(2), found.get(3)) {
            (Some(object), _) => literal_fields(&script[object.start()..], &|_, _| Some(Value::Null))
                .map(|fields| Value::Object(fields.into_iter().collect()).to_string()),
            (_, text) => text.map(|text| format!("\"{}\"", text.as_str())),
        };
        let line = value.map(|value| format!("{}={value};", &found[1])).unwrap_or_default();
        if said.len() + line.len() <= MOST_CARRIED {
            said.push_str(&line);
        }
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_request_says_of_a_script_s_page_is_read_again() {
        let page: Url = "http://a.gov.cn/l.html?c=%E5%B9%B4&d=1".parse().unwrap();
        let then = vec!["http://a.gov.cn/js/app.js?v=1".parse().unwrap()];
        let around = Around { page, script: "$.post(a.b+\"/list\",{c:'年'})#1".to_owned(), then };
        let mut url: Url = "http://a.gov.cn/config.js".parse().unwrap();
        url.set_fragment(around.fragment().as_deref());
        assert_eq!(Around::of(url.fragment().unwrap()).as_ref(), Some(&around));
        let alone = Around { script: String::new(), then: vec![], ..around.clone() };
        let long = Around { script: "x".repeat(LONGEST), ..around };
        assert_eq!(long.fragment(), alone.fragment());
        assert_eq!(Around::of(&alone.fragment().unwrap()), Some(alone));
        assert_eq!(Around::of("6033"), None);
    }

    #[test]
    fn settings_are_texts_under_names() {
        let script = "window.g = { base: '/gw', id: f(), n: 3 }; var root=\"/gk\"; function f(){ return a == 'b'; }";
        assert_eq!(settings(script), "g={\"base\":\"/gw\",\"id\":null,\"n\":3};root=\"/gk\";");
    }
}
