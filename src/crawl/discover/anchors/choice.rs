//! Boxes to choose from: one that leads to what is chosen,
//! `<select onchange="location=this.value"><option value="/nb/2024/">2024年度`, and
//! one of years in a form that only asks, `<form action=list.jsp><select name=nd>`.

use std::sync::LazyLock;

use regex::Regex;

use super::super::score::is_bare_year;
use super::attribute;
use super::unescaped;
use crate::crawl::paging::forms;
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
    let leading = selects(html).filter(|select| leads(select.attributes));
    leading.map(|select| select.options().filter(is_url).take(MOST).collect()).collect()
}

/// The years that the forms of a page ask for: of a form that is not posted and
/// has nothing else to choose.
pub(super) fn years(html: &str) -> Vec<Choice> {
    let mut found = Vec::new();
    if !has_box(html) {
        return found;
    }
    for form in forms(html).filter(|form| !form.is_post && !form.action.contains("search")) {
        let mut boxes = selects(form.inside);
        let Some(only) = boxes.next().filter(|_| boxes.next().is_none()) else { continue };
        let Some(name) = attribute(only.attributes, "name") else { continue };
        let start = html.len() - form.behind.len();
        for year in only.options().filter(|option| is_bare_year(&option.text)).take(MOST) {
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            query.extend_pairs(&form.fields).append_pair(&name, &year.target);
            let path = form.action.split(['?', '#']).next().unwrap_or_default();
            found.push(Choice { target: format!("{path}?{}", query.finish()), text: year.text, start });
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
        LazyLock::new(|| crate::pattern(r"(?is)<select\b([^>]{0,500})>(.*?)</select"));
    SELECT.iter().flat_map(move |select| select.captures_iter(html)).filter_map(|found| {
        let (attributes, inside) = (found.get(1)?.as_str(), found.get(2)?);
        Some(Select { attributes, inside: inside.as_str(), start: inside.start() })
    })
}

impl<'a> Select<'a> {
    fn options(&self) -> impl Iterator<Item = Choice> + use<'a> {
        static OPTION: LazyLock<Option<Regex>> =
            LazyLock::new(|| crate::pattern(r"(?is)<option\b([^>]{0,500})>([^<]{0,100})"));
        let (inside, start) = (self.inside, self.start);
        OPTION.iter().flat_map(move |option| option.captures_iter(inside)).filter_map(move |option| {
            let target = attribute(&option[1], "value")?;
            Some(Choice { target, text: fold(&unescaped(&option[2])), start: start + option.get(0)?.start() })
        })
    }
}
