//! Which rules may hold for a text, told by its words: each pattern needs one
//! of a few words, and one pass over the text finds them all.

use aho_corasick::AhoCorasick;
use regex_syntax::hir::{Hir, HirKind};

/// The patterns by the words that they need.
pub(super) struct Index {
    finder: AhoCorasick,
    /// For each word the patterns that need it.
    patterns_of: Vec<Vec<usize>>,
    /// Patterns that need no word.
    always: Vec<usize>,
}

impl Index {
    /// # Errors
    ///
    /// A pattern that is none, or words too many for a finder.
    pub(super) fn of<'a>(patterns: impl Iterator<Item = &'a str>) -> Result<Self, String> {
        let mut words: Vec<String> = Vec::new();
        let mut patterns_of: Vec<Vec<usize>> = Vec::new();
        let mut always = Vec::new();
        for (pattern, text) in patterns.enumerate() {
            let hir = regex_syntax::parse(text).map_err(|error| error.to_string())?;
            let Some(needed) = needed(&hir) else {
                always.push(pattern);
                continue;
            };
            for word in needed {
                let at = words.iter().position(|known| *known == word).unwrap_or_else(|| {
                    words.push(word);
                    patterns_of.push(Vec::new());
                    words.len() - 1
                });
                if !patterns_of[at].contains(&pattern) {
                    patterns_of[at].push(pattern);
                }
            }
        }
        let finder = AhoCorasick::new(&words).map_err(|error| error.to_string())?;
        Ok(Self { finder, patterns_of, always })
    }

    /// The patterns that may match a text, in order.
    pub(super) fn candidates(&self, text: &str) -> Vec<usize> {
        let mut found = self.always.clone();
        for word in self.finder.find_overlapping_iter(text) {
            found.extend(&self.patterns_of[word.pattern().as_usize()]);
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// Words of which every match of a pattern has one; none where it needs none.
fn needed(hir: &Hir) -> Option<Vec<String>> {
    match hir.kind() {
        HirKind::Literal(literal) => Some(vec![String::from_utf8(literal.0.to_vec()).ok()?]),
        HirKind::Capture(capture) => needed(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => needed(&repetition.sub),
        HirKind::Alternation(each) => {
            let words: Option<Vec<Vec<String>>> = each.iter().map(needed).collect();
            Some(words?.concat())
        }
        // The part with the longest words says most.
        HirKind::Concat(parts) => {
            let shortest = |words: &Vec<String>| words.iter().map(String::len).min().unwrap_or(0);
            parts.iter().filter_map(needed).max_by_key(shortest)
        }
        HirKind::Class(_) | HirKind::Repetition(_) | HirKind::Look(_) | HirKind::Empty => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_found_by_a_word_that_it_needs() {
        let patterns = ["^(?:收到|受理)了?(?:公开)?申请$", "维持|纠错", "[0-9]+", "(?:甲)*乙?"];
        let index = Index::of(patterns.into_iter()).unwrap();
        assert_eq!(index.candidates("共受理公开申请"), [0, 2, 3]);
        assert_eq!(index.candidates("依法纠错"), [1, 2, 3]);
        assert_eq!(index.candidates("其他"), [2, 3]);
    }
}
