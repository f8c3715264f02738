//! The one spelling in which labels, names and sentences are compared.

use std::borrow::Cow;
use std::sync::LazyLock;

use ferrous_opencc::OpenCC;
use ferrous_opencc::config::BuiltinConfig;
use unicode_normalization::UnicodeNormalization;

/// Folds a text for comparison: NFKC, Simplified characters, the mirror
/// converters' changed words back, white space and invisible characters out,
/// and circled digits too, which number items and mark notes and count nothing.
///
/// What is folded is for matching only; values keep their raw text, which
/// [`Traced`](super::traced::Traced) finds again.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut n_traditional = 0;
    // Most characters stay as they are, and are taken over in runs.
    let mut from = 0;
    for (at, c) in text.char_indices() {
        if is_folded(c) {
            continue;
        }
        folded.push_str(&text[from..at]);
        from = at + c.len_utf8();
        match c {
            HAN_FIRST..=HAN_LAST => {
                n_traditional += 1;
                folded.push(simplified_char(c));
            }
            c if is_nothing(c) || is_circled(c) => {}
            c if composes_alone(c) => folded.push(full_width_as_plain(c)),
            // Compatibility characters (Kangxi radicals, full width forms).
            c => folded.extend(std::iter::once(c).nfkc().filter(|c| !is_nothing(*c)).map(simplified_char)),
        }
    }
    folded.push_str(&text[from..]);
    if n_traditional > 0 { words_back(folded) } else { folded }
}

/// Whether a character is its own in folded spelling.
fn is_folded(c: char) -> bool {
    matches!(c, '!'..='~') || (is_han(c) && simplified_char(c) == c)
}

/// A text in Simplified characters, its words and spacing as they were but for
/// those that converters change.
#[must_use]
pub fn simplified(text: &str) -> Cow<'_, str> {
    if text.chars().all(|c| simplified_char(c) == c) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(words_back(text.chars().map(simplified_char).collect()))
}

/// A text without compatibility characters (NFKC), its spacing as it was but
/// for wide spaces, which become plain ones. Circled digits stay: they number
/// labels and mark notes, and are no digits of a number.
#[must_use]
pub fn composed(text: &str) -> String {
    let mut composed = String::with_capacity(text.len());
    for run in text.split_inclusive(is_circled) {
        let end = run.char_indices().next_back().filter(|(_, c)| is_circled(*c)).map_or(run.len(), |(at, _)| at);
        // Most texts have nothing that composes: of them normalisation is most of
        // the cost.
        if run[..end].chars().all(composes_alone) {
            composed.extend(run[..end].chars().map(full_width_as_plain));
        } else {
            composed.extend(run[..end].nfkc());
        }
        composed.push_str(&run[end..]);
    }
    composed
}

/// Whether NFKC makes one character of a character, whatever stands beside it
/// of the same kind: ASCII, Han, and the punctuation of Chinese.
fn composes_alone(c: char) -> bool {
    matches!(c, '\0'..='~' | HAN_FIRST..=HAN_LAST | '、' | '。' | '《' | '》' | '“' | '”' | '—' | '【' | '】' | '！'..='～')
}

/// A full-width form of ASCII as the character itself, as NFKC has it.
fn full_width_as_plain(c: char) -> char {
    match c {
        '！'..='～' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        c => c,
    }
}

/// A text in Traditional characters: for each Simplified one the first that
/// folds to it. For pages made by the generator.
#[cfg(feature = "generator")]
#[must_use]
pub fn traditional(text: &str) -> String {
    use std::collections::HashMap;
    static TRADITIONAL: LazyLock<HashMap<char, char>> = LazyLock::new(|| {
        let pairs = (HAN_FIRST..=HAN_LAST).filter_map(|c| (simplified_char(c) != c).then_some((simplified_char(c), c)));
        let mut map = HashMap::new();
        pairs.for_each(|(simple, complex)| {
            map.entry(simple).or_insert(complex);
        });
        map
    });
    text.chars().map(|c| TRADITIONAL.get(&c).copied().unwrap_or(c)).collect()
}

/// The share of a text's Han characters that are Traditional only, 0 to 1.
///
/// Simplified texts stay near 0 (著, 乾 and the like), Traditional ones lie
/// above a fifth.
#[must_use]
pub fn traditional_share(text: &str) -> f32 {
    let han = text.chars().filter(|c| is_han(*c));
    let (n, n_traditional) = han.fold((0_u32, 0_u32), |(n, t), c| (n + 1, t + u32::from(simplified_char(c) != c)));
    if n == 0 { 0.0 } else { n_traditional as f32 / n as f32 }
}

/// The characters of the basic Han block: what reports are written in.
const HAN_FIRST: char = '\u{4e00}';
const HAN_LAST: char = '\u{9fff}';

/// Traditional to Simplified, character by character, from `OpenCC`'s table.
///
/// `OpenCC`'s phrases decide a few characters by their neighbours; matching
/// needs one answer for each, at the speed of an array.
static SIMPLIFIED: LazyLock<Vec<char>> = LazyLock::new(|| {
    let same = (HAN_FIRST..=HAN_LAST).collect::<Vec<_>>();
    let Ok(converter) = OpenCC::from_config(BuiltinConfig::T2s) else { return same };
    let convert = |c: char| {
        if c == IN_BOTH {
            return c;
        }
        let text = converter.convert(c.encode_utf8(&mut [0; 4]));
        let mut chars = text.chars();
        match (chars.next(), chars.next()) {
            (Some(simple), None) => simple,
            _ => c,
        }
    };
    same.into_iter().map(convert).collect()
});

/// A character that Simplified texts write as well, in names (乾安县, 乾县), and
/// that no word of reports needs as 干: 干部 is 幹部 in Traditional ones. The
/// test of the list of regions knows whether it is the only one.
const IN_BOTH: char = '乾';

/// Whether a character is of the basic Han block: all of them are letters, and
/// none is a digit to Unicode.
#[must_use]
pub fn is_han(c: char) -> bool {
    (HAN_FIRST..=HAN_LAST).contains(&c)
}

fn simplified_char(c: char) -> char {
    if is_han(c) { SIMPLIFIED[(c as u32 - HAN_FIRST as u32) as usize] } else { c }
}

/// Words that converters to Traditional also replace, in Simplified
/// characters, and what the forms say. Only texts that were Traditional are
/// changed: 资讯 is a word of its own in Simplified ones.
const CHANGED_WORDS: [(&str, &str); 15] = [
    ("网际网路", "互联网"),
    ("网路", "网络"),
    ("资讯", "信息"),
    ("讯息", "信息"),
    ("线上", "在线"),
    ("部落格", "博客"),
    ("程式", "程序"),
    ("计画", "计划"),
    ("公布栏", "公告栏"),
    ("透过", "通过"),
    ("简讯", "短信"),
    ("专线电话", "热线电话"),
    ("答覆", "答复"),
    ("回覆", "回复"),
    ("规范性档案", "规范性文件"),
];

/// The words that [`fold`] changes back in a text, in folded spelling.
pub(super) fn words_back_for(text: &str) -> &'static [(&'static str, &'static str)] {
    if text.chars().any(|c| simplified_char(c) != c) { &CHANGED_WORDS } else { &[] }
}

fn words_back(mut text: String) -> String {
    for (changed, original) in CHANGED_WORDS {
        if text.contains(changed) {
            text = text.replace(changed, original);
        }
    }
    text
}

/// ① to ⑳, which NFKC would turn into digits.
#[must_use]
pub fn is_circled(c: char) -> bool {
    ('\u{2460}'..='\u{2473}').contains(&c)
}

/// White space and characters without a glyph.
fn is_nothing(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{ad}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn spellings_of_one_label_are_one() {
        let cases = [
            ("統 計 指 標", "统计指标"),
            ("　收到申請數\u{a0}", "收到申请数"),
            ("網路申請數", "网络申请数"),
            ("政府資訊公開", "政府信息公开"),
            ("⽐例", "比例"),
            ("（一）", "(一)"),
            ("１２", "12"),
            ("传真申请数①", "传真申请数"),
            ("资讯", "资讯"),
            ("乾安縣", "乾安县"),
            ("幹部", "干部"),
        ];
        for (text, expected) in cases {
            assert_eq!(fold(text), expected, "{text}");
        }
    }

    #[test]
    fn han_characters_are_letters_and_no_digits() {
        assert!((HAN_FIRST..=HAN_LAST).all(|c| c.is_alphabetic() && !c.is_numeric()));
    }

    #[test]
    fn the_script_of_a_text_is_told_by_its_characters() {
        assert!(traditional_share("本年度收到政府信息公开申请，乾著") < 0.2);
        assert!(traditional_share("本年度收到政府資訊公開申請") > 0.3);
        assert!(traditional_share("2017") < f32::EPSILON);
    }

    proptest! {
        #[test]
        fn folding_twice_is_folding_once(text in "[\\PC年報網路資訊 ⽐（）]{0,30}") {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }

        #[test]
        fn composing_is_nfkc(text in "[\\PC，。（）１Ａ～年報é\u{301}ｶﾞ⽐…]{0,30}") {
            prop_assume!(!text.contains(is_circled));
            prop_assert_eq!(composed(&text), text.nfkc().collect::<String>());
        }
    }
}
