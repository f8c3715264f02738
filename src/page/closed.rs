//! Tables of a converter that closes every cell with a bar and gives each cell
//! a line: `规章 |`, and `||` for two that merged cells have taken.
//!
//! Nothing parts the rows, but all have as many cells: where bars stand together
//! a row ends, so the number of columns divides the bars up to there. What merged
//! cells have taken stands at a row's end, wherever they stood.
//!
//! Another one leaves nothing of merged cells: there only labels tell the rows, and
//! the cells are given as they stand, blank ones too.

use super::fold::is_han;
use super::ruled::is_bar;

/// Columns above which no form of the field goes, by far.
const MOST_COLUMNS: usize = 30;

/// Lines by which a table is judged, so that one that is none is not read anew
/// from each of its lines.
pub(super) const JUDGED_BY: usize = 300;

/// A cell's text and the bars behind it.
struct Cell<'a> {
    text: &'a str,
    n_bars: usize,
}

impl Cell<'_> {
    /// Bars together with no text stand where merged cells were.
    fn is_merged(&self) -> bool {
        self.text.is_empty() && self.n_bars > 1
    }
}

/// The cell of a line and what merged cells have taken behind it, `0 | ||`; none where
/// the line is not closed by bars.
fn cells(line: &str) -> Option<Vec<Cell<'_>>> {
    let line = line.trim();
    let first_bar = line.find(is_bar)?;
    let (text, bars) = (line[..first_bar].trim(), &line[first_bar..]);
    if !bars.chars().all(|c| is_bar(c) || c.is_whitespace()) {
        return None;
    }
    let runs = bars.split_whitespace().map(|run| run.chars().count());
    let mut cells: Vec<Cell<'_>> = runs.map(|n_bars| Cell { text: "", n_bars }).collect();
    let first = cells.first_mut()?;
    first.text = text;
    (first.n_bars == 1 || text.is_empty()).then_some(cells)
}

/// The rows of cells of such a table at the start of a text, of at most so many
/// cells, and how many lines it takes. None where the lines do not tell one
/// number of columns.
///
/// What merged cells have taken is left out, so that a row has the cells that
/// its page gave it. A single such cell looks like a blank one: it is told by the
/// rows that lack several.
pub(super) fn rows(text: &str, most_cells: usize) -> Option<(usize, Vec<Vec<String>>)> {
    let lines = || text.lines().map_while(cells);
    let n_columns = n_columns(lines().take(JUDGED_BY).flatten())?;
    let (mut rows, mut row, mut n_lines, mut n_bars): (Vec<Vec<String>>, Vec<String>, _, _) =
        (Vec::new(), Vec::new(), 0, 0);
    let mut of_numbers: Vec<usize> = Vec::new();
    'lines: for cells in lines() {
        for cell in cells {
            n_bars += cell.n_bars;
            let ends_row = n_bars % n_columns == 0;
            if n_bars > most_cells || (cell.is_merged() && !ends_row) {
                break 'lines;
            }
            if cell.is_merged() {
                of_numbers.extend(Some(n_behind_labels(&row)).filter(|n| *n > 1));
            } else {
                row.push(cell.text.to_owned());
            }
            if ends_row {
                rows.push(std::mem::take(&mut row));
            }
        }
        n_lines += 1;
    }
    rows.extend((!row.is_empty()).then_some(row));
    of_numbers.dedup();
    if let [n] = of_numbers.as_slice() {
        for row in &mut rows {
            let has_one_more = row.len() == n_columns && n_behind_labels(row) == n + 1;
            row.pop_if(|last| has_one_more && last.is_empty());
        }
    }
    // One row alone repeats nothing that would tell how long a row is.
    (rows.len() > 1).then_some((n_lines, rows))
}

/// Characters of a cell over lines, and its lines, at most.
const LONGEST_CELL: usize = 60;
const MOST_LINES_OF_A_CELL: usize = 4;

/// Cells from which bars are a table's.
const LEAST_CELLS: usize = 12;

/// The cells, in one row, of a table at the start of a text that has a bar behind each,
/// in its line or in the next, and none for merged ones; and how many lines it takes.
/// Then a bar behind a bar closes a blank cell, which lines alone would lose. None where
/// there is no such cell, nor where every row of numbers ends in a bar of its own.
pub(super) fn in_a_row(text: &str, most_cells: usize) -> Option<(usize, Vec<String>)> {
    let (_, first) = closed_by_one_bar(text.lines().take(JUDGED_BY), most_cells)?;
    let is_words = |cell: &String| cell.starts_with(|c| is_han(c) || matches!(c, '(' | '（'));
    let is_number = |cell: &String| cell.ends_with(|c: char| c.is_ascii_digit());
    let goes_on = first.windows(2).any(|cells| is_number(&cells[0]) && is_words(&cells[1]));
    let has_blank = first.iter().skip(1).any(String::is_empty);
    (first.len() >= LEAST_CELLS && has_blank && goes_on).then(|| closed_by_one_bar(text.lines(), most_cells))?
}

/// Cells that are closed by one bar each, and how many lines they take.
fn closed_by_one_bar<'a>(lines: impl Iterator<Item = &'a str>, most_cells: usize) -> Option<(usize, Vec<String>)> {
    let (mut cells, mut cell, mut n_lines): (Vec<String>, Vec<&str>, usize) = (Vec::new(), Vec::new(), 0);
    for (at, line) in lines.enumerate() {
        let line = line.trim();
        let own = line.strip_suffix(is_bar).map_or(line, str::trim_end);
        cell.extend(Some(own).filter(|own| !own.is_empty()));
        let is_long = cell.iter().map(|line| line.chars().count()).sum::<usize>() > LONGEST_CELL;
        if own.contains(is_bar) || is_long || cell.len() > MOST_LINES_OF_A_CELL || cells.len() >= most_cells {
            break;
        }
        if own.len() < line.len() {
            cells.push(cell.join("\n"));
            cell.clear();
            n_lines = at + 1;
        }
    }
    (n_lines > 0).then_some((n_lines, cells))
}

/// The cells behind a row's labels: from the first one without words.
fn n_behind_labels(row: &[String]) -> usize {
    row.iter().skip_while(|cell| cell.chars().any(is_han)).count()
}

/// The one number of columns with which every row ends where bars together end.
fn n_columns<'a>(cells: impl Iterator<Item = Cell<'a>>) -> Option<usize> {
    let (mut n_bars, mut most_merged, mut common) = (0, 0, 0);
    for cell in cells {
        n_bars += cell.n_bars;
        if cell.is_merged() {
            most_merged = cell.n_bars.max(most_merged);
            common = greatest_common_divisor(common, n_bars);
        }
    }
    let mut fitting = (most_merged + 1..=MOST_COLUMNS).filter(|n| common > 0 && common % n == 0);
    fitting.next().filter(|_| fitting.next().is_none())
}

fn greatest_common_divisor(a: usize, b: usize) -> usize {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_together_end_a_row() {
        let text = "甲乙 |\n|||\n内容 |\n一 |\n二 |\n三 |\n规章 |\n1 |\n|\n3 |\n甲 |\n2 |\n||\n款 |\n0 |";
        let (n_lines, rows) = rows(text, 100).unwrap();
        assert_eq!(n_lines, 15);
        let expected: [&[&str]; 5] =
            [&["甲乙"], &["内容", "一", "二", "三"], &["规章", "1", "", "3"], &["甲", "2"], &["款", "0"]];
        assert_eq!(rows, expected);
    }

    #[test]
    fn a_single_cell_that_was_merged_is_told_by_rows_that_lack_several() {
        let text = "甲 |\n||||\n款 |\n1 |\n|\n||\n组 |\n款 |\n|\n2 |\n|\n";
        let (_, rows) = rows(text, 100).unwrap();
        let expected: [&[&str]; 3] = [&["甲"], &["款", "1", ""], &["组", "款", "", "2"]];
        assert_eq!(rows, expected);
    }

    #[test]
    fn what_merged_cells_took_may_stand_in_the_line_of_the_last_one() {
        let text = "甲乙 | |||\n内容 |\n一 |\n二 |\n三 |\n规章 |\n1 |\n2 |\n3 |\n甲 |\n2 | ||\n款 |\n0 |\n1 | |\n";
        let (n_lines, rows) = rows(text, 100).unwrap();
        assert_eq!(n_lines, 14);
        let expected: [&[&str]; 5] =
            [&["甲乙"], &["内容", "一", "二", "三"], &["规章", "1", "2", "3"], &["甲", "2"], &["款", "0", "1", ""]];
        assert_eq!(rows, expected);
    }

    #[test]
    fn a_bar_behind_a_bar_closes_a_blank_cell() {
        let rows = "一、新收 |\n1 |\n|\n|\n1 |\n二、结转 |\n|\n|\n|\n0 |\n三、结果\n|\n2\n|\n|\n|\n2\n|\n";
        let (n_lines, cells) = in_a_row(&format!("{rows}其他需要报告的事项\n无\n"), 100).unwrap();
        assert_eq!(n_lines, rows.lines().count());
        assert_eq!(cells.join(","), "一、新收,1,,,1,二、结转,,,,0,三、结果,2,,,2");
        // Where a row has a bar of its own at its end, none is a cell's.
        assert!(in_a_row(&"款\n|\n1\n|\n2\n|\n|\n".repeat(9), 100).is_none());
        assert!(in_a_row(&"| 款\n|\n1\n|\n|\n".repeat(9), 100).is_none());
    }

    #[test]
    fn without_one_number_of_columns_there_is_no_table() {
        for text in [
            "规章 |\n1 |\n",
            "甲 |\n1 |\n2 |\n3 |\n4 |\n5 |\n6 |\n||\n乙 |\n",
            "甲 |\n||\n乙 |\n1 |\n||\n",
            "甲 | 1 |\n||\n",
        ] {
            assert!(rows(text, 100).is_none(), "{text}");
        }
    }
}
