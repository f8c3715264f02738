//! One spelling for labels, and the rows of a form that match one.

use std::collections::BTreeSet;

use super::super::catalogue::{Catalogue, Indicator};
use super::super::types::Form;
use crate::page::fold::fold;

/// A label in the spelling in which labels are compared: folded, without its
/// numbering, its notes in brackets, 其中, footnote marks and punctuation.
pub(in crate::report) fn bare(text: &str) -> String {
    let folded = fold(&without_circled(text));
    let unbracketed = without_brackets(&folded);
    let unnumbered = without_numbering(&unbracketed);
    let of_which = unnumbered.strip_prefix("其中").unwrap_or(unnumbered);
    let of_which = without_numbering(of_which.trim_start_matches([':', ',']));
    let bare: String = of_which.chars().filter(|c| c.is_alphabetic()).collect();
    for unit in ["单位件", "单位条", "单位万元", "单位次", "单位人"] {
        if let Some(label) = bare.strip_suffix(unit) {
            return label.to_owned();
        }
    }
    bare
}

/// Whether a text's bracket is still open at its end.
pub(super) fn has_open_bracket(text: &str) -> bool {
    let folded = fold(text);
    folded.matches('(').count() > folded.matches(')').count()
}

/// Whether a text begins with the numbering of a row.
pub(super) fn is_numbered(text: &str) -> bool {
    let folded = fold(text);
    without_numbering(&folded).len() < folded.len() || folded.starts_with("其中")
}

/// ①, which folding would turn into a digit of the label.
fn without_circled(text: &str) -> String {
    text.chars().filter(|c| !('\u{2460}'..='\u{2473}').contains(c)).collect()
}

/// Without what is in brackets, an open one's to the end; numbering in
/// brackets at the start goes too, as it would anyway.
fn without_brackets(folded: &str) -> String {
    let mut depth = 0_u32;
    let mut text = String::with_capacity(folded.len());
    for c in folded.chars() {
        match c {
            '(' | '[' | '〔' | '【' => depth += 1,
            ')' | ']' | '〕' | '】' => depth = depth.saturating_sub(1),
            c if depth == 0 => text.push(c),
            _ => {}
        }
    }
    text
}

/// Without 一、 (一) 1. 1、 at the start.
fn without_numbering(folded: &str) -> &str {
    let number = |c: char| c.is_ascii_digit() || "一二三四五六七八九十".contains(c);
    let inside = folded.strip_prefix('(').unwrap_or(folded);
    let rest = inside.trim_start_matches(number);
    let is_number = rest.len() < inside.len();
    let closed = rest.trim_start_matches(['、', '.', ')', ',', ':', '-']);
    if is_number && closed.len() < rest.len() { closed } else { folded }
}

/// The rows of one form under their bare labels, by section.
pub(super) struct Labels<'a> {
    rows: Vec<(&'a str, &'a str, &'a Indicator)>,
    sections: BTreeSet<&'a str>,
}

/// How a label matched a row.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Match<'a> {
    pub row: &'a Indicator,
    pub confidence: f32,
}

impl<'a> Labels<'a> {
    pub fn of(form: Form, catalogue: &'a Catalogue) -> Self {
        let spelt = |row: &'a Indicator| (row.spelling.section.as_str(), row.spelling.levels[0].as_str(), row);
        let rows: Vec<_> = catalogue.rows(form).map(spelt).collect();
        let sections = rows.iter().map(|(section, _, _)| *section).collect();
        Self { rows, sections }
    }

    /// The section that a bare text heads.
    pub fn section(&self, bare: &str) -> Option<&str> {
        self.sections.get(bare).copied()
    }

    /// The row of a bare label: in the current section, else the only one of
    /// the form.
    pub fn find(&self, bare: &str, section: Option<&str>) -> Option<Match<'a>> {
        if bare.chars().count() < 3 {
            return None;
        }
        self.exact(bare, section).map(|row| Match { row, confidence: 1.0 }).or_else(|| {
            let section = section?;
            let row = self.variant(bare, section)?;
            Some(Match { row, confidence: 0.9 })
        })
    }

    pub fn exact(&self, bare: &str, section: Option<&str>) -> Option<&'a Indicator> {
        let all: Vec<_> = self.rows.iter().filter(|(_, label, _)| *label == bare).collect();
        let here = all.iter().find(|(in_section, _, _)| section == Some(*in_section));
        match (here, all.as_slice()) {
            (Some((_, _, row)), _) | (None, [(_, _, row)]) => Some(row),
            _ => None,
        }
    }

    /// Whether a bare text is the beginning of a label that is longer.
    pub fn begins_one(&self, bare: &str) -> bool {
        bare.chars().count() >= 2
            && self.rows.iter().any(|(_, label, _)| label.len() > bare.len() && label.starts_with(bare))
    }

    /// The one row of a section whose label contains the text or is contained
    /// in it, where they differ by less than a half.
    fn variant(&self, bare: &str, section: &str) -> Option<&'a Indicator> {
        let n = bare.chars().count();
        if n < 5 {
            return None;
        }
        let near = self.rows.iter().filter(|(in_section, label, _)| {
            let m = label.chars().count();
            *in_section == section && n.min(m) * 3 >= n.max(m) * 2 && (label.contains(bare) || bare.contains(*label))
        });
        let near: Vec<_> = near.collect();
        match near.as_slice() {
            [(_, label, row)] if !negated(bare, label) => Some(row),
            _ => None,
        }
    }
}

/// 不予 against 予以, 未 and the like: a variant must not turn the meaning.
fn negated(a: &str, b: &str) -> bool {
    let n = |text: &str| text.matches(['不', '未', '非', '无']).count();
    n(a) != n(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_in_one_spelling() {
        let cases = [
            ("（一）主动公开政府信息数（不同渠道和方式公开相同信息计1条）", "主动公开政府信息数"),
            ("    其中:主动公开规范性文件数", "主动公开规范性文件数"),
            ("1.微博、微信回应事件数", "微博微信回应事件数"),
            ("（三）危及“三安全一稳定”", "危及三安全一稳定"),
            ("一、本年新收政府信息公开申请數量", "本年新收政府信息公开申请数量"),
            ("第二十条第（一）项[1]", "第二十条第项"),
            ("1.专职人员数(不包括政府公报及政府网站工作", "专职人员数"),
            ("三、 依 申 请 公 开 情 况", "依申请公开情况"),
            ("①属于国家秘密", "属于国家秘密"),
            ("一次性告知", "一次性告知"),
        ];
        for (text, expected) in cases {
            assert_eq!(bare(text), expected, "{text}");
        }
    }
}
