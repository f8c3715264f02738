//! Lists of names with a list of numbers (甲、乙分别为3件、1件), written out name by
//! name.

use std::sync::LazyLock;

use regex::{Captures, Regex};

/// Writes a sentence's 分别 lists out: 网站、微博分别公开6条、2条 becomes
/// 网站公开6条,微博公开2条. Where names and numbers do not pair, the numbers go.
pub(super) fn spread(sentence: &str) -> String {
    static LIST: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(concat!(
            r"(?P<names>[^,;。:()]*?)(?:等)?分别(?P<verb>[^0-9,;。:()]{0,12})",
            r"(?P<numbers>[0-9][0-9.]*[^0-9,;。:()、和]{0,3}(?:[,、和][0-9][0-9.]*[^0-9,;。:()、和]{0,3})+)"
        ))
        .ok()
    });
    match LIST.as_ref() {
        Some(list) if sentence.contains("分别") => list.replace_all(sentence, write_out).into_owned(),
        _ => sentence.to_owned(),
    }
}

fn write_out(list: &Captures<'_>) -> String {
    let (all, verb) = (&list["names"], &list["verb"]);
    let joined = all.replace("以及", "、");
    let names: Vec<&str> = joined.split(['、', '和']).collect();
    let numbers: Vec<&str> = list["numbers"].split([',', '、', '和']).collect();
    if names.len() != numbers.len() || names.iter().any(|name| name.is_empty()) {
        return format!("{all}分别{verb}");
    }
    let pairs = names.iter().zip(&numbers).map(|(name, number)| format!("{name}{verb}{number}"));
    pairs.collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::spread;

    #[test]
    fn lists_are_paired_or_lose_their_numbers() {
        let cases = [
            ("网站、微博分别公开6条、2条。", "网站公开6条,微博公开2条。"),
            ("行政复议和行政诉讼分别为3件和1件。", "行政复议为3件,行政诉讼为1件。"),
            ("网站、微博、微信分别公开6条、2条。", "网站、微博、微信分别公开。"),
            ("收到申请6件。", "收到申请6件。"),
        ];
        for (text, expected) in cases {
            assert_eq!(spread(text), expected);
        }
    }
}
