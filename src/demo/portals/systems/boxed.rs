//! A list whose pager is a box to choose the page from, without a link.

use crate::demo::portals::site::{Builder, LIST, System};

pub(super) struct Boxed;

impl System for Boxed {
    fn years(&self) -> &'static [i16] {
        &[2012, 2015, 2017, 2019, 2021, 2023]
    }

    fn lists(&self, site: &mut Builder<'_>) {
        let chunks = site.chunks();
        let path = |n: usize| if n == 0 { "/gknb/index.html".to_owned() } else { format!("/gknb/p{n}.shtml") };
        let options = (0..chunks.len()).map(|n| format!("<option value=\"{}\">第{}页</option>", path(n), n + 1));
        let pager = format!("<select onchange=\"location.href=this.value\">{}</select>", options.collect::<String>());
        for (n, chunk) in chunks.iter().enumerate() {
            site.put(&path(n), LIST, &format!("{chunk}{pager}"));
        }
    }
}
