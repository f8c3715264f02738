//! Tables whose cells are parted by commas (RFC 4180).
//!
//! A comma also parts clauses and thousands, so a run of lines is such a table
//! only where nothing else can be meant: three lines at least with as many cells
//! each, three at least, none of them a sentence, half of the lines with a
//! number or nothing in a cell of its own or one line of mostly such cells, and
//! no number before a line's first comma that could go on behind it; a quoted one
//! has ended.

/// Lines from which a run is a table.
const LEAST_LINES: usize = 3;

/// Cells that each of them has at least.
const LEAST_CELLS: usize = 3;

/// Lines by which a run is judged, so that one that is no table is not read anew
/// from each of its lines.
const JUDGED_BY: usize = 12;

/// Cells of a line above which it is none of a table.
const MOST_CELLS: usize = 300;

/// The cells of the lines at the start of a text that are one table; of at most
/// so many cells. Empty where there is none.
pub(super) fn rows(text: &str, most_cells: usize) -> Vec<Vec<String>> {
    let Some(n_columns) = text.lines().next().and_then(cells).map(|cells| cells.len()) else { return Vec::new() };
    let rows = || text.lines().map_while(cells).take_while(|cells| cells.len() == n_columns);
    let n_values = |cells: &Vec<String>| cells.iter().skip(1).filter(|cell| is_value(cell)).count();
    let judged: Vec<usize> = rows().take(JUDGED_BY).map(|cells| n_values(&cells)).collect();
    let are_half_filled_in = 2 * judged.iter().filter(|n| **n > 0).count() >= judged.len();
    let has_row_of_numbers = judged.iter().any(|n| 2 * n >= n_columns);
    let is_table = judged.len() >= LEAST_LINES && (are_half_filled_in || has_row_of_numbers);
    if is_table { rows().take(most_cells / n_columns.max(1)).collect() } else { Vec::new() }
}

/// A number, or nothing. A quoted one may have its thousands parted.
fn is_value(cell: &str) -> bool {
    cell.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | '-' | '—' | '/' | '+' | ' '))
}

/// The cells of a line of a table; none where it can be something else.
fn cells(line: &str) -> Option<Vec<String>> {
    let line = line.trim_end();
    if !line.contains(',') || line.contains(['。', '；']) {
        return None;
    }
    let mut cells = vec![String::new()];
    let mut rest = line.chars().peekable();
    let mut is_quoted = false;
    while let Some(c) = rest.next() {
        let n = cells.len();
        let cell = cells.last_mut()?;
        match c {
            '"' if is_quoted && rest.peek() == Some(&'"') => cell.extend(rest.next()),
            '"' if is_quoted => is_quoted = false,
            '"' if cell.is_empty() => is_quoted = true,
            ',' if n >= MOST_CELLS => return None,
            ',' if !is_quoted => cells.push(String::new()),
            c => cell.push(c),
        }
    }
    let first = cells[0].trim();
    let is_digit = |c: char| c.is_ascii_digit();
    let goes_on = !line.starts_with('"') && first.ends_with(is_digit) && !first.chars().all(is_digit);
    (cells.len() >= LEAST_CELLS && !is_quoted && !goes_on).then_some(cells)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_with_as_many_cells_are_a_table() {
        let table = "项目,单位,数量\n\"甲,乙\",件,12\n丙,条,\n说明\n";
        assert_eq!(rows(table, 100), [["项目", "单位", "数量"], ["甲,乙", "件", "12"], ["丙", "条", ""]]);
        assert_eq!(rows(table, 8).len(), 2, "as many as there is room for");
        let thousands = "行政许可,\"1,204\",\"31,207\"\n行政处罚,\"2,001\",\"7,015\"\n行政强制,\"1,000\",\"3,000\"\n";
        assert_eq!(rows(thousands, 100)[0], ["行政许可", "1,204", "31,207"]);
        let first = "结果维持,结果纠正,总计\n,,\n\"3,108\",12,\"3,120\"\n";
        assert_eq!(rows(first, 100)[2], ["3,108", "12", "3,120"]);
    }

    #[test]
    fn clauses_and_thousands_are_none() {
        for text in [
            "一是加强领导,明确责任,形成合力\n二是加强培训,提升能力,统一标准\n三是加强监督,严格考核,落实责任\n",
            "公开数 1,234,567\n申请数 2,345,678\n答复数 3,456,789\n",
            "甲,1,2\n乙,3,4\n",
        ] {
            assert!(rows(text, 100).is_empty(), "{text}");
        }
    }
}
