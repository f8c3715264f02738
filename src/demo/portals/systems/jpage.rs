//! Hanweb: the page holds the first records, a script asks the proxy for more.

use crate::demo::page::{Charset, Style};
use crate::demo::portals::site::{Builder, LIST, PER_PAGE, System};

pub(super) struct Jpage;

impl System for Jpage {
    fn years(&self) -> &'static [i16] {
        &[2012, 2015, 2017, 2019, 2021, 2023]
    }

    fn style(&self) -> Style {
        Style { charset: Charset::Gbk, ..Style::PORTAL }
    }

    fn lists(&self, site: &mut Builder<'_>) {
        let total = site.articles.len();
        let script = format!(
            "<script>$('#5').jpage({{totalRecord:{total}, proxyUrl:'/module/web/jpage/dataproxy.jsp', perPage:{PER_PAGE}, \
             ajaxParam:{{webid:7, columnid:9, unitid:'5'}}}});</script>"
        );
        let first = site.chunks().swap_remove(0);
        site.put("/gknb/index.html", LIST, &format!("{first}{script}"));
        let rest = site.articles[PER_PAGE..].iter();
        let records: String = rest.map(|article| format!("<record><![CDATA[{}]]></record>", article.item())).collect();
        let xml = site.encoded(&format!("<datastore><recordset>{records}</recordset></datastore>"));
        let path = format!(
            "/module/web/jpage/dataproxy.jsp?startrecord={}&endrecord={total}&perpage={PER_PAGE}\
             #webid=7&columnid=9&unitid=5",
            PER_PAGE + 1
        );
        let content_type = if site.is_gbk() { "text/xml; charset=gbk" } else { "text/xml; charset=utf-8" };
        site.raw(&path, xml, content_type);
    }
}
