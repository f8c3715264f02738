//! Pages that differ in a number, and a pager that says how many there are
//! without naming all.

use crate::demo::portals::site::{Builder, LIST, System};

pub(super) struct Numbered;

impl System for Numbered {
    fn years(&self) -> &'static [i16] {
        &[2012, 2015, 2017, 2019, 2021, 2023]
    }

    fn lists(&self, site: &mut Builder<'_>) {
        let chunks = site.chunks();
        for (n, chunk) in chunks.iter().enumerate() {
            let path = if n == 0 { "/gknb/index.html".to_owned() } else { format!("/gknb/index_{}.html", n + 1) };
            let pager = format!(
                "<div>第 {} 页 <b>共 {} 页</b> <a href=\"index.html\">首页</a> <a href=\"index_2.html\">下一页</a></div>",
                n + 1,
                chunks.len()
            );
            site.put(&path, LIST, &format!("{chunk}{pager}"));
        }
    }
}
