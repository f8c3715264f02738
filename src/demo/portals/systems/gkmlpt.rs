//! Guangdong's platform: a page without links, and JSON by GET.

use crate::demo::portals::site::{Builder, LIST, PER_PAGE, System};

pub(super) struct Gkmlpt;

impl System for Gkmlpt {
    fn years(&self) -> &'static [i16] {
        &[2012, 2015, 2017, 2019, 2021, 2023]
    }

    fn lists(&self, site: &mut Builder<'_>) {
        // The column leads to the platform's page.
        site.put("/gknb/index.html", LIST, "<a href=\"/gkmlpt/index\">政府信息公开年报</a>");
        site.put("/gkmlpt/index", LIST, "<script>window._CONFIG = {SID: '5', CATEGORY_ID: '88'};</script>");
        let total = site.articles.len();
        for (n, chunk) in site.articles.clone().chunks(PER_PAGE).enumerate() {
            let articles: Vec<_> =
                chunk.iter().map(|a| serde_json::json!({ "title": a.title, "url": a.path })).collect();
            let json = serde_json::json!({ "articles": articles, "total": total, "per_page": PER_PAGE });
            let path = format!("/gkmlpt/api/all/88?page={}&sid=5", n + 1);
            site.raw(&path, json.to_string().into_bytes(), "application/json");
        }
    }
}
