//! The tables of a report before they are drawn: cells with their spans.

use super::quirk::{Quirk, Quirks};
use super::truth::{CellKey, LOCAL, Truth};
use crate::report::catalogue::{Catalogue, Indicator};
use crate::report::{Applicant, Form, IndicatorId, ReportForm};
use rust_decimal::Decimal;

/// What a cell is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Heading,
    Label,
    Unit,
    Value,
}

/// A cell of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SheetCell {
    pub text: String,
    pub role: Role,
    pub rows: usize,
    pub columns: usize,
    /// Which of the report's cells it prints.
    pub key: Option<CellKey>,
}

/// A table: rows of the cells that begin in them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Sheet {
    pub rows: Vec<Vec<SheetCell>>,
    /// Whether it is the matrix of requests, and how many rows are headings.
    pub n_matrix_headings: Option<usize>,
}

/// A piece of an article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    Paragraph(String),
    Sheet(Sheet),
}

pub(super) fn made(role: Role, text: impl Into<String>) -> SheetCell {
    SheetCell { text: text.into(), role, rows: 1, columns: 1, key: None }
}

fn heading(text: &str, rows: usize, columns: usize) -> SheetCell {
    SheetCell { rows, columns, ..made(Role::Heading, text) }
}

/// Prints a report's cells as a set of quirks has it.
pub(super) struct Printer<'a> {
    pub truth: &'a Truth,
    pub quirks: Quirks,
    pub catalogue: &'a Catalogue,
    pub random: fastrand::Rng,
}

impl Printer<'_> {
    /// The sheets of the report's form, each after its section's heading.
    pub fn sheets(&mut self) -> Vec<Sheet> {
        let mut sheets = self.filled_in();
        if self.has(Quirk::OneSheet) {
            sheets = vec![in_one(sheets)];
        }
        if self.has(Quirk::RepeatedSpans) {
            sheets.iter_mut().for_each(|sheet| sheet.rows = without_spans(&sheet.rows, SheetCell::clone));
        }
        if self.has(Quirk::EmptyRow) {
            for sheet in &mut sheets {
                let n = sheet.rows.last().map_or(1, Vec::len);
                sheet.rows.push(vec![made(Role::Unit, ""); n]);
            }
        }
        sheets
    }

    fn filled_in(&mut self) -> Vec<Sheet> {
        match (self.truth.form, self.truth.form.official()) {
            (ReportForm::Local, _) => vec![self.local()],
            (_, Some(Form::F2014)) => vec![self.form_2014()],
            (_, Some(form)) => {
                vec![self.disclosure(form), self.matrix(self.truth.matrix.unwrap_or(form)), self.disputes(form)]
            }
            _ => Vec::new(),
        }
    }

    fn has(&self, quirk: Quirk) -> bool {
        self.quirks.has(quirk)
    }

    fn value(&mut self, row: &Indicator, applicant: Option<Applicant>) -> SheetCell {
        let key = (row.id.clone(), applicant);
        let mut value = self.truth.cells.get(&key).copied().flatten();
        let is_in_yuan = self.has(Quirk::OwnUnits) || (self.has(Quirk::ItemUnits) && applicant.is_none());
        if is_in_yuan && &*row.unit == "万元" {
            value = value.map(|value| (value * Decimal::from(10_000)).normalize());
        }
        let text = self.number(value, &row.unit, row.id.as_str().ends_with("_change"));
        SheetCell { key: Some(key), ..made(Role::Value, text) }
    }

    fn number(&mut self, value: Option<Decimal>, unit: &str, is_change: bool) -> String {
        let Some(value) = value else {
            return match () {
                () if self.has(Quirk::BlankForZero) || self.has(Quirk::BlankTotals) => String::new(),
                () if self.has(Quirk::NbspForZero) => "\u{a0}".to_owned(),
                () => (*self.random.choice(&["/", "——"]).unwrap_or(&"/")).to_owned(),
            };
        };
        let mut text = value.to_string();
        let is_small = value.is_integer() && value >= Decimal::ONE && value <= Decimal::from(20);
        if self.has(Quirk::CircledDigits) && is_small && self.random.bool() {
            let n = u32::try_from(value.mantissa()).unwrap_or(1);
            return char::from_u32(0x2460 + n - 1).map_or(text, String::from);
        }
        if self.has(Quirk::LetterForZero) && value.is_zero() && self.random.bool() {
            return "O".to_owned();
        }
        if self.has(Quirk::ThousandsSeparators) && value >= Decimal::from(1000) {
            text = with_separators(&text);
        }
        if self.has(Quirk::SignedChanges) && is_change && value > Decimal::ZERO {
            text.insert(0, '+');
        }
        if self.has(Quirk::GluedUnits) && self.random.u8(..4) == 0 {
            if unit == "万元" && self.random.bool() {
                return format!("{}元", (value * Decimal::from(10_000)).normalize());
            }
            text.push_str(unit);
        }
        if self.has(Quirk::BracketedUnits) && self.random.u8(..4) == 0 {
            if unit == "万元" && self.random.bool() {
                return format!("{}（元）", (value * Decimal::from(10_000)).normalize());
            }
            text = format!("{text}（{unit}）");
        }
        if self.has(Quirk::NotesInCells) && self.random.u8(..6) == 0 {
            let note = ["其中修订", "含自然失效", "含上年"][self.random.usize(..3)];
            text = format!("{text}（{note}{}{unit}）", self.random.u8(1..9));
        }
        if self.has(Quirk::FullWidthDigits) {
            let wide = |c: char| match c {
                '0'..='9' => char::from_u32(u32::from(c) - 0x30 + 0xff10).unwrap_or(c),
                ',' => '，',
                '.' => '．',
                c => c,
            };
            text = text.chars().map(wide).collect();
        }
        text
    }

    /// A label as the quirks spell it: numbering, variants, marks.
    fn label(&mut self, text: &str) -> SheetCell {
        let mut text = text.to_owned();
        if self.has(Quirk::VariantLabels) {
            text = match text.as_str() {
                "行政规范性文件" => "规范性文件".to_owned(),
                "规范性文件" => "行政规范性文件".to_owned(),
                _ => text,
            };
        }
        if self.has(Quirk::OtherNumbering) {
            text = self.renumbered(&text);
        }
        if self.has(Quirk::ClippedLabels) && self.random.u8(..12) == 0 {
            text = clipped(&text, &mut self.random);
        }
        if self.has(Quirk::FootnoteMarks) && self.random.u8(..8) == 0 {
            text.push_str(["[1]", "①", "*", "［2］"][self.random.usize(..4)]);
        }
        made(Role::Label, text)
    }

    /// The label numbered in another way, or not at all.
    fn renumbered(&mut self, text: &str) -> String {
        let inside = text.trim_start_matches(|c: char| c.is_ascii_digit());
        let Some(rest) = inside.strip_prefix('.').filter(|_| inside.len() < text.len()) else {
            return text.to_owned();
        };
        let n = text[..text.len() - inside.len()].to_owned();
        let circled = n.parse().ok().and_then(|n: u32| char::from_u32(0x2460 + n - 1)).map(String::from);
        let spelt = [
            format!("{n}、"),
            format!("{n}．"),
            format!("({n})"),
            format!("（{n}）"),
            circled.unwrap_or(n),
            String::new(),
        ];
        format!("{}{rest}", spelt[self.random.usize(..spelt.len())])
    }

    fn form_2014(&mut self) -> Sheet {
        let (numbered, in_labels) = (self.has(Quirk::NumberedRows), self.has(Quirk::UnitsInLabels));
        let (total, remarks) = (self.has(Quirk::CumulativeColumn), self.has(Quirk::RemarksColumn));
        let mut sheet = Sheet::default();
        let mut push = |label: SheetCell, unit: &str, value: SheetCell, running: String| {
            let role = label.role;
            let mut row = Vec::new();
            if numbered {
                let n = sheet.rows.len();
                row.push(made(role, if n == 0 { "序号".to_owned() } else { n.to_string() }));
            }
            row.push(label);
            if !in_labels {
                row.push(made(if role == Role::Heading { Role::Heading } else { Role::Unit }, unit));
            }
            row.push(value);
            if total {
                row.push(made(if role == Role::Heading { Role::Heading } else { Role::Label }, running));
            } else if remarks {
                row.push(made(role, if role == Role::Heading { "备注" } else { "" }));
            }
            sheet.rows.push(row);
        };
        let spaced = if self.quirks.has(Quirk::SpacedLabels) { "统 计 指 标" } else { "统计指标" };
        let column = if total { "本年度" } else { "统计数" };
        push(heading(spaced, 1, 1), "单位", heading(column, 1, 1), "历年累计".to_owned());
        let mut section = "";
        let rows: Vec<&Indicator> = self.catalogue.rows(Form::F2014).collect();
        for row in rows {
            // Some sections' headings are themselves rows with a number.
            let is_own_heading = row.section.ends_with(row.label.as_str());
            if row.section != section && !is_own_heading {
                push(made(Role::Label, row.section.clone()), "——", made(Role::Unit, "——"), "——".to_owned());
            }
            section = &row.section;
            let text = if is_own_heading {
                row.section.clone()
            } else if row.parent.is_some() {
                format!("其中：{}", row.label)
            } else {
                format!("（一）{}", row.label)
            };
            let unit = if self.has(Quirk::OwnUnits) && &*row.unit == "万元" { "元" } else { &*row.unit };
            let text = if in_labels { format!("{text}（单位：{unit}）") } else { text };
            let label = self.label(&text);
            let value = self.value(row, None);
            let running = self.random.u32(4000..9000).to_string();
            push(label, unit, value, running);
        }
        self.footnote(&mut sheet);
        sheet
    }

    fn local(&mut self) -> Sheet {
        let mut sheet = Sheet::default();
        let heads = ["指标名称", "计量单位", "本年度", "历年累计"];
        sheet.rows.push(heads.map(|head| heading(head, 1, 1)).into());
        for (label, id) in LOCAL {
            let Ok(id) = id.parse::<IndicatorId>() else { continue };
            let key = (id, None);
            let value = self.truth.cells.get(&key).copied().flatten();
            let text = self.number(value, "条", false);
            let running = self.random.u32(4000..9000).to_string();
            let label = self.label(label);
            sheet.rows.push(vec![
                label,
                made(Role::Unit, "条"),
                SheetCell { key: Some(key), ..made(Role::Value, text) },
                made(Role::Unit, running),
            ]);
        }
        sheet
    }

    fn disclosure(&mut self, form: Form) -> Sheet {
        let mut sheet = Sheet::default();
        let catalogue = self.catalogue;
        let rows: Vec<(&str, &str, &str, &Indicator)> = catalogue
            .rows(form)
            .filter(|row| row.label.starts_with("第二十条"))
            .filter_map(|row| {
                let mut levels = row.label.split(" / ");
                Some((levels.next()?, levels.next()?, levels.next()?, row))
            })
            .collect();
        let wide = if self.has(Quirk::WideData) { 2 } else { 1 };
        let (mut article, mut kind) = ("", "");
        for (at, name, _, _) in &rows {
            if *at != article {
                let first = rows.iter().find(|(a, ..)| a == at).map_or("", |(_, kind, ..)| kind);
                let columns = rows.iter().filter(|(a, k, ..)| a == at && *k == first);
                let is_money = columns.clone().any(|(.., row)| &*row.unit == "万元");
                let in_yuan = self.has(Quirk::ItemUnits) && is_money;
                let head = heading(&format!("{at}{}", if in_yuan { "（单位：元）" } else { "" }), 1, 4);
                sheet.rows.push(vec![if self.has(Quirk::FootnoteMarks) {
                    SheetCell { text: format!("{}[1]", head.text), ..head }
                } else {
                    head
                }]);
                let mut heads =
                    vec![heading(if self.has(Quirk::SpacedLabels) { "信 息 内 容" } else { "信息内容" }, 1, 1)];
                heads.extend(columns.map(|(_, _, column, row)| {
                    let unit = if &*row.unit == "万元" && !in_yuan { "（单位：万元）" } else { "" };
                    heading(&format!("{column}{unit}"), 1, 1)
                }));
                sheet.rows.push(heads);
            }
            if (*at, *name) != (article, kind) {
                let mut row = vec![self.label(name)];
                for (_, _, _, indicator) in rows.iter().filter(|(a, k, ..)| a == at && k == name) {
                    row.push(SheetCell { columns: wide, ..self.value(indicator, None) });
                }
                sheet.rows.push(row);
            }
            (article, kind) = (at, name);
        }
        self.footnote(&mut sheet);
        sheet
    }

    fn matrix(&mut self, form: Form) -> Sheet {
        let catalogue = self.catalogue;
        let rows: Vec<&Indicator> = catalogue.rows(form).filter(|row| !row.applicants.is_empty()).collect();
        let columns = self.columns();
        let mut sheet = Sheet { rows: self.matrix_headings(&columns), n_matrix_headings: None };
        sheet.n_matrix_headings = Some(sheet.rows.len());
        let is_result = |row: &Indicator| row.id.as_str().starts_with("result.");
        let n_results = rows.iter().filter(|row| is_result(row)).count();
        let (mut seen_result, mut group) = (false, String::new());
        for row in &rows {
            let mut cells = Vec::new();
            if is_result(row) && !seen_result {
                seen_result = true;
                cells.push(SheetCell { rows: n_results, ..made(Role::Label, "三、本年度办理结果") });
            }
            if let Some((of, leaf)) = row.label.split_once(" / ") {
                if of != group {
                    let n = rows.iter().filter(|row| row.label.starts_with(&format!("{of} /"))).count();
                    cells.push(SheetCell { rows: n, ..made(Role::Label, of) });
                    of.clone_into(&mut group);
                }
                cells.push(self.label(leaf));
            } else {
                let span = if is_result(row) { 2 } else { 3 };
                cells.push(SheetCell { columns: span, ..self.label(&row.label) });
            }
            for applicant in &columns {
                cells.push(self.value(row, Some(*applicant)));
            }
            sheet.rows.push(cells);
        }
        sheet
    }

    /// The applicants that the matrix has a column for, in its order.
    fn columns(&mut self) -> Vec<Applicant> {
        let has = |applicant: &Applicant| self.truth.cells.keys().any(|(_, of)| *of == Some(*applicant));
        let mut columns: Vec<Applicant> = Applicant::ALL.into_iter().filter(has).collect();
        if self.has(Quirk::ShuffledColumns) {
            // 总计 stays at the end, 自然人 before it or at the beginning.
            let end = columns.len() - 1;
            self.random.shuffle(&mut columns[1..end]);
        }
        columns
    }

    fn matrix_headings(&mut self, columns: &[Applicant]) -> Vec<Vec<SheetCell>> {
        let note = "（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）";
        let (broken, variant) = (self.has(Quirk::BrokenHeadings), self.has(Quirk::VariantLabels));
        let name = |applicant: Applicant| match applicant {
            Applicant::NaturalPerson => "自然人",
            Applicant::Enterprise if broken => "商业\n企业",
            Applicant::Enterprise => "商业企业",
            Applicant::ResearchInstitution if broken => "科研\u{a0}\n机构",
            Applicant::ResearchInstitution => "科研机构",
            Applicant::PublicWelfareOrganization => "社会公益组织",
            Applicant::LegalService => "法律服务机构",
            Applicant::OtherOrganization if variant => "其它",
            Applicant::OtherOrganization => "其他",
            Applicant::Total if variant => "合计",
            Applicant::Total => "总计",
        };
        let organisations: Vec<Applicant> = columns.iter().copied().filter(|of| of.is_organisation()).collect();
        let n = columns.len();
        let wrong = usize::from(self.has(Quirk::WrongSpans));
        let mut second = Vec::new();
        for applicant in columns {
            if !applicant.is_organisation() {
                second.push(heading(name(*applicant), 2, 1));
            } else if Some(applicant) == organisations.first() {
                let n = if self.has(Quirk::LostGroupSpan) {
                    [1, 4][usize::from(self.random.bool())]
                } else {
                    organisations.len()
                };
                second.push(heading("法人或其他组织", 1, n));
            }
        }
        let third: Vec<SheetCell> = organisations.iter().map(|of| heading(name(*of), 1, 1)).collect();
        let mut rows = vec![vec![heading(note, 3, 3 - wrong), heading("申请人情况", 1, n + wrong)], second, third];
        if self.has(Quirk::EmptyHeadings) {
            rows = without_spans(&rows, |_| made(Role::Heading, ""));
        }
        if self.has(Quirk::NumberedColumns) {
            let name = SheetCell { columns: 3, ..made(Role::Label, "栏次") };
            rows.push(std::iter::once(name).chain(numbers(n)).collect());
        }
        rows
    }

    fn disputes(&mut self, form: Form) -> Sheet {
        let results = ["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"];
        let group = |rows| results.map(|result| heading(result, rows, 1));
        let catalogue = self.catalogue;
        let rows: Vec<&Indicator> = catalogue
            .rows(form)
            .filter(|row| row.label.starts_with("行政复议 /") || row.label.starts_with("行政诉讼 /"))
            .collect();
        if self.has(Quirk::GroupsInRows) {
            return self.groups_in_rows(&rows, results);
        }
        let mut second = group(2).to_vec();
        let last = if self.has(Quirk::WideGroup) { 7 } else { 5 };
        second.extend([heading("未经复议直接起诉", 1, 5), heading("复议后起诉", 1, last)]);
        let third: Vec<SheetCell> = group(1).into_iter().chain(group(1)).collect();
        let values = rows.iter().map(|row| self.value(row, None)).collect();
        let first = vec![heading("行政复议", 1, 5), heading("行政诉讼", 1, 10)];
        let numbered = self.has(Quirk::NumberedColumns).then(|| numbers(rows.len()).collect());
        let rows = [first, second, third].into_iter().chain(numbered).chain([values]).collect();
        Sheet { rows, n_matrix_headings: None }
    }

    fn groups_in_rows(&mut self, rows: &[&Indicator], results: [&str; 5]) -> Sheet {
        let head = [heading("类别", 1, 2)].into_iter().chain(results.map(|result| heading(result, 1, 1))).collect();
        let names = [
            vec![heading("行政复议", 1, 2)],
            vec![heading("行政诉讼", 2, 1), heading("未经复议直接起诉", 1, 1)],
            vec![heading("复议后起诉", 1, 1)],
        ];
        let mut sheet = Sheet { rows: vec![head], n_matrix_headings: None };
        for (mut row, group) in names.into_iter().zip(rows.chunks(results.len())) {
            row.extend(group.iter().map(|of| self.value(of, None)));
            sheet.rows.push(row);
        }
        sheet
    }

    fn footnote(&mut self, sheet: &mut Sheet) {
        if self.has(Quirk::FootnoteRow) {
            let n = sheet.rows.last().map_or(1, Vec::len);
            sheet.rows.push(vec![SheetCell {
                columns: n,
                ..made(Role::Label, "注：[1]同一信息在不同栏目登载的，只计1条。")
            }]);
        }
    }
}

/// A number's digits in threes before its point.
fn with_separators(number: &str) -> String {
    let (whole, rest) = number.split_at(number.find('.').unwrap_or(number.len()));
    let mut threes: Vec<&str> = Vec::new();
    let mut head = whole;
    while head.len() > 3 {
        let (before, three) = head.split_at(head.len() - 3);
        threes.insert(0, three);
        head = before;
    }
    threes.insert(0, head);
    format!("{}{rest}", threes.join(","))
}

/// The cells of a row that numbers so many columns.
fn numbers(n: usize) -> impl Iterator<Item = SheetCell> {
    (1..=n).map(|n| made(Role::Unit, n.to_string()))
}

/// The sections of the forms since 2019 in one table.
fn in_one(sheets: Vec<Sheet>) -> Sheet {
    const SECTIONS: [&str; 3] =
        ["二、主动公开政府信息情况", "三、收到和处理政府信息公开申请情况", "四、政府信息公开行政复议、行政诉讼情况"];
    let section = |(name, sheet): (&str, Sheet)| [vec![heading(name, 1, 15)]].into_iter().chain(sheet.rows);
    Sheet { rows: SECTIONS.into_iter().zip(sheets).flat_map(section).collect(), n_matrix_headings: None }
}

/// The same rows with a cell of its own for every position that a span covered.
pub(super) fn without_spans(rows: &[Vec<SheetCell>], covered: impl Fn(&SheetCell) -> SheetCell) -> Vec<Vec<SheetCell>> {
    let width = rows.iter().map(|row| row.iter().map(|cell| cell.columns).sum()).max().unwrap_or(0);
    let mut grid: Vec<Vec<Option<SheetCell>>> = vec![vec![None; width]; rows.len()];
    for (at, row) in rows.iter().enumerate() {
        for cell in row {
            let Some(column) = grid[at].iter().position(Option::is_none) else { continue };
            for below in grid.iter_mut().skip(at).take(cell.rows) {
                for position in below.iter_mut().skip(column).take(cell.columns) {
                    *position = Some(SheetCell { rows: 1, columns: 1, ..covered(cell) });
                }
            }
            grid[at][column] = Some(SheetCell { rows: 1, columns: 1, ..cell.clone() });
        }
    }
    // A row that ends early has no more cells, nor has one before them.
    let cells = |row: Vec<Option<SheetCell>>| row.into_iter().flatten().collect();
    grid.into_iter().map(cells).collect()
}

/// A long label without one of its inner characters.
fn clipped(text: &str, random: &mut fastrand::Rng) -> String {
    let chars: Vec<char> = text.chars().collect();
    if chars.len() < 14 || text.contains(['（', '“']) {
        return text.to_owned();
    }
    let lost = random.usize(8..chars.len() - 2);
    // Without its 不 a label says another thing.
    if "不未非无".contains(chars[lost]) {
        return text.to_owned();
    }
    chars.iter().enumerate().filter(|(at, _)| *at != lost).map(|(_, c)| c).collect()
}
