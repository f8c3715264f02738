//! TRS: `createPageHTML`; the first page is static, the rest are `index_N.html`.

use crate::demo::page::{Layout, Style};
use crate::demo::portals::site::{Builder, LIST, System};

pub(super) struct Trs {
    n_busy: u32,
    layout: Layout,
}

impl Trs {
    pub const PLAIN: Self = Self { n_busy: 0, layout: Layout::Tables };
    /// Two answers of 503 before it recovers.
    pub const BUSY: Self = Self { n_busy: 2, layout: Layout::Tables };
    /// Tables of 2014 as one cell a line.
    pub const FLATTENED: Self = Self { n_busy: 0, layout: Layout::Lines };
}

impl System for Trs {
    fn years(&self) -> &'static [i16] {
        &[2012, 2015, 2017, 2019, 2021, 2023]
    }

    fn style(&self) -> Style {
        Style { layout: self.layout, ..Style::PORTAL }
    }

    fn n_busy(&self) -> u32 {
        self.n_busy
    }

    fn lists(&self, site: &mut Builder<'_>) {
        let chunks = site.chunks();
        for (n, chunk) in chunks.iter().enumerate() {
            let path = if n == 0 { "/gknb/index.html".to_owned() } else { format!("/gknb/index_{n}.html") };
            let script = format!("<script>createPageHTML({}, {n}, \"index\", \"html\");</script>", chunks.len());
            site.put(&path, LIST, &format!("{chunk}{script}"));
        }
    }
}
