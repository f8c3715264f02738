//! What an answer means: keep, follow, retry, leave.

use std::sync::LazyLock;
use std::time::Duration;

use jiff::Timestamp;
use regex::Regex;
use url::Url;

use super::transport::Answer;
use crate::page::charset;

/// What an answer means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judgement {
    /// A page.
    Keep,
    /// 304: as before.
    NotModified,
    /// The page is elsewhere.
    Redirect(Url),
    /// Not now.
    Later {
        /// Why, in words.
        why: String,
        /// What the server asked for.
        retry_after: Option<Duration>,
    },
    /// The server says that there is no such page.
    Gone(String),
    /// A block, a challenge or a login wall: recorded and left.
    Refused(String),
    /// Something that will not become a page.
    Never(String),
}

/// Says what an answer means.
#[must_use]
pub fn judge(answer: &Answer, url: &Url, now: Timestamp) -> Judgement {
    match answer.status {
        304 => Judgement::NotModified,
        301 | 302 | 303 | 307 | 308 => match answer.header("location").map(|location| target(url, location)) {
            Some(Some(to)) => Judgement::Redirect(to),
            Some(None) => Judgement::Never("a redirect to no web address".to_owned()),
            None => Judgement::Never("a redirect without a target".to_owned()),
        },
        404 | 410 => Judgement::Gone(format!("status {}", answer.status)),
        401 | 407 => Judgement::Refused("login: the server wants a login".to_owned()),
        403 | 451 => Judgement::Refused(format!("block: status {}", answer.status)),
        412 | 521 => Judgement::Refused(format!("challenge: status {}", answer.status)),
        408 | 425 | 429 | 500..=599 => {
            Judgement::Later { why: format!("status {}", answer.status), retry_after: retry_after(answer, now) }
        }
        200..=205 => page(answer, url),
        status => Judgement::Never(format!("status {status}")),
    }
}

/// A 200 may be a challenge, a redirect by script, or nothing.
fn page(answer: &Answer, url: &Url) -> Judgement {
    const SMALL: usize = 4096;
    if answer.body.iter().all(u8::is_ascii_whitespace) {
        return Judgement::Later { why: "an empty page".to_owned(), retry_after: None };
    }
    if answer.body.len() > SMALL {
        return Judgement::Keep;
    }
    let (text, _) = charset::decode(&answer.body, answer.header("content-type"));
    let lower = text.to_lowercase();
    let challenges = ["captcha", "验证码", "安全验证", "人机验证", "waf_", "__jsl_clearance", "challenge-platform"];
    // A page of the subject that also has a field for a code is no challenge.
    let is_of_subject = text.contains("信息公开") || text.contains("政务公开");
    if let Some(mark) = challenges.iter().find(|mark| !is_of_subject && lower.contains(**mark)) {
        return Judgement::Refused(format!("challenge: the page asks for more ({mark})"));
    }
    match moved(&text, url) {
        Some(to) if to != *url => Judgement::Redirect(to),
        _ => Judgement::Keep,
    }
}

/// The target of a meta refresh or of a page that is only a script's redirect.
fn moved(text: &str, url: &Url) -> Option<Url> {
    static REFRESH: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r#"(?i)<meta[^>]+http-equiv\s*=\s*["']?refresh["']?[^>]+content\s*=\s*["']?\s*([0-9]+)\s*;\s*url\s*=\s*["']?([^"'>\s]+)"#).ok()
    });
    static SCRIPT: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r#"(?:window\.|top\.|self\.|document\.)?location(?:\.href)?\s*(?:=|\.replace\()\s*["']([^"']+)["']"#)
            .ok()
    });
    if let Some(found) = REFRESH.as_ref()?.captures(text) {
        // A page that reloads itself every five minutes has not moved.
        let seconds: u32 = found.get(1)?.as_str().parse().ok()?;
        return (seconds <= 10).then(|| target(url, found.get(2)?.as_str())).flatten();
    }
    let links = text.matches("<a ").count() + text.matches("<A ").count();
    let found = SCRIPT.as_ref()?.captures(text)?;
    (links <= 2).then(|| target(url, found.get(1)?.as_str())).flatten()
}

fn target(url: &Url, location: &str) -> Option<Url> {
    let mut to = url.join(location.trim()).ok()?;
    to.set_fragment(None);
    matches!(to.scheme(), "http" | "https").then_some(to)
}

/// Retry-After in both its forms (RFC 9110 10.2.3).
#[must_use]
pub fn retry_after(answer: &Answer, now: Timestamp) -> Option<Duration> {
    let value = answer.header("retry-after")?.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than fit are a very long time.
        return Some(Duration::from_secs(value.parse().unwrap_or(u64::MAX)));
    }
    let at = httpdate::parse_http_date(value).ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
    let now = Duration::try_from(now.as_duration()).ok()?;
    Some(at.saturating_sub(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Answer {
        let headers = headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        Answer::of(status, headers, body.as_bytes().to_vec())
    }

    #[test]
    fn how_long_a_server_wants_to_be_left() {
        let now = Timestamp::from_second(784_111_777).unwrap();
        let cases = [
            ("0", Some(0)),
            (" 120 ", Some(120)),
            ("99999999999999999999999", Some(u64::MAX)),
            ("Sun, 06 Nov 1994 08:50:37 GMT", Some(60)),
            ("Sunday, 06-Nov-94 08:50:37 GMT", Some(60)),
            ("Sun Nov  6 08:50:37 1994", Some(60)),
            ("Sun, 06 Nov 1994 08:00:00 GMT", Some(0)),
            ("-5", None),
            ("1.5", None),
            ("soon", None),
            ("", None),
        ];
        for (value, seconds) in cases {
            let answer = answer(503, &[("Retry-After", value)], "");
            assert_eq!(retry_after(&answer, now), seconds.map(Duration::from_secs), "{value:?}");
        }
    }

    #[test]
    fn what_answers_mean() {
        let now = Timestamp::from_second(784_111_777).unwrap();
        let long = format!("<p>验证码</p>{}", "字".repeat(3000));
        let cases = [
            (answer(200, &[], "<p>年报</p>"), "Keep"),
            (answer(200, &[], &long), "Keep"),
            (answer(200, &[], " \n"), "Later { why: \"an empty page\", retry_after: None }"),
            (answer(304, &[], ""), "NotModified"),
            (answer(302, &[("Location", "/b#c")], ""), "to http://a.gov.cn/b"),
            (answer(301, &[("Location", "ftp://x/")], ""), "Never(\"a redirect to no web address\")"),
            (answer(301, &[], ""), "Never(\"a redirect without a target\")"),
            (answer(404, &[], ""), "Gone(\"status 404\")"),
            (answer(403, &[], ""), "Refused(\"block: status 403\")"),
            (answer(521, &[], ""), "Refused(\"challenge: status 521\")"),
            (answer(503, &[("Retry-After", "120")], ""), "Later { why: \"status 503\", retry_after: Some(120s) }"),
            (
                answer(429, &[("Retry-After", "Sun, 06 Nov 1994 08:49:47 GMT")], ""),
                "Later { why: \"status 429\", retry_after: Some(10s) }",
            ),
            (answer(200, &[], "<meta http-equiv=refresh content='0;url=/c'>"), "to http://a.gov.cn/c"),
            (answer(200, &[], "<script>location.href='index.html'</script>"), "to http://a.gov.cn/index.html"),
            (answer(200, &[], "<script>location='/a'</script>"), "Keep"),
            (answer(200, &[], "<p>请输入验证码</p>"), "Refused(\"challenge: the page asks for more (验证码)\")"),
        ];
        for (answer, expected) in cases {
            let judged = match judge(&answer, &"http://a.gov.cn/a".parse().unwrap(), now) {
                Judgement::Redirect(to) => format!("to {to}"),
                other => format!("{other:?}"),
            };
            assert_eq!(judged, expected);
        }
    }
}
