//! A TOML file read past its mistakes, so that all of them are told at once.

use std::fmt;
use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue, Deserializer, Error};

/// What of a file was not understood.
#[derive(Debug)]
pub(super) enum Mistake {
    /// It is no TOML from here on.
    Syntax(Error),
    /// A key or a value that may not stand here.
    Setting(Error),
}

impl Mistake {
    pub fn span(&self) -> Option<Range<usize>> {
        let (Self::Syntax(error) | Self::Setting(error)) = self;
        error.span()
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax(error) => write!(
                f,
                "this is no TOML ({}): a setting is written name = 5 or name = \"text\", a list [\"a\", \"b\"], \
                 a section [name] on a line of its own",
                error.message().trim_end()
            ),
            Self::Setting(error) => f.write_str(&plain(error.message().trim_end())),
        }
    }
}

/// What serde says of a setting, without the names of its types; as it is where it
/// says something else.
fn plain(message: &str) -> String {
    if let Some((key, others)) = message.strip_prefix("unknown field ").and_then(|rest| rest.split_once(", expected "))
    {
        let others = others.trim_start_matches("one of ");
        return format!("{key} is not known here: it may be {others}");
    }
    if let Some(key) = message.strip_prefix("missing field ") {
        return format!("{key} is missing here");
    }
    let of_value = ["invalid type: ", "invalid value: "].iter().find_map(|start| message.strip_prefix(start));
    let Some((found, wanted)) = of_value.and_then(|rest| rest.rsplit_once(", expected ")) else {
        return message.to_owned();
    };
    let found = match found.split_once(' ') {
        Some(("string", text)) => format!("the text {text}"),
        Some(("integer", number)) => number.trim_matches('`').to_owned(),
        Some(("boolean", value)) => value.trim_matches('`').to_owned(),
        Some(("floating", _)) => found.trim_start_matches("floating point ").trim_matches('`').to_owned(),
        _ if found == "sequence" => "a list".to_owned(),
        _ if found == "map" => "a section".to_owned(),
        _ => found.to_owned(),
    };
    let wanted = match wanted {
        "u8" => "a whole number from 0 to 255",
        "u32" => "a whole number from 0 to 4294967295",
        "u64" | "usize" => "a whole number, 0 or more",
        "f32" | "f64" => "a number",
        "a string" => "a text in double quotes",
        "a boolean" => "true or false",
        "a sequence" => "a list, such as [\"a\", \"b\"]",
        "a TOML datetime" => "a day, such as 2026-03-01, without quotes",
        other if other.starts_with("struct ") || other == "a map" => "a section",
        other => other,
    };
    format!("it is {found}, and should be {wanted}")
}

/// Reads a file, and gives with it what of it was not understood, in the file's order.
///
/// serde stops at the first mistake. What it points at is taken out, and the rest is
/// read again. Of a list of tables (`[[portal]]`) one with a mistake is left out whole
/// in the end: what it lacks after that is no mistake of its writer's.
pub(super) fn read<T: Default + for<'de> Deserialize<'de>>(text: &str) -> (T, Vec<Mistake>) {
    let mut document = match DeTable::parse(text) {
        Ok(document) => document,
        Err(error) => return (T::default(), vec![Mistake::Syntax(error)]),
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
    (read, errors.into_iter().map(Mistake::Setting).collect())
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
