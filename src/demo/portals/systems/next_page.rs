//! A list with a link to its next page, as older ASP has it.

use crate::demo::portals::server::Stored;
use crate::demo::portals::site::{Builder, LIST, System};

pub(super) struct NextPage {
    is_moved: bool,
}

impl NextPage {
    pub const PLAIN: Self = Self { is_moved: false };
    /// The home page is elsewhere.
    pub const MOVED: Self = Self { is_moved: true };
}

impl System for NextPage {
    fn years(&self) -> &'static [i16] {
        &[2012, 2015, 2017, 2019, 2021, 2023]
    }

    fn lists(&self, site: &mut Builder<'_>) {
        chain(site);
        let host = site.host.clone();
        if self.is_moved
            && let Some(pages) = site.pages.get_mut(&host)
            && let Some(home) = pages.insert("/".to_owned(), Stored::moved("/index/main.html"))
        {
            pages.insert("/index/main.html".to_owned(), home);
        }
    }
}

/// Pages of which each names the next.
pub(super) fn chain(site: &mut Builder<'_>) {
    let chunks = site.chunks();
    for (n, chunk) in chunks.iter().enumerate() {
        let path = if n == 0 { "/gknb/index.html".to_owned() } else { format!("/gknb/list.asp?page={}", n + 1) };
        let is_last = n + 1 == chunks.len();
        let next =
            if is_last { String::new() } else { format!("<a href=\"/gknb/list.asp?page={}\">下一页</a>", n + 2) };
        site.put(&path, LIST, &format!("{chunk}{next}"));
    }
}
