//! A TOML file read past its mistakes, so that all of them are told at once.

use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue, Deserializer, Error};

/// Reads a file, and gives with it what of it was not understood, in the file's order.
///
/// serde stops at the first mistake. What it points at is taken out, and the rest is
/// read again. Of a list of tables (`[[portal]]`) one with a mistake is left out whole
/// in the end: what it lacks after that is no mistake of its writer's.
pub(super) fn read<T: Default + for<'de> Deserialize<'de>>(text: &str) -> (T, Vec<Error>) {
    let mut document = match DeTable::parse(text) {
        Ok(document) => document,
        Err(error) => return (T::default(), vec![error]),
    };
    let (mut errors, mut spoilt) = (Vec::new(), Vec::new());
    let read = loop {
        let error = match T::deserialize(Deserializer::from(document.clone())) {
            Ok(read) if spoilt.is_empty() => break read,
            Ok(_) => {
                for place in spoilt.drain(..) {
                    take_out(document.get_mut(), &place);
                }
                continue;
            }
            Err(error) => error,
        };
        let place = error.span().unwrap_or_default();
        // A key that is missing beside one that is misspelt is mostly the same.
        if !spoilt.contains(&place) {
            errors.push(error);
        }
        match take_out(document.get_mut(), &place) {
            Taken::Nothing => break T::default(),
            Taken::Whole => spoilt.retain(|other| *other != place),
            Taken::PartOf(whole) if spoilt.contains(&whole) => {}
            Taken::PartOf(whole) => spoilt.push(whole),
        }
    };
    errors.sort_by_key(|error| error.span().unwrap_or_default().start);
    (read, errors)
}

/// What was taken out of a table.
enum Taken {
    Nothing,
    /// What stood at the place.
    Whole,
    /// The same, out of the table of a list that stands here.
    PartOf(Range<usize>),
}

impl Taken {
    fn is_something(&self) -> bool {
        !matches!(self, Self::Nothing)
    }
}

/// Takes out what stands at a place, a key with its value.
fn take_out(table: &mut DeTable<'_>, place: &Range<usize>) -> Taken {
    // Within first: a list of tables has the place of its first.
    let values = table.iter_mut().map(|(_, value)| value.get_mut());
    let mut within = values.map(|value| match value {
        DeValue::Table(table) => take_out(table, place),
        DeValue::Array(list) => take_out_of_list(list, place),
        _ => Taken::Nothing,
    });
    if let Some(taken) = within.find(Taken::is_something) {
        return taken;
    }
    let here = table.iter().find(|(key, value)| key.span() == *place || value.span() == *place);
    match here.map(|(key, _)| key.clone()).and_then(|key| table.remove(&key)) {
        Some(_) => Taken::Whole,
        None => Taken::Nothing,
    }
}

fn take_out_of_list(list: &mut DeArray<'_>, place: &Range<usize>) -> Taken {
    if list.iter().any(|element| element.span() == *place) {
        *list = list.iter().filter(|element| element.span() != *place).cloned().collect();
        return Taken::Whole;
    }
    let part_of = |element: &mut Spanned<DeValue<'_>>| {
        let whole = element.span();
        match element.get_mut() {
            DeValue::Table(table) => match take_out(table, place) {
                Taken::Whole => Taken::PartOf(whole),
                other => other,
            },
            _ => Taken::Nothing,
        }
    };
    list.iter_mut().map(part_of).find(Taken::is_something).unwrap_or(Taken::Nothing)
}
