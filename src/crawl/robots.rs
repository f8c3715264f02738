//! robots.txt as RFC 9309 has it.
//!
//! The crates that exist compare percent-encoded paths byte by byte, so that
//! `%e4` and `%E4` differ, which on Chinese paths allows what is forbidden;
//! hence a parser of our own.

use std::borrow::Cow;
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
    pattern: Pattern,
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
        let token = octets_escaped(agent.split('/').next().unwrap_or_default().trim().as_bytes());
        let token = token.as_str();
        let mut groups = Groups::default();
        let bytes = as_utf8(within_bounds(bytes));
        for (index, bytes) in lines(without_mark(&bytes)).enumerate() {
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
        let path = octets_of_url(if path_and_query.is_empty() { "/" } else { path_and_query });
        if path == octets_of_url("/robots.txt") {
            return Decision { verdict: Verdict::Allow, line: None };
        }
        let mut steps = MOST_STEPS;
        let matching = self.rules.iter().filter(|rule| {
            let matched = rule.pattern.matches(&path, &mut steps);
            matched.unwrap_or(rule.verdict == Verdict::Deny)
        });
        let first = |rule: &Rule| std::cmp::Reverse(rule.line);
        let best = matching.max_by_key(|rule| (rule.pattern.n_octets, rule.verdict == Verdict::Allow, first(rule)));
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

    /// Whether there is no rule at all for the agent.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// The sitemaps that the file names.
    #[must_use]
    pub fn sitemaps(&self) -> &[String] {
        &self.sitemaps
    }
}

impl Rule {
    fn new(verdict: Verdict, path: &str, line: u32, text: &[u8]) -> Self {
        let text = String::from_utf8_lossy(text).trim().to_owned();
        Self { verdict, pattern: Pattern::of(path), line, text }
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
        // A word that is no token of the RFC (a digit in it) names who has that
        // very name; and its letters are a token.
        let word = value.split(['/', ' ', '\t']).next().unwrap_or_default();
        let is_named = |name: &str| !name.is_empty() && name.eq_ignore_ascii_case(token);
        self.in_own |= is_named(product_token(value)) || is_named(word);
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

/// A file as UTF-8, which it has to be (2.2): one that an editor saved as
/// UTF-16 is decoded, rather than everything allowed.
fn as_utf8(bytes: &[u8]) -> Cow<'_, [u8]> {
    let encoding = match bytes {
        [0xff, 0xfe, _, 0, ..] => encoding_rs::UTF_16LE,
        [0xfe, 0xff, 0, _, ..] => encoding_rs::UTF_16BE,
        _ => return Cow::Borrowed(bytes),
    };
    Cow::Owned(encoding.decode_with_bom_removal(bytes).0.into_owned().into_bytes())
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

/// Steps that one decision may take: a thousand rules against a URL of a
/// thousand octets take fewer, rules that are made to be slow do not.
const MOST_STEPS: usize = 20_000_000;

/// One octet of a path, in the spelling by which it is compared (2.2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Octet {
    byte: u8,
    /// Whether it is written as an escape. What no URL may hold as itself
    /// (controls, spaces, octets outside ASCII, quotes, `<>`, braces, the bar, the
    /// caret, the grave and the backslash) always is, an unreserved character
    /// never.
    is_escaped: bool,
}

/// The octets of a path with its query as it is written, each in one spelling.
fn octets(text: &str) -> impl Iterator<Item = Octet> {
    let bytes = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        let byte = *bytes.get(at)?;
        let escape = bytes.get(at + 1..at + 3).filter(|_| byte == b'%').and_then(|hex| {
            let is_hex = hex.iter().all(u8::is_ascii_hexdigit);
            std::str::from_utf8(hex).ok().filter(|_| is_hex).and_then(|hex| u8::from_str_radix(hex, 16).ok())
        });
        at += if escape.is_some() { 3 } else { 1 };
        let byte = escape.unwrap_or(byte);
        let is_reserved = b":/?#[]@!$&'()*+,;=".contains(&byte);
        let is_unreserved = byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        // A `%` that begins no escape is an octet that has to be one.
        Some(Octet { byte, is_escaped: !is_unreserved && (escape.is_some() || !is_reserved) })
    })
}

/// An octet of a URL and whether it stands behind the first `?`.
type Placed = (Octet, bool);

fn octets_of_url(path_and_query: &str) -> Vec<Placed> {
    let mut in_query = false;
    let placed = octets(path_and_query).map(|octet| {
        let is_behind = in_query;
        in_query |= octet.byte == b'?' && !octet.is_escaped;
        (octet, is_behind)
    });
    placed.collect()
}

/// A rule's path.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Pattern {
    /// None is `*`, which stands for any octets.
    octets: Vec<Option<Octet>>,
    /// Whether a `$` at the end asks for the end of the URL.
    is_anchored: bool,
    /// By which the most specific rule is found: as many as its normal spelling
    /// has. Who escapes what means itself makes no rule more specific.
    n_octets: usize,
}

impl Pattern {
    fn of(path: &str) -> Self {
        let is_anchored = path.ends_with('$');
        let text = path.strip_suffix('$').unwrap_or(path);
        let is_star = |octet: &Octet| octet.byte == b'*' && !octet.is_escaped;
        let octets: Vec<Option<Octet>> = octets(text).map(|octet| (!is_star(&octet)).then_some(octet)).collect();
        let width = |octet: &Option<Octet>| match octet {
            Some(octet) if octet.is_escaped && !is_itself(octet.byte, false) => 3,
            _ => 1,
        };
        let n_octets = octets.iter().map(width).sum::<usize>() + usize::from(is_anchored);
        Self { octets, is_anchored, n_octets }
    }

    /// Whether it matches the start of a URL's path and query. In time
    /// proportional to pattern × path at worst, as a star only ever needs its
    /// latest place; none where the steps are used up.
    fn matches(&self, path: &[Placed], steps: &mut usize) -> Option<bool> {
        let (mut p, mut s) = (0, 0);
        let mut star: Option<(usize, usize)> = None;
        loop {
            *steps = steps.checked_sub(1)?;
            if p == self.octets.len() && (!self.is_anchored || s == path.len()) {
                return Some(true);
            }
            match (self.octets.get(p), path.get(s)) {
                (Some(None), _) => {
                    star = Some((p + 1, s));
                    p += 1;
                }
                (Some(Some(octet)), Some(placed)) if is_same(*octet, *placed) => (p, s) = (p + 1, s + 1),
                _ => match star.filter(|(_, from)| *from < path.len()) {
                    Some((after, from)) => {
                        star = Some((after, from + 1));
                        (p, s) = (after, from + 1);
                    }
                    None => return Some(false),
                },
            }
        }
    }
}

fn is_same(octet: Octet, (placed, in_query): Placed) -> bool {
    octet.byte == placed.byte && (octet.is_escaped == placed.is_escaped || is_itself(octet.byte, in_query))
}

/// Whether a reserved character means itself, escaped or not: the RFC escapes
/// both sides (2.2.2). What tells segments and parameters apart does not: `/`
/// and `?` in a path, `&`, `=` and `+` in a query. In a query `/` and `?` are
/// data (RFC 3986 3.4), so that `?u=https://a` and `?u=https%3A%2F%2Fa` are one.
fn is_itself(byte: u8, in_query: bool) -> bool {
    match byte {
        b'/' | b'?' => in_query,
        b'&' | b'=' | b'+' => !in_query,
        _ => b":[]@!$'()*,;".contains(&byte),
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
        let file = format!("User-agent: *\nAllow: /\n{}", format!("Disallow: /*{}b\n", "a".repeat(400)).repeat(1000));
        assert_eq!(
            Robots::parse(file.as_bytes(), "g").decide(&path).verdict,
            Verdict::Deny,
            "it takes too long to tell"
        );
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..200), path in "/[ -~公]{0,20}") {
            let _ = Robots::parse(&bytes, "gongkai").decide(&path);
        }

        #[test]
        fn a_rule_forbids_what_it_begins(start in r"/[!\x22$&-~公]{0,8}[a-z]", rest in r"[!-$&-~公]{0,8}") {
            let robots = Robots::parse(format!("User-agent: *\nDisallow: {start}").as_bytes(), "g");
            prop_assert_eq!(robots.decide(&format!("{start}{rest}")).verdict, Verdict::Deny);
        }

        /// A rule meets the URL that the client makes of the path it names.
        #[test]
        fn a_path_and_its_url_are_one(path in r"/[!\x22$-)+,0-;<-\[\]-~公]{1,12}[a-z]", query in r"(\?[!\x22$-)+-~公]{0,8}[a-z])?") {
            let named = format!("{path}{query}");
            let url: url::Url = format!("http://x{named}").parse().unwrap();
            let robots = Robots::parse(format!("User-agent: *\nDisallow: {named}").as_bytes(), "g");
            prop_assert_eq!(robots.decide(&url[url::Position::BeforePath..]).verdict, Verdict::Deny, "{}", url);
        }
    }
}
