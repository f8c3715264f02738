//! Plain text to blocks: a paragraph a line, tables where a text draws them.

use super::block::{Block, BlockKind, Locator};
use super::grid::{Cell, Grid, Row};
use super::room::Room;
use super::{closed, commas, ruled};

/// Reads the blocks of a plain text; tables of Markdown, of rules and bars, and
/// those parted by tabs or commas included.
///
/// A converter's one-cell-a-line tables stay lines here: only the labels of
/// the forms can tell which lines are cells.
pub(super) fn blocks(text: &str, room: &mut Room) -> Vec<Block> {
    let mut blocks = Vec::new();
    let (mut rest, mut number) = (text, 1);
    // Whether lines without a cell's text have begun no table: those below them begin
    // none either.
    let mut are_bare = false;
    while !rest.is_empty() {
        let locator = Locator::line(number);
        let first = rest.lines().next().unwrap_or_default();
        let is_bare = first.chars().all(is_border) || ruled::is_rule(first);
        let (n_rows, rows) = if is_bare && are_bare { (0, Vec::new()) } else { table_at(rest, room.n_cells()) };
        are_bare = is_bare && (are_bare || (rows.is_empty() && !first.trim().is_empty()));
        let n_lines = n_rows.max(1);
        let kind = if rows.is_empty() {
            let mut line = super::html::tidy_space(first).trim_matches(is_border).to_owned();
            let is_there = !line.is_empty() && !ruled::is_rule(&line) && room.piece(&mut line);
            is_there.then(|| match heading(&line) {
                Some((level, text)) => BlockKind::Heading(level, text.to_owned()),
                None => BlockKind::Paragraph(line),
            })
        } else {
            let grid = grid(rows);
            room.table(&grid).then(|| BlockKind::Table(grid.into()))
        };
        if let Some(kind) = kind {
            blocks.push(Block { kind, locator, link_density: 0.0, context: Vec::new() });
        } else if room.cut().is_some() {
            break;
        }
        rest = after_lines(rest, n_lines);
        number += n_lines as u32;
    }
    blocks
}

/// What a converter that gives a cell a line leaves of a table's borders.
fn is_border(c: char) -> bool {
    ruled::is_bar(c) || c.is_whitespace()
}

/// What follows so many lines of a text.
fn after_lines(text: &str, n: usize) -> &str {
    text.match_indices('\n').nth(n - 1).map_or("", |(at, _)| &text[at + 1..])
}

/// A Markdown heading.
fn heading(line: &str) -> Option<(u8, &str)> {
    let text = line.trim_start_matches('#');
    let level = line.len() - text.len();
    (1..=6).contains(&level).then_some(())?;
    text.strip_prefix(' ').map(|text| (level as u8, text.trim()))
}

/// The rows of cells of the table that a text begins with, of at most so many
/// cells, and how many lines it takes. No rows where there is none.
fn table_at(text: &str, most_cells: usize) -> (usize, Vec<Vec<String>>) {
    if let Some(table) = closed::rows(text, most_cells) {
        return table;
    }
    if let Some((n_lines, cells)) = closed::in_a_row(text, most_cells) {
        return (n_lines, vec![cells]);
    }
    let Some(separator) = text.lines().next().and_then(separator) else {
        let rows = commas::rows(text, most_cells);
        return (rows.len(), rows);
    };
    // Lines of one cell each are a converter's that gives each cell a line.
    let n_filled = |line: &str| line.split(|c| separator.is(c)).filter(|cell| !cell.trim().is_empty()).count();
    let mut first = text.lines().take(closed::JUDGED_BY).take_while(|line| self::separator(line) == Some(separator));
    if !first.any(|line| n_filled(line) > 1) {
        return (0, Vec::new());
    }
    let mut n_cells = 0;
    let lines = text.lines().take_while(|line| {
        n_cells += line.matches(|c| separator.is(c)).count() + 1;
        n_cells <= most_cells && self::separator(line) == Some(separator)
    });
    let lines: Vec<&str> = lines.collect();
    if lines.len() < 2 {
        return (0, Vec::new());
    }
    let rows = match separator {
        Separator::Bar => ruled::rows(&lines),
        Separator::Tab => {
            let tabs = tabs(&lines);
            lines.iter().map(|line| line.split(tabs).map(str::to_owned).collect()).collect()
        }
    };
    (lines.len(), rows)
}

/// What separates the cells of a line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Separator {
    Bar,
    Tab,
}

impl Separator {
    fn is(self, c: char) -> bool {
        match self {
            Self::Bar => ruled::is_bar(c),
            Self::Tab => c == '\t',
        }
    }
}

/// What separates the cells of a line: bars, or tabs. A rule between rows is
/// taken for one of their lines.
fn separator(line: &str) -> Option<Separator> {
    let bare = line.trim();
    let is_between = bare.trim_matches(is_border).contains(ruled::is_bar);
    let n_bars = bare.matches(ruled::is_bar).count();
    if is_between || n_bars >= 2 || (bare.starts_with(ruled::is_bar) && n_bars < bare.chars().count()) {
        return Some(Separator::Bar);
    }
    if ruled::is_rule(bare) && !bare.is_empty() {
        return Some(Separator::Bar);
    }
    // A leading tab is an indent; cells stand behind others, blank ones too.
    line.trim_start().contains('\t').then_some(Separator::Tab)
}

/// What stands between two cells of tabbed lines: two tabs where a converter
/// leaves as many behind every cell, blank ones too.
fn tabs(lines: &[&str]) -> &'static str {
    let runs = |line: &&str| line.split(|c| c != '\t').map(str::len).filter(|n| *n > 0).collect::<Vec<_>>();
    let are_even = lines.iter().flat_map(runs).all(|n| n % 2 == 0);
    if are_even { "\t\t" } else { "\t" }
}

fn grid(rows: Vec<Vec<String>>) -> Grid {
    let mut grid = Grid::default();
    for cells in rows {
        // The rule under a Markdown table's head, which a converter makes up where
        // the table has none.
        if cells.iter().all(|cell| !cell.trim().is_empty() && cell.trim().chars().all(|c| matches!(c, '-' | ':'))) {
            if let [head] = grid.rows.as_slice()
                && head.cells.iter().all(|cell| cell.text.is_empty())
            {
                grid.rows.clear();
            }
            continue;
        }
        let row = grid.rows.len() as u32;
        let tidy = |text: &str| text.split('\n').map(super::html::tidy_space).collect::<Vec<_>>().join("\n");
        let cell = |(column, text): (usize, &String)| Cell {
            text: tidy(text),
            row,
            column: column as u32,
            row_span: 1,
            column_span: 1,
            is_header: false,
        };
        grid.n_columns = grid.n_columns.max(cells.len() as u32);
        grid.rows.push(Row { cells: cells.iter().enumerate().map(cell).collect() });
    }
    grid
}
