//! Plain text to blocks: a paragraph a line, tables where a text draws them.

use super::block::{Block, BlockKind, Locator};
use super::grid::{Cell, Grid, Row};

/// Reads the blocks of a plain text, Markdown and tab-separated tables
/// included.
///
/// A converter's one-cell-a-line tables stay lines here: only the labels of
/// the forms can tell which lines are cells.
pub(super) fn blocks(text: &str) -> Vec<Block> {
    let lines: Vec<&str> = text.lines().collect();
    let mut blocks = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        let n_rows = table_at(&lines[at..]);
        let locator = Locator::line(at as u32 + 1);
        let kind = if n_rows > 0 {
            BlockKind::Table(grid(&lines[at..at + n_rows]))
        } else {
            let line = super::html::tidy_space(lines[at]);
            match heading(&line) {
                Some((level, text)) => BlockKind::Heading(level, text.to_owned()),
                None => BlockKind::Paragraph(line),
            }
        };
        if !matches!(&kind, BlockKind::Paragraph(text) if text.is_empty()) {
            blocks.push(Block { kind, locator, link_density: 0.0, context: Vec::new() });
        }
        at += n_rows.max(1);
    }
    blocks
}

/// A Markdown heading.
fn heading(line: &str) -> Option<(u8, &str)> {
    let text = line.trim_start_matches('#');
    let level = line.len() - text.len();
    (1..=6).contains(&level).then_some(())?;
    text.strip_prefix(' ').map(|text| (level as u8, text.trim()))
}

/// How many lines from here on are rows of one drawn table.
fn table_at(lines: &[&str]) -> usize {
    let Some(separator) = lines.first().and_then(|line| separator(line)) else { return 0 };
    let n = lines.iter().take_while(|line| self::separator(line) == Some(separator)).count();
    if n >= 2 { n } else { 0 }
}

/// What separates the cells of a line: pipes, or tabs.
fn separator(line: &str) -> Option<char> {
    let bare = line.trim();
    if bare.contains(" | ") || bare.matches('|').count() >= 2 || (bare.starts_with('|') && bare.len() > 1) {
        return Some('|');
    }
    // A leading tab is an indent; cells stand behind others, blank ones too.
    line.trim_start().contains('\t').then_some('\t')
}

fn grid(lines: &[&str]) -> Grid {
    let mut grid = Grid::default();
    for line in lines {
        let cells: Vec<&str> = match separator(line) {
            Some('|') => line.trim().trim_start_matches('|').trim_end_matches('|').split('|').collect(),
            _ => line.split('\t').collect(),
        };
        // The rule under a Markdown table's head.
        if cells.iter().all(|cell| !cell.trim().is_empty() && cell.trim().chars().all(|c| matches!(c, '-' | ':'))) {
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
