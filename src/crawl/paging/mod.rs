//! The next pages of a list, one file a content system.

mod gkmlpt;
mod jpage;
mod next;
mod trs;

use url::Url;

use super::address::HostKey;
use super::discover::trap;
use super::frontier::PageRequest;

/// A content system's way to page a list.
trait Paging {
    /// Its name, for the reason why a page was asked for.
    fn name(&self) -> &'static str;

    /// The pages that follow a list's page; none where it is not this system's.
    fn pages(&self, text: &str, url: &Url) -> Vec<PageRequest>;
}

/// Pages of one list at most: more than any list of reports has.
const MOST_PAGES: u32 = 100;

/// The systems, tried in this order; the first that knows the page wins.
const SYSTEMS: [&dyn Paging; 4] = [&jpage::Jpage, &gkmlpt::Gkmlpt, &trs::Trs, &next::Next];

/// The pages that follow a list's page, with the name of the system.
#[must_use]
pub fn next_pages(text: &str, url: &Url) -> Vec<(&'static str, PageRequest)> {
    for system in SYSTEMS {
        let mut pages = system.pages(text, url);
        // A list is paged by its own host; a page that says otherwise is not
        // believed.
        pages.retain(|page| HostKey::of(&page.url) == HostKey::of(url) && trap(&page.url).is_none());
        if !pages.is_empty() {
            return pages.into_iter().map(|page| (system.name(), page)).collect();
        }
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pages(text: &str, url: &str) -> Vec<String> {
        let pages = next_pages(text, &url.parse().unwrap());
        let show = |(system, request): (&str, PageRequest)| {
            let form = request.form.map(|form| form.iter().map(|(n, v)| format!(" {n}={v}")).collect::<String>());
            format!("{system} {}{}", request.url, form.unwrap_or_default())
        };
        pages.into_iter().map(show).collect()
    }

    #[test]
    fn lists_of_each_system() {
        let url = "http://a.gov.cn/gknb/index.html";
        assert_eq!(
            pages("<script>createPageHTML(3, 0, \"index\", \"html\");</script>", url),
            ["TRS http://a.gov.cn/gknb/index_1.html", "TRS http://a.gov.cn/gknb/index_2.html"]
        );
        assert_eq!(
            pages("<script>var countPage = 2//pages\nvar currentPage = 0;</script>", "http://a.gov.cn/gknb/"),
            ["TRS http://a.gov.cn/gknb/index_1.html"]
        );
        assert_eq!(pages("createPageHTML(3, 2, \"index\", \"html\")", url), [""; 0]);
        let jpage = "$('#7').jpage({totalRecord:33,proxyUrl:'/module/web/jpage/dataproxy.jsp',perPage:15,ajaxParam:{columnid:9,unitid:'7',webid:3}})";
        assert_eq!(
            pages(jpage, url),
            [
                "jpage http://a.gov.cn/module/web/jpage/dataproxy.jsp?startrecord=16&endrecord=33&perpage=15 columnid=9 unitid=7 webid=3"
            ]
        );
        assert_eq!(pages("<a href='list.asp?p=3'>下一页</a>", url), ["next page http://a.gov.cn/gknb/list.asp?p=3"]);
        assert_eq!(
            pages(
                "{\"articles\":[{}],\"total\":230,\"per_page\":100}",
                "http://a.gov.cn/gkmlpt/api/all/7?page=1&sid=5"
            ),
            ["gkmlpt http://a.gov.cn/gkmlpt/api/all/7?page=2&sid=5"]
        );
    }
}
