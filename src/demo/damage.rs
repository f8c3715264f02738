//! What takes something away from a page, so that a reader must lose numbers
//! or doubt them, and must never give a wrong one.

use super::article::article;
use super::page::{Style, encode, written};
use super::sheet::{Piece, Printer, Role, Sheet, SheetCell, made};
use super::truth::Truth;
use crate::report::catalogue::Catalogue;

/// A loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Damage {
    /// A number's cell is gone, its neighbours move up.
    LostCell,
    /// A row is gone.
    LostRow,
    /// A label is empty.
    LostLabel,
    /// A heading is empty.
    LostHeading,
    /// A heading is gone, its neighbours move up.
    DroppedHeading,
    /// Two neighbouring numbers have run together.
    RunTogether,
    /// A number too many stands in a row.
    StrayNumber,
    /// Two rows have changed places.
    SwappedRows,
    /// A row stands there twice, with another number the second time.
    RepeatedRow,
    /// A character of a label cannot be read.
    GarbledLabel,
    /// A label ends after its first characters.
    CutLabel,
    /// The page ends in the middle.
    CutPage,
    /// Tags of the tables are gone.
    LostTags,
}

impl Damage {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::LostCell,
        Self::LostRow,
        Self::LostLabel,
        Self::LostHeading,
        Self::DroppedHeading,
        Self::RunTogether,
        Self::StrayNumber,
        Self::SwappedRows,
        Self::RepeatedRow,
        Self::GarbledLabel,
        Self::CutLabel,
        Self::CutPage,
        Self::LostTags,
    ];
}

/// Renders a report with losses, each at a place that the style's seed chooses.
#[must_use]
pub fn render_damaged(truth: &Truth, style: Style, losses: &[Damage], catalogue: &Catalogue) -> Vec<u8> {
    let mut random = fastrand::Rng::with_seed(style.seed ^ 0xda3a);
    let mut printer =
        Printer { truth, quirks: style.quirks, catalogue, random: fastrand::Rng::with_seed(style.seed ^ 0x7e47) };
    let mut pieces = article(&mut printer);
    let mut sheets: Vec<&mut Sheet> = pieces
        .iter_mut()
        .filter_map(|piece| match piece {
            Piece::Sheet(sheet) => Some(sheet),
            Piece::Paragraph(_) => None,
        })
        .collect();
    for loss in losses {
        if !sheets.is_empty() {
            let at = random.usize(..sheets.len());
            strike(sheets[at], *loss, &mut random);
        }
    }
    let mut text = written(truth, style, &pieces, &mut printer.random);
    for loss in losses {
        match loss {
            Damage::CutPage => {
                let at = text.len() * random.usize(2..39) / 40;
                text.truncate(text.floor_char_boundary(at));
            }
            Damage::LostTags => text = without_tags(&text, &mut random),
            _ => {}
        }
    }
    encode(&text, style.charset)
}

/// Damages a table.
fn strike(sheet: &mut Sheet, damage: Damage, random: &mut fastrand::Rng) {
    let is_value = |cell: &SheetCell| cell.role == Role::Value;
    let data: Vec<usize> = (0..sheet.rows.len()).filter(|row| sheet.rows[*row].iter().any(is_value)).collect();
    let Some(row) = random.choice(data.iter().copied()) else { return };
    let values: Vec<usize> = (0..sheet.rows[row].len()).filter(|cell| is_value(&sheet.rows[row][*cell])).collect();
    let value = random.choice(values.iter().copied()).unwrap_or(0);
    let headings: Vec<(usize, usize)> = cells_of(sheet, Role::Heading);
    let labels: Vec<(usize, usize)> = cells_of(sheet, Role::Label);
    match damage {
        Damage::LostCell => drop(sheet.rows[row].remove(value)),
        // A row that holds a label of those below would take that along too.
        Damage::LostRow => {
            if sheet.rows[row].iter().all(|cell| cell.rows == 1) {
                sheet.rows.remove(row);
            }
        }
        Damage::LostLabel | Damage::GarbledLabel | Damage::CutLabel => {
            let Some((row, cell)) = random.choice(labels) else { return };
            let text = &mut sheet.rows[row][cell].text;
            let chars: Vec<char> = text.chars().collect();
            match damage {
                Damage::LostLabel => text.clear(),
                Damage::CutLabel => *text = chars.iter().take(random.usize(2..8)).collect(),
                _ if chars.is_empty() => {}
                _ => {
                    let lost = random.usize(..chars.len());
                    *text = chars.iter().enumerate().map(|(at, c)| if at == lost { '\u{fffd}' } else { *c }).collect();
                }
            }
        }
        Damage::LostHeading | Damage::DroppedHeading => {
            let Some((row, cell)) = random.choice(headings) else { return };
            if damage == Damage::LostHeading {
                sheet.rows[row][cell].text.clear();
            } else {
                sheet.rows[row].remove(cell);
            }
        }
        Damage::RunTogether => {
            if values.len() >= 2 {
                let at = random.usize(..values.len() - 1);
                let next = sheet.rows[row].remove(values[at + 1]);
                sheet.rows[row][values[at]].text.push_str(&next.text);
            }
        }
        Damage::StrayNumber => {
            let stray = SheetCell { role: Role::Unit, ..made(Role::Value, random.u32(1..90).to_string()) };
            sheet.rows[row].insert(value + random.usize(0..2), stray);
        }
        Damage::SwappedRows => {
            let is_plain = |row: usize| data.contains(&row) && sheet.rows[row].iter().all(|cell| cell.rows == 1);
            if is_plain(row) && is_plain(row + 1) {
                sheet.rows.swap(row, row + 1);
            }
        }
        Damage::RepeatedRow => {
            if sheet.rows[row].iter().all(|cell| cell.rows == 1) {
                let mut again = sheet.rows[row].clone();
                again[value].text.push('7');
                sheet.rows.insert(row + 1, again);
            }
        }
        Damage::CutPage | Damage::LostTags => {}
    }
}

fn cells_of(sheet: &Sheet, role: Role) -> Vec<(usize, usize)> {
    let cells = sheet.rows.iter().enumerate().flat_map(|(row, cells)| (0..cells.len()).map(move |cell| (row, cell)));
    cells
        .filter(|(row, cell)| sheet.rows[*row][*cell].role == role && !sheet.rows[*row][*cell].text.is_empty())
        .collect()
}

/// The page without some of its tables' tags.
fn without_tags(text: &str, random: &mut fastrand::Rng) -> String {
    const TAGS: [&str; 5] = ["</td>", "</tr>", "<tr>", "</table>", "<td>"];
    let tag = TAGS[random.usize(..TAGS.len())];
    let pieces: Vec<&str> = text.split(tag).collect();
    let mut out = String::new();
    let last = pieces.len() - 1;
    for (at, piece) in pieces.into_iter().enumerate() {
        out.push_str(piece);
        if at < last && random.u8(..24) > 0 {
            out.push_str(tag);
        }
    }
    out
}
