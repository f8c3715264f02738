//! Plain text to blocks: a paragraph a line, tables where a text draws them.

use super::block::{Block, BlockKind, Locator};
use super::grid::{Cell, Grid, Row};
use super::room::Room;

/// Reads the blocks of a plain text, Markdown and tab-separated tables
/// included.
///
/// A converter's one-cell-a-line tables stay lines here: only the labels of
/// the forms can tell which lines are cells.
pub(super) fn blocks(text: &str, room: &mut Room) -> Vec<Block> {
    let mut blocks = Vec::new();
    let (mut rest, mut number) = (text, 1);
    while !rest.is_empty() {
        let locator = Locator::line(number);
        let rows = table_at(rest, room.n_cells());
        let first = rest.lines().next().unwrap_or_default();
        let n_lines = rows.len().max(1);
        let kind = if rows.is_empty() {
            let mut line = super::html::tidy_space(first).trim_matches(is_border).to_owned();
            let is_there = !line.is_empty() && room.piece(&mut line);
            is_there.then(|| match heading(&line) {
                Some((level, text)) => BlockKind::Heading(level, text.to_owned()),
                None => BlockKind::Paragraph(line),
            })
        } else {
            let grid = grid(&rows);
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
    c == '|' || c.is_whitespace()
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

/// The lines at the start of a text that are rows of one drawn table, of at
/// most so many cells.
fn table_at(text: &str, most_cells: usize) -> Vec<&str> {
    let mut lines = text.lines();
    let Some(separator) = lines.next().and_then(separator) else { return Vec::new() };
    let mut n_cells = 0;
    let rows = text.lines().take_while(|line| {
        n_cells += line.matches(separator).count() + 1;
        n_cells <= most_cells && self::separator(line) == Some(separator)
    });
    let rows: Vec<&str> = rows.collect();
    if rows.len() >= 2 { rows } else { Vec::new() }
}

/// What separates the cells of a line: pipes, or tabs.
fn separator(line: &str) -> Option<char> {
    let bare = line.trim();
    let is_between = bare.trim_matches(is_border).contains('|');
    if is_between || bare.matches('|').count() >= 2 || (bare.starts_with('|') && bare.len() > 1) {
        return Some('|');
    }
    // A leading tab is an indent; cells stand behind others, blank ones too.
    line.trim_start().contains('\t').then_some('\t')
}

/// What stands between two cells of tabbed lines: two tabs where a converter
/// leaves as many behind every cell, blank ones too.
fn tabs(lines: &[&str]) -> &'static str {
    let runs = |line: &&str| line.split(|c| c != '\t').map(str::len).filter(|n| *n > 0).collect::<Vec<_>>();
    let are_even = lines.iter().flat_map(runs).all(|n| n % 2 == 0);
    if are_even { "\t\t" } else { "\t" }
}

fn grid(lines: &[&str]) -> Grid {
    let tabs = tabs(lines);
    let mut grid = Grid::default();
    for line in lines {
        let cells: Vec<&str> = match separator(line) {
            Some('|') => line.trim().trim_start_matches('|').trim_end_matches('|').split('|').collect(),
            _ => line.split(tabs).collect(),
        };
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
        let cell = |(column, text): (usize, &&str)| Cell {
            text: super::html::tidy_space(text),
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
