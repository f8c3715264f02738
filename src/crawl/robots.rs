//! robots.txt as RFC 9309 has it.
//!
//! The crates that exist compare percent-encoded paths byte by byte, so that
//! `%e4` and `%E4` differ, which on Chinese paths allows what is forbidden;
//! hence a parser of our own.

use std::time::Duration;

/// Bytes that are read; the RFC (2.5) asks for at least 500 KiB.
const MOST_BYTES: usize = 500 * 1024;

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
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        // A page that was sent instead has no rules.
        if bytes.trim_ascii_start().starts_with(b"<") {
            return Self::default();
        }
        let bytes = match bytes.get(..MOST_BYTES) {
            // A rule that is cut would be a broader one.
            Some(head) => &head[..head.iter().rposition(|byte| *byte == b'\n').unwrap_or(0)],
            None => bytes,
        };
        let token = product_token(agent);
        let (mut own, mut any) = (Self::default(), Self::default());
        let (mut in_own, mut in_any, mut names_agents, mut has_own) = (false, false, false, false);
        let mut sitemaps = Vec::new();
        for (index, bytes) in lines(bytes).enumerate() {
            let text = octets_escaped(bytes);
            let line = text.split('#').next().unwrap_or_default().trim();
            let Some((key, value)) = line.split_once(':') else { continue };
            let (key, value) = (key.trim().to_ascii_lowercase(), value.trim());
            match key.as_str() {
                "user-agent" | "useragent" => {
                    // A user-agent line after rules begins a new group.
                    if !names_agents {
                        (in_own, in_any) = (false, false);
                    }
                    names_agents = true;
                    let named = product_token(value);
                    in_own |= !named.is_empty() && named.eq_ignore_ascii_case(token);
                    in_any |= value == "*";
                    has_own |= in_own;
                }
                "allow" | "disallow" => {
                    names_agents = false;
                    let verdict = if key == "allow" { Verdict::Allow } else { Verdict::Deny };
                    // An empty path matches nothing (2.2.2).
                    if value.is_empty() {
                        continue;
                    }
                    let line = u32::try_from(index + 1).unwrap_or(u32::MAX);
                    let text = String::from_utf8_lossy(bytes).trim().to_owned();
                    let rule = Rule { verdict, pattern: normal(value, Of::Pattern), line, text };
                    if in_own {
                        own.rules.push(rule.clone());
                    }
                    if in_any {
                        any.rules.push(rule);
                    }
                }
                "crawl-delay" => {
                    names_agents = false;
                    let seconds = value.parse::<f64>().ok().filter(|s| s.is_finite() && *s >= 0.0);
                    let delay = seconds.map(|seconds| Duration::from_secs_f64(seconds.min(86_400.0)));
                    if in_own {
                        own.crawl_delay = own.crawl_delay.max(delay);
                    }
                    if in_any {
                        any.crawl_delay = any.crawl_delay.max(delay);
                    }
                }
                // Not of any group, and it does not end one (2.2.4).
                "sitemap" => sitemaps.push(value.to_owned()),
                _ => {}
            }
        }
        Self { sitemaps, ..if has_own { own } else { any } }
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
        let best = matching.max_by_key(|rule| (rule.pattern.len(), rule.verdict == Verdict::Allow));
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

/// The letters, `_` and `-` that begin an agent's name.
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
fn normal(path: &str, of: Of) -> String {
    let bytes = path.as_bytes();
    let mut out = String::with_capacity(path.len());
    let mut at = 0;
    while at < bytes.len() {
        let escape = bytes.get(at + 1..at + 3).filter(|hex| bytes[at] == b'%' && hex.iter().all(u8::is_ascii_hexdigit));
        if let Some(hex) = escape.and_then(|hex| std::str::from_utf8(hex).ok()) {
            match u8::from_str_radix(hex, 16) {
                Ok(byte) if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) => out.push(char::from(byte)),
                _ => {
                    out.push('%');
                    out.push_str(&hex.to_ascii_uppercase());
                }
            }
            at += 3;
            continue;
        }
        match bytes[at] {
            byte @ (b'*' | b'$') if of == Of::Path => out.push_str(&format!("%{byte:02X}")),
            b'$' if at + 1 < bytes.len() => out.push_str("%24"),
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

    /// What the RFC says, a row each: file, path, verdict, deciding line.
    #[test]
    fn sentences_of_the_rfc() {
        use Verdict::{Allow, Deny};
        let cases = [
            ("", "/a", Allow, None),
            ("User-agent: *\nDisallow: /", "/a", Deny, Some(2)),
            ("User-agent: *\nDisallow:", "/a", Allow, None),
            ("USER-AGENT: gongkai\nDISALLOW: /a", "/a/b", Deny, Some(2)),
            ("User-agent: Gongkai/0.1 (x)\nDisallow: /a", "/a", Deny, Some(2)),
            ("User-agent: gongkaibot\nDisallow: /", "/a", Allow, None),
            ("User-agent: *\nDisallow: /\n\nUser-agent: gongkai\nAllow: /", "/a", Allow, Some(5)),
            ("User-agent: *\nDisallow: /\n\nUser-agent: gongkai\nDisallow:", "/a", Allow, None),
            ("User-agent: a\nUser-agent: gongkai\nDisallow: /x", "/x", Deny, Some(3)),
            (
                "User-agent: gongkai\nDisallow: /x\nUser-agent: a\nDisallow: /y\nUser-agent: gongkai\nDisallow: /z",
                "/z",
                Deny,
                Some(6),
            ),
            ("User-agent: gongkai\nDisallow: /x\nUser-agent: a\nDisallow: /y", "/y", Allow, None),
            ("User-agent: *\nDisallow: /a\nAllow: /a/b", "/a/b/c", Allow, Some(3)),
            ("User-agent: *\nAllow: /a\nDisallow: /a", "/a", Allow, Some(2)),
            ("User-agent: *\nDisallow: /*.pdf$", "/x/a.pdf", Deny, Some(2)),
            ("User-agent: *\nDisallow: /*.pdf$", "/x/a.pdf?b", Allow, None),
            ("User-agent: *\nDisallow: /a*c", "/abbc/d", Deny, Some(2)),
            ("User-agent: *\nDisallow: /A", "/a", Allow, None),
            ("User-agent: *\nDisallow: /%e5%85%ac", "/%E5%85%AC/1", Deny, Some(2)),
            ("User-agent: *\nDisallow: /%E5%85%AC", "/公/1", Deny, Some(2)),
            ("User-agent: *\nDisallow: /公", "/%e5%85%ac", Deny, Some(2)),
            ("User-agent: *\nDisallow: /%7Ea", "/~a", Deny, Some(2)),
            ("User-agent: *\nDisallow: /a%2Fb", "/a/b", Allow, None),
            ("User-agent: *\nDisallow: /", "/robots.txt", Allow, None),
            ("\u{feff}User-agent: *\r\nDisallow: /a # why\r\n", "/a", Deny, Some(2)),
            ("User-agent: *\rDisallow: /a", "/a", Deny, Some(2)),
            ("User-agent: *\nDisallow: /a%2Ab", "/a*b", Deny, Some(2)),
            ("User-agent: *\nDisallow: /a%2Ab", "/axb", Allow, None),
            ("User-agent: *\nDisallow: /a%24", "/a$", Deny, Some(2)),
            ("User-agent: *\nDisallow: /a$b", "/a$b", Deny, Some(2)),
            ("User-agent: *\nSitemap: http://x/s\nDisallow: /a", "/a", Deny, Some(3)),
            ("User-agent: *\nnonsense\nDisallow /b\nDisallow: /a", "/a", Deny, Some(4)),
            ("Disallow: /a", "/a", Allow, None),
            ("<html>\nUser-agent: *\nDisallow: /", "/a", Allow, None),
        ];
        for (file, path, verdict, line) in cases {
            let robots = Robots::parse(file.as_bytes(), "gongkai");
            let decision = robots.decide(path);
            assert_eq!((decision.verdict, decision.line.map(|(line, _)| line)), (verdict, line), "{file:?} {path}");
        }
    }

    #[test]
    fn paths_of_any_encoding_are_compared_by_their_octets() {
        let robots = Robots::parse(b"User-agent: *\nDisallow: /\xb9\xab", "gongkai");
        assert_eq!(robots.decide("/%b9%ab/1").verdict, Verdict::Deny);
        assert_eq!(robots.decide("/%E5%85%AC").verdict, Verdict::Allow);
    }

    #[test]
    fn a_file_that_is_too_long_is_cut_between_lines() {
        let head = "User-agent: *\n".to_owned() + &"#".repeat(MOST_BYTES - 24) + "\nDisallow: /abc";
        assert_eq!(Robots::parse(head.as_bytes(), "gongkai").decide("/ax").verdict, Verdict::Allow);
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
