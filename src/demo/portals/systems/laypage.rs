//! laypage: an empty list, and a POST of page and rows that answers JSON.

use crate::demo::portals::site::{Builder, LIST, PER_PAGE, System};

pub(super) struct Laypage;

impl System for Laypage {
    fn lists(&self, site: &mut Builder<'_>) {
        let script = format!(
            "<ul id=list></ul><div id=pager></div><script>laypage.render({{elem: 'pager', limit: {PER_PAGE}, count: total, \
             jump: function (now) {{ $.post('/common/list', {{channelId: 'c31', page: now.curr, rows: now.limit}}, show); \
             }}}});</script>"
        );
        site.put("/gknb/index.html", LIST, &script);
        let total = site.articles.len();
        for (n, chunk) in site.articles.clone().chunks(PER_PAGE).enumerate() {
            let list: Vec<_> = chunk
                .iter()
                .map(|a| serde_json::json!({ "docTitle": a.title, "docPubUrl": a.path, "docRelTime": a.day }))
                .collect();
            let json = serde_json::json!({ "code": 0, "data": { "total": total, "list": list } });
            let path = format!("/common/list#channelId=c31&page={}&rows={PER_PAGE}", n + 1);
            site.raw(&path, json.to_string().into_bytes(), "application/json");
        }
    }
}
