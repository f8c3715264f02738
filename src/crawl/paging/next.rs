//! Any list with a link to its next page.

use std::sync::LazyLock;

use regex::Regex;
use url::Url;

use super::{PageRequest, Paging};

pub(super) struct Next;

impl Paging for Next {
    fn name(&self) -> &'static str {
        "next page"
    }

    fn pages(&self, text: &str, url: &Url) -> Vec<PageRequest> {
        static NEXT: LazyLock<Option<Regex>> = LazyLock::new(|| {
            Regex::new(r#"(?is)<a\s[^>]{0,500}?href\s*=\s*["']?([^"'\s>]+)[^>]{0,300}>\s*(?:<[^>]{0,100}>\s*)?(?:下一?页|下一頁|后一?页|next|&gt;|>)\s*<"#).ok()
        });
        let found = NEXT.as_ref().and_then(|next| next.captures(text));
        let target = found.and_then(|found| url.join(&found[1].replace("&amp;", "&")).ok());
        let same_host =
            target.filter(|to| to.host_str() == url.host_str() && to != url && to.scheme().starts_with("http"));
        same_host.map(PageRequest::get).into_iter().collect()
    }
}
