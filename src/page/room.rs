//! How much of a document is read: bounds that no report comes near, so that
//! none costs more than a few seconds and a few times its size.

use super::grid::Grid;

/// Blocks of a document, each item of a list counted as one. The flattened
/// tables of a report are some 600 lines, a portal's largest menus 5,000 items.
const MOST_PIECES: usize = 20_000;

/// Cells of a document's tables. The largest form has 400.
const MOST_CELLS: usize = 50_000;

/// Bytes of text. The longest reports have some 200,000.
const MOST_TEXT: usize = 1024 * 1024;

/// What may still be kept of a document.
#[derive(Debug, Default)]
pub(super) struct Room {
    n_pieces: usize,
    n_cells: usize,
    n_bytes: usize,
    was_cut: bool,
}

impl Room {
    /// Takes room for a block or an item, whose text is cut where it is too
    /// long; whether there was any.
    pub fn piece(&mut self, text: &mut String) -> bool {
        if self.n_pieces >= MOST_PIECES || self.n_bytes >= MOST_TEXT {
            self.was_cut = true;
            return false;
        }
        self.n_pieces += 1;
        let end = text.floor_char_boundary(MOST_TEXT - self.n_bytes);
        if end < text.len() {
            self.was_cut = true;
            text.truncate(end);
            text.truncate(text.trim_end().len());
            text.shrink_to_fit();
        }
        self.n_bytes += end;
        !text.is_empty()
    }

    /// How many cells the next table may have.
    pub fn n_cells(&self) -> usize {
        MOST_CELLS - self.n_cells
    }

    /// Takes room for a table; whether there was any.
    pub fn table(&mut self, grid: &Grid) -> bool {
        if self.n_pieces >= MOST_PIECES || self.n_bytes >= MOST_TEXT || self.n_cells >= MOST_CELLS {
            self.was_cut = true;
            return false;
        }
        self.n_pieces += 1;
        // A row without cells takes room too.
        let n_cells = grid.rows.iter().map(|row| row.cells.len().max(1)).sum::<usize>();
        self.n_cells = (self.n_cells + n_cells).min(MOST_CELLS);
        self.n_bytes += grid.rows.iter().flat_map(|row| &row.cells).map(|cell| cell.text.len()).sum::<usize>();
        true
    }

    /// What was left out, in words for a person.
    pub fn cut(&self) -> Option<String> {
        let words = "the document has more than 20000 blocks, 50000 cells or 1 MiB of text, the rest was left out";
        self.was_cut.then(|| words.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_beyond_the_room_is_cut_and_said() {
        let mut room = Room::default();
        let mut text = "公".repeat(MOST_TEXT / 3 + 10);
        assert!(room.piece(&mut text));
        assert!(text.len() <= MOST_TEXT && room.cut().is_some());
        let mut room = Room::default();
        let n = (0..=MOST_PIECES).filter(|_| room.piece(&mut "公".to_owned())).count();
        assert_eq!(n, MOST_PIECES);
        assert!(room.cut().is_some());
        let mut room = Room::default();
        assert!(room.piece(&mut "公".to_owned()) && room.table(&Grid::default()) && room.cut().is_none());
        assert_eq!(room.n_cells(), MOST_CELLS);
    }
}
