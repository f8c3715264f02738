//! `[[limit]]`: what is said of single hosts, portals and platforms.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::Deserialize;
use toml::Spanned;

use super::file::{ConfigError, File};
use crate::crawl::restraints::{HostPattern, Limit, QuietHours, Scope};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawLimit {
    host: Option<Spanned<String>>,
    portal: Option<Spanned<String>>,
    platform: Option<Spanned<String>>,
    #[serde(default)]
    hosts: Vec<Spanned<String>>,
    interval_ms: Option<Spanned<u64>>,
    #[serde(default)]
    quiet_hours: Vec<Spanned<String>>,
    max_requests: Option<Spanned<u64>>,
    max_bytes: Option<Spanned<u64>>,
}

/// Checks the limits: a wrong one is an error, never a limit less.
pub(super) fn check_limits(file: &File, raw: Vec<Spanned<RawLimit>>, errors: &mut Vec<ConfigError>) -> Vec<Limit> {
    let mut seen = BTreeSet::new();
    let mut limits = Vec::new();
    for raw in raw {
        let start = raw.span().start;
        let Some(limit) = check(file, start, raw.into_inner(), errors) else { continue };
        if !seen.insert(limit.scope.to_string()) {
            errors.push(file.error(start, &format!("{} has two limits: write them as one", limit.scope)));
        }
        limits.push(limit);
    }
    limits
}

fn check(file: &File, start: usize, raw: RawLimit, errors: &mut Vec<ConfigError>) -> Option<Limit> {
    let scope = match (raw.host, raw.portal, raw.platform) {
        (Some(text), None, None) => Scope::Host(host(file, &text, errors)?),
        (None, Some(id), None) => Scope::Portal(id.into_inner()),
        (None, None, Some(name)) => {
            let hosts: Vec<HostPattern> = raw.hosts.iter().filter_map(|text| host(file, text, errors)).collect();
            if raw.hosts.is_empty() {
                errors.push(file.error(name.span().start, "a platform needs hosts = [\"*.example.gov.cn\", …]"));
            }
            if hosts.len() < raw.hosts.len() || hosts.is_empty() {
                return None;
            }
            Scope::Platform { name: name.into_inner(), hosts }
        }
        _ => {
            errors.push(file.error(start, "a limit names one of host, portal, or platform with its hosts"));
            return None;
        }
    };
    let is_some = [&raw.interval_ms, &raw.max_requests, &raw.max_bytes].iter().any(|value| value.is_some());
    if !is_some && raw.quiet_hours.is_empty() {
        let message = "a limit sets at least one of interval_ms, quiet_hours, max_requests, max_bytes";
        errors.push(file.error(start, message));
    }
    let mut number = |key: &str, value: Option<Spanned<u64>>, least: u64, most: u64| {
        let value = value?;
        let (at, n) = (value.span().start, value.into_inner());
        if !(least..=most).contains(&n) {
            let message = format!("{key} = {n} is impossible: it must lie between {least} and {most}");
            errors.push(file.error(at, &message));
        }
        Some(n)
    };
    let interval = number("interval_ms", raw.interval_ms, 10, 86_400_000).map(Duration::from_millis);
    let max_requests = number("max_requests", raw.max_requests, 1, 1_000_000_000);
    let max_bytes = number("max_bytes", raw.max_bytes, 1, 1 << 50);
    let quiet_hours = check_quiet(file, &raw.quiet_hours, errors);
    Some(Limit { scope, interval, quiet_hours, max_requests, max_bytes })
}

/// The quiet hours; each wrong window is an error at its place.
pub(super) fn check_quiet(file: &File, texts: &[Spanned<String>], errors: &mut Vec<ConfigError>) -> QuietHours {
    for text in texts {
        if let Err(error) = QuietHours::parse(&[text.get_ref()]) {
            errors.push(file.error(text.span().start, &format!("quiet_hours: {error}")));
        }
    }
    let texts: Vec<&String> = texts.iter().map(Spanned::get_ref).collect();
    QuietHours::parse(&texts).unwrap_or_default()
}

fn host(file: &File, text: &Spanned<String>, errors: &mut Vec<ConfigError>) -> Option<HostPattern> {
    let parsed = text.get_ref().parse();
    parsed.map_err(|error| errors.push(file.error(text.span().start, &format!("{error}")))).ok()
}
