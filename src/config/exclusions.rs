//! `exclusions.toml`: who asked to be left alone.

use std::path::Path;

use serde::Deserialize;
use toml::Spanned;

use super::file::{ConfigError, File};
use crate::crawl::restraints::{Excluded, Exclusion, Exclusions};

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Raw {
    exclude: Vec<Spanned<RawExclusion>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawExclusion {
    host: Option<Spanned<String>>,
    path: Option<Spanned<String>>,
    portal: Option<Spanned<String>>,
    date: Spanned<toml::value::Datetime>,
    reason: Spanned<String>,
}

/// Loads the exclusions of a folder. A line that is not understood is an error,
/// never an exclusion less.
pub(super) fn load_exclusions(dir: &Path, errors: &mut Vec<ConfigError>) -> Exclusions {
    let file = File::read(dir, "exclusions.toml", errors);
    let raw: Raw = file.parse(errors);
    let found = raw.exclude.into_iter().filter_map(|raw| check(&file, raw, errors));
    Exclusions::new(found.collect())
}

fn check(file: &File, raw: Spanned<RawExclusion>, errors: &mut Vec<ConfigError>) -> Option<Exclusion> {
    let start = raw.span().start;
    let raw = raw.into_inner();
    let mut fail = |offset: usize, message: &str| {
        errors.push(file.error(offset, message));
        None
    };
    if raw.reason.get_ref().trim().is_empty() {
        return fail(raw.reason.span().start, "reason is empty: say who asked, and how");
    }
    let date = raw.date.get_ref().date.and_then(|date| {
        let (year, month, day) = (i16::try_from(date.year), i8::try_from(date.month), i8::try_from(date.day));
        jiff::civil::Date::new(year.ok()?, month.ok()?, day.ok()?).ok()
    });
    let Some(date) = date else { return fail(raw.date.span().start, "date must be a day, like 2026-03-01") };
    let what = match (raw.host, raw.path, raw.portal) {
        (Some(host), path, None) => {
            let at = host.span().start;
            let host = match host.get_ref().parse() {
                Ok(host) => host,
                Err(error) => return fail(at, &format!("host: {error}")),
            };
            if let Some(path) = path.as_ref().filter(|path| !path.get_ref().starts_with('/')) {
                return fail(path.span().start, "path must begin with /");
            }
            Excluded::Host { host, path: path.map(Spanned::into_inner) }
        }
        (None, None, Some(portal)) => Excluded::Portal(portal.into_inner()),
        _ => return fail(start, "an exclusion names either a host, perhaps with a path, or a portal"),
    };
    Some(Exclusion { what, date, reason: raw.reason.into_inner() })
}
