//! A frameset, and menus of images whose words are in alt and title.

use crate::demo::portals::site::{Builder, System};
use crate::demo::portals::systems::next_page::chain;

pub(super) struct Images;

impl System for Images {
    fn home(&self, site: &mut Builder<'_>) {
        let frames = "<frameset rows=\"90,*\"><frame src=\"/top.html\" name=top><frame src=\"/main.html\"></frameset>";
        site.put("/", &format!("{}人民政府", site.place.name), frames);
        let menu = "<map name=nav><area shape=rect coords=\"0,0,90,30\" href=\"/fw.html\" alt=\"办事服务\">\
                    <area shape=rect coords=\"90,0,180,30\" href=\"/zwgk/\" alt=\"政务公开\"></map>";
        site.put("/top.html", "导航", menu);
        site.put("/main.html", "要闻", "<p>欢迎</p>");
        site.put("/zwgk/", "政务公开", "<a href=\"/zwgk/zfxxgk/\"><img src=\"/i/7.gif\" alt=\"政府信息公开\"></a>");
    }

    fn column(&self, site: &mut Builder<'_>) {
        let list = "<a href=\"/gknb/index.html\" title=\"政府信息公开年报\"><img src=\"/i/8.gif\"></a>";
        site.put("/zwgk/zfxxgk/", "政府信息公开", list);
    }

    fn lists(&self, site: &mut Builder<'_>) {
        chain(site);
    }
}
