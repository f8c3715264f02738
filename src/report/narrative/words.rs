//! Which rules may hold for a text, told by its words: each pattern needs one
//! word of each of a few groups, and one pass over the text finds them all.

use aho_corasick::AhoCorasick;
use regex_syntax::hir::{Hir, HirKind};

/// Words of which a match has one at least.
type Group = Vec<String>;

/// Groups of one pattern that are looked for: those with the longest words.
const MOST_GROUPS: usize = 8;

/// The patterns by the words that they need.
pub(super) struct Index {
    finder: AhoCorasick,
    /// For each word the patterns that need it, and in which of their groups.
    patterns_of: Vec<Vec<(usize, u8)>>,
    /// For each pattern its groups, a bit each.
    groups: Vec<u8>,
}

impl Index {
    /// # Errors
    ///
    /// A pattern that is none, or words too many for a finder.
    pub(super) fn of<'a>(patterns: impl Iterator<Item = &'a str>) -> Result<Self, String> {
        let mut words: Vec<String> = Vec::new();
        let mut patterns_of: Vec<Vec<(usize, u8)>> = Vec::new();
        let mut groups = Vec::new();
        for (pattern, text) in patterns.enumerate() {
            let hir = regex_syntax::parse(text).map_err(|error| error.to_string())?;
            let mut needed = needed(&hir);
            needed.sort_by_key(|group| std::cmp::Reverse(shortest(group)));
            needed.truncate(MOST_GROUPS);
            let mut all = 0;
            for (bit, group) in needed.into_iter().enumerate().map(|(at, group)| (1 << at, group)) {
                all |= bit;
                for word in group {
                    let at = words.iter().position(|known| *known == word).unwrap_or_else(|| {
                        words.push(word);
                        patterns_of.push(Vec::new());
                        words.len() - 1
                    });
                    patterns_of[at].push((pattern, bit));
                }
            }
            groups.push(all);
        }
        let finder = AhoCorasick::new(&words).map_err(|error| error.to_string())?;
        Ok(Self { finder, patterns_of, groups })
    }

    /// The patterns that may match a text, in order.
    pub(super) fn candidates(&self, text: &str) -> Vec<usize> {
        let mut found = vec![0_u8; self.groups.len()];
        for word in self.finder.find_overlapping_iter(text) {
            for (pattern, group) in &self.patterns_of[word.pattern().as_usize()] {
                found[*pattern] |= group;
            }
        }
        let both = found.iter().zip(&self.groups).enumerate();
        both.filter(|(_, (found, all))| found == all).map(|(pattern, _)| pattern).collect()
    }
}

fn shortest(group: &Group) -> usize {
    group.iter().map(String::len).min().unwrap_or(0)
}

/// The groups of words of which every match of a pattern has one each.
fn needed(hir: &Hir) -> Vec<Group> {
    match hir.kind() {
        HirKind::Literal(literal) => {
            String::from_utf8(literal.0.to_vec()).map(|word| vec![vec![word]]).unwrap_or_default()
        }
        HirKind::Capture(capture) => needed(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => needed(&repetition.sub),
        // Of each alternative the group with the longest words says most.
        HirKind::Alternation(each) => {
            let best = |hir: &Hir| needed(hir).into_iter().max_by_key(shortest);
            let words: Option<Vec<Group>> = each.iter().map(best).collect();
            words.map(|words| vec![words.concat()]).unwrap_or_default()
        }
        HirKind::Concat(parts) => parts.iter().flat_map(needed).collect(),
        HirKind::Class(_) | HirKind::Repetition(_) | HirKind::Look(_) | HirKind::Empty => Vec::new(),
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
        assert_eq!(index.candidates("受理信访"), [2, 3], "one word of each group");
        assert_eq!(index.candidates("依法纠错"), [1, 2, 3]);
        assert_eq!(index.candidates("其他"), [2, 3]);
    }
}
