//! A tree whose nodes have numbers, and a script that makes a node's URL of its own:
//! `zNodes = [{id: 2077, name: "政府信息公开年报"}]` and, when one is clicked,
//! `location.href = "/col/" + treeNode.id + ".html"`; or asks for its list,
//! `axios.get("/api/list?channelId=" + id + "&page=" + page)`.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;
use url::Url;

use super::literal::value;
use super::{Anchor, json, opener, record};
use crate::crawl::paging::list_of_a_column;

/// Trees of one script that are looked at.
const MOST_TREES: usize = 5;
/// What a click does stands this near to the node's field.
const NEAR: usize = 200;

/// The links of a script's trees.
pub(super) fn anchors(script: &str, base: &Url, encoding: &str) -> Vec<Anchor> {
    static TREE: LazyLock<Option<Regex>> = LazyLock::new(|| crate::pattern(r"=\s*(\[)\s*\{"));
    let Some(template) = of_node(script, base).or_else(|| list_of_a_column(script, base)) else { return Vec::new() };
    let trees = TREE.iter().flat_map(|tree| tree.captures_iter(script)).filter_map(|found| found.get(1));
    let trees = trees.take(MOST_TREES).filter_map(|at| value(&script[at.start()..], &|_, _| Some(Value::Null)));
    trees.flat_map(|tree| json::of_value(&tree, base, encoding, Some(&template))).collect()
}

/// How a script makes the URL of a node.
fn of_node(script: &str, base: &Url) -> Option<String> {
    if let Some(clicked) = opener::of_node(script) {
        return Some(clicked);
    }
    let at = ["node.", "Node."].iter().filter_map(|name| script.find(name)).min()?;
    let (start, end) = (script.ceil_char_boundary(at.saturating_sub(NEAR)), script.floor_char_boundary(at + NEAR));
    record::template(&script[start..end], base)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_s_url_is_made_of_its_number() {
        let base: Url = "http://a.gov.cn/gk/".parse().unwrap();
        let nodes = "var zNodes=[{id:1,pId:0,name:'公开指南'},{id:7,pId:0,name:'政府信息公开年报',open:f()}];";
        let click = "function(e,id,treeNode){location.href='/col/'+treeNode.id+'.html';}";
        let found = |script: &str| {
            let links = anchors(script, &base, "utf-8").into_iter();
            links.map(|a| format!("{} {}", a.text, a.url.path())).collect::<Vec<_>>()
        };
        assert_eq!(found(&format!("{nodes}{click}")), ["公开指南 /col/1.html", "政府信息公开年报 /col/7.html"]);
        for click in [
            "setting={callback:{onClick:function(e,t,n){$('#r').attr('src','/col/'+n.id+'.html');}}};",
            "function zTreeOnClick(e, t, node){ parent.main.location.href = '/col/' + node.id + '.html'; }",
        ] {
            assert_eq!(found(&format!("{nodes}{click}")), ["公开指南 /col/1.html", "政府信息公开年报 /col/7.html"]);
        }
        assert_eq!(found(nodes), [""; 0]);
        let menus = "menus=[{title:'公开指南',channelId:1},{title:'政府信息公开年报',channelId:7}];";
        let with_query = |script: &str| {
            let links = anchors(script, &base, "utf-8").into_iter();
            links.filter(|a| a.text.contains("年报")).map(|a| a.url.to_string()).collect::<Vec<_>>()
        };
        for (list, expected) in [
            ("axios.get('/api/list?channelId='+c+'&pageNum='+p+'&rows=5')", "?channelId=7&pageNum=1&rows=5"),
            ("$.getJSON('/api/list', {channelId: c, page: p}, draw)", "?channelId=7&page=1"),
        ] {
            let expected = format!("http://a.gov.cn/api/list{expected}");
            assert_eq!(with_query(&format!("{menus}function l(c,p){{return {list}}}")), [expected], "{list}");
        }
        assert_eq!(with_query(&format!("{menus}$.get('/api/hits?channelId='+c)")), [""; 0], "it counts");
        assert_eq!(found(&format!("{nodes}location.href='/col/'+row.id+'.html';")), [""; 0], "of no node");
    }
}
