//! Sitemaps (sitemaps.org), for sites that offer nothing else: a one-page
//! application, a home page that is a picture. A sitemap has no words but
//! those of its URLs.

use std::io::Read as _;
use std::sync::LazyLock;

use flate2::read::MultiGzDecoder;
use regex::Regex;
use url::Url;

use crate::crawl::address::extension;
use crate::crawl::discover::unescaped;

/// URLs of one sitemap that are looked at: the protocol's own bound.
const MOST: usize = 50_000;
/// Decoded bytes of one sitemap: the protocol's bound is 50 MB.
const MOST_BYTES: u64 = 50 * 1024 * 1024;

/// What a sitemap lists.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::crawl) enum Sitemap {
    /// Pages.
    Pages(Vec<Url>),
    /// Other sitemaps.
    Index(Vec<Url>),
}

/// Where a site's sitemap is by custom.
pub(in crate::crawl) fn customary(page: &Url) -> Option<Url> {
    page.join("/sitemap.xml").ok()
}

/// Reads a sitemap; none where a text is none.
pub(in crate::crawl) fn read(text: &str, page: &Url) -> Option<Sitemap> {
    static LOCATION: LazyLock<Option<Regex>> = LazyLock::new(|| {
        crate::pattern(r"(?is)<(?:\w+:)?loc>\s*(?:<!\[CDATA\[)?\s*([^<\]]{1,2000}?)\s*(?:\]\]>)?\s*</(?:\w+:)?loc>")
    });
    let head = &text[..text.floor_char_boundary(2000.min(text.len()))];
    let is_index = head.contains("<sitemapindex");
    let is_list = head.contains("<urlset");
    if !is_index && !is_list {
        // A text sitemap: nothing but URLs, one a line.
        let urls: Option<Vec<Url>> = text.lines().take(MOST).map(|line| line.trim().parse().ok()).collect();
        return urls
            .filter(|urls| !urls.is_empty() && extension(page.path()).as_deref() == Some("txt"))
            .map(Sitemap::Pages);
    }
    let found = LOCATION.as_ref()?.captures_iter(text).take(MOST);
    let urls = found.filter_map(|found| page.join(&unescaped(&found[1])).ok());
    let urls = urls.filter(|url| matches!(url.scheme(), "http" | "https")).collect();
    Some(if is_index { Sitemap::Index(urls) } else { Sitemap::Pages(urls) })
}

/// A payload that is a gzip file of its own, unpacked as far as the bound; none
/// where it is none.
pub(in crate::crawl) fn unpacked(body: &[u8]) -> Option<Vec<u8>> {
    if !body.starts_with(b"\x1f\x8b") {
        return None;
    }
    let mut plain = Vec::new();
    // What came out before the damage still holds whole entries.
    let _ = MultiGzDecoder::new(body).take(MOST_BYTES).read_to_end(&mut plain);
    (!plain.is_empty()).then_some(plain)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn pages(text: &str) -> Option<Sitemap> {
        read(text, &"http://a.gov.cn/sitemap.xml".parse().unwrap())
    }

    #[test]
    fn sitemaps_and_their_indexes_are_told_apart() {
        let urls = |paths: &[&str]| paths.iter().map(|p| format!("http://a.gov.cn{p}").parse().unwrap()).collect();
        let list = "<?xml version='1.0'?><urlset><url><loc> http://a.gov.cn/gknb/?a=1&amp;b=2 </loc></url><url><loc><![CDATA[/x/]]></loc></url></urlset>";
        assert_eq!(pages(list), Some(Sitemap::Pages(urls(&["/gknb/?a=1&b=2", "/x/"]))));
        let index = "<sitemapindex><sitemap><loc>http://a.gov.cn/s1.xml.gz</loc></sitemap></sitemapindex>";
        assert_eq!(pages(index), Some(Sitemap::Index(urls(&["/s1.xml.gz"]))));
        assert_eq!(pages("<html><p>urlset</p></html>"), None);
        let txt = "http://a.gov.cn/sitemap.txt".parse().unwrap();
        assert_eq!(read("http://a.gov.cn/a\nhttp://a.gov.cn/b\n", &txt), Some(Sitemap::Pages(urls(&["/a", "/b"]))));
    }

    #[test]
    fn a_packed_sitemap_is_unpacked_and_a_damaged_one_as_far_as_it_goes() {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        packed.write_all(b"<urlset></urlset>").unwrap();
        let packed = packed.finish().unwrap();
        assert_eq!(unpacked(&packed).as_deref(), Some(b"<urlset></urlset>".as_slice()));
        assert_eq!(unpacked(b"<urlset></urlset>"), None);
        assert_eq!(unpacked(&packed[..4]), None);
    }
}
