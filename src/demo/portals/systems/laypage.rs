//! laypage: an empty list, and a POST of page and rows that answers JSON. Its
//! records have a number each, from which the page's script makes their URLs.

use crate::demo::portals::site::{Builder, LIST, PER_PAGE, System};

pub(super) struct Laypage;

impl System for Laypage {
    fn path(&self, year: i16) -> String {
        format!("/gknb/art.html?id=9{year}")
    }

    fn lists(&self, site: &mut Builder<'_>) {
        let script = format!(
            "<ul id=list></ul><div id=pager></div><script>laypage.render({{elem: 'pager', limit: {PER_PAGE}, count: total, \
             jump: function (now) {{ $.post('/common/list', {{channelId: 'c31', page: now.curr, rows: now.limit}}, show); \
             }}}}); function show(answer) {{ $.each(answer.data.list, function (i, row) {{ $('#list').append( \
             '<li><a href=\"/gknb/art.html?id=' + row.docId + '\">' + row.docTitle + '</a></li>'); }}); }}</script>"
        );
        site.put("/gknb/index.html", LIST, &script);
        let total = site.articles.len();
        for (n, chunk) in site.articles.clone().chunks(PER_PAGE).enumerate() {
            let list: Vec<_> = chunk
                .iter()
                .map(|a| {
                    let id = a.path.trim_start_matches("/gknb/art.html?id=");
                    serde_json::json!({ "docTitle": a.title, "docId": id, "docRelTime": a.day })
                })
                .collect();
            let json = serde_json::json!({ "code": 0, "data": { "total": total, "list": list } });
            let path = format!("/common/list#channelId=c31&page={}&rows={PER_PAGE}", n + 1);
            site.raw(&path, json.to_string().into_bytes(), "application/json");
        }
    }
}
