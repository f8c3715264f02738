//! Cookies, for the portals that answer nothing without one.
//!
//! Some send every visitor in a circle until a cookie comes back, by redirects
//! or by an empty page that only asks for itself again. Such a host
//! gets its own cookies back for the rest of the run, and no other host ever
//! sees them. A challenge's cookie is none of these: it is set by a script, or
//! by an answer that turns visitors away, and neither is taken.

use jiff::Timestamp;
use url::Url;

/// The cookies of one host, in memory for one run.
#[derive(Debug, Default)]
pub(super) struct Jar {
    cookies: Vec<Cookie>,
    is_open: bool,
}

#[derive(Debug, PartialEq, Eq)]
struct Cookie {
    name: String,
    value: String,
    path: String,
    is_secure: bool,
}

/// Cookies that are kept of one host.
const MOST: usize = 20;
/// Bytes of one cookie: what RFC 6265 6.1 asks a browser to keep.
const LONGEST: usize = 4096;

impl Jar {
    /// Takes what an answer sets that leads on. A domain that it names is not looked at: a
    /// cookie goes back to the very host that set it.
    pub fn take(&mut self, headers: &[(String, String)], url: &Url, now: Timestamp) {
        for (_, field) in headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie")) {
            let Some((cookie, lives)) = parse(field, url, now) else { continue };
            self.cookies.retain(|other| (&other.name, &other.path) != (&cookie.name, &cookie.path));
            if lives && self.cookies.len() < MOST {
                self.cookies.push(cookie);
            }
        }
    }

    /// Begins to give the cookies back; false where there are none, or where
    /// that was tried already.
    pub fn open(&mut self) -> bool {
        let is_news = !self.is_open && !self.cookies.is_empty();
        self.is_open |= is_news;
        is_news
    }

    /// What a request for a URL of this host sends along.
    pub fn header(&self, url: &Url) -> Option<String> {
        let is_for = |cookie: &&Cookie| {
            let rest = url.path().strip_prefix(cookie.path.as_str());
            let in_path =
                rest.is_some_and(|rest| cookie.path.ends_with('/') || rest.is_empty() || rest.starts_with('/'));
            in_path && (url.scheme() == "https" || !cookie.is_secure)
        };
        let pairs: Vec<_> =
            self.cookies.iter().filter(is_for).map(|cookie| format!("{}={}", cookie.name, cookie.value)).collect();
        (self.is_open && !pairs.is_empty()).then(|| pairs.join("; "))
    }
}

/// A Set-Cookie field (RFC 6265 5.2), and whether the cookie lives on.
fn parse(field: &str, url: &Url, now: Timestamp) -> Option<(Cookie, bool)> {
    if field.len() > LONGEST || field.chars().any(char::is_control) {
        return None;
    }
    let mut parts = field.split(';');
    let (name, value) = parts.next()?.split_once('=')?;
    let (name, value) = (name.trim(), value.trim());
    let is_sendable = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
    if name.is_empty() || !is_sendable(name) || !is_sendable(value) {
        return None;
    }
    let folder = url.path().rsplit_once('/').map_or("/", |(folder, _)| if folder.is_empty() { "/" } else { folder });
    let (name, value) = (name.to_owned(), value.to_owned());
    let mut cookie = Cookie { name, value, path: folder.to_owned(), is_secure: false };
    let (mut expired, mut max_age) = (false, None);
    for part in parts {
        let (key, value) = part.split_once('=').unwrap_or((part, ""));
        match key.trim().to_ascii_lowercase().as_str() {
            "path" if value.trim().starts_with('/') => value.trim().clone_into(&mut cookie.path),
            "secure" => cookie.is_secure = true,
            "max-age" => max_age = value.trim().parse::<i64>().ok(),
            "expires" => {
                let at = httpdate::parse_http_date(value.trim()).ok();
                let at = at.and_then(|at| Timestamp::try_from(at).ok());
                expired = at.is_some_and(|at| at <= now);
            }
            _ => {}
        }
    }
    Some((cookie, max_age.map_or(!expired, |seconds| seconds > 0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jar(fields: &[&str]) -> Jar {
        let mut jar = Jar::default();
        let headers: Vec<_> = fields.iter().map(|field| ("Set-Cookie".to_owned(), (*field).to_owned())).collect();
        jar.take(&headers, &"http://a.gov.cn/x/y".parse().unwrap(), Timestamp::from_second(1_700_000_000).unwrap());
        jar.open();
        jar
    }

    #[test]
    fn cookies_go_back_where_they_belong() {
        let cases: [(&[&str], &str, Option<&str>); 14] = [
            (&["a=1"], "http://a.gov.cn/x/z", Some("a=1")),
            (&["a=1"], "http://a.gov.cn/", None),
            (&["a=1; Path=/", "b=2; path=/"], "http://a.gov.cn/", Some("a=1; b=2")),
            (&["a=1; Path=/x"], "http://a.gov.cn/xy", None),
            (&["a=1; Path=/x"], "http://a.gov.cn/x", Some("a=1")),
            (&["a=1; Path=/; Secure"], "http://a.gov.cn/", None),
            (&["a=1; Path=/; Secure"], "https://a.gov.cn/", Some("a=1")),
            (&["a=1; Path=/; Domain=gov.cn; HttpOnly"], "http://a.gov.cn/", Some("a=1")),
            (&["a=1; Path=/", "a=2; Path=/"], "http://a.gov.cn/", Some("a=2")),
            (&["a=1; Path=/", "a=; Path=/; Max-Age=0"], "http://a.gov.cn/", None),
            (&["a=1; Path=/; Expires=Sun, 06 Nov 1994 08:49:37 GMT"], "http://a.gov.cn/", None),
            (&["a=1; Path=/; Expires=Sun, 06 Nov 1994 08:49:37 GMT; Max-Age=9"], "http://a.gov.cn/", Some("a=1")),
            (&["=1", "novalue", "a=\u{1}"], "http://a.gov.cn/x/", None),
            (&["a=公"], "http://a.gov.cn/x/", None),
        ];
        for (fields, url, expected) in cases {
            assert_eq!(jar(fields).header(&url.parse().unwrap()).as_deref(), expected, "{fields:?} {url}");
        }
    }

    #[test]
    fn a_jar_is_bounded_and_opens_once() {
        let many: Vec<_> = (0..100).map(|n| format!("c{n}=1")).chain([format!("big={}", "x".repeat(5000))]).collect();
        let jar = jar(&many.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(jar.cookies.len(), MOST);
        let mut empty = Jar::default();
        assert!(!empty.open());
        let mut full = Jar::default();
        full.take(&[("set-cookie".to_owned(), "a=1".to_owned())], &"http://a.gov.cn/".parse().unwrap(), Timestamp::MIN);
        assert_eq!(full.header(&"http://a.gov.cn/".parse().unwrap()), None, "it is closed");
        assert!(full.open());
        assert!(!full.open());
    }
}
