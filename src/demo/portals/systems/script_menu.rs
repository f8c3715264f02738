//! Menus that scripts build, with plain URLs in them: one inline, one in a file
//! of its own.

use crate::demo::portals::site::{Builder, System};
use crate::demo::portals::systems::next_page::chain;

pub(super) struct ScriptMenu;

impl System for ScriptMenu {
    fn home(&self, site: &mut Builder<'_>) {
        let page = "<div id=nav></div><script src=\"/js/jquery.min.js\"></script><script src=\"/js/menu.js\"></script>";
        site.put("/", &format!("{}人民政府", site.place.name), page);
        let menu = "// the menu\nvar menu = [\n  {name: '办事服务', url: '/fw.html'},\n  {name: '政务公开', url: '/zwgk/'}\n];\ndraw(menu);\n";
        site.raw("/js/menu.js", menu.as_bytes().to_vec(), "application/javascript");
        let inline = "<script>document.write('<li><a href=\"/zwgk/zfxxgk/\">政府信息公开<\\/a><\\/li>');</script>";
        site.put("/zwgk/", "政务公开", inline);
    }

    fn column(&self, site: &mut Builder<'_>) {
        let script = "<script>var tree = new Tree(); tree.add(3, 1, \"政府信息公开指南\", \"/other/0.html\"); \
                      tree.add(4, 1, \"政府信息公开年报\", \"/gknb/index.html\");</script>";
        site.put("/zwgk/zfxxgk/", "政府信息公开", script);
    }

    fn lists(&self, site: &mut Builder<'_>) {
        chain(site);
    }
}
