//! robots.txt as RFC 9309 has it.
//!
//! The crates that exist compare percent-encoded paths byte by byte, so that
//! `%e4` and `%E4` differ, which on Chinese paths allows what is forbidden;
//! hence a parser of our own.

use std::time::Duration;

/// Bytes that are read; the RFC (2.5) asks for at least 500 KiB.
pub const MOST_BYTES: usize = 500 * 1024;

/// Redirects that are followed, across authorities as well (2.3.1.2).
pub const MOST_REDIRECTS: u8 = 5;

/// What the answer for a robots.txt comes to (2.3.1), redirects followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// It was had: its rules hold, 2.3.1.1.
    Successful,
    /// It is "unavailable": everything is allowed, 2.3.1.3.
    Unavailable,
    /// It is "unreachable": nothing is, 2.3.1.4.
    Unreachable,
}

impl Access {
    /// What a final status means. A redirect is final where it leads nowhere
    /// or the fifth was followed already.
    #[must_use]
    pub fn of_status(status: u16) -> Self {
        match status {
            200..=299 => Self::Successful,
            // Who sends 429 asks for fewer requests, not for all of them.
            429 => Self::Unreachable,
            300..=499 => Self::Unavailable,
            _ => Self::Unreachable,
        }
    }
}

/// The rules of one robots.txt for one agent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Robots {
    rules: Vec<Rule>,
    crawl_delay: Option<Duration>,
    sitemaps: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Rule {
    verdict: Verdict,
    /// The path in normal percent-encoding, wildcards kept.
    pattern: String,
    /// Its octets, by which the most specific rule is found.
    n_octets: usize,
    line: u32,
    text: String,
}

/// Whether a path may be fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It may.
    Allow,
    /// It may not.
    Deny,
}

/// A verdict and the line that decides it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision<'a> {
    /// Whether the path may be fetched.
    pub verdict: Verdict,
    /// The deciding line's number and text; none where no rule matches.
    pub line: Option<(u32, &'a str)>,
}

impl Robots {
    /// Reads the rules for an agent: those of all groups that name its product
    /// token (2.2.1), else those of the groups for `*`.
    ///
    /// Any bytes are read: a byte order mark is skipped, what is no UTF-8 is
    /// replaced, what is no rule is passed over, as 2.2 and 2.3.1.1 ask.
    #[must_use]
    pub fn parse(bytes: &[u8], agent: &str) -> Self {
        let token = agent.split('/').next().unwrap_or_default().trim();
        let mut groups = Groups::default();
        for (index, bytes) in lines(within_bounds(without_mark(bytes))).enumerate() {
            let text = octets_escaped(bytes);
            let line = text.split('#').next().unwrap_or_default().trim();
            let Some((key, value)) = key_and_value(line) else { continue };
            match key {
                Key::UserAgent => groups.agent(value, token),
                Key::Path(verdict) => {
                    groups.names_agents = false;
                    // An empty path matches nothing (2.2.2).
                    if !value.is_empty() {
                        let line = u32::try_from(index + 1).unwrap_or(u32::MAX);
                        groups.rule(Rule::new(verdict, value, line, bytes));
                    }
                }
                Key::CrawlDelay => groups.crawl_delay(value),
                Key::Sitemap => groups.sitemaps.push(value.to_owned()),
            }
        }
        groups.chosen()
    }

    /// Whether a path (with its query) may be fetched, and by which line: the
    /// longest match decides, and allow where two are as long (2.2.2).
    #[must_use]
    pub fn decide(&self, path_and_query: &str) -> Decision<'_> {
        let path = normal(if path_and_query.is_empty() { "/" } else { path_and_query }, Of::Path);
        if path == "/robots.txt" {
            return Decision { verdict: Verdict::Allow, line: None };
        }
        let matching = self.rules.iter().filter(|rule| matches(&rule.pattern, &path));
        let first = |rule: &Rule| std::cmp::Reverse(rule.line);
        let best = matching.max_by_key(|rule| (rule.n_octets, rule.verdict == Verdict::Allow, first(rule)));
        match best {
            Some(rule) => Decision { verdict: rule.verdict, line: Some((rule.line, &rule.text)) },
            None => Decision { verdict: Verdict::Allow, line: None },
        }
    }

    /// The delay between requests that the group asks for; not of the RFC, but
    /// obeyed.
    #[must_use]
    pub fn crawl_delay(&self) -> Option<Duration> {
        self.crawl_delay
    }

    /// The sitemaps that the file names.
    #[must_use]
    pub fn sitemaps(&self) -> &[String] {
        &self.sitemaps
    }
}

impl Rule {
    fn new(verdict: Verdict, path: &str, line: u32, text: &[u8]) -> Self {
        let pattern = normal(path, Of::Pattern);
        // A `$` that is no anchor was escaped and is one octet still.
        let n_escaped = path.trim_end_matches('$').matches('$').count();
        let n_octets = pattern.len().saturating_sub(2 * n_escaped);
        let text = String::from_utf8_lossy(text).trim().to_owned();
        Self { verdict, pattern, n_octets, line, text }
    }
}

/// The rules of our own groups and of those for all, as they are gathered.
#[derive(Default)]
struct Groups {
    /// None where no group names us.
    own: Option<Robots>,
    any: Robots,
    sitemaps: Vec<String>,
    in_own: bool,
    in_any: bool,
    /// Whether the lines since the last rule name agents.
    names_agents: bool,
}

impl Groups {
    fn agent(&mut self, value: &str, token: &str) {
        // A user-agent line after rules begins a new group.
        if !self.names_agents {
            (self.in_own, self.in_any) = (false, false);
        }
        self.names_agents = true;
        let named = product_token(value);
        self.in_own |= !named.is_empty() && named.eq_ignore_ascii_case(token);
        self.in_any |= value.strip_prefix('*').is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t']));
        if self.in_own {
            self.own.get_or_insert_default();
        }
    }

    /// What the group that is being read belongs to.
    fn current(&mut self) -> impl Iterator<Item = &mut Robots> {
        let own = self.own.as_mut().filter(|_| self.in_own);
        own.into_iter().chain(self.in_any.then_some(&mut self.any))
    }

    fn rule(&mut self, rule: Rule) {
        for group in self.current() {
            group.rules.push(rule.clone());
        }
    }

    /// Of the agents named before it; not of the RFC, so it ends no list of
    /// agents (2.2.4).
    fn crawl_delay(&mut self, value: &str) {
        let seconds = value.parse::<f64>().ok().filter(|s| s.is_finite() && *s >= 0.0);
        let delay = seconds.map(|seconds| Duration::from_secs_f64(seconds.min(86_400.0)));
        for group in self.current() {
            group.crawl_delay = group.crawl_delay.max(delay);
        }
    }

    /// Our own group, else the one for all (2.2.1).
    fn chosen(self) -> Robots {
        Robots { sitemaps: self.sitemaps, ..self.own.unwrap_or(self.any) }
    }
}

/// What a line is about.
#[derive(Clone, Copy)]
enum Key {
    UserAgent,
    Path(Verdict),
    CrawlDelay,
    Sitemap,
}

/// A line's key and value; none for what is neither of the RFC nor known.
///
/// The misspellings are those that Google's parser takes: who writes them
/// means them. So does who forgets the colon, where two words are all there is.
fn key_and_value(line: &str) -> Option<(Key, &str)> {
    let (key, value) = line.split_once(':').or_else(|| {
        let (key, value) = line.split_once([' ', '\t'])?;
        (!value.trim().contains([' ', '\t'])).then_some((key, value))
    })?;
    let key = match key.trim().to_ascii_lowercase().as_str() {
        "user-agent" | "useragent" | "user agent" => Key::UserAgent,
        "allow" => Key::Path(Verdict::Allow),
        "disallow" | "dissallow" | "dissalow" | "disalow" | "diasllow" | "disallaw" => Key::Path(Verdict::Deny),
        "crawl-delay" => Key::CrawlDelay,
        "sitemap" => Key::Sitemap,
        _ => return None,
    };
    Some((key, value.trim()))
}

/// A file without its byte order mark, a clipped one too.
fn without_mark(bytes: &[u8]) -> &[u8] {
    let marks: [&[u8]; 3] = [b"\xef\xbb\xbf", b"\xef\xbb", b"\xef"];
    marks.into_iter().find_map(|mark| bytes.strip_prefix(mark)).unwrap_or(bytes)
}

/// The lines that are whole within the bound: a rule that is cut would be a
/// broader one.
fn within_bounds(bytes: &[u8]) -> &[u8] {
    if bytes.len() <= MOST_BYTES {
        return bytes;
    }
    let head = &bytes[..MOST_BYTES];
    &head[..head.iter().rposition(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(0)]
}

/// The letters, `_` and `-` that begin an agent's name (2.2.1); what follows,
/// such as a version, is no part of it.
fn product_token(agent: &str) -> &str {
    let end = agent.find(|c: char| !(c.is_ascii_alphabetic() || c == '_' || c == '-')).unwrap_or(agent.len());
    &agent[..end]
}

/// The lines of a file; CR, LF and CRLF end one (2.2).
fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(bytes);
    std::iter::from_fn(move || {
        let text = rest?;
        let end = text.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
        rest = end.map(|end| match text[end..] {
            [b'\r', b'\n', ..] => &text[end + 2..],
            _ => &text[end + 1..],
        });
        Some(&text[..end.unwrap_or(text.len())])
    })
}

/// A line with its octets outside ASCII percent-encoded, whatever encoding
/// they are of: a portal's GBK paths are asked for by the same octets.
fn octets_escaped(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for byte in bytes {
        if byte.is_ascii() { text.push(char::from(*byte)) } else { text.push_str(&format!("%{byte:02X}")) }
    }
    text
}

/// What is brought into its normal spelling.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    /// A rule's path: `*` and a final `$` are wildcards, `%2A` and `%24` are not.
    Pattern,
    /// A URL's path: `*` and `$` are themselves.
    Path,
}

/// Octets outside ASCII percent-encoded, escapes in upper case, escaped
/// unreserved characters as themselves (2.2.2).
///
/// In a query `:`, `/`, `?` and `@` mean themselves, escaped or not (RFC 3986
/// 3.4), so that `?u=https://a` and `?u=https%3A%2F%2Fa` are one, as the RFC's
/// table has it.
fn normal(path: &str, of: Of) -> String {
    let bytes = path.as_bytes();
    let mut out = String::with_capacity(path.len());
    let mut at = 0;
    let mut in_query = false;
    while at < bytes.len() {
        let escape = bytes.get(at + 1..at + 3).filter(|hex| bytes[at] == b'%' && hex.iter().all(u8::is_ascii_hexdigit));
        if let Some(hex) = escape.and_then(|hex| std::str::from_utf8(hex).ok()) {
            match u8::from_str_radix(hex, 16) {
                Ok(byte) if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) => out.push(char::from(byte)),
                Ok(byte) if in_query && b":/?@".contains(&byte) => out.push(char::from(byte)),
                _ => {
                    out.push('%');
                    out.push_str(&hex.to_ascii_uppercase());
                }
            }
            at += 3;
            continue;
        }
        in_query |= bytes[at] == b'?';
        match bytes[at] {
            byte @ (b'*' | b'$') if of == Of::Path => out.push_str(&format!("%{byte:02X}")),
            b'$' if at + 1 < bytes.len() => out.push_str("%24"),
            // It begins no escape.
            b'%' => out.push_str("%25"),
            byte @ 0x21..=0x7e => out.push(char::from(byte)),
            byte => out.push_str(&format!("%{byte:02X}")),
        }
        at += 1;
    }
    out
}

/// Whether a pattern with `*` and a final `$` matches the start of a path. In
/// time proportional to pattern × path at worst: a star only ever needs its
/// latest place.
fn matches(pattern: &str, path: &str) -> bool {
    let (pattern, anchored) = match pattern.strip_suffix('$') {
        Some(start) => (start.as_bytes(), true),
        None => (pattern.as_bytes(), false),
    };
    let path = path.as_bytes();
    let (mut p, mut s) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    loop {
        if p == pattern.len() && (!anchored || s == path.len()) {
            return true;
        }
        if p < pattern.len() && pattern[p] == b'*' {
            star = Some((p + 1, s));
            p += 1;
        } else if p < pattern.len() && s < path.len() && pattern[p] == path[s] {
            (p, s) = (p + 1, s + 1);
        } else if let Some((after, from)) = star.filter(|(_, from)| *from < path.len()) {
            star = Some((after, from + 1));
            (p, s) = (after, from + 1);
        } else {
            return false;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn paths_of_any_encoding_are_compared_by_their_octets() {
        let robots = Robots::parse(b"User-agent: *\nDisallow: /\xb9\xab", "gongkai");
        assert_eq!(robots.decide("/%b9%ab/1").verdict, Verdict::Deny);
        assert_eq!(robots.decide("/%E5%85%AC").verdict, Verdict::Allow);
    }

    #[test]
    fn a_file_that_is_too_long_is_cut_between_lines() {
        for end in ["\n", "\r", "\r\n"] {
            let start = format!("User-agent: *{end}Disallow: /yes{end}");
            let rule = format!("{end}Disallow: /abc");
            for (n_over, verdict) in [(0, Verdict::Deny), (1, Verdict::Allow), (3, Verdict::Allow)] {
                let comment = "#".repeat(MOST_BYTES + n_over - start.len() - rule.len());
                let robots = Robots::parse(format!("{start}{comment}{rule}").as_bytes(), "gongkai");
                assert_eq!(robots.decide("/abc").verdict, verdict, "{n_over} {end:?}");
                assert_eq!(robots.decide("/ax").verdict, Verdict::Allow);
                assert_eq!(robots.decide("/yes").verdict, Verdict::Deny);
            }
        }
    }

    #[test]
    fn what_an_answer_comes_to() {
        use Access::{Successful, Unavailable, Unreachable};
        let cases = [
            (200, Successful),
            (204, Successful),
            (301, Unavailable),
            (400, Unavailable),
            (401, Unavailable),
            (403, Unavailable),
            (404, Unavailable),
            (410, Unavailable),
            (429, Unreachable),
            (499, Unavailable),
            (500, Unreachable),
            (503, Unreachable),
            (521, Unreachable),
            (600, Unreachable),
        ];
        for (status, access) in cases {
            assert_eq!(Access::of_status(status), access, "{status}");
        }
    }

    #[test]
    fn delays_and_sitemaps() {
        let robots = Robots::parse(b"User-agent: *\nCrawl-delay: 2.5\nSitemap: http://x/s.xml", "gongkai");
        assert_eq!(robots.crawl_delay(), Some(Duration::from_millis(2500)));
        assert_eq!(robots.sitemaps(), ["http://x/s.xml"]);
        assert_eq!(Robots::parse(b"User-agent: *\nCrawl-delay: -1", "g").crawl_delay(), None);
    }

    #[test]
    fn many_stars_cost_little() {
        let file = format!("User-agent: *\nDisallow: /{}b$", "*a".repeat(2000));
        let path = format!("/{}", "a".repeat(20_000));
        assert_eq!(Robots::parse(file.as_bytes(), "g").decide(&path).verdict, Verdict::Allow);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..200), path in "/[ -~公]{0,20}") {
            let _ = Robots::parse(&bytes, "gongkai").decide(&path);
        }

        #[test]
        fn a_pattern_without_wildcards_matches_what_it_begins(start in "/[a-z/]{0,8}", rest in "[a-z/]{0,8}") {
            let whole = format!("{start}{rest}");
            prop_assert!(matches(&start, &whole));
        }
    }
}
