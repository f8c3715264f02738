//! A record's own page where an answer gives no URL for it: a script of the
//! list's page puts the URL together, `'/art.html?id=' + row.id`. Scripts are
//! read, never run: the URL's pieces stand in them as they are.

use std::sync::LazyLock;

use regex::{Captures, Regex};
use serde_json::{Map, Value};
use url::Url;

use super::join;
use crate::crawl::address::is_script_file;
use crate::crawl::paging::Scope;

/// The URL of a record as a page's scripts make it, the names of the record's
/// fields in braces: `http://a.gov.cn/art.html?id={id}`. None where no script
/// opens such a URL.
pub(in crate::crawl) fn template(text: &str, page: &Url) -> Option<String> {
    // In a string or in a page's template, from the field of a record alone.
    static PUT_TOGETHER: LazyLock<Option<Regex>> = LazyLock::new(|| {
        crate::pattern(r#"["']\s*\+\s*[A-Za-z_$][\w$]*\.([A-Za-z_](?-u:\w){0,30})\s*(\+\s*["']|[,;)}\s"])"#)
    });
    static FILLED_IN: LazyLock<Option<Regex>> = LazyLock::new(|| {
        crate::pattern(r"(?:[$#]\{|\{\{|<%=)\s*[A-Za-z_$][\w$]*\.([A-Za-z_](?-u:\w){0,30})\s*(?:\}\}|\}|%>)")
    });
    static OPENED: LazyLock<Option<Regex>> = LazyLock::new(|| {
        let opens = r#"(?:\bhref|\blocation|\bopen\s*\()[\w\s.=:(+]*\\?["'`]{0,2}"#;
        crate::pattern(&format!(
            r#"(?i){opens}([^\s"'`<>(),;\\=]{{0,200}}[^\s"'`<>(),;\\]{{0,200}}\{{\w+\}}[^\s"'`<>(),;\\]{{0,100}})"#
        ))
    });
    let text = PUT_TOGETHER.as_ref()?.replace_all(text, |found: &Captures<'_>| {
        // Where nothing follows, the string ends behind the field.
        let end = if found[2].starts_with('+') { "" } else { "\"" };
        format!("{{{}}}{end}", &found[1])
    });
    let text = FILLED_IN.as_ref()?.replace_all(&text, "{$1}");
    let is_a_file = is_script_file(page);
    // What the page knows besides is put to it: `+ "&column=" + column`.
    let put_together = |found: Captures<'_>| {
        let opened = found.get(1)?;
        let scope = Scope { text: &text, page, at: opened.start() };
        let behind = text[opened.end()..].trim_start_matches('\\');
        let behind = behind.strip_prefix(['"', '\'']).unwrap_or_default();
        Some(scope.put_together(opened.as_str(), behind).0)
    };
    let found = OPENED.as_ref()?.captures_iter(&text).filter_map(put_together);
    let mut whole = found.filter(|url| names_a_record(url) && (!is_a_file || url.starts_with(['/', 'h'])));
    let url = page.join(&whole.next()?).ok()?;
    Some(url.as_str().replace("%7B", "{").replace("%7D", "}"))
}

/// Whether what stands behind `#` is such a URL.
pub(in crate::crawl) fn is_template(fragment: &str) -> bool {
    fragment.starts_with("http") && names_a_record(fragment)
}

/// Whether a URL in pieces is that of a record's page: by what every record has
/// one of, and not behind `#`, where no server sees it.
fn names_a_record(url: &str) -> bool {
    let names = url.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name);
    let mut ids = names.filter(|name| {
        let name = name.to_ascii_lowercase();
        ["id", "uuid", "guid", "code", "key", "no"].iter().any(|end| name.ends_with(end))
    });
    ids.next().is_some() && !url.contains('#') && url.contains(['/', '.', '?'])
}

/// A record's URL by a template; none where the record lacks a field of it. A field
/// may have another name as well, `{channelId|id}`.
pub(super) fn url_of(template: &str, record: &Map<String, Value>, base: &Url, encoding: &str) -> Option<Url> {
    let mut pieces = template.split('{');
    let mut url = pieces.next()?.to_owned();
    for piece in pieces {
        let (name, rest) = piece.split_once('}')?;
        match name.split('|').find_map(|name| record.get(name))? {
            Value::String(text) if !text.is_empty() => url.push_str(text),
            Value::Number(number) => url.push_str(&number.to_string()),
            _ => return None,
        }
        url.push_str(rest);
    }
    join(base, &url, encoding)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_s_url_is_put_together_as_the_script_does() {
        let page: Url = "http://a.gov.cn/gk/index.html?c=5".parse().unwrap();
        let record = serde_json::json!({"id": 7, "guid": "a-b", "siteCode": "330483", "title": "x", "no": ""});
        let cases = [
            ("html += \"<a href='detail.html?id=\" + item.id + \"'>\";", Some("http://a.gov.cn/gk/detail.html?id=7")),
            ("s += '<a href=\"/art/' + row.guid + '.html\" target=_blank>'", Some("http://a.gov.cn/art/a-b.html")),
            ("html.push('<a href=\\\"/art?id='+d.id+'\\\">')", Some("http://a.gov.cn/art?id=7")),
            ("location.href = '/art?id=' + row.id;", Some("http://a.gov.cn/art?id=7")),
            ("window.open('/art?g=' + row.guid)", Some("http://a.gov.cn/art?g=a-b")),
            (
                "window.open(\"/art?g=\" + e.guid + \"&s=\" + e.siteCode, '_blank')",
                Some("http://a.gov.cn/art?g=a-b&s=330483"),
            ),
            ("<a :href=\"'/art?id=' + item.id\">", Some("http://a.gov.cn/art?id=7")),
            ("`<a href=\"/art/${item.id}.html\">`", Some("http://a.gov.cn/art/7.html")),
            ("<a href=\"/art/{{ d.id }}.html\">", Some("http://a.gov.cn/art/7.html")),
            ("<a href='/art?id=<%= item.id %>'>", Some("http://a.gov.cn/art?id=7")),
            (
                "var c = getParam('c'); h += \"<a href='art.html?id=\" + row.id + \"&c=\" + c + \"'>\";",
                Some("http://a.gov.cn/gk/art.html?id=7&c=5"),
            ),
            (
                "h += '<a href=\"/art.html?id=' + row.id + '&t=' + now() + '\">';",
                Some("http://a.gov.cn/art.html?id=7&t="),
            ),
            // What is not known is not put together, nor what no server sees.
            ("location.href = '/art?id=' + id;", None),
            ("location.href = '/art?id=' + row.docId;", None),
            ("location.href = '/art?no=' + row.no;", None),
            ("location.href = '/#/art?id=' + row.id;", None),
            ("location.href = '/s?k=' + row.title;", None),
            ("$.get('/api/art?id=' + row.id, show);", None),
            ("<img src=\"/pic/${item.id}.png\">", None),
        ];
        for (script, expected) in cases {
            let made = template(script, &page)
                .and_then(|template| url_of(&template, record.as_object().unwrap(), &page, "utf-8"));
            assert_eq!(made.as_ref().map(Url::as_str), expected, "{script}");
        }
    }
}
