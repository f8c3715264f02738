//! robots.txt forbids one of its columns.

use crate::demo::portals::site::{Builder, LIST, System};

pub(super) struct Forbids;

impl System for Forbids {
    fn years(&self) -> &'static [i16] {
        &[2012, 2015, 2017, 2019, 2021, 2023]
    }

    fn lists(&self, site: &mut Builder<'_>) {
        site.robots.push_str("Disallow: /old/\n");
        let report = site.invented(2010, None);
        let old = site.serve(&report, "/old/2010.html").item();
        let all = site.chunks().concat();
        site.put("/gknb/index.html", LIST, &format!("{all}<ul>{old}</ul>"));
    }
}
