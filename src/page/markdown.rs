//! Markdown as converters write it: what marks its texts up is taken out, and its
//! tables and headings are left to the reader of plain text.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::{Captures, Regex};

/// A text of Markdown without its marks; none where a text has no table with the
/// rule of Markdown's, or is markup besides.
///
/// A break inside a cell joins its lines, `\-6` is `-6` and `**412**` is `412`
/// (`CommonMark` 2.4, 6.2), and a link is its words.
pub(super) fn plain(text: &str) -> Option<String> {
    static RULE: LazyLock<Option<Regex>> =
        LazyLock::new(|| crate::pattern(r"(?m)^[ \t]*\|?[ \t]*:?-{3,}:?[ \t]*\|[ \t|:-]*$"));
    static MARKS: LazyLock<Option<Regex>> = LazyLock::new(|| {
        crate::pattern(concat!(
            r"(?i)<br\s*/?>|\*\*|",
            r"\\([!-/:-@\[-`{-~])|",
            r"!?\[([^\]\n]*)\]\((?:\\.|[^()\n])*\)",
        ))
    });
    const TAGS: [&str; 6] = ["<html", "<body", "<table", "<div", "<td", "<p>"];
    if !text.contains("--") || !RULE.as_ref()?.is_match(text) {
        return None;
    }
    let lower = text.to_ascii_lowercase();
    if TAGS.iter().any(|tag| lower.contains(tag)) {
        return None;
    }
    let plain = MARKS.as_ref()?.replace_all(text, |found: &Captures<'_>| {
        found.get(1).or_else(|| found.get(2)).map_or_else(String::new, |kept| kept.as_str().to_owned())
    });
    match plain {
        Cow::Borrowed(_) => None,
        Cow::Owned(plain) => Some(plain),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_taken_out_of_markdown_alone() {
        let table = "| 内容 | 本年新<br>制作 |\n| --- | ---: |\n| **处罚** | \\-6 |\n[顶](javascript:f\\(\\)) 1\\.二";
        assert_eq!(plain(table).as_deref(), Some("| 内容 | 本年新制作 |\n| --- | ---: |\n| 处罚 | -6 |\n顶 1.二"));
        for other in [
            "| 内容 | 本年新<br>制作 |\n| 处罚 | \\-6 |",
            "<div>| --- | --- |</div>**",
            "一、总体情况\n-------\n2**3",
            "| a |\n| --- |\n| b |",
        ] {
            assert_eq!(plain(other), None, "{other}");
        }
    }
}
