//! What a page asks of robots: meta robots and X-Robots-Tag.

use serde::{Deserialize, Serialize};

use super::tags::{Piece, pieces};

/// Which of a page's requests are obeyed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ObeyPages {
    /// None: robots.txt alone decides.
    Nothing,
    /// `nofollow`: its links are not followed. What it says is read, because a
    /// report that is published by law is no secret of a search engine's.
    #[default]
    Nofollow,
    /// `noindex` as well: it is archived, and no report is taken from it.
    All,
}

/// What a page asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PageRules {
    /// It should not be indexed.
    pub noindex: bool,
    /// Its links should not be followed.
    pub nofollow: bool,
}

impl PageRules {
    /// What a page asks of an agent, in its header fields and its meta tags:
    /// all that is asked of every robot and of this one.
    #[must_use]
    pub fn of(headers: &[(String, String)], html: &str, agent: &str) -> Self {
        let mut rules = Self::default();
        for (_, value) in headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("x-robots-tag")) {
            rules.header(value, agent);
        }
        for piece in pieces(html) {
            let Piece::Open(tag) = piece else { continue };
            let name = if tag.is("meta") { tag.attribute("name").unwrap_or_default() } else { continue };
            if name.eq_ignore_ascii_case("robots") || name.eq_ignore_ascii_case(agent) {
                tag.attribute("content").unwrap_or_default().split(',').for_each(|word| rules.word(word));
            }
        }
        rules
    }

    /// `nofollow`, or `AGENT: nofollow`; the agent holds for what follows.
    fn header(&mut self, value: &str, agent: &str) {
        let mut is_for_us = true;
        for part in value.split(',') {
            let (named, word) = part.split_once(':').map_or((None, part), |(name, rest)| (Some(name.trim()), rest));
            match named {
                // A directive with a value of its own names no agent.
                Some(name) if name.starts_with("max-") || name.eq_ignore_ascii_case("unavailable_after") => continue,
                Some(name) => is_for_us = name.eq_ignore_ascii_case(agent),
                None => {}
            }
            if is_for_us {
                self.word(word);
            }
        }
    }

    fn word(&mut self, word: &str) {
        match word.trim().to_ascii_lowercase().as_str() {
            "noindex" => self.noindex = true,
            "nofollow" => self.nofollow = true,
            "none" => *self = Self { noindex: true, nofollow: true },
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_pages_ask() {
        let cases = [
            ("", "<p>x", false, false),
            ("", "<meta name=robots content=nofollow>", false, true),
            ("", "<META content='NoIndex, NOFOLLOW' name='ROBOTS'>", true, true),
            ("", "<meta name=gongkai content=none>", true, true),
            ("", "<meta name=otherbot content=none>", false, false),
            ("", "<meta name=robots content='index,follow'>", false, false),
            ("", "<!-- <meta name=robots content=none> -->", false, false),
            ("", "<script>'<meta name=robots content=none>'</script>", false, false),
            ("noindex", "", true, false),
            ("gongkai: nofollow", "", false, true),
            ("GongKai: noindex, nofollow", "", true, true),
            ("otherbot: noindex, nofollow", "", false, false),
            ("nofollow, otherbot: noindex", "", false, true),
            ("unavailable_after: 25 Jun 2030 15:00:00 GMT, nofollow", "", false, true),
            ("max-snippet: 20, noindex", "", true, false),
        ];
        for (header, html, noindex, nofollow) in cases {
            let headers = [("X-Robots-Tag".to_owned(), header.to_owned())];
            assert_eq!(PageRules::of(&headers, html, "gongkai"), PageRules { noindex, nofollow }, "{header:?} {html}");
        }
    }
}
