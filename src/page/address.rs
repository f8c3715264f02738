//! The one spelling under which a document's address is known.

use url::Url;

/// Names of path parameters and query fields that carry a visitor's session.
///
/// `sid` is one only as a path parameter: in a query it is a site's id on the
/// platforms that ask `/gkmlpt/api/all/1?page=2&sid=3`.
const SESSION_NAMES: [&str; 5] = ["jsessionid", "phpsessid", "sessionid", "cfid", "cftoken"];

/// Names of query fields that say where a visitor came from.
const TRACKING_NAMES: [&str; 4] = ["gclid", "fbclid", "spm", "isappinstalled"];

/// The canonical text of a URL: equal for URLs that surely name the same
/// document, and its own canonical text when a scheme is put before it.
///
/// Without scheme (`http` and `https` are one), credentials and fragment; the
/// host in lower case without its final dot; default ports, session ids,
/// tracking fields and empty queries off; percent-encoding normalised as
/// RFC 3986 6.2.2 says. The order of query fields, doubled slashes and
/// `index.html` stay: servers tell them apart.
///
/// A URL that is neither `http` nor `https` keeps its text without fragment.
#[must_use]
pub fn canonical_url(url: &Url) -> String {
    let Some(host) = url.host_str().filter(|_| matches!(url.scheme(), "http" | "https")) else {
        let mut plain = url.clone();
        plain.set_fragment(None);
        return plain.into();
    };
    // One final dot only: what is left of several is no host name at all.
    let mut text = match host.strip_suffix('.') {
        Some(bare) if !bare.is_empty() && !bare.ends_with('.') => bare.to_owned(),
        _ => host.to_owned(),
    };
    // 80 and 443 both: the schemes are one here, so are their ports.
    if let Some(port) = url.port().filter(|port| !matches!(port, 80 | 443)) {
        text.push(':');
        text.push_str(&port.to_string());
    }
    text.push_str(&path(&normal_percent(url.path())));
    if let Some(query) = url.query() {
        let query = normal_percent(query);
        let fields: Vec<_> = query.split('&').filter(|field| says_something(field)).collect();
        if !fields.is_empty() {
            text.push('?');
            text.push_str(&fields.join("&"));
        }
    }
    text
}

/// A path without the session ids in its segments.
fn path(path: &str) -> String {
    let segments: Vec<_> = path.split('/').filter(|segment| !is_cookieless_session(segment)).collect();
    let path = segments.iter().map(|segment| without_session(segment)).collect::<Vec<_>>().join("/");
    if path.starts_with('/') { path } else { format!("/{path}") }
}

/// `(S(…))`, the session of an ASP.NET site without cookies.
fn is_cookieless_session(segment: &str) -> bool {
    let segment = without_session(segment);
    segment.starts_with("(S(") && segment.ends_with("))")
}

/// `a.jsp;jsessionid=…` as `a.jsp`.
fn without_session(segment: &str) -> String {
    let mut parameters = segment.split(';');
    let name = parameters.next().unwrap_or_default();
    let is_session = |parameter: &&str| {
        let key = parameter.split('=').next().unwrap_or_default();
        key.eq_ignore_ascii_case("sid") || is_session_name(key)
    };
    let kept: Vec<_> = std::iter::once(name).chain(parameters.filter(|p| !is_session(p))).collect();
    let kept = kept.join(";");
    // What is left must not turn into a dot segment, which means another path.
    if matches!(kept.as_str(), "." | "..") { segment.to_owned() } else { kept }
}

/// Whether a query field may choose the document.
fn says_something(field: &str) -> bool {
    let (name, value) = field.split_once('=').unwrap_or((field, ""));
    let name = name.to_ascii_lowercase();
    let is_share = name == "from" && matches!(value, "singlemessage" | "groupmessage" | "timeline");
    let is_tracking = name.starts_with("utm_") || TRACKING_NAMES.contains(&name.as_str());
    let is_session = is_session_name(&name) || is_session_value(&name, value);
    !(field.is_empty() || is_session || is_tracking || is_share || is_against_caches(&name, value))
}

/// Whether a field holds a visitor's token under a name that others use for
/// something else: a platform's `sid=3` is a site.
fn is_session_value(name: &str, value: &str) -> bool {
    const LEAST: usize = 16;
    let is_token = value.len() >= LEAST && value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    is_token && matches!(name, "sid" | "session" | "session_id" | "token" | "csrf" | "_csrf")
}

/// Whether a field only keeps caches from answering: a random number, or the
/// time in milliseconds.
fn is_against_caches(name: &str, value: &str) -> bool {
    const NAMES: [&str; 8] = ["_", "t", "rnd", "rand", "random", "timestamp", "nocache", "r"];
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let is_fraction = value.starts_with("0.") && digits + 1 == value.len();
    let is_millis = value.len() == 13 && digits == 13;
    NAMES.contains(&name) && (is_fraction || is_millis)
}

fn is_session_name(name: &str) -> bool {
    SESSION_NAMES.iter().any(|known| name.eq_ignore_ascii_case(known))
        || name.get(..12).is_some_and(|start| start.eq_ignore_ascii_case("aspsessionid"))
}

/// RFC 3986 6.2.2: upper-case hexadecimal, unreserved characters decoded. A
/// `%` that begins no escape is one itself, `%25`.
fn normal_percent(text: &str) -> String {
    let mut normal = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        normal.push_str(&rest[..at]);
        let escape = rest.get(at + 1..at + 3).filter(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()));
        let byte = escape.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match byte.map(char::from) {
            Some(c) if c.is_ascii_alphanumeric() || "-._~".contains(c) => normal.push(c),
            _ => {
                normal.push('%');
                normal.push_str(&escape.map_or_else(|| "25".to_owned(), str::to_ascii_uppercase));
            }
        }
        rest = &rest[at + 1 + escape.map_or(0, str::len)..];
    }
    normal.push_str(rest);
    normal
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn canonical(text: &str) -> String {
        canonical_url(&text.parse().unwrap())
    }

    #[test]
    fn spellings_of_one_document_are_one() {
        let cases = [
            ("https://WWW.Example.gov.cn./a", "www.example.gov.cn/a"),
            ("http://example.gov.cn:80/a#top", "example.gov.cn/a"),
            ("https://example.gov.cn:443/a", "example.gov.cn/a"),
            ("http://example.gov.cn:8080/a", "example.gov.cn:8080/a"),
            ("http://example.gov.cn", "example.gov.cn/"),
            ("http://example.gov.cn/x/../a/./b?", "example.gov.cn/a/b"),
            ("http://example.gov.cn/%e5%b9%b4/%7Ea%2fb", "example.gov.cn/%E5%B9%B4/~a%2Fb"),
            ("http://example.gov.cn/年", "example.gov.cn/%E5%B9%B4"),
            ("http://example.gov.cn/50%", "example.gov.cn/50%25"),
            ("http://example.gov.cn/a.jsp;jsessionid=1F?b=2", "example.gov.cn/a.jsp?b=2"),
            ("http://example.gov.cn/a.do;SID=1;v=2", "example.gov.cn/a.do;v=2"),
            ("http://example.gov.cn/a.php?PHPSESSID=9&id=3", "example.gov.cn/a.php?id=3"),
            ("http://example.gov.cn/(S(q1w2))/a.aspx", "example.gov.cn/a.aspx"),
            ("http://example.gov.cn/a?utm_source=x&from=timeline&isappinstalled=0", "example.gov.cn/a"),
            ("http://example.gov.cn/a?sid=0f1e2d3c4b5a6978&id=3", "example.gov.cn/a?id=3"),
            ("http://example.gov.cn/a?_=1700000000123&t=0.8153", "example.gov.cn/a"),
            ("http://u:p@example.gov.cn/a", "example.gov.cn/a"),
            ("http://[2001:DB8::1]/a", "[2001:db8::1]/a"),
            ("file:///tmp/a.html#b", "file:///tmp/a.html"),
        ];
        for (url, expected) in cases {
            assert_eq!(canonical(url), expected, "{url}");
        }
    }

    #[test]
    fn what_servers_tell_apart_stays_apart() {
        let pairs = [
            ("http://example.gov.cn/a/", "http://example.gov.cn/a"),
            ("http://example.gov.cn/a/", "http://example.gov.cn/a/index.html"),
            ("http://example.gov.cn//a", "http://example.gov.cn/a"),
            ("http://example.gov.cn/a?b=1&c=2", "http://example.gov.cn/a?c=2&b=1"),
            ("http://example.gov.cn/api?page=2&sid=1", "http://example.gov.cn/api?page=2&sid=2"),
            ("http://example.gov.cn/a?t=1", "http://example.gov.cn/a?t=2"),
            ("http://example.gov.cn/a?id=0f1e2d3c4b5a6978", "http://example.gov.cn/a?id=1f1e2d3c4b5a6978"),
            ("http://example.gov.cn/A", "http://example.gov.cn/a"),
            ("http://example.gov.cn/a%2Fb", "http://example.gov.cn/a/b"),
            ("http://example.gov.cn/a?from=2017", "http://example.gov.cn/a?from=2018"),
            ("http://www.example.gov.cn/", "http://example.gov.cn/"),
        ];
        for (a, b) in pairs {
            assert_ne!(canonical(a), canonical(b));
        }
    }

    proptest! {
        #[test]
        fn is_its_own_canonical_text(
            host in "[a-zA-Z0-9-]{1,8}(\\.[a-z]{2,4}){1,2}\\.{0,2}",
            rest in "(/[ -~年報]{0,12}){0,4}(;jsessionid=[a-z]{0,4})?(\\?[ -~公]{0,20})?(#[a-z]{0,3})?",
            scheme in "https?",
        ) {
            if let Ok(url) = format!("{scheme}://{host}{rest}").parse::<Url>() {
                let once = canonical_url(&url);
                prop_assert_eq!(canonical(&format!("http://{once}")), once);
            }
        }

        #[test]
        fn never_panics(text in "\\PC*") {
            if let Ok(url) = text.parse::<Url>() {
                let _ = canonical_url(&url);
            }
        }
    }
}
