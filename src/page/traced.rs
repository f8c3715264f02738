//! A text in another spelling that knows where each of its characters came from.

use std::ops::Range;

use super::fold::{fold, words_back_for};

/// A text in folded spelling, and the characters of the original that it was made
/// of: slower than [`fold`], for who shows what was found in the page's own words.
#[derive(Debug, Clone, Default)]
pub struct Traced {
    original: String,
    text: String,
    /// The bytes of the original that each character of the text came from, with its
    /// own place.
    origins: Vec<Origin>,
}

#[derive(Debug, Clone, Copy)]
struct Origin {
    at: u32,
    from: u32,
    to: u32,
}

impl Traced {
    /// [`fold`], traced.
    #[must_use]
    pub fn folded(original: &str) -> Self {
        let mut traced = Self { original: original.to_owned(), ..Self::default() };
        for (from, c) in original.char_indices() {
            let to = from + c.len_utf8();
            fold(&original[from..to]).chars().for_each(|c| traced.push(c, from as u32, to as u32));
        }
        words_back_for(original).iter().for_each(|(changed, word)| traced.replace(changed, word));
        traced
    }

    /// The text in its spelling.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What of the original a part of the text, by its bytes, was made of.
    #[must_use]
    pub fn original(&self, part: Range<usize>) -> &str {
        let first = self.origins.partition_point(|origin| (origin.at as usize) < part.start);
        let end = self.origins.partition_point(|origin| (origin.at as usize) < part.end);
        let made_of = self.origins.get(first..end).unwrap_or_default();
        let bytes = made_of.first().zip(made_of.last()).map(|(first, last)| first.from as usize..last.to as usize);
        bytes.map_or("", |bytes| &self.original[bytes])
    }

    /// Puts another word for one; all of it came from all of the other.
    pub fn replace(&mut self, word: &str, with: &str) {
        let places: Vec<usize> = self.text.match_indices(word).map(|(at, _)| at).collect();
        if places.is_empty() {
            return;
        }
        let old = std::mem::take(self);
        self.original = old.original;
        let mut places = places.into_iter().peekable();
        let mut chars = old.text.chars().zip(old.origins).peekable();
        while let Some((c, origin)) = chars.next() {
            if places.next_if_eq(&(origin.at as usize)).is_none() {
                self.push(c, origin.from, origin.to);
                continue;
            }
            let end = origin.at as usize + word.len();
            let mut to = origin.to;
            while let Some((_, next)) = chars.next_if(|(_, next)| (next.at as usize) < end) {
                to = next.to;
            }
            with.chars().for_each(|c| self.push(c, origin.from, to));
        }
    }

    /// Keeps some characters only.
    pub fn retain(&mut self, is_kept: impl Fn(char) -> bool) {
        let old = std::mem::take(self);
        self.original = old.original;
        let kept = old.text.chars().zip(old.origins).filter(|(c, _)| is_kept(*c));
        kept.for_each(|(c, origin)| self.push(c, origin.from, origin.to));
    }

    /// Takes another text, character for character.
    pub fn respelt(&mut self, text: &str) {
        let old = std::mem::take(self);
        self.original = old.original;
        text.chars().zip(old.origins).for_each(|(c, origin)| self.push(c, origin.from, origin.to));
    }

    /// Puts another text behind this one.
    pub fn append(&mut self, other: Self) {
        let shift = self.original.len() as u32;
        self.original.push_str(&other.original);
        let chars = other.text.chars().zip(other.origins);
        chars.for_each(|(c, origin)| self.push(c, origin.from + shift, origin.to + shift));
    }

    fn push(&mut self, c: char, from: u32, to: u32) {
        self.origins.push(Origin { at: self.text.len() as u32, from, to });
        self.text.push(c);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_was_found_is_shown_as_the_page_prints_it() {
        let cases = [
            ("全年收到　申請１２　件。", "收到申请12件", "收到　申請１２　件"),
            ("透過網際網路申請6件", "互联网申请6件", "網際網路申請6件"),
            ("資訊公開", "信息", "資訊"),
            ("①收到 3 件", "收到3件", "收到 3 件"),
        ];
        for (original, found, shown) in cases {
            let traced = Traced::folded(original);
            let at = traced.text().find(found).unwrap();
            assert_eq!(traced.original(at..at + found.len()), shown, "{original}");
        }
    }

    proptest! {
        #[test]
        fn tracing_changes_nothing(text in "[\\PC年報網際路資訊 ⽐（）①]{0,30}") {
            let traced = Traced::folded(&text);
            prop_assert_eq!(traced.text(), fold(&text));
        }
    }
}
