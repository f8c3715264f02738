//! Prose cut into sentences, and numbers with what stands around them.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;
use rust_decimal::Decimal;

use super::super::numbers::{Number, Spelling, numbers_in};
use super::lists;
use crate::page::fold::{fold, is_han};
use crate::page::traced::Traced;
use crate::page::{Block, BlockKind, Locator};

/// Bytes of a sentence that is read: what stands before a figure is searched
/// for each. The longest of the real ones, lists of channels, have 1,500.
pub(super) const MOST_SENTENCE: usize = 6_000;

/// A sentence in folded spelling, without quotation marks.
#[derive(Debug, Clone)]
pub(super) struct Sentence {
    pub text: String,
    pub place: Locator,
    pub role: Role,
    /// Whether it goes on after a semicolon: what was said of time and subject
    /// still holds.
    pub goes_on: bool,
    /// Whether a paragraph begins with it.
    pub begins: bool,
    /// The lines that it stands in.
    lines: Range<usize>,
    /// Its bytes in these lines, one behind the other, in folded spelling.
    span: Range<usize>,
}

/// The sentences of a report's prose, in order, and the lines that they stand in.
#[derive(Debug)]
pub(super) struct Prose<'a> {
    pub sentences: Vec<Sentence>,
    lines: Vec<Printed<'a>>,
}

/// A line as the page prints it.
#[derive(Debug)]
struct Printed<'a> {
    text: &'a str,
    place: &'a Locator,
}

/// What a sentence does in its section.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Prose,
    /// Heads a section, in a line of its own.
    Heading,
    /// Heads what follows in its line: (四)费用。全年免费。
    RunIn,
}

/// A number of a sentence and what stands around it.
#[derive(Debug)]
pub(super) struct Figure<'a> {
    pub value: Decimal,
    /// The sentence up to the number.
    pub until: &'a str,
    /// The sentence between the figure before and this one.
    pub since: &'a str,
    /// The words of its own clause before it.
    pub lead: &'a str,
    /// The counter, empty where there is none.
    pub counter: &'static str,
    /// What follows the counter.
    pub after: &'a str,
    /// The words before it, the number and its counter, with what says that it is not
    /// exact: 近300件, 300件左右.
    pub clause: &'a str,
    pub approximate: bool,
}

impl<'a> Prose<'a> {
    /// The sentences of blocks in order. Lines that a converter broke in the
    /// middle of a sentence are joined; a table that was flattened into the text
    /// ends it.
    pub fn of(blocks: &'a [Block]) -> Self {
        let lines = printed(blocks);
        let texts: Vec<String> = lines.iter().map(|line| folded(line.text)).collect();
        let mut sentences = Vec::new();
        let mut open = Joined::default();
        for (at, text) in texts.iter().enumerate() {
            let below = texts.get(at + 1).map(String::as_str);
            let joins = |before: &str| {
                let is_torn = is_torn_number(text, below) || goes_on_from_number(before, text);
                let last = before.rsplit(['。', ';']).next().unwrap_or_default();
                is_torn || (is_broken_off(before) && !is_heading(last) && !begins_a_section(text))
            };
            if !open.text.is_empty() && !joins(&open.text) {
                cut(&std::mem::take(&mut open), &lines, &mut sentences);
            }
            open.starts.push((open.text.len(), at));
            open.text.push_str(text);
        }
        cut(&open, &lines, &mut sentences);
        Self { sentences, lines }
    }
}

/// What the page itself prints of the clauses of its sentences. Clauses that follow
/// each other mostly stand in one line, which is traced once.
pub(super) struct Originals<'a> {
    prose: &'a Prose<'a>,
    traced: Range<usize>,
    lines: Traced,
}

impl<'a> Originals<'a> {
    pub fn of(prose: &'a Prose<'a>) -> Self {
        Self { prose, traced: 0..0, lines: Traced::default() }
    }

    /// A clause in the page's own characters, which stands in some sentences that
    /// follow each other. Where they were put into other words (lists are written
    /// out), all that they say.
    pub fn of_clause(&mut self, clause: &str, sentences: Range<usize>) -> String {
        let sentences = self.prose.sentences.get(sentences).unwrap_or_default();
        let (Some(first), Some(last)) = (sentences.first(), sentences.last()) else { return clause.to_owned() };
        let lines = first.lines.start..last.lines.end;
        if self.traced != lines {
            self.lines = Traced::default();
            self.prose.lines[lines.clone()].iter().for_each(|line| self.lines.append(traced(line.text)));
            self.traced = lines;
        }
        let before = |of: &Sentence| -> usize {
            self.prose.lines[first.lines.start..of.lines.start].iter().map(|line| folded(line.text).len()).sum()
        };
        let span = first.span.start..before(last) + last.span.end;
        let said = self.lines.text().get(span.clone()).unwrap_or_default();
        let found = said.find(clause).map(|at| span.start + at..span.start + at + clause.len());
        self.lines.original(found.unwrap_or(span)).trim().to_owned()
    }
}

/// Lines that are one text, and where each of them begins in it.
#[derive(Default)]
struct Joined {
    text: String,
    /// From which byte of the text on which of the lines.
    starts: Vec<(usize, usize)>,
}

impl Joined {
    /// The line that a byte belongs to, and where it begins.
    fn line_of(&self, byte: usize) -> Option<(usize, usize)> {
        let n = self.starts.partition_point(|(from, _)| *from <= byte);
        self.starts[..n].last().copied()
    }
}

/// The lines of blocks.
fn printed(blocks: &[Block]) -> Vec<Printed<'_>> {
    let mut lines = Vec::new();
    for block in blocks {
        let texts: Vec<&str> = match &block.kind {
            BlockKind::Heading(_, text) | BlockKind::Paragraph(text) => vec![text],
            BlockKind::List(items) => items.iter().map(String::as_str).collect(),
            // Prose in a layout table that was taken for data.
            BlockKind::Table(grid) => {
                grid.rows.iter().flat_map(|row| &row.cells).map(|cell| cell.text.as_str()).collect()
            }
            BlockKind::Control(_) => vec![],
        };
        lines.extend(texts.into_iter().map(|text| Printed { text, place: &block.locator }));
    }
    lines
}

/// What stands between names that are listed in marks: “部分公开”“不予公开”均为0件.
const LISTED: [&str; 2] = ["”“", "》《"];

/// A line in folded spelling and without quotation marks.
fn folded(line: &str) -> String {
    let mut text = LISTED.iter().fold(fold(line), |text, marks| text.replace(marks, "、"));
    text.retain(|c| !is_quote(c));
    with_stops(text)
}

/// The same, traced.
fn traced(line: &str) -> Traced {
    let mut text = Traced::folded(line);
    LISTED.iter().for_each(|marks| text.replace(marks, "、"));
    text.retain(|c| !is_quote(c));
    let stopped = with_stops(text.text().to_owned());
    text.respelt(&stopped);
    text
}

/// A text in which points that end sentences are stops: 申请6件.其中当面2件.
fn with_stops(text: String) -> String {
    let is_stop = |at: usize| {
        // 一.概述 numbers a section.
        let is_behind_a_word = text[..at].ends_with(|c: char| is_han(c) && !"一二三四五六七八九十".contains(c));
        is_behind_a_word && text[at + 1..].chars().next().is_none_or(|c| is_han(c) || c.is_ascii_digit())
    };
    let mut stopped = String::new();
    let mut from = 0;
    for (at, _) in text.match_indices('.').filter(|(at, _)| is_stop(*at)) {
        stopped.push_str(&text[from..at]);
        stopped.push('。');
        from = at + 1;
    }
    if from == 0 {
        return text;
    }
    stopped.push_str(&text[from..]);
    stopped
}

/// A number that stands alone because it was set apart on the page: its
/// sentence goes on below it. A cell of a flattened table is followed by a cell.
fn is_torn_number(line: &str, below: Option<&str>) -> bool {
    is_number(line) && below.is_some_and(goes_on)
}

fn goes_on_from_number(before: &str, line: &str) -> bool {
    before.ends_with(|c: char| c.is_ascii_digit() || c == '%') && goes_on(line)
}

fn is_number(line: &str) -> bool {
    line.starts_with(|c: char| c.is_ascii_digit())
        && line.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | '%'))
}

/// Whether a line begins with what only follows a number in a sentence.
fn goes_on(line: &str) -> bool {
    let counter = COUNTERS.into_iter().find(|counter| line.starts_with(counter)).unwrap_or_default();
    line[counter.len()..].starts_with([',', '。', ';', '、'])
}

/// A line that stops in the middle of a sentence: long enough for prose, or a
/// comma at its end.
fn is_broken_off(line: &str) -> bool {
    line.ends_with([',', '、']) || (!ends(line) && line.chars().count() > 20)
}

/// A numbered line that is no sentence: one that counts, or says that there was
/// none, has only lost its stop.
fn is_heading(line: &str) -> bool {
    const NONE: [&str; 6] = ["没有", "未收到", "未发生", "未接到", "未受理", "未出现"];
    let is_said = || {
        NONE.iter().any(|none| line.contains(none)) || (line.contains(':') && has_number(line)) || ends_in_count(line)
    };
    begins_a_section(line) && !ends(line) && !line.ends_with([',', '、']) && line.chars().count() < 40 && !is_said()
}

/// Whether a line ends in digits and their counter: 主动公开政府信息30余条.
fn ends_in_count(line: &str) -> bool {
    let number = COUNTERS.into_iter().find_map(|counter| line.strip_suffix(counter));
    number.is_some_and(|before| before.trim_end_matches(['余', '多', '万']).ends_with(|c: char| c.is_ascii_digit()))
}

/// A numbered line's beginning that is no sentence but for its stop.
fn is_run_in_heading(sentence: &str) -> bool {
    const LONGEST: usize = 20;
    const SAYS: [char; 9] = ['无', '没', '未', '零', '均', '已', '了', ',', ':'];
    let heading = sentence.strip_suffix('。').filter(|text| begins_a_section(text));
    heading.is_some_and(|heading| {
        let words = heading.trim_start_matches(|c: char| !is_han(c) || "一二三四五六七八九十".contains(c));
        words.chars().count() <= LONGEST && !has_number(words) && !words.contains(SAYS)
    })
}

fn cut(joined: &Joined, lines: &[Printed<'_>], sentences: &mut Vec<Sentence>) {
    let text = joined.text.as_str();
    let mut rest = before_flattened_table(text);
    let mut start = 0;
    let mut goes_on = false;
    while !rest.is_empty() {
        let end = rest
            .char_indices()
            .find(|(_, c)| matches!(c, '。' | ';' | '!' | '?'))
            .map_or(rest.len(), |(at, c)| at + c.len_utf8());
        let (sentence, after) = rest.split_at(end);
        let is_read = sentence.len() <= MOST_SENTENCE && has_number(sentence);
        let text = if is_read { plain(&lists::spread(sentence)).into_owned() } else { sentence.to_owned() };
        // One that was glued behind the sentence before it heads a section too.
        let role = match sentence {
            _ if is_heading(sentence) => Role::Heading,
            _ if (!after.is_empty() || start == 0) && is_run_in_heading(sentence) => Role::RunIn,
            _ => Role::Prose,
        };
        let text = match role {
            Role::Heading => text,
            Role::RunIn => text.trim_end_matches('。').to_owned(),
            Role::Prose => without_numbering(&text).to_owned(),
        };
        if let (Some((from, first)), Some((_, last))) = (joined.line_of(start), joined.line_of(start + end - 1)) {
            // A line above it may be a part of it that ends no sentence, its title perhaps.
            let place = lines[last].place.clone();
            let span = start - from..start + end - from;
            let begins = start == 0;
            sentences.push(Sentence { text, place, role, goes_on, begins, lines: first..last + 1, span });
        }
        start += end;
        goes_on = sentence.ends_with(';');
        rest = after;
    }
}

/// A sentence without what numbers it among others: 1.公开数量86条, (2)…, 三是….
fn without_numbering(text: &str) -> &str {
    let is_numeral = |c: char| c.is_ascii_digit() || "一二三四五六七八九十".contains(c);
    let open = text.strip_prefix('(').unwrap_or(text);
    let rest = open.trim_start_matches(is_numeral);
    let n_numerals = open[..open.len() - rest.len()].chars().count();
    let marks: &[&str] = if open.len() < text.len() { &[")"] } else { &[".", "、", "是"] };
    let bare = marks.iter().find_map(|mark| rest.strip_prefix(mark)).filter(|_| (1..=2).contains(&n_numerals));
    bare.filter(|bare| bare.starts_with(is_han)).unwrap_or(text)
}

/// A sentence in the spelling of the rules: units in brackets stand beside
/// their numbers, 其中 before a year is no part of a whole, and channels that
/// are named together are all of them.
fn plain(sentence: &str) -> Cow<'_, str> {
    static CHANGES: LazyLock<Vec<(&str, Regex, &str)>> = LazyLock::new(|| {
        let units = "条|件|次|个|人|人次|万元|元|篇|场|名|份|宗|起";
        let before = format!("[由从](?:20[0-9]{{2}}年|上年|去年|上一年)?度?的?[0-9.]+(?:{units})");
        let by = "(?:通过|利用|依托|运用|借助|以)";
        let grown = "(?:增加|上升|增长|提高|提升|减少|下降|降低|增|升|降)[到至]";
        let rows = [
            ("(", format!("(?P<digit>[0-9])\\((?P<unit>{units})\\)"), "$digit$unit"),
            ("(", format!("(?P<unit>{units})\\((?:{units})\\)"), "$unit"),
            ("(", format!("\\((?:单位:)?(?:{units})\\)(?P<next>[:0-9])"), "$next"),
            ("其中", "其中[,:]?(?P<year>20[0-9]{2}年|本年|今年|当年|新增)".to_owned(), "$year"),
            // What it was before is another year's: 由1200条增至1800条.
            // 费用(检索费、邮寄费等)为0元.
            ("(", "\\([^()0-9。;]{1,40}\\)(?P<next>为|共|是|计|合计|主动|公开|发布|公布)".to_owned(), "$next"),
            // 专项经费(不包括网站的维护经费)1183万元
            ("(", "(?P<of>经费)\\((?:不包括|不含)[^()0-9。;]{1,60}\\)".to_owned(), "$of"),
            // 新闻发布会(通气会)3场
            ("(", "\\([^()0-9。;其含包]{1,12}\\)(?P<next>[0-9])".to_owned(), "$next"),
            ("由", format!("{before}{grown}"), "为"),
            ("从", format!("{before}{grown}"), "为"),
            (
                "等",
                format!("{by}[^,;。:0-9]*等[^,。;:、0-9网微其]{{0,6}}(?:渠道|方式|形式|途径|载体|平台|手段)"),
                "经多种渠道",
            ),
            // 发布通知公告、政策文件等各类信息
            (
                "各",
                "(?P<verb>发布|公开|公布)(?:了)?[^,。;:0-9网微报台站刊]{2,80}(?:等|在内的)(?:各类|各项|各种)\
                 (?P<info>(?:政府|政务)?信息)"
                    .to_owned(),
                "$verb$info",
            ),
            // 通过晚报、电视台等媒体 are the media alone.
            ("等", format!("{by}[^,。;:0-9报视播]*等(?:多种|各种|各类|多个|各|多)?(?:媒介|媒体)"), "经多种渠道"),
        ];
        let compiled = rows.into_iter().filter_map(|(word, regex, to)| Some((word, crate::pattern(&regex)?, to)));
        compiled.collect()
    });
    let mut text = Cow::Borrowed(sentence);
    for (word, from, to) in CHANGES.iter() {
        if text.contains(word)
            && let Cow::Owned(changed) = from.replace_all(&text, *to)
        {
            text = Cow::Owned(changed);
        }
    }
    text
}

/// Whether a text may hold a figure: a digit, or a numeral with a counter.
fn has_number(text: &str) -> bool {
    let mut before = ' ';
    text.chars().any(|c| {
        let is_counted =
            "条件次篇个人份场期宗起名例处项家元".contains(c) && "零一二两三四五六七八九十百千万多余".contains(before);
        before = c;
        c.is_ascii_digit() || c == '零' || is_counted
    })
}

/// The text before a statistics table that was run together behind it.
fn before_flattened_table(text: &str) -> &str {
    // One search for what every head has.
    let heads = ["指标名称", "统计指标单位", "统计指标计量单位"];
    let starts = text.match_indices("指标").map(|(at, word)| (at, at + word.len()));
    let is_head = |(at, end): &(usize, usize)| {
        let (before, after) = (&text[..*at], &text[*end..]);
        let name = |head: &str| {
            let (start, rest) = head.split_once("指标").unwrap_or_default();
            before.ends_with(start) && after.starts_with(rest)
        };
        heads.iter().any(|head| name(head))
    };
    let at = starts.into_iter().find(is_head).map(|(at, _)| at);
    at.map_or(text, |at| text[..at].trim_end_matches("统计"))
}

fn ends(text: &str) -> bool {
    text.ends_with(['。', ';', '!', '?', ':'])
}

/// 一、 (一) 1. at the start.
fn begins_a_section(text: &str) -> bool {
    let number = |c: char| c.is_ascii_digit() || "一二三四五六七八九十".contains(c);
    let inside = text.strip_prefix('(').unwrap_or(text);
    let rest = inside.trim_start_matches(number);
    let point = rest.strip_prefix('.').is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()));
    rest.len() < inside.len() && (point || rest.starts_with(['、', ')']))
}

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '\'' | '“' | '”' | '‘' | '’' | '「' | '」' | '『' | '』' | '《' | '》')
}

/// Counters, longest first.
const COUNTERS: [&str; 32] = [
    "万元", "亿元", "人次", "件次", "条次", "场次", "班次", "篇次", "期次", "元", "条", "件", "次", "篇", "个", "人",
    "份", "场", "期", "宗", "起", "名", "例", "处", "项", "家", "批", "类", "户", "部", "位", "封",
];

/// The figures of a sentence, in order: numbers that count something, or stand
/// alone at a clause's end. Years, dates, percentages and document numbers are
/// none.
pub(super) fn figures(sentence: &str) -> Vec<Figure<'_>> {
    let mut figures = Vec::new();
    if !has_number(sentence) {
        return figures;
    }
    let mut last_end = 0;
    for number in numbers_in(sentence) {
        if let Some(figure) = figure(sentence, &number, last_end) {
            last_end = sentence.len() - figure.after.len();
            figures.push(figure);
        }
    }
    figures
}

fn figure<'a>(sentence: &'a str, number: &Number, last_end: usize) -> Option<Figure<'a>> {
    // 三个月 are a time, and 申请情况等六个方面 what a report has to say.
    const NO_COUNTS: [&str; 11] =
        ["工作日", "月", "小时", "季度", "百分点", "星期", "方面", "部分", "章节", "环节", "板块"];
    let (start, end) = (number.span.start, number.span.end);
    // 一是, 三个: numerals of a sentence are words more often than counts.
    if number.spelling == Spelling::DigitByDigit {
        return None;
    }
    let until = &sentence[..start];
    // 未收到一件申请: there was none, which the rows for words without a number say.
    let clause = || until.rsplit([',', '。', ';', ':']).next().unwrap_or_default();
    if number.spelling == Spelling::Numerals && number.value == Decimal::ONE && clause().contains(['未', '没', '无'])
    {
        return None;
    }
    let mut after = &sentence[end..];
    let vague = ["多", "余", "几"].iter().find(|word| after.starts_with(**word));
    after = &after[vague.map_or(0, |word| word.len())..];
    // 30余万条, but 30余万元.
    let tens_of_thousands = after.strip_prefix('万').filter(|rest| vague.is_some() && !rest.starts_with('元'));
    let value = tens_of_thousands.map_or(number.value, |_| number.value * Decimal::from(10_000));
    after = tens_of_thousands.unwrap_or(after);
    let counter = COUNTERS.into_iter().find(|counter| after.starts_with(counter)).unwrap_or("");
    after = &after[counter.len()..];
    if counter.is_empty() && (number.spelling == Spelling::Numerals || !is_clause_end(after)) {
        return None;
    }
    // A number without a counter, and no sentence around it: a table's rest.
    if counter.is_empty() && !sentence.contains([',', '。', ';', ':']) {
        return None;
    }
    let counts_nothing = counter == "个" && NO_COUNTS.iter().any(|of| after.starts_with(of));
    if after.starts_with(['%', '年', '-', '~', '至']) || counts_nothing || is_of_years(after) || is_no_count(until) {
        return None;
    }
    let vague_behind = ["左右", "以上", "以内"].into_iter().find(|word| after.starts_with(word)).unwrap_or_default();
    let before = until.trim_end_matches([':', '、']);
    let since = &until[last_end.min(start)..];
    // 7件维持、1件撤销: the words belong to the number before them; kinds of staff
    // have rows of their own.
    let is_behind = !matches!(counter, "人" | "名" | "位")
        && last_end > 0
        && since.ends_with('、')
        && !since.starts_with([',', '、', ':', '(', ')']);
    let from = if is_behind { before.len() } else { clause_start(before).max(last_end.min(start)).min(before.len()) };
    let opening = [',', '、', ':', ')', '('];
    let lead = before[from..].trim_start_matches(opening);
    let lead = lead.strip_prefix("其中").map_or(lead, |rest| rest.trim_start_matches(opening));
    let from = if lead.is_empty() { start } else { before.len() - lead.len() };
    let clause = &sentence[from..sentence.len() - after.len() + vague_behind.len()];
    let lead = lead.trim_end_matches(['约', '近', '超', '过', '逾']);
    let approximate =
        vague.is_some() || !vague_behind.is_empty() || until.ends_with(['约', '近', '逾']) || until.ends_with("超过");
    let since = if is_behind { "" } else { since };
    Some(Figure { value, until, since, lead, counter, after, clause, approximate })
}

/// Whether a remark behind a number says that it is of all years: 486条(含2008年以来所有信息).
fn is_of_years(after: &str) -> bool {
    let Some((remark, _)) = after.strip_prefix('(').and_then(|rest| rest.split_once(')')) else { return false };
    let says = |words: &[&str]| words.iter().any(|word| remark.contains(word));
    says(&["含", "包括"]) && says(&["以来", "历年", "往年", "历史"])
}

/// An ordinal, or the end of a range.
fn is_no_count(until: &str) -> bool {
    let before = until.trim_end_matches(['-', '~', '至', '—']);
    until.ends_with('第') || (before.len() < until.len() && before.ends_with(|c: char| c.is_ascii_digit()))
}

fn is_clause_end(after: &str) -> bool {
    after.is_empty() || after.starts_with(['。', ',', ';', '、', ')', '('])
}

/// Where the clause that a number ends begins.
fn clause_start(until: &str) -> usize {
    until
        .char_indices()
        .rev()
        .find(|(_, c)| matches!(c, ',' | ':' | '(' | '。' | ';'))
        .map_or(0, |(at, c)| at + c.len_utf8())
}

/// The last bytes of a text, at most so many.
pub(super) fn tail(text: &str, n: usize) -> &str {
    &text[text.ceil_char_boundary(text.len().saturating_sub(n))..]
}

/// The first bytes of a text, at most so many.
pub(super) fn head(text: &str, n: usize) -> &str {
    &text[..text.floor_char_boundary(n.min(text.len()))]
}
