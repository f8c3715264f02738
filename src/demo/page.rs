//! A report rendered as the bytes of a page: the official forms' labels, our
//! own words.

use std::fmt::Write as _;

use super::aligned::aligned;
use super::article::article;
use super::quirk::{Quirk, Quirks};
use super::sheet::{Piece, Printer, Role, Sheet, SheetCell, made, without_spans};
use super::truth::Truth;
use crate::page::fold::traditional;
use crate::report::ReportForm;
use crate::report::catalogue::Catalogue;

/// What stands around the article.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chrome {
    /// Nothing.
    Plain,
    /// A portal's menus, breadcrumb, tools and footer.
    Portal,
    /// A wiki that copies.
    Mirror,
    /// A shop that copies to be found.
    Shop,
}

/// How tables are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// Tables of HTML.
    Tables,
    /// Tables of HTML that lost their spans.
    Spanless,
    /// One cell a line, as a converter leaves them.
    Lines,
    /// One row a line, cells parted by spaces.
    Rows,
    /// Plain text, cells parted by tabs.
    Tabs,
    /// Plain text, cells parted by pipes.
    Pipes,
    /// Markdown, with the rule under the first row.
    Markdown,
    /// Plain text, the whole page in one line, cells parted by spaces.
    OneLine,
    /// Plain text as `pdftotext -layout` leaves it: columns by runs of spaces, what
    /// does not fit into a cell on lines below, in the middle of its rows.
    Aligned,
}

/// How a page is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Script {
    /// Simplified.
    Simplified,
    /// Traditional.
    Traditional,
}

/// How bytes stand for characters, and what the page says of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charset {
    /// UTF-8, declared.
    Utf8,
    /// UTF-8, not declared.
    Utf8Unsaid,
    /// GBK, declared as gb2312.
    Gbk,
    /// GBK, not declared.
    GbkUnsaid,
    /// GBK, declared as UTF-8.
    GbkSaidUtf8,
    /// Big5, declared; for Traditional pages.
    Big5,
}

impl Layout {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Tables,
        Self::Spanless,
        Self::Lines,
        Self::Rows,
        Self::Tabs,
        Self::Pipes,
        Self::Markdown,
        Self::OneLine,
        Self::Aligned,
    ];

    /// Whether it is a text without markup.
    #[must_use]
    pub fn is_plain_text(self) -> bool {
        matches!(self, Self::Tabs | Self::Pipes | Self::Markdown | Self::OneLine | Self::Aligned)
    }
}

impl Chrome {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Plain, Self::Portal, Self::Mirror, Self::Shop];
}

/// How a report is rendered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// What stands around it.
    pub chrome: Chrome,
    /// How its tables are drawn.
    pub layout: Layout,
    /// Its characters.
    pub script: Script,
    /// Its bytes.
    pub charset: Charset,
    /// What real pages do.
    pub quirks: Quirks,
    /// Where the quirks strike.
    pub seed: u64,
}

impl Style {
    /// A portal's page in UTF-8.
    pub const PORTAL: Self = Self {
        chrome: Chrome::Portal,
        layout: Layout::Tables,
        script: Script::Simplified,
        charset: Charset::Utf8,
        quirks: Quirks::NONE,
        seed: 0,
    };

    /// Any style: of a layout, with up to `most` quirks that fit a form.
    #[must_use]
    pub fn draw(seed: u64, layout: Layout, form: ReportForm, most: usize) -> Self {
        let mut random = fastrand::Rng::with_seed(seed);
        let plain = layout.is_plain_text();
        let chrome = if plain { Chrome::Plain } else { Chrome::ALL[random.usize(..Chrome::ALL.len())] };
        // Of a source of its own: a seed's other draws do not hang on them.
        let mut of_rare = fastrand::Rng::with_seed(!seed);
        let quirks = Quirks::draw(&mut random, most, form, layout).and_rare(&mut of_rare, form, layout);
        let is_traditional = random.u8(..4) == 0;
        let charset = match random.u8(..8) {
            // A character that a charset lacks becomes a reference of HTML, which
            // a plain text cannot carry.
            5 => Charset::Utf8Unsaid,
            6.. => Charset::Utf8,
            _ if plain && (quirks.has(Quirk::Radicals) || quirks.has(Quirk::CircledDigits)) => Charset::Utf8,
            // Big5 has no radicals and no full-width brackets of ours.
            0 if is_traditional && !plain && !quirks.has(Quirk::Radicals) => Charset::Big5,
            1 | 2 if !is_traditional => Charset::Gbk,
            3 if !is_traditional => Charset::GbkUnsaid,
            4 if !is_traditional => Charset::GbkSaidUtf8,
            _ => Charset::Utf8,
        };
        let script = if is_traditional { Script::Traditional } else { Script::Simplified };
        Self { chrome, layout, script, charset, quirks, seed }
    }
}

/// The title of a report.
#[must_use]
pub fn title(truth: &Truth) -> String {
    format!("{}{}年政府信息公开工作年度报告", truth.issuer, truth.year)
}

/// Renders a report as the bytes of a page. What it prints is what the truth
/// says; see [`Truth::printed`] for the quirks that change it.
#[must_use]
pub fn render(truth: &Truth, style: Style, catalogue: &Catalogue) -> Vec<u8> {
    encode(&text(truth, style, catalogue), style.charset)
}

/// The characters of a page; where its charset is said stands `CHARSET`.
pub(super) fn text(truth: &Truth, style: Style, catalogue: &Catalogue) -> String {
    let random = fastrand::Rng::with_seed(style.seed ^ 0x7e47);
    let mut printer = Printer { truth, quirks: style.quirks, catalogue, random };
    let pieces = article(&mut printer);
    written(truth, style, &pieces, &mut printer.random)
}

/// An article's pieces as the characters of a page.
pub(super) fn written(truth: &Truth, style: Style, pieces: &[Piece], random: &mut fastrand::Rng) -> String {
    let mut pen = Pen { style, random, out: String::new() };
    for piece in pieces {
        match piece {
            Piece::Paragraph(text) => pen.paragraph(text),
            Piece::Sheet(sheet) => pen.sheet(sheet),
        }
    }
    let body = pen.out;
    let text = if style.layout.is_plain_text() {
        format!("{}\n发布日期：{}\n{body}", title(truth), truth.published_on)
    } else {
        around(truth, style, &body)
    };
    match (style.script, style.chrome) {
        (Script::Simplified, _) => text,
        // Mirrors' converters change words as well.
        (Script::Traditional, Chrome::Mirror) => traditional(&text.replace("网络", "网路").replace("计划", "计画")),
        (Script::Traditional, _) => traditional(&text),
    }
}

/// A page's bytes, with the charset that its head declares.
#[must_use]
pub fn encode(html: &str, charset: Charset) -> Vec<u8> {
    let said = |name: &str| html.replace("CHARSET", name);
    let unsaid = || html.replace("<meta charset=\"CHARSET\">", "");
    match charset {
        Charset::Utf8 => said("utf-8").into_bytes(),
        Charset::Utf8Unsaid => unsaid().into_bytes(),
        Charset::Gbk => encoding_rs::GBK.encode(&said("gb2312")).0.into_owned(),
        Charset::GbkUnsaid => encoding_rs::GBK.encode(&unsaid()).0.into_owned(),
        Charset::GbkSaidUtf8 => encoding_rs::GBK.encode(&said("utf-8")).0.into_owned(),
        Charset::Big5 => encoding_rs::BIG5.encode(&said("big5")).0.into_owned(),
    }
}

/// Writes pieces in a style.
struct Pen<'a> {
    style: Style,
    random: &'a mut fastrand::Rng,
    out: String,
}

impl Pen<'_> {
    fn has(&self, quirk: Quirk) -> bool {
        self.style.quirks.has(quirk)
    }

    fn line(&mut self, text: &str) {
        if self.style.layout.is_plain_text() {
            self.out.push_str(text);
            self.out.push(if self.style.layout == Layout::OneLine { ' ' } else { '\n' });
        } else {
            let _ = writeln!(self.out, "<div>{text}</div>");
        }
    }

    fn paragraph(&mut self, text: &str) {
        if self.style.layout.is_plain_text() {
            return self.line(text);
        }
        let text = if self.has(Quirk::SplitSpans) { self.split(text) } else { text.to_owned() };
        if self.has(Quirk::WordMarkup) {
            let _ = writeln!(
                self.out,
                "<p class=MsoNormal style='text-indent:32.0pt;mso-char-indent-count:2.0'><span style='font-size:16.0pt;font-family:仿宋'>{text}<o:p></o:p></span></p>\n<p class=MsoNormal><o:p>&nbsp;</o:p></p>"
            );
        } else {
            let _ = writeln!(self.out, "<p>{text}</p>");
        }
    }

    fn sheet(&mut self, sheet: &Sheet) {
        let mut sheet = sheet.clone();
        if self.has(Quirk::Radicals) {
            let cells = sheet.rows.iter_mut().flatten();
            cells.filter(|cell| cell.role != Role::Value).for_each(|cell| cell.text = with_radicals(&cell.text));
        }
        if self.has(Quirk::NumberedLines) {
            for (n, row) in sheet.rows.iter_mut().enumerate() {
                let number = if n == 0 { "序号".to_owned() } else { n.to_string() };
                row.insert(0, made(Role::Label, number));
            }
        }
        let (parts, between) = self.parts(&sheet);
        let n_parts = parts.len();
        for (at, part) in parts.into_iter().enumerate() {
            match self.style.layout {
                Layout::Tables | Layout::Spanless => self.table(&part),
                Layout::Lines if self.has(Quirk::ClosedCells) => self.closed(&part),
                Layout::Lines | Layout::OneLine => {
                    part.iter().flatten().for_each(|cell| self.cell_line(&cell.text));
                }
                Layout::Rows => part.iter().for_each(|row| {
                    let cells: Vec<_> = row.iter().map(|cell| cell.text.replace('\n', "")).collect();
                    self.cell_line(&cells.join(" "));
                }),
                Layout::Tabs if self.has(Quirk::Commas) => self.parted_by_commas(&part),
                Layout::Tabs => {
                    let tabs = if self.has(Quirk::DoubledTabs) { "\t\t" } else { "\t" };
                    part.iter().for_each(|row| self.line(&joined(row, tabs)));
                }
                Layout::Pipes | Layout::Markdown => self.drawn(&part),
                Layout::Aligned => aligned(&part).iter().for_each(|line| self.line(line)),
            }
            if at + 1 < n_parts && between {
                self.line("- 4 -");
            }
        }
    }

    /// A line for each cell, a bar behind it, and as many bars in a row as the table
    /// has columns; behind the last row none that no cell has.
    fn closed(&mut self, rows: &[Vec<SheetCell>]) {
        let width = rows.iter().map(|row| row.iter().map(|cell| cell.columns).sum()).max().unwrap_or(0);
        for (at, row) in rows.iter().enumerate() {
            for cell in row {
                let text = cell.text.replace(['\n', '\u{a0}'], "");
                self.line(&format!("{} |", text.trim()));
            }
            let n_merged = width - row.len();
            if n_merged > 0 && at + 1 < rows.len() {
                self.line(&"|".repeat(n_merged));
            }
        }
    }

    /// A table as a workbook's are saved: as many cells in each row, those with a
    /// comma inside quoted.
    fn parted_by_commas(&mut self, rows: &[Vec<SheetCell>]) {
        let rows = without_spans(rows, |_| made(Role::Unit, ""));
        let width = rows.iter().map(Vec::len).max().unwrap_or(0);
        for row in rows {
            let cell = |cell: &SheetCell| {
                let text = cell.text.replace(['\n', '\u{a0}'], "");
                if text.contains([',', '"']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
            };
            let filling = vec![String::new(); width - row.len()];
            let cells: Vec<String> = row.iter().map(cell).chain(filling).collect();
            self.line(&cells.join(","));
        }
    }

    /// A row with a rule below it, its long labels over several lines.
    fn ruled_row(&mut self, row: &[SheetCell], bar: char) {
        const WIDTH: usize = 12;
        let cell = |cell: &SheetCell| {
            let chars: Vec<char> = cell.text.replace(['\n', '\u{a0}'], "").chars().collect();
            let width = if cell.role == Role::Value { chars.len().max(1) } else { WIDTH };
            chars.chunks(width).map(|line| line.iter().collect::<String>()).collect::<Vec<_>>()
        };
        let cells: Vec<Vec<String>> = row.iter().map(cell).collect();
        let n_lines = cells.iter().map(Vec::len).max().unwrap_or(0).max(1);
        for line in 0..n_lines {
            let cells: Vec<&str> = cells.iter().map(|cell| cell.get(line).map_or("", String::as_str)).collect();
            self.line(&format!("{bar} {} {bar}", cells.join(&format!(" {bar} "))));
        }
        let rules = vec!["----"; row.len()].join("+");
        self.line(&format!("+{rules}+"));
    }

    /// A table drawn with pipes.
    fn drawn(&mut self, rows: &[Vec<SheetCell>]) {
        let width = rows.iter().map(|row| row.iter().map(|cell| cell.columns).sum()).max().unwrap_or(0);
        let fill = if self.random.bool() { "|" } else { "  |" };
        let rule = |n: usize| format!("| {} |", vec!["---"; n.max(2)].join(" | "));
        let is_markdown = self.style.layout == Layout::Markdown;
        let has_made_up_head = is_markdown && self.has(Quirk::MadeUpHead);
        let bar = if self.has(Quirk::OtherBars) { ['｜', '│'][self.random.usize(..2)] } else { '|' };
        let space = if self.has(Quirk::TightBars) { "" } else { " " };
        self.out.push('\n');
        if self.has(Quirk::RuledRows) {
            self.line("+----+----+");
            rows.iter().for_each(|row| self.ruled_row(row, bar));
            self.out.push('\n');
            return;
        }
        if has_made_up_head {
            self.line(&"|  ".repeat(width));
            self.line(&rule(width));
        }
        for (n, row) in rows.iter().enumerate() {
            let n_filled = if self.has(Quirk::FilledRows) { width - row.len() } else { 0 };
            let cells = joined(row, &format!("{space}{bar}{space}"));
            self.line(&format!("{bar}{space}{cells}{space}{bar}{}", fill.repeat(n_filled)));
            if n == 0 && is_markdown && !has_made_up_head {
                self.line(&rule(row.len()));
            }
        }
        self.out.push('\n');
    }

    /// A line for a cell; an empty one leaves none.
    fn cell_line(&mut self, text: &str) {
        let text = text.replace('\n', "");
        let text = text.trim();
        if text.is_empty() {
            return;
        }
        if self.has(Quirk::HeadingsOverLines) && OVER_LINES.contains(&text) {
            let chars: Vec<char> = text.chars().collect();
            // Two characters a line, or half of a long one.
            let n = if chars.len() > 6 { chars.len().div_ceil(2) } else { 2 };
            chars.chunks(n).for_each(|part| self.line(&part.iter().collect::<String>()));
        } else {
            self.line(text);
        }
        if self.has(Quirk::CellBorders) {
            let border = ["|", "||", "||||||"][self.random.usize(..3)];
            self.line(border);
        }
    }

    /// The tables that a sheet is printed as, and whether a page's number
    /// stands between them.
    fn parts(&mut self, sheet: &Sheet) -> (Vec<Vec<Vec<SheetCell>>>, bool) {
        let numbered = self.has(Quirk::PageNumbers);
        let again = self.has(Quirk::RepeatedHeadings);
        let twice = self.has(Quirk::ResultsTwice);
        let is_broken = numbered || again || twice || self.has(Quirk::BrokenMatrix);
        let Some(n_headings) = sheet.n_matrix_headings.filter(|_| is_broken) else {
            return (vec![sheet.rows.clone()], false);
        };
        let at = self.random.usize(n_headings + 3..sheet.rows.len() - 3);
        let mut first = sheet.rows[..at].to_vec();
        let mut second = sheet.rows[at..].to_vec();
        for (row, cells) in first.iter_mut().enumerate() {
            for cell in cells.iter_mut().filter(|cell| row + cell.rows > at) {
                if twice {
                    let rest = row + cell.rows - at;
                    let place =
                        second[0].iter().take_while(|other| other.role == Role::Label && other.rows > 1).count();
                    second[0].insert(place, SheetCell { rows: rest, ..made(Role::Label, cell.text.clone()) });
                }
                cell.rows = at - row;
            }
        }
        if again {
            second.splice(0..0, sheet.rows[..n_headings].to_vec());
        }
        (vec![first, second], numbered)
    }

    fn table(&mut self, rows: &[Vec<SheetCell>]) {
        let word = self.has(Quirk::WordMarkup);
        self.out.push_str(if word {
            "<table class=MsoNormalTable border=1 cellspacing=0 cellpadding=0 style='border-collapse:collapse;mso-yfti-tbllook:1184'>\n"
        } else {
            "<table border=1>\n"
        });
        for row in rows {
            self.out.push_str(if word { "<tr style='height:14.2pt'>" } else { "<tr>" });
            if self.has(Quirk::MarginColumn) {
                self.out.push_str("<td></td>");
            }
            for cell in row {
                let mut spans = String::new();
                if self.style.layout == Layout::Tables {
                    if cell.rows > 1 {
                        let _ = write!(spans, " rowspan={}", cell.rows);
                    }
                    if cell.columns > 1 {
                        let _ = write!(spans, " colspan={}", cell.columns);
                    }
                }
                let style = if word { " style='border:solid windowtext 1.0pt;padding:0cm 5.4pt'" } else { "" };
                let inside = self.cell(cell);
                let _ = write!(self.out, "<td{spans}{style}>{inside}</td>");
            }
            if self.has(Quirk::SpacerColumn) {
                self.out.push_str("<td></td>");
            }
            self.out.push_str("</tr>\n");
        }
        self.out.push_str("</table>\n");
    }

    /// What stands beside a number or a label: struck before it, raised behind it.
    fn margins(&mut self, cell: &SheetCell) -> (&'static str, &'static str) {
        if cell.text.trim().is_empty() || !matches!(cell.role, Role::Value | Role::Label) {
            return ("", "");
        }
        let struck = self.has(Quirk::StruckText) && cell.role == Role::Value && self.random.u8(..6) == 0;
        let raised = self.has(Quirk::RaisedMarks) && self.random.u8(..6) == 0;
        let before = ["<s>17</s>", "<del>9 </del>", "<strike>305</strike>"][self.random.usize(..3)];
        let after = [
            "<sup>1</sup>",
            "<sup>[1]</sup>",
            "<sup><a href=\"#note1\">①</a></sup>",
            "<a href=\"#_ftn1\" name=\"_ftnref1\"><span>[1]</span></a>",
        ][self.random.usize(..4)];
        (if struck { before } else { "" }, if raised { after } else { "" })
    }

    /// What is inside a cell of HTML.
    fn cell(&mut self, cell: &SheetCell) -> String {
        let is_number = cell.role == Role::Value;
        let mut lines: Vec<String> = cell.text.split('\n').map(|line| line.replace('\u{a0}', "&nbsp;")).collect();
        let n = cell.text.chars().count();
        if self.has(Quirk::VerticalLabels) && cell.text.contains("本年度办理结果") {
            lines = cell.text.chars().map(String::from).collect();
        } else if self.has(Quirk::SpreadLabels) && cell.role == Role::Label && n > 6 && lines.len() == 1 {
            let at = cell.text.char_indices().nth(self.random.usize(3..n - 1)).map_or(0, |(at, _)| at);
            lines = vec![cell.text[..at].to_owned(), cell.text[at..].to_owned()];
        }
        let splits = if is_number { self.has(Quirk::SplitNumbers) } else { self.has(Quirk::SplitSpans) };
        if splits {
            lines = lines.iter().map(|line| self.split(line)).collect();
        }
        if self.has(Quirk::StruckText) || self.has(Quirk::RaisedMarks) {
            let (before, after) = self.margins(cell);
            lines[0].insert_str(0, before);
            lines.last_mut().unwrap_or(&mut String::new()).push_str(after);
        }
        if self.has(Quirk::WordMarkup) {
            let line = |line: &String| {
                let inside = if line.is_empty() { "<o:p>&nbsp;</o:p>" } else { line };
                format!(
                    "<p class=MsoNormal align=center style='text-align:center'><span style='font-family:宋体'>{inside}</span></p>"
                )
            };
            lines.iter().map(line).collect()
        } else if self.has(Quirk::SpreadLabels) {
            lines.iter().map(|line| format!("<p>{line}</p>")).collect()
        } else {
            lines.join("<br>")
        }
    }

    /// A text over two or three spans, as editors leave it.
    fn split(&mut self, text: &str) -> String {
        let n = text.chars().count();
        if n < 2 || text.contains('&') {
            return format!("<span>{text}</span>");
        }
        let at = text.char_indices().nth(self.random.usize(1..n)).map_or(0, |(at, _)| at);
        format!("<span lang=EN-US>{}</span><span style='font-size:9.0pt'>{}</span>", &text[..at], &text[at..])
    }
}

/// The headings that narrow columns break.
const OVER_LINES: [&str; 12] = [
    "商业企业",
    "科研机构",
    "社会公益组织",
    "法律服务机构",
    "结果维持",
    "结果纠正",
    "其他结果",
    "尚未审结",
    "本年新制作数量",
    "本年新公开数量",
    "本年制发件数",
    "本年废止件数",
];

fn joined(row: &[SheetCell], separator: &str) -> String {
    let cells: Vec<_> = row.iter().map(|cell| cell.text.replace(['\n', '\u{a0}'], "")).collect();
    cells.join(separator)
}

/// Characters as PDF fonts give them: radicals for characters.
fn with_radicals(text: &str) -> String {
    const PAIRS: [(char, char); 9] = [
        ('一', '⼀'),
        ('人', '⼈'),
        ('工', '⼯'),
        ('行', '⾏'),
        ('自', '⾃'),
        ('比', '⽐'),
        ('生', '⽣'),
        ('大', '⼤'),
        ('用', '⽤'),
    ];
    let radical = |c: char| PAIRS.iter().find(|(plain, _)| *plain == c).map_or(c, |(_, radical)| *radical);
    text.chars().map(radical).collect()
}

fn around(truth: &Truth, style: Style, body: &str) -> String {
    let has = |quirk| style.quirks.has(quirk);
    let mut body = body.to_owned();
    if has(Quirk::CustomElements) {
        body = format!("<zoom-box><ucapcontent>{body}</ucapcontent></zoom-box>");
    }
    if has(Quirk::LayoutTable) {
        body = format!("<table width=100%><tr><td height=8></td></tr><tr><td>{body}</td></tr></table>");
    }
    let posted = match style.chrome {
        Chrome::Portal => {
            format!("<div>发布日期：{} 来源：{} 字体：【大 中 小】</div>\n", truth.published_on, truth.issuer)
        }
        _ => String::new(),
    };
    let metadata = if has(Quirk::MetadataTable) {
        format!(
            "<table><tr><td>索引号</td><td>000014349/{}-00021</td><td>发布机构</td><td>演示办公室</td></tr>\
             <tr><td>公开日期</td><td>{}</td><td>文号</td><td></td></tr></table>\n",
            truth.year + 1,
            truth.published_on
        )
    } else {
        String::new()
    };
    framed(&title(truth), &truth.issuer, style, &format!("{posted}{metadata}<div class=article>\n{body}</div>\n"))
}

/// A body inside a site's chrome; where the charset is said stands `CHARSET`.
pub(super) fn framed(title: &str, operator: &str, style: Style, body: &str) -> String {
    let note = "本页为程序演示，所有数字均为虚构。";
    let (before, after) = match style.chrome {
        Chrome::Plain => (String::new(), String::new()),
        Chrome::Portal => (
            "<ul class=nav><li><a href=/>首页</a></li><li><a href=/zwgk/>政务公开</a></li><li><a href=/fw/>办事服务</a></li></ul>\
             <div>您现在的位置：<a href=/>首页</a> &gt; <a href=/zwgk/>政务公开</a> &gt; 年报</div>"
                .to_owned(),
            format!("<div>【打印本页】【关闭窗口】</div><div>主办单位：{operator} 网站标识码：0000000000 备案号：演示备000号</div>"),
        ),
        Chrome::Mirror => (
            "<div><a href=/>演示百科</a></div>".to_owned(),
            "<div>相关词条</div><ul><li><a href=/1>公开</a></li></ul><div>热门词条</div><ul><li><a href=/2>年报</a></li></ul><div>联系我们</div>"
                .to_owned(),
        ),
        Chrome::Shop => (
            "<div>欢迎光临我们的商店！</div><div>产品中心</div><ul><li><a href=/p1>手机壳 A</a></li><li><a href=/p2>手机壳 B</a></li></ul>"
                .to_owned(),
            "<div>立即购买</div><div>购物车</div><form>姓名：<input name=n value=姓名>电话：<input name=t value=电话></form><div>在线客服</div>"
                .to_owned(),
        ),
    };
    let heading = match title.find("20").filter(|_| style.quirks.has(Quirk::SplitSpans)) {
        Some(at) => format!("{}<span lang=EN-US>20</span><span>{}</span>", &title[..at], &title[at + 2..]),
        None => title.to_owned(),
    };
    let second_title = if style.quirks.has(Quirk::TwoTitles) { "<title>演示县门户网站</title>" } else { "" };
    format!(
        "<!DOCTYPE html>\n<html><head><meta charset=\"CHARSET\"><title>{title}</title>{second_title}</head>\n<body>\n{before}\n<h1>{heading}</h1>\n\
         {body}{after}\n<div class=footer>{note}</div>\n</body></html>\n"
    )
}

/// Which forms reports of a year had.
#[must_use]
pub fn form_of_year(year: i16) -> ReportForm {
    match year {
        ..=2013 => ReportForm::Narrative,
        2014..=2018 => ReportForm::Form2014,
        2019 | 2020 => ReportForm::Form2019,
        _ => ReportForm::Form2021,
    }
}
