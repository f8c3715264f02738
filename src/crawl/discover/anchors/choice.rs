//! Boxes to choose from: one that leads to what is chosen,
//! `<select onchange="location=this.value"><option value="/nb/2024/">2024年度`, and
//! one of years, offices or pages in a form that only asks, `<form action=list.jsp><select name=nd>`.

use std::cell::LazyCell;
use std::sync::LazyLock;

use regex::Regex;

use super::super::score::{is_bare_year, names_an_office};
use super::attribute;
use super::opener::Openers;
use super::unescaped;
use crate::crawl::paging::{Sent, forms};
use crate::page::fold::fold;

/// Options of one page that are looked at.
const MOST: usize = 1000;

/// What a box offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::crawl) struct Choice {
    /// Where it leads, as the page writes it.
    pub target: String,
    /// Its words, folded.
    pub text: String,
    /// Where it stands in the page.
    pub start: usize,
}

/// The boxes of a page that lead to what is chosen, with what they offer.
pub(in crate::crawl) fn boxes(html: &str) -> Vec<Vec<Choice>> {
    const LEADS: [&str; 4] = ["location", "open", "href", "jumpmenu"];
    if !has_box(html) {
        return Vec::new();
    }
    let leads = |attributes: &str| {
        let code = attribute(attributes, "onchange").unwrap_or_default().to_ascii_lowercase();
        LEADS.iter().any(|word| code.contains(word))
    };
    let is_url = |choice: &Choice| choice.target.contains(['.', '/', '?']);
    let is_web_address = |choice: &Choice| ["http://", "https://"].iter().any(|start| choice.target.starts_with(start));
    let openers = LazyCell::new(|| Openers::of(html));
    let choices = |select: Select<'_>| -> Option<Vec<Choice>> {
        if let Some((before, behind)) = put_around_its_value(select.attributes) {
            let chosen = select.options().filter(|choice| !choice.target.is_empty());
            let whole = |choice: Choice| Choice { target: format!("{before}{}{behind}", choice.target), ..choice };
            return Some(chosen.map(whole).take(MOST).collect());
        }
        if leads(select.attributes) {
            return Some(select.options().filter(is_url).take(MOST).collect());
        }
        let Some(function) = calls_with_its_value(select.attributes) else {
            // A script of its own, or a button beside it, opens what is chosen.
            return Some(select.options().filter(is_web_address).take(MOST).collect());
        };
        let target =
            |choice: Choice| Some(Choice { target: openers.with(&function, &[Some(&choice.target)])?, ..choice });
        Some(select.options().filter_map(target).take(MOST).collect())
    };
    selects(html).filter_map(choices).collect()
}

/// What a box puts around what is chosen, where that leads somewhere:
/// `onchange="location.href='/nb/dept.jsp?dept='+this.value"`.
fn put_around_its_value(attributes: &str) -> Option<(String, String)> {
    static PUT: LazyLock<Option<Regex>> = LazyLock::new(|| {
        crate::pattern(concat!(
            r#"(?i)(?:location|href|open)[^'"+]*['"]([^'"\s<>]+)['"]\s*\+\s*this\.(?:value|options\[[^\]]+\]\.value)"#,
            r#"(?:\s*\+\s*['"]([^'"\s<>]*)['"])?"#,
        ))
    });
    let code = attribute(attributes, "onchange")?;
    let found = PUT.as_ref()?.captures(&code)?;
    Some((found[1].to_owned(), found.get(2).map_or("", |behind| behind.as_str()).to_owned()))
}

/// The function that a box calls with what is chosen: `onchange="goYear(this.value)"`.
fn calls_with_its_value(attributes: &str) -> Option<String> {
    static CALL: LazyLock<Option<Regex>> = LazyLock::new(|| {
        crate::pattern(
            r"^\s*(?:javascript:)?\s*([A-Za-z_$][0-9A-Za-z_$]*)\(\s*this\.(?:value|options\[[^\]]+\]\.value)\s*\)",
        )
    });
    Some(CALL.as_ref()?.captures(&attribute(attributes, "onchange")?)?[1].to_owned())
}

/// The buttons of forms that ask for nothing else: `<form action="/nb/"><input
/// type=submit value=政府信息公开年报>`.
pub(super) fn buttons(html: &str) -> Vec<Choice> {
    static BUTTON: LazyLock<Option<Regex>> =
        LazyLock::new(|| crate::pattern(r#"(?i)<input(?-u:\b)([^>]*?(?-u:\b)type\s*=\s*["']?submit[^>]*)>"#));
    let plain = |form: &Sent<'_>| !form.is_post && form.fields.is_empty() && form.action.contains(['/', '.']);
    let button = |form: Sent<'_>| {
        let text = attribute(&BUTTON.as_ref()?.captures(form.inside)?[1], "value")?;
        Some(Choice { target: form.action.clone(), text: fold(&text), start: html.len() - form.behind.len() })
    };
    if !html.contains("submit") {
        return Vec::new();
    }
    forms(html).filter(plain).filter_map(button).take(MOST).collect()
}

/// The years, or the offices, that the forms of a page ask for.
pub(super) fn years_and_offices(html: &str) -> Vec<Choice> {
    of_forms(html, &|option| is_bare_year(&option.text) || names_an_office(&option.text))
}

/// What the forms of a page ask for by options that are meant: of a form that is not
/// posted and has nothing else to choose.
pub(in crate::crawl) fn of_forms(html: &str, is_meant: &dyn Fn(&Choice) -> bool) -> Vec<Choice> {
    let mut found = Vec::new();
    if !has_box(html) {
        return found;
    }
    for form in forms(html).filter(|form| !form.is_post && !form.action.contains("search")) {
        let mut boxes = selects(form.inside);
        let Some(only) = boxes.next().filter(|_| boxes.next().is_none()) else { continue };
        let Some(name) = attribute(only.attributes, "name") else { continue };
        let start = html.len() - form.behind.len();
        for chosen in only.options().filter(|option| !option.target.is_empty() && is_meant(option)).take(MOST) {
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            query.extend_pairs(&form.fields).append_pair(&name, &chosen.target);
            let path = form.action.split(['?', '#']).next().unwrap_or_default();
            found.push(Choice { target: format!("{path}?{}", query.finish()), text: chosen.text, start });
        }
    }
    found
}

/// Whether a page has a box at all: most have none, and are not searched.
fn has_box(html: &str) -> bool {
    const TAG: &[u8] = b"<select";
    html.as_bytes().windows(TAG.len()).any(|window| window.eq_ignore_ascii_case(TAG))
}

/// A box, and what stands inside it.
struct Select<'a> {
    attributes: &'a str,
    inside: &'a str,
    start: usize,
}

fn selects(html: &str) -> impl Iterator<Item = Select<'_>> {
    static SELECT: LazyLock<Option<Regex>> =
        LazyLock::new(|| crate::pattern(r"(?is)<select(?-u:\b)([^>]{0,500})>(.*?)</select"));
    SELECT.iter().flat_map(move |select| select.captures_iter(html)).filter_map(|found| {
        let (attributes, inside) = (found.get(1)?.as_str(), found.get(2)?);
        Some(Select { attributes, inside: inside.as_str(), start: inside.start() })
    })
}

impl<'a> Select<'a> {
    fn options(&self) -> impl Iterator<Item = Choice> + use<'a> {
        static OPTION: LazyLock<Option<Regex>> =
            LazyLock::new(|| crate::pattern(r"(?is)<option(?-u:\b)([^>]{0,500})>([^<]{0,100})"));
        let (inside, start) = (self.inside, self.start);
        OPTION.iter().flat_map(move |option| option.captures_iter(inside)).filter_map(move |option| {
            let text = fold(&unescaped(&option[2]));
            // Without a value its words are sent (HTML 4.10.10).
            let target = attribute(&option[1], "value").unwrap_or_else(|| text.clone());
            Some(Choice { target, text, start: start + option.get(0)?.start() })
        })
    }
}
