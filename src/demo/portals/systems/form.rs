//! Older JSP: 下一页 sends a form with the page's number.

use crate::demo::page::{Charset, Style};
use crate::demo::portals::site::{Builder, LIST, System};

pub(super) struct Form;

impl System for Form {
    fn style(&self) -> Style {
        Style { charset: Charset::Gbk, ..Style::PORTAL }
    }

    fn lists(&self, site: &mut Builder<'_>) {
        let chunks = site.chunks();
        for (n, chunk) in chunks.iter().enumerate() {
            let path = if n == 0 {
                "/gknb/index.html".to_owned()
            } else {
                format!("/gknb/list.jsp#channel=31&pageNo={}", n + 1)
            };
            let form = "<form name=pager method=post action=\"list.jsp\"><input type=hidden name=channel value=31>\
                        <input type=hidden name=pageNo value=1></form>";
            let is_last = n + 1 == chunks.len();
            let next =
                if is_last { String::new() } else { format!("<a href=\"javascript:goPage({})\">下一页</a>", n + 2) };
            site.put(&path, LIST, &format!("{chunk}{form}{next}"));
        }
    }
}
