//! What real pages do to a report, each a named switch of the generator.
//!
//! Their source is what was seen in real documents: a spelling of numbers, a
//! habit of an editor, a fault of a converter. None of them takes anything
//! away that a careful person would need to read the page; what does is
//! [`super::damage`].

use super::page::Layout;
use crate::report::ReportForm;

macro_rules! quirks {
    ($($(#[$doc:meta])+ $name:ident),+ $(,)?) => {
        /// A habit of real pages.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Quirk { $($(#[$doc])+ $name),+ }

        impl Quirk {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];
        }
    };
}

quirks! {
    // Values.
    /// A cell left blank for a zero.
    BlankForZero,
    /// A zero as `&nbsp;`.
    NbspForZero,
    /// Totals left blank in most rows of the matrix.
    BlankTotals,
    /// A printed total that is not the sum of its parts.
    WrongTotal,
    /// `/` or `——` where nothing is reported.
    SlashForUnreported,
    /// `22（其中修订3件）`: the number counts, the rest is a note.
    NotesInCells,
    /// `12件`; `27225元` in a row of 万元.
    GluedUnits,
    /// `１２`.
    FullWidthDigits,
    /// `1,234`.
    ThousandsSeparators,
    /// `+12` where a change is reported.
    SignedChanges,
    /// `⑫` for a small number.
    CircledDigits,
    /// `O` for zero.
    LetterForZero,
    /// A number over several spans: 78 and 967.
    SplitNumbers,
    // Labels.
    /// A footnote's mark glued to a label: `[1]`, `①`, `*`.
    FootnoteMarks,
    /// A footnote's row at the end of the table.
    FootnoteRow,
    /// A label over several paragraphs of its cell.
    SpreadLabels,
    /// One character a line: 三、本年度办理结果.
    VerticalLabels,
    /// Spaces inside words: 统 计 指 标.
    SpacedLabels,
    /// Numbering of another kind, or none: 1、 1． (1) ①.
    OtherNumbering,
    /// 规范性文件 for 行政规范性文件, 其它 for 其他, 合计 for 总计.
    VariantLabels,
    /// A label that lost a character inside.
    ClippedLabels,
    /// Compatibility characters from a PDF's font: ⽐ ⼀.
    Radicals,
    // Tables.
    /// A page's number in the middle of the matrix.
    PageNumbers,
    /// The matrix over two tables.
    BrokenMatrix,
    /// The matrix over two tables, its headings printed again.
    RepeatedHeadings,
    /// 三、本年度办理结果 again in the second half, with a span of its own.
    ResultsTwice,
    /// Empty cells where a span was meant.
    EmptyHeadings,
    /// Spans in the heading that do not add up.
    WrongSpans,
    /// Data cells that span two columns under headings that span one.
    WideData,
    /// A cell at the end of each row in which nothing stands.
    SpacerColumn,
    /// `<br>` and `&nbsp;` inside headings.
    BrokenHeadings,
    /// The applicant columns in another order.
    ShuffledColumns,
    /// One applicant column less.
    MissingColumn,
    /// A column of the running total beside this year's.
    CumulativeColumn,
    /// A column that numbers the rows.
    NumberedRows,
    /// A column for remarks.
    RemarksColumn,
    /// Units in brackets behind labels, no column of their own.
    UnitsInLabels,
    // The page.
    /// A table of metadata before the article.
    MetadataTable,
    /// All of it inside a page-wide table.
    LayoutTable,
    /// Word's classes, styles and empty paragraphs.
    WordMarkup,
    /// Labels and numbers split over spans.
    SplitSpans,
    /// `<title>` twice, the last only the site's name.
    TwoTitles,
    /// Elements that HTML does not know.
    CustomElements,
    // The text.
    /// Sections numbered otherwise and in the office's own words.
    OwnSections,
    /// Sections numbered twice: the prose 一 to 六, then the tables again.
    SectionsTwice,
    /// Sentences with numbers of other matters.
    Distractors,
    /// `20171月1日`: characters lost in copying.
    LostCharacters,

    // The rarer ones.
    /// A footnote's raised mark or link behind a number or a label.
    RaisedMarks,
    /// A number that was corrected: the old one stands struck before it.
    StruckText,
    /// 元 in the unit's column of a row of 万元.
    OwnUnits,
    /// A row that numbers the columns: 栏次 1 2 3.
    NumberedColumns,
    /// A heading over several lines of a text: 商业 / 企业.
    HeadingsOverLines,
    /// The borders of cells left in a text of a cell a line.
    CellBorders,
    /// Rows filled up with blanks at their ends, for the spans that were lost.
    FilledRows,
    /// Two tabs behind each cell.
    DoubledTabs,
    /// A blank head over a table of Markdown that has none.
    MadeUpHead,
    /// A row at the table's end in which nothing stands.
    EmptyRow,
    /// 法人或其他组织 over one column, or four, of its five.
    LostGroupSpan,
    /// 复议后起诉 over more columns than its five.
    WideGroup,
    /// The text of a cell again in each place that its span covered.
    RepeatedSpans,
    /// All sections in one table, each under a heading over its whole width.
    OneSheet,
    /// Rules between the rows of a text, cells over several lines.
    RuledRows,
    /// Bars of another kind between cells: `｜`, `│`.
    OtherBars,
    /// Bars without spaces: `|12||3|`.
    TightBars,
    /// Cells parted by commas.
    Commas,
    /// Where cells are lines, a column that numbers the rows.
    NumberedLines,
    /// A number's unit in brackets: `3500（元）`.
    BracketedUnits,
    /// The unit behind an item of article 20, none behind the headings below it.
    ItemUnits,
    /// A cell at the beginning of each row in which nothing stands.
    MarginColumn,
    /// Disputes with a group's name before its five numbers, the results headed once.
    GroupsInRows,
    /// Each cell of a text closed by a bar, and bars for what merged cells have taken.
    ClosedCells,
}

impl Quirk {
    /// Whether it can stand in a report of a form drawn in a layout, and leave
    /// it readable: a blank cell is lost where cells are lines, for one.
    #[must_use]
    #[allow(clippy::match_same_arms, reason = "what looks alike is told apart by its reason")]
    pub fn fits(self, form: ReportForm, layout: Layout) -> bool {
        let is_grid = !matches!(layout, Layout::Lines | Layout::Rows | Layout::OneLine | Layout::Aligned);
        let is_html = matches!(layout, Layout::Tables | Layout::Spanless);
        let has_matrix = matches!(form, ReportForm::Form2019 | ReportForm::Form2021);
        match self {
            Self::BlankForZero | Self::NbspForZero | Self::RemarksColumn | Self::NumberedRows => {
                is_grid
                    && (has_matrix || form == ReportForm::Form2014)
                    && (form == ReportForm::Form2014 || matches!(self, Self::BlankForZero | Self::NbspForZero))
            }
            Self::BlankTotals => has_matrix && is_grid,
            // Where a row's place is not certain its sum is evidence.
            Self::WrongTotal => has_matrix && layout == Layout::Tables,
            Self::SectionsTwice => form != ReportForm::Narrative,
            Self::SlashForUnreported
            | Self::FullWidthDigits
            | Self::ThousandsSeparators
            | Self::LetterForZero
            | Self::Radicals => form != ReportForm::Narrative,
            // A mark on a line of its own is a number like another.
            Self::FootnoteMarks => form != ReportForm::Narrative && layout != Layout::Aligned,
            // Without its cell's borders a note is words between numbers.
            Self::NotesInCells | Self::GluedUnits | Self::CircledDigits | Self::SpacedLabels | Self::FootnoteRow => {
                form != ReportForm::Narrative && is_grid
            }
            Self::SignedChanges => form == ReportForm::Form2019,
            Self::SplitNumbers | Self::SpreadLabels | Self::LayoutTable => form != ReportForm::Narrative && is_html,
            Self::VerticalLabels | Self::BrokenHeadings => has_matrix && is_html,
            // A label that goes on below is told by the number of the next.
            Self::OtherNumbering => form != ReportForm::Narrative && !(has_matrix && layout == Layout::Aligned),
            Self::VariantLabels => has_matrix,
            // Among words in one line `- 4 -` may be three cells.
            Self::PageNumbers => has_matrix && layout != Layout::OneLine,
            Self::ClippedLabels => form == ReportForm::Form2014 || has_matrix,
            Self::BrokenMatrix | Self::RepeatedHeadings | Self::ResultsTwice => has_matrix && is_html,
            Self::EmptyHeadings => has_matrix && is_grid,
            Self::WrongSpans | Self::WideData => has_matrix && layout == Layout::Tables,
            Self::SpacerColumn => form != ReportForm::Narrative && layout == Layout::Tables,
            // Without spans the order of the headings is all that is left.
            Self::ShuffledColumns | Self::MissingColumn => has_matrix && layout == Layout::Tables,
            Self::CumulativeColumn | Self::UnitsInLabels => form == ReportForm::Form2014 && is_grid,
            Self::MetadataTable | Self::WordMarkup | Self::SplitSpans | Self::TwoTitles | Self::CustomElements => {
                is_html || matches!(layout, Layout::Lines | Layout::Rows)
            }
            Self::EmptyRow => form != ReportForm::Narrative && is_html,
            Self::LostGroupSpan | Self::WideGroup => has_matrix && layout == Layout::Tables,
            Self::OneSheet => has_matrix && is_html,
            // Rows over several lines have words in their cells that break anywhere.
            Self::RuledRows | Self::OtherBars => form != ReportForm::Narrative && layout == Layout::Pipes,
            Self::TightBars => form != ReportForm::Narrative && matches!(layout, Layout::Pipes | Layout::Markdown),
            Self::Commas => form != ReportForm::Narrative && layout == Layout::Tabs,
            Self::NumberedLines => form == ReportForm::Form2014 && layout == Layout::Lines,
            Self::BracketedUnits => form != ReportForm::Narrative && is_grid,
            Self::ItemUnits => form == ReportForm::Form2021,
            Self::MarginColumn => form != ReportForm::Narrative && layout == Layout::Tables,
            Self::GroupsInRows => has_matrix && layout == Layout::Tables,
            Self::RepeatedSpans => has_matrix && is_grid && layout != Layout::Tables,
            Self::RaisedMarks | Self::StruckText => form != ReportForm::Narrative && is_html,
            Self::OwnUnits => form == ReportForm::Form2014 && is_grid,
            Self::NumberedColumns => has_matrix && is_html,
            Self::HeadingsOverLines | Self::CellBorders | Self::ClosedCells => has_matrix && layout == Layout::Lines,
            Self::FilledRows => has_matrix && matches!(layout, Layout::Pipes | Layout::Markdown),
            Self::DoubledTabs => form != ReportForm::Narrative && layout == Layout::Tabs,
            Self::MadeUpHead => form != ReportForm::Narrative && layout == Layout::Markdown,
            Self::OwnSections | Self::Distractors | Self::LostCharacters => true,
        }
    }

    /// Whether two of them exclude each other.
    #[must_use]
    pub fn excludes(self, other: Self) -> bool {
        const BROKEN: [Quirk; 5] =
            [Quirk::BrokenMatrix, Quirk::RepeatedHeadings, Quirk::ResultsTwice, Quirk::PageNumbers, Quirk::WrongSpans];
        // The half without headings has lost what would tell its columns.
        const WHOLE: [Quirk; 4] = [Quirk::SpacerColumn, Quirk::WrongTotal, Quirk::BlankTotals, Quirk::LostGroupSpan];
        const ONE_OF: [&[Quirk]; 44] = [
            &[Quirk::BlankForZero, Quirk::NbspForZero, Quirk::LetterForZero, Quirk::BlankTotals],
            &[Quirk::GluedUnits, Quirk::NotesInCells, Quirk::CircledDigits, Quirk::BracketedUnits],
            &[Quirk::BrokenMatrix, Quirk::RepeatedHeadings, Quirk::ResultsTwice, Quirk::PageNumbers],
            &[
                Quirk::ShuffledColumns,
                Quirk::MissingColumn,
                Quirk::WrongSpans,
                Quirk::WideData,
                Quirk::EmptyHeadings,
                Quirk::LostGroupSpan,
            ],
            &[Quirk::WrongTotal, Quirk::BlankTotals],
            &[Quirk::SlashForUnreported, Quirk::BlankTotals],
            &[Quirk::OwnUnits, Quirk::GluedUnits],
            // A mark behind what is hardly a number leaves nothing to read.
            &[Quirk::RaisedMarks, Quirk::LetterForZero],
            &[Quirk::RaisedMarks, Quirk::CircledDigits],
            &[Quirk::RaisedMarks, Quirk::SlashForUnreported],
            &[Quirk::CumulativeColumn, Quirk::RemarksColumn, Quirk::UnitsInLabels],
            &[Quirk::GluedUnits, Quirk::ItemUnits],
            &[Quirk::ClosedCells, Quirk::CellBorders],
            &[Quirk::ClosedCells, Quirk::HeadingsOverLines],
            // Of half a matrix nothing tells how many columns it has.
            &[
                Quirk::ClosedCells,
                Quirk::BrokenMatrix,
                Quirk::RepeatedHeadings,
                Quirk::ResultsTwice,
                Quirk::PageNumbers,
            ],
            // Blanks at the ends of rows could be either's.
            &[Quirk::FilledRows, Quirk::EmptyHeadings],
            &[Quirk::FilledRows, Quirk::BlankTotals],
            &[Quirk::FilledRows, Quirk::BlankForZero],
            &[Quirk::FilledRows, Quirk::NbspForZero],
            // Of two rows in which nothing stands neither is known to be the numbers'.
            &[Quirk::EmptyRow, Quirk::BlankForZero],
            &[Quirk::EmptyRow, Quirk::NbspForZero],
            &[Quirk::EmptyRow, Quirk::SlashForUnreported],
            // The sums are what tells the columns.
            &[Quirk::LostGroupSpan, Quirk::BlankTotals],
            &[Quirk::LostGroupSpan, Quirk::WrongTotal],
            &[Quirk::WideGroup, Quirk::SpacerColumn],
            &[Quirk::RepeatedSpans, Quirk::EmptyHeadings],
            &[Quirk::RepeatedSpans, Quirk::FilledRows],
            &[Quirk::OneSheet, Quirk::SpacerColumn],
            &[Quirk::RuledRows, Quirk::FilledRows],
            &[Quirk::OtherBars, Quirk::FilledRows],
            &[Quirk::Commas, Quirk::DoubledTabs],
            // Rows of cells parted by commas are filled up with blanks.
            &[Quirk::Commas, Quirk::BlankTotals],
            &[Quirk::Commas, Quirk::BlankForZero],
            &[Quirk::Commas, Quirk::NbspForZero],
            &[Quirk::OneSheet, Quirk::BrokenMatrix, Quirk::RepeatedHeadings, Quirk::ResultsTwice, Quirk::PageNumbers],
            &[Quirk::ItemUnits, Quirk::BracketedUnits],
            &[Quirk::OwnUnits, Quirk::BracketedUnits],
            &[Quirk::MarginColumn, Quirk::NumberedRows],
            &[Quirk::MarginColumn, Quirk::OneSheet],
            // A row of blanks is none of a group's.
            &[Quirk::GroupsInRows, Quirk::BlankForZero],
            &[Quirk::GroupsInRows, Quirk::NbspForZero],
            &[Quirk::GroupsInRows, Quirk::SlashForUnreported],
            &[Quirk::GroupsInRows, Quirk::NumberedColumns],
            &[Quirk::GroupsInRows, Quirk::WideGroup],
        ];
        let on = |one: Self, other: Self| WHOLE.contains(&one) && BROKEN.contains(&other);
        if on(self, other) || on(other, self) {
            return true;
        }
        self == other || ONE_OF.iter().any(|group| group.contains(&self) && group.contains(&other))
    }

    fn bit(self) -> u128 {
        1 << (self as u8)
    }
}

/// A set of quirks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Quirks(u128);

impl Quirks {
    /// None of them.
    pub const NONE: Self = Self(0);

    /// The set with one more.
    #[must_use]
    pub fn with(self, quirk: Quirk) -> Self {
        Self(self.0 | quirk.bit())
    }

    /// Whether one is in the set.
    #[must_use]
    pub fn has(self, quirk: Quirk) -> bool {
        self.0 & quirk.bit() != 0
    }

    /// Those in the set.
    pub fn iter(self) -> impl Iterator<Item = Quirk> {
        Quirk::ALL.iter().copied().filter(move |quirk| self.has(*quirk))
    }

    /// Up to `most` of the common quirks that go together and fit a form and
    /// layout.
    #[must_use]
    pub fn draw(random: &mut fastrand::Rng, most: usize, form: ReportForm, layout: Layout) -> Self {
        Self::NONE.and(random, most, &Quirk::ALL[..N_COMMON], form, layout)
    }

    /// The same and up to two of the rarer ones.
    #[must_use]
    pub fn and_rare(self, random: &mut fastrand::Rng, form: ReportForm, layout: Layout) -> Self {
        self.and(random, 2, &Quirk::ALL[N_COMMON..], form, layout)
    }

    fn and(self, random: &mut fastrand::Rng, most: usize, of: &[Quirk], form: ReportForm, layout: Layout) -> Self {
        let mut set = self;
        for _ in 0..random.usize(0..=most) {
            let quirk = of[random.usize(..of.len())];
            if quirk.fits(form, layout) && !set.iter().any(|other| other.excludes(quirk)) {
                set = set.with(quirk);
            }
        }
        set
    }
}

/// The quirks that the demo's portals have too: what one number draws there
/// stays what it was when another rare one is added.
const N_COMMON: usize = Quirk::RaisedMarks as usize;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_quirk_has_its_bit_and_fits_somewhere() {
        assert!(Quirk::ALL.len() <= 128);
        let all = Quirk::ALL.iter().fold(Quirks::NONE, |set, quirk| set.with(*quirk));
        assert_eq!(all.iter().count(), Quirk::ALL.len());
        for quirk in Quirk::ALL {
            let fits = |form: &ReportForm| Layout::ALL.iter().any(|layout| quirk.fits(*form, *layout));
            assert!(ReportForm::ALL.iter().any(fits), "{quirk:?}");
        }
    }
}
