//! The column lies on the province's platform, beside those of other portals.

use crate::demo::portals::site::{Builder, LIST, System};

pub(super) struct Platform;

/// The platform's host.
const HOST: &str = "xxgk.gongkai-demo.gov.cn";

impl System for Platform {
    fn home(&self, site: &mut Builder<'_>) {
        let menu = format!("<a href=\"http://{HOST}/p{}/zfxxgk/\">政府信息公开</a>", site.number);
        site.put("/", &format!("{}人民政府", site.place.name), &menu);
    }

    fn column(&self, site: &mut Builder<'_>) {
        let menu = format!(
            "<a href=\"/p{}/gknb/\">政府信息公开年报</a><a href=\"/p999/zfxxgk/\">政府信息公开</a>\
             <a href=\"/p999/gknb/\">政府信息公开年报</a>",
            site.number
        );
        on_platform(site, |site| site.put(&format!("/p{}/zfxxgk/", site.number), "政府信息公开", &menu));
    }

    fn lists(&self, site: &mut Builder<'_>) {
        let host = site.host.clone();
        let items = site.articles.iter().map(|article| {
            let item = article.item();
            item.replace("href=\"/", &format!("href=\"http://{host}/"))
        });
        let list = format!("<ul>{}</ul>", items.collect::<String>());
        on_platform(site, |site| {
            site.put(&format!("/p{}/gknb/", site.number), LIST, &list);
            site.raw("/robots.txt", b"User-agent: *\nDisallow:\n".to_vec(), "text/plain");
        });
    }
}

/// Puts pages on the platform instead of the portal's own host.
fn on_platform(site: &mut Builder<'_>, put: impl FnOnce(&mut Builder<'_>)) {
    let own = std::mem::replace(&mut site.host, HOST.to_owned());
    put(site);
    site.host = own;
}
