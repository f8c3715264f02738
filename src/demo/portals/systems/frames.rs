//! The list is in a frame.

use crate::demo::portals::site::{Builder, LIST, System};

pub(super) struct Frames;

impl System for Frames {
    fn years(&self) -> &'static [i16] {
        &[2012, 2015, 2017, 2019, 2021, 2023]
    }

    fn lists(&self, site: &mut Builder<'_>) {
        let all = site.chunks().concat();
        site.put("/gknb/index.html", LIST, "<iframe src=\"/gknb/list.html\"></iframe>");
        site.put("/gknb/list.html", LIST, &all);
    }
}
