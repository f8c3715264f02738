//! What stands over a table and says that it is not the report's own: of
//! another time, of an office alone.
//!
//! A caption says it for its table and for those that go on below it, until
//! prose or another caption; in text without a grid the row of headings does
//! too. The numbers are read as ever, and then put aside with the reason: a
//! table that is appended for comparison must not contradict the report's own.

use std::collections::HashMap;

use super::super::types::Unread;
use super::flat::is_flattened;
use super::form2014::is_rule;
use super::labels::{bare, is_numbered};
use super::period::{self, Told};
use super::{Harvest, Subject};
use crate::page::fold::fold;
use crate::page::{Block, BlockKind, Grid, Locator, Place, Row};
use crate::report::numbers::is_value;
use crate::report::types::Level;

/// Characters from which a line is prose.
const PROSE: usize = 90;

/// Characters that no caption exceeds.
const LONGEST: usize = 50;

/// Rows from which a grid is a table of statistics, and no box of metadata.
const LEAST_ROWS: usize = 6;

/// Lines above a table among which its caption stands.
const LINES_ABOVE: usize = 3;

/// Cells of a row of headings, one a line.
const MOST_HEADINGS: usize = 8;

/// Takes the numbers out of the harvest whose tables say that they are not what
/// the report reports on.
pub(super) fn put_aside(harvest: &mut Harvest, blocks: &[Block], subject: Subject) {
    let said = said_over(blocks, subject);
    if said.is_empty() {
        return;
    }
    let place = |of: &Locator| (of.part, of.place.clone());
    for fact in std::mem::take(&mut harvest.facts) {
        match said.get(&place(&fact.locator)) {
            None => harvest.facts.push(fact),
            Some(reason) => harvest.unread.push(Unread {
                reason: reason.clone(),
                indicator: fact.indicator,
                applicant: fact.applicant,
                raw: Some(fact.raw),
                locator: Some(fact.locator),
            }),
        }
    }
}

/// For each place whose numbers are not the report's own, why.
fn said_over(blocks: &[Block], subject: Subject) -> HashMap<(u32, Place), String> {
    let lines = lines(blocks);
    let mut reader = Reader { subject, said: None, has_own: false, appendix: None };
    let mut all = HashMap::new();
    for (at, line) in lines.iter().enumerate() {
        let block = match line {
            Line::Prose => {
                reader.said = None;
                continue;
            }
            Line::Table(block, grid) => {
                let above = above(&lines[..at]).chain(over_a_grid(grid));
                reader.captions(above);
                let first = grid.rows.first().and_then(|row| row.cells.first());
                let is_of_forms = || first.is_some_and(|cell| Begins::of(&cell.text).is_some());
                reader.has_own |= reader.said.is_none() && (grid.rows.len() >= LEAST_ROWS || is_of_forms());
                block
            }
            Line::Short(block, text) => {
                if reader.has_own && is_appendix_of_units_below(text) {
                    reader.appendix = Some(format!("it stands in an appendix of units below: {text}"));
                }
                if let Some(begins) = Begins::of(text) {
                    reader.captions(above(&lines[..at]));
                    if begins == Begins::Indicators {
                        reader.headings(text, below(&lines[at + 1..]));
                    }
                    reader.has_own |= reader.said.is_none();
                }
                block
            }
        };
        if let Some(said) = reader.appendix.as_ref().or(reader.said.as_ref()) {
            all.insert((block.locator.part, block.locator.place.clone()), said.clone());
        }
    }
    all
}

/// A line of the article, or a table.
#[derive(Clone, Copy)]
enum Line<'a> {
    Table(&'a Block, &'a Grid),
    Short(&'a Block, &'a str),
    Prose,
}

impl<'a> Line<'a> {
    fn short(&self) -> Option<&'a str> {
        match self {
            Self::Short(_, text) => Some(text),
            _ => None,
        }
    }
}

/// The lines of an article; of a page that was flattened into one its words.
fn lines(blocks: &[Block]) -> Vec<Line<'_>> {
    let mut lines = Vec::new();
    for block in blocks {
        match &block.kind {
            BlockKind::Table(grid) => lines.push(Line::Table(block, grid)),
            BlockKind::Heading(_, text) | BlockKind::Paragraph(text) => push(&mut lines, block, text),
            BlockKind::List(items) => items.iter().for_each(|item| push(&mut lines, block, item)),
            BlockKind::Control(_) => {}
        }
    }
    lines
}

fn push<'a>(lines: &mut Vec<Line<'a>>, block: &'a Block, text: &'a str) {
    let is_prose = |text: &str| text.contains('。') || text.chars().count() >= PROSE;
    if !is_prose(text) {
        lines.push(Line::Short(block, text));
    } else if is_flattened(text) {
        let words = text.split_whitespace().filter(|word| !is_rule(word));
        lines.extend(words.map(|word| if is_prose(word) { Line::Prose } else { Line::Short(block, word) }));
    } else {
        lines.push(Line::Prose);
    }
}

/// The lines right above a table, the uppermost first.
fn above<'a>(before: &[Line<'a>]) -> impl Iterator<Item = &'a str> {
    let from = before.len().saturating_sub(LINES_ABOVE);
    let mut lines: Vec<&str> = before[from..].iter().rev().map_while(Line::short).collect();
    lines.reverse();
    lines.into_iter()
}

/// The lines that follow, to the next table or prose.
fn below<'a>(after: &[Line<'a>]) -> impl Iterator<Item = &'a str> {
    after.iter().map_while(Line::short)
}

/// What stands over a grid in its own element: its caption, and first rows of
/// one cell.
fn over_a_grid(grid: &Grid) -> impl Iterator<Item = &str> {
    let whole = |row: &'_ Row| -> Option<usize> {
        let mut cells = row.cells.iter().enumerate().filter(|(_, cell)| !cell.text.trim().is_empty());
        cells.next().filter(|_| cells.next().is_none()).map(|(at, _)| at)
    };
    let rows = grid.rows.iter().take(LINES_ABOVE).map_while(move |row| Some(row.cells[whole(row)?].text.as_str()));
    grid.caption.as_deref().into_iter().chain(rows)
}

/// Goes down an article and knows what was said last.
struct Reader {
    subject: Subject,
    said: Option<String>,
    /// Whether a table of the report's own stood before.
    has_own: bool,
    /// What was said over an appendix, to the end of the article.
    appendix: Option<String>,
}

impl Reader {
    /// What captions say, the nearest one last; where they say nothing, what was
    /// said before goes on, unless a table of a name of its own begins.
    fn captions<'t>(&mut self, lines: impl Iterator<Item = &'t str>) {
        let mut says_nothing = true;
        let mut is_named = false;
        for line in lines.map(fold).filter(|line| is_caption(line)) {
            is_named |= line.ends_with("统计表");
            let said = match period::of_caption(&line, self.subject.year) {
                Told::Other(what) => Some(format!("the table's caption says that it is {what}: {line}")),
                _ if self.speaks_for_a_region() && self.is_of_an_office_alone(&line) => {
                    Some(format!("the table's caption says that it is of an office alone: {line}"))
                }
                _ if self.speaks_for_a_region() && self.has_own && is_filled_in_below(&line) => {
                    Some(format!("the table's caption says that another unit filled it in: {line}"))
                }
                Told::ThisYear | Told::ThisTerm => None,
                Told::Nothing => continue,
            };
            self.said = said;
            says_nothing = false;
        }
        if says_nothing && is_named {
            self.said = None;
        }
    }

    /// Whether a caption says that its table leaves out all but an office: 仅办公室本级,
    /// 其中:办公室. The office that makes a region's report may give its name to the
    /// only table; a second one in its name is its own.
    fn is_of_an_office_alone(&self, folded: &str) -> bool {
        let has = |words: &[&str]| words.iter().any(|word| folded.contains(word));
        let names_office = has(&["办公室", "办公厅"]) && !has(&["填报", "制表", "单位:", "机关:"]);
        let in_brackets = folded.ends_with("办公室)") || folded.ends_with("办公厅)");
        has(&["仅", "只含", "只包括", "单指"]) && has(&["本级", "机关", "办公室", "办公厅", "本单位", "本部门"])
            || has(&["办公室本级", "办公厅本级", "机关本级", "政府办本级"])
            || (names_office && (in_brackets || folded.starts_with("其中") || self.has_own))
    }

    fn speaks_for_a_region(&self) -> bool {
        matches!(self.subject.level, Level::Province | Level::Prefecture | Level::County | Level::Township)
    }

    /// What the headings of a table without a grid say: where one is of another
    /// time and none may be this year's.
    fn headings<'t>(&mut self, text: &'t str, below: impl Iterator<Item = &'t str>) {
        let is_head = |line: &&str| {
            !is_value(line)
                && (!is_numbered(line) || period::of_heading(&fold(line), self.subject.year) != Told::Nothing)
        };
        let lines = std::iter::once(text).chain(below.take(MOST_HEADINGS).take_while(is_head));
        let words = lines.flat_map(|line| line.split(|c: char| c.is_whitespace() || "|│｜,，".contains(c)));
        let words = words.map(fold).filter(|word| !word.is_empty());
        let mut other = None;
        for word in words.take(MOST_HEADINGS) {
            match period::of_heading(&word, self.subject.year) {
                Told::ThisYear | Told::ThisTerm => return,
                Told::Nothing if is_of_numbers(&word) => return,
                Told::Nothing => {}
                Told::Other(what) => {
                    other = other.or_else(|| Some(format!("the column's heading says that it is {what}: {word}")));
                }
            }
        }
        self.said = other.or_else(|| self.said.take());
    }
}

/// Whether a caption says that one of a region's offices or townships filled its table
/// in, and not who reports for all: 填报单位:某县水利局.
fn is_filled_in_below(folded: &str) -> bool {
    const LABELS: [&str; 3] = ["填报单位:", "填表单位:", "填报机关:"];
    const ENDS: [&str; 12] =
        ["局", "委", "委员会", "中心", "办事处", "乡人民政府", "镇人民政府", "街道", "管委会", "大队", "乡", "镇"];
    let Some(unit) = LABELS.iter().find_map(|label| Some(folded.split_once(label)?.1)) else { return false };
    let unit = unit.split(['(', '填']).next().unwrap_or_default();
    ENDS.iter().any(|end| unit.ends_with(end))
}

/// Whether a line heads an appendix in which units below report for themselves.
fn is_appendix_of_units_below(line: &str) -> bool {
    const LONGEST: usize = 24;
    if !line.starts_with('附') || line.chars().count() > LONGEST {
        return false;
    }
    let folded = fold(line);
    let names = |words: &[&str]| words.iter().any(|word| folded.contains(word));
    names(&["下属", "所属", "直属"]) && names(&["单位", "机构", "部门"]) && names(&["情况", "报告", "年报"])
}

/// Whether a folded heading names a column of numbers and no time.
pub(super) fn is_of_numbers(folded: &str) -> bool {
    ["统计数", "数值", "数量", "数据", "合计"].iter().any(|word| folded.contains(word))
}

/// What a table in text begins with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Begins {
    /// 统计指标: the headings of a column of indicators and of their numbers.
    Indicators,
    /// The first words of the forms since 2019, whose headings name other years
    /// themselves (上一年项目数量).
    OfficialSince2019,
}

impl Begins {
    fn of(line: &str) -> Option<Self> {
        // Most lines have none of these characters and need no folding.
        if !line.contains(['指', '信', '申', '本']) {
            return None;
        }
        let bare = bare(line);
        let bare = bare.strip_prefix("序号").unwrap_or(&bare);
        let begins =
            |words: &[&str]| bare.chars().count() <= LONGEST && words.iter().any(|word| bare.starts_with(word));
        if begins(&["统计指标", "指标"]) {
            Some(Self::Indicators)
        } else if begins(&["信息内容", "信息类别", "申请人情况", "本年新收"]) {
            Some(Self::OfficialSince2019)
        } else {
            None
        }
    }
}

/// Whether a folded line stands over a table: it says so, or says a time and
/// nothing else.
fn is_caption(folded: &str) -> bool {
    const MARKS: [&str; 8] = ["表", "统计", "数据", "附", "汇总", "一览", "其中:", "填报"];
    let is_short = folded.chars().count() <= LONGEST && !folded.contains([';', '?']);
    let is_time = |c: char| c.is_ascii_digit() || "()[]年度月日季上下半第一二三四至到-—－~累计本级仅".contains(c);
    // A number of four digits alone is a cell.
    let says_time = ["年", "月", "季", "累计", "本级"].iter().any(|word| folded.contains(word));
    is_short && (MARKS.iter().any(|word| folded.contains(word)) || (says_time && folded.chars().all(is_time)))
}
