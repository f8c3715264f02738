//! Older reports are files: one on the list itself, one attached to a page.

use crate::demo::portals::site::{Builder, LIST, System};

pub(super) struct Attachments;

impl System for Attachments {
    fn lists(&self, site: &mut Builder<'_>) {
        let all = site.chunks().concat();
        let title = |year: i16| format!("{}人民政府{year}年政府信息公开工作年度报告", site.place.name);
        let (scanned, attached) = (title(2009), title(2010));
        let old = format!(
            "<li><a href=\"/files/2009.pdf\">{scanned}</a></li><li><a href=\"/art/2011/3/1/art_9_2010.html\">{attached}</a></li>"
        );
        site.put("/gknb/index.html", LIST, &format!("{all}<ul>{old}</ul>"));
        site.put(
            "/art/2011/3/1/art_9_2010.html",
            &attached,
            "<p>全文见附件。</p><a href=\"/files/2010.doc\">点击下载</a>",
        );
        site.raw("/files/2009.pdf", b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n".to_vec(), "application/pdf");
        site.raw("/files/2010.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec(), "application/msword");
    }
}
