//! Tables that a text draws with bars and rules: pandoc's grid tables, the
//! frames of terminals, plain pipes.

/// The bars that part cells: ASCII's, the full-width one, and box drawing's.
const BARS: [char; 5] = ['|', '｜', '│', '┃', '║'];

/// Whether a character parts cells.
pub(super) fn is_bar(c: char) -> bool {
    BARS.contains(&c)
}

/// Whether a line is a rule between rows, `+---+---+` or `├──┼──┤`: corners and
/// dashes, nothing else.
pub(super) fn is_rule(line: &str) -> bool {
    let is_part = |c: char| is_corner(c) || is_dash(c) || is_bar(c) || c.is_whitespace();
    line.chars().all(is_part) && line.chars().any(is_dash) && line.chars().any(is_corner)
}

fn is_corner(c: char) -> bool {
    c == '+' || (is_box_drawing(c) && !is_dash(c) && !is_bar(c))
}

fn is_dash(c: char) -> bool {
    matches!(c, '-' | '=' | '─' | '━' | '═' | '┄' | '┈')
}

fn is_box_drawing(c: char) -> bool {
    ('\u{2500}'..='\u{257f}').contains(&c)
}

/// What stands before a rule that begins inside a line, where a cell on its left
/// goes on over several rows.
fn before_rule(line: &str) -> Option<&str> {
    let at = line.char_indices().zip(line.chars().skip(1)).find(|((_, c), next)| is_corner(*c) && is_dash(*next));
    let at = at.map(|((at, _), _)| at).filter(|at| *at > 0)?;
    is_rule(&line[at..]).then(|| &line[..at])
}

/// Rules from which they stand between rows; fewer are the table's frame and
/// the line under its head.
const BETWEEN_ROWS: usize = 3;

/// The rows of cells of lines with bars.
///
/// Where rules stand between rows, the lines between two of them are one row,
/// whose cells go on from line to line; else each line is a row.
pub(super) fn rows(lines: &[&str]) -> Vec<Vec<String>> {
    let is_between = |line: &&&str| is_rule(line) || before_rule(line).is_some();
    let are_ruled = lines.iter().filter(is_between).count() > BETWEEN_ROWS;
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut goes_on = false;
    for line in lines {
        if is_rule(line) {
            goes_on = false;
            continue;
        }
        if let (Some(left), Some(row)) = (before_rule(line), rows.last_mut()) {
            join(row, &cells(left));
            goes_on = false;
            continue;
        }
        let cells = cells(line);
        match rows.last_mut() {
            Some(row) if are_ruled && goes_on && row.len() == cells.len() => join(row, &cells),
            _ => rows.push(cells.into_iter().map(str::to_owned).collect()),
        }
        goes_on = true;
    }
    rows
}

/// A line's cells; the bars at its ends are the table's own.
fn cells(line: &str) -> Vec<&str> {
    let line = line.trim();
    let line = line.strip_prefix(is_bar).unwrap_or(line);
    line.strip_suffix(is_bar).unwrap_or(line).split(is_bar).collect()
}

/// Adds the next line of a row's cells to them.
fn join(row: &mut [String], next: &[&str]) {
    for (cell, line) in row.iter_mut().zip(next).filter(|(_, line)| !line.trim().is_empty()) {
        cell.truncate(cell.trim_end().len());
        if !cell.is_empty() {
            cell.push('\n');
        }
        cell.push_str(line.trim());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<Vec<String>> {
        let trim = |row: Vec<String>| row.iter().map(|cell| cell.trim().to_owned()).collect();
        rows(&text.lines().collect::<Vec<_>>()).into_iter().map(trim).collect()
    }

    #[test]
    fn lines_between_rules_are_one_row() {
        let text = "+----+---+\n| 甲 | 1 |\n| 乙 |   |\n+----+---+\n| 丙 | 2 |\n+----+---+\n| 丁 | 3 |\n+----+---+";
        assert_eq!(read(text), [["甲\n乙", "1"], ["丙", "2"], ["丁", "3"]]);
    }

    #[test]
    fn within_a_frame_each_line_is_a_row() {
        let text = "┌──┬──┐\n│甲│乙│\n├──┼──┤\n│丙│ 1│\n│丁│ 2│\n└──┴──┘";
        assert_eq!(read(text), [["甲", "乙"], ["丙", "1"], ["丁", "2"]]);
    }

    #[test]
    fn a_cell_goes_on_beside_a_rule() {
        let text = "+---+---+\n| 甲 | 1 |\n| 乙 +---+\n|    | 2 |\n+---+---+\n| 丙 | 3 |\n+---+---+";
        assert_eq!(read(text), [["甲\n乙", "1"], ["", "2"], ["丙", "3"]]);
    }

    #[test]
    fn a_blank_last_cell_is_a_cell() {
        assert_eq!(read("|甲|1||\n|乙||2|"), [["甲", "1", ""], ["乙", "", "2"]]);
    }
}
