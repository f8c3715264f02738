//! Lists of names with a list of numbers (甲、乙分别为3件、1件; 甲、乙均为0件;
//! 甲、乙各1件), written out name by name.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::{Captures, Regex};

/// Writes a sentence's lists out: 网站、微博分别公开6条、2条 becomes
/// 网站公开6条,微博公开2条. Where names and numbers do not pair, the numbers go.
pub(super) fn spread(sentence: &str) -> Cow<'_, str> {
    static EACH: LazyLock<Option<Regex>> = LazyLock::new(|| {
        crate::pattern(concat!(
            r"(?P<names>[^,;。:()]*?)(?:等)?分别(?P<verb>[^0-9,;。:()]*)",
            r"(?P<numbers>[0-9][0-9.]*[^0-9,;。:()、和]*(?:[,、和][0-9][0-9.]*[^0-9,;。:()、和]*)+)"
        ))
    });
    static SAME: LazyLock<Option<Regex>> = LazyLock::new(|| {
        crate::pattern(
            r"(?P<names>[^,;。:()0-9]*?[、和及与][^,;。:()0-9]*?)(?P<verb>均为|均是|都为|都是|各为|各有|各)(?P<numbers>[0-9]+[条件次个人起宗名篇场期]?|零)",
        )
    });
    if let Some(list) = EACH.as_ref().filter(|_| sentence.contains("分别")) {
        return list.replace_all(sentence, write_out);
    }
    match SAME.as_ref() {
        Some(list) if has_same(sentence) => list.replace_all(sentence, repeat),
        _ => Cow::Borrowed(sentence),
    }
}

/// Whether one number may stand for several names: cheaper than to look.
fn has_same(sentence: &str) -> bool {
    let follows = |at: usize| {
        let rest = &sentence[at + '均'.len_utf8()..];
        rest.starts_with(['为', '是', '有']) || rest.starts_with(|c: char| c.is_ascii_digit())
    };
    sentence.match_indices(['均', '都', '各']).any(|(at, _)| follows(at))
}

/// The names of a list; 等渠道 at its end names nothing.
fn names(list: &str) -> Vec<String> {
    static REST: LazyLock<Option<Regex>> = LazyLock::new(|| crate::pattern(r"等[^、和及与]*$"));
    let list = REST.as_ref().map_or(Cow::Borrowed(list), |rest| rest.replace(list, ""));
    let joined = list.replace("以及", "、").replace("和", "、").replace("与", "、");
    // 及 joins two names, but not in 涉及 and 普及.
    let mut parts = String::new();
    for c in joined.chars() {
        let joins = c == '及' && !parts.ends_with(['涉', '普', '顾']);
        parts.push(if joins { '、' } else { c });
    }
    parts.split('、').map(str::to_owned).collect()
}

fn write_out(list: &Captures<'_>) -> String {
    let (all, verb) = (&list["names"], &list["verb"]);
    let names = names(all);
    let numbers: Vec<&str> = list["numbers"].split([',', '、', '和']).collect();
    if names.len() != numbers.len() || names.iter().any(String::is_empty) {
        return format!("{all}分别{verb}");
    }
    // 5、6、7条: the last counter counts them all.
    let digits = |c: char| c.is_ascii_digit() || c == '.';
    let last = numbers.last().map_or("", |number| number.trim_start_matches(digits));
    let number = |number: &str| {
        let bare = number.trim_start_matches(digits).is_empty();
        if bare { format!("{number}{last}") } else { number.to_owned() }
    };
    let pairs = names.iter().zip(&numbers).map(|(name, n)| format!("{name}{verb}{}", number(n)));
    pairs.collect::<Vec<_>>().join(",")
}

fn repeat(list: &Captures<'_>) -> String {
    let number = if &list["numbers"] == "零" { "0件" } else { &list["numbers"] };
    let verb = list["verb"].trim_start_matches(['均', '都', '各']);
    let names = names(&list["names"]);
    // 主任、副主任参加访谈各1次: persons, and what the last of them does.
    let are_persons =
        names.first().is_some_and(|name| ["主任", "长", "书记", "领导"].iter().any(|of| name.ends_with(of)));
    if are_persons || names.iter().any(String::is_empty) {
        return list[0].to_owned();
    }
    names.iter().map(|name| format!("{name}{verb}{number}")).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::spread;

    #[test]
    fn lists_are_paired_or_lose_their_numbers() {
        let cases = [
            ("网站、微博分别公开6条、2条。", "网站公开6条,微博公开2条。"),
            ("通过网站、微博等渠道分别公开6、2条。", "通过网站公开6条,微博公开2条。"),
            ("行政复议和行政诉讼分别为3件和1件。", "行政复议为3件,行政诉讼为1件。"),
            ("网站、微博、微信分别公开6条、2条。", "网站、微博、微信分别公开。"),
            ("行政复议、行政诉讼均为0件。", "行政复议为0件,行政诉讼为0件。"),
            ("涉及信息公开的行政复议及诉讼各1件。", "涉及信息公开的行政复议1件,诉讼1件。"),
            ("局长、副局长参加访谈各1次。", "局长、副局长参加访谈各1次。"),
            ("收到申请6件。", "收到申请6件。"),
            ("收到申请6件,均已办结。", "收到申请6件,均已办结。"),
        ];
        for (text, expected) in cases {
            assert_eq!(spread(text), expected);
        }
    }
}
