//! Hanweb's platform: a page names the pieces it is put together from,
//! `<script url="/…/build/unit" queryData="{'webId':'…','tagId':'…'}">`. The answer
//! is HTML inside JSON, whose pager says how many records there are; another page
//! is the same question with `paramJson={"pageNo":2,"pageSize":15}`.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;
use url::Url;

use super::ajax::may_be_asked;
use super::numbered::said_pages;
use super::{ListPage, MOST_PAGES, PageRequest, Paging};
use crate::crawl::discover::{attribute, literal_fields};
use crate::page::json_value;

/// Pieces of one page that are asked for.
const MOST_PIECES: usize = 3;
/// The field that says which page of a list is asked for.
const PAGE: &str = "paramJson";

pub(super) struct Jpaas;

impl Paging for Jpaas {
    fn name(&self) -> &'static str {
        "jpaas"
    }

    fn pages(&self, list: &ListPage<'_>) -> Vec<PageRequest> {
        match json_value(list.text) {
            Some(answer) => further(&answer, list.url).unwrap_or_default(),
            None => pieces(list),
        }
    }
}

/// The pieces that a page names.
fn pieces(list: &ListPage<'_>) -> Vec<PageRequest> {
    static PIECE: LazyLock<Option<Regex>> =
        LazyLock::new(|| crate::pattern(r"(?i)<(?:script|div)\s[^>]*?(?-u:\b)querydata\s*=[^>]*>"));
    let piece = |tag: &str| {
        let mut url = list.url.join(&attribute(tag, "url")?).ok().filter(may_be_asked)?;
        let data = attribute(tag, "queryData")?;
        url.query_pairs_mut().extend_pairs(fields(&data)?);
        Some(PageRequest::get(url))
    };
    let tags = PIECE.iter().flat_map(|pattern| pattern.find_iter(list.text));
    tags.filter_map(|tag| piece(tag.as_str())).take(MOST_PIECES).collect()
}

/// The fields of a piece as text: JSON within is sent as it stands.
fn fields(data: &str) -> Option<Vec<(String, String)>> {
    let fields = literal_fields(data.trim(), &|_, _| None)?;
    let text = |value| match value {
        Value::String(text) => text,
        Value::Null => "null".to_owned(),
        other => other.to_string(),
    };
    Some(fields.into_iter().map(|(name, value)| (name, text(value))).collect())
}

/// The other pages of a list, all named by its first. What the pager knows stands in
/// its attributes, or in its `queryData`.
fn further(answer: &Value, url: &Url) -> Option<Vec<PageRequest>> {
    static TAG: LazyLock<Option<Regex>> = LazyLock::new(|| crate::pattern(r"(?i)<div(?-u:\b)([^>]+)>"));
    let html = answer.get("data")?.get("html")?.as_str()?;
    let number = |tag: &str, name: &str| {
        let within = || fields(&attribute(tag, "queryData")?)?.into_iter().find(|(field, _)| field == name);
        let text = attribute(tag, name).or_else(|| within().map(|(_, value)| value))?;
        text.trim().parse::<u32>().ok()
    };
    let pager = |tag: &str| {
        let rows = ["rows", "pageSize"].iter().find_map(|name| number(tag, name)).filter(|n| *n > 0)?;
        Some((rows, number(tag, "count")?, number(tag, "pageNo")))
    };
    let tags = || TAG.iter().flat_map(|tag| tag.captures_iter(html)).filter_map(|found| found.get(1));
    let counted = || {
        let pager = tags().map(|tag| tag.as_str()).filter(|tag| tag.contains("count")).find_map(pager);
        pager.map(|(rows, count, here)| (Value::from(rows), count.div_ceil(rows), here))
    };
    // Or its own question, and words: `paramJson='{"pageNo":1,"pageSize":"4"}'`, 第1/3页.
    let asked_and_said = || {
        let own = tags().find_map(|tag| json_value(&attribute(tag.as_str(), PAGE)?))?;
        let here = own.get("pageNo").map(|page| page.to_string().trim_matches('"').parse().unwrap_or(1));
        Some((own.get("pageSize")?.clone(), said_pages(html)?, here))
    };
    let (rows, last, here) = counted().or_else(asked_and_said)?;
    if here.is_some_and(|page: u32| page > 1) {
        return None;
    }
    let page = |n: u32| {
        let kept: Vec<(String, String)> = url.query_pairs().into_owned().filter(|(name, _)| name != PAGE).collect();
        let mut next = url.clone();
        let asked = serde_json::json!({ "pageNo": n, "pageSize": rows }).to_string();
        next.query_pairs_mut().clear().extend_pairs(kept).append_pair(PAGE, &asked);
        PageRequest::get(next)
    };
    Some((2..=last.min(MOST_PAGES)).map(page).collect())
}
