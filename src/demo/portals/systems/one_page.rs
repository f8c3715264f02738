//! One-page applications: a home page without a link. One offers a sitemap that
//! robots.txt names, the other a JSON endpoint that its script names.

use crate::demo::portals::site::{Builder, PER_PAGE, System};

const APPLICATION: &str =
    "<div id=app></div><script src=\"/js/vue.min.js\"></script><script src=\"/js/app.js\"></script>";

/// Offers a sitemap.
pub(super) struct WithSitemap;

impl System for WithSitemap {
    fn path(&self, year: i16) -> String {
        format!("/zfxxgk/gknb/{}/t{}0301_{year}.html", year + 1, year + 1)
    }

    fn home(&self, site: &mut Builder<'_>) {
        site.put("/", &format!("{}人民政府", site.place.name), APPLICATION);
        site.raw("/js/app.js", b"new Vue({el: '#app'});".to_vec(), "application/javascript");
    }

    fn column(&self, _: &mut Builder<'_>) {}

    fn lists(&self, site: &mut Builder<'_>) {
        let host = site.host.clone();
        site.robots.push_str(&format!("Sitemap: http://{host}/maps/index.xml\n"));
        let location = |path: &str| format!("<url><loc>http://{host}{path}</loc></url>");
        let mut urls: String = (1..=40).map(|n| location(&format!("/news/{n}.html"))).collect();
        urls.extend(site.articles.iter().map(|article| location(&article.path)));
        let index = format!("<sitemapindex><sitemap><loc>http://{host}/maps/1.xml</loc></sitemap></sitemapindex>");
        site.raw("/maps/index.xml", index.into_bytes(), "text/xml");
        site.raw("/maps/1.xml", format!("<urlset>{urls}</urlset>").into_bytes(), "text/xml");
    }
}

/// Offers JSON.
pub(super) struct WithJson;

impl System for WithJson {
    fn home(&self, site: &mut Builder<'_>) {
        site.put("/", &format!("{}人民政府", site.place.name), APPLICATION);
        let script = format!(
            "var channel = 'gknb';\nfunction load(n) {{\n  return axios.get('/api/articles', \
             {{params: {{channel: channel, pageNum: n, pageSize: {PER_PAGE}}}}});\n}}\n"
        );
        site.raw("/js/app.js", script.into_bytes(), "application/javascript");
    }

    fn column(&self, _: &mut Builder<'_>) {}

    fn lists(&self, site: &mut Builder<'_>) {
        let n_pages = site.articles.len().div_ceil(PER_PAGE);
        for (n, chunk) in site.articles.clone().chunks(PER_PAGE).enumerate() {
            let records: Vec<_> = chunk
                .iter()
                .map(|a| serde_json::json!({ "title": a.title, "linkUrl": a.path, "date": a.day }))
                .collect();
            let json = serde_json::json!({ "result": { "records": records, "pages": n_pages } });
            let path = format!("/api/articles?channel=gknb&pageNum={}&pageSize={PER_PAGE}", n + 1);
            site.raw(&path, json.to_string().into_bytes(), "application/json");
        }
    }
}
