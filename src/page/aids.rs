//! Readings in brackets behind characters: 報(bào)告.
//!
//! Converters of copying sites put one behind every character that has several
//! readings, in the middle of labels and sentences.

use std::sync::LazyLock;

use regex::Regex;

/// A text without the pinyin syllables that stand in brackets behind a Han
/// character. Only syllables with a tone's mark go: `(a)` and `(kg)` stay.
pub(super) fn without_reading_aids(text: String) -> String {
    static AID: LazyLock<Option<Regex>> =
        LazyLock::new(|| crate::pattern(r"(\p{Han})[(（][a-zü]{0,4}[āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ][a-z]{0,3}[)）]"));
    // The first byte of every letter with a tone's mark, and of no Han character.
    let is_first = |byte: &u8| matches!(byte, 0xC3..=0xC7);
    let has_marks = |chunk: &[u8]| chunk.iter().fold(false, |any, byte| any | is_first(byte));
    match AID.as_ref() {
        Some(aid) if text.as_bytes().chunks(64).any(has_marks) => aid.replace_all(&text, "$1").into_owned(),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readings_go_and_other_brackets_stay() {
        let cases = [
            ("信息公開年度報(bào)告", "信息公開年度報告"),
            ("現(xiàn)有縣（xiàn）級(jí)單位", "現有縣級單位"),
            ("本縣(lǜ)2016年", "本縣2016年"),
            ("公斤(kg)，件(a)，表(é)", "公斤(kg)，件(a)，表"),
            ("收到(其中当面)12件", "收到(其中当面)12件"),
            ("(hé)平路", "(hé)平路"),
        ];
        for (text, expected) in cases {
            assert_eq!(without_reading_aids(text.to_owned()), expected, "{text}");
        }
    }
}
