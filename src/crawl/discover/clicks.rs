//! Entries of a tree whose click asks for a list by what its call is given:
//! `selectTree('A04')`, where `function selectTree(id) { $.post('/search.jsp', {type: id}) }`.

use url::Url;

use super::anchors::{Unopened, unopened};
use super::score::{Role, Seen, verdict};
use super::{Link, words};
use crate::crawl::body::Body;
use crate::crawl::frontier::PageRequest;
use crate::crawl::paging::asked_by_scripts;

/// The lists that the entries of a page ask for, where their words name one.
pub(super) fn asked_by_clicks(html: &str, page: &Url) -> Vec<Link> {
    const MOST_ENTRIES: usize = 3;
    const ASKS: [&str; 4] = ["ajax", ".post(", ".get", "load"];
    if !ASKS.iter().any(|word| html.contains(word)) {
        return Vec::new();
    }
    let link = |entry: Unopened| {
        let said = verdict(&Seen { text: &entry.text, is_title: false, url: "", facts: Vec::new() });
        let role = said.role.filter(|role| *role == Role::ReportList)?;
        // Of a function's calls the first says what its arguments are.
        let script = format!("{};\n{html}", entry.code);
        let is_its = |request: &PageRequest| given(&entry.code).any(|argument| has_value(request, argument));
        let request = asked_by_scripts(&script, page).into_iter().find(is_its)?;
        Some(Link { request, role, score: said.score, why: words(role, &said) })
    };
    unopened(html).into_iter().filter_map(link).take(MOST_ENTRIES).collect()
}

/// The texts and numbers that a call is given.
fn given(code: &str) -> impl Iterator<Item = &str> {
    let values = code.split(['(', ',', ')']).skip(1).map(|value| value.trim().trim_matches(['\'', '"']));
    values.filter(|value| !value.is_empty())
}

fn has_value(request: &PageRequest, value: &str) -> bool {
    let posted = request.body.iter().flat_map(Body::fields);
    request.url.query_pairs().into_owned().chain(posted).any(|(_, field)| field == value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_asks_for_what_its_call_is_given() {
        let page = "http://a.gov.cn/gk/".parse().unwrap();
        let tree = "<a href='javascript:void(0)' onclick=\"show('A03','规划')\">规划计划</a>\
                    <a href='javascript:void(0)' onclick=\"show('A04','年报')\">政府信息公开年报</a>";
        let asked = |script: &str| {
            let links = asked_by_clicks(&format!("{tree}<script>{script}</script>"), &page).into_iter();
            links
                .map(|link| {
                    format!("{} {}", link.request.url, link.request.body.map_or(String::new(), |b| b.encoded()))
                })
                .collect::<Vec<_>>()
        };
        let posts = "var site='9';function show(id,name){ $.ajax({type:'POST',url:'/search.jsp',\
                     data:'type='+id+'&site='+site+'&currpage=1'}); }";
        assert_eq!(asked(posts), ["http://a.gov.cn/search.jsp type=A04&site=9&currpage=1"]);
        let gets = "function show(id,name){ $.get('/list.jsp',{type:id},draw); }";
        assert_eq!(asked(gets), ["http://a.gov.cn/list.jsp?type=A04 "]);
        assert_eq!(asked("function show(id,name){ $.get('/list.jsp',{type:other},draw); }"), [""; 0]);
        assert_eq!(asked("$.get('/list.jsp',{type:7},draw);"), [""; 0], "it is not given what chooses");
    }
}
