//! A file of the folder, and what is wrong with it: every error points at its
//! place.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;
use url::Url;

use super::mistakes;
use crate::words::refusal;

/// What is wrong with the settings, all of it.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct ConfigErrors(pub Vec<ConfigError>);

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// The file.
    pub file: PathBuf,
    /// Line and column, from 1; none where the file as a whole is meant.
    pub at: Option<(usize, usize)>,
    /// What is wrong, and what it should be.
    pub message: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let Some((line, column)) = self.at {
            write!(f, ":{line}:{column}")?;
        }
        write!(f, ": {}", self.message)
    }
}

/// A section with its place; a missing one has none.
#[derive(Default)]
pub(super) struct Placed<T>(pub T, pub usize);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Placed<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<T>::deserialize(deserializer)?;
        let start = spanned.span().start;
        Ok(Self(spanned.into_inner(), start))
    }
}

/// A file of the folder.
pub(super) struct File {
    pub path: PathBuf,
    pub text: Option<String>,
}

impl File {
    pub fn read(dir: &Path, name: &str, errors: &mut Vec<ConfigError>) -> Self {
        let path = dir.join(name);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => {
                errors.push(ConfigError { file: path.clone(), at: None, message: refusal(&error) });
                None
            }
        };
        Self { path, text }
    }

    pub fn parse<T: Default + for<'de> Deserialize<'de>>(&self, errors: &mut Vec<ConfigError>) -> T {
        let Some(text) = &self.text else { return T::default() };
        let (read, mistakes) = mistakes::read(text);
        errors.extend(mistakes.iter().map(|mistake| {
            let offset = mistake.span().map_or(0, |span| span.start);
            self.error(offset, &mistake.to_string())
        }));
        read
    }

    pub fn error(&self, offset: usize, message: &str) -> ConfigError {
        let text = self.text.as_deref().unwrap_or_default();
        let before = &text[..text.floor_char_boundary(offset)];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        ConfigError { file: self.path.clone(), at: Some((line, column)), message: message.to_owned() }
    }

    /// Where a key of a section stands: at the beginning of a line, or else
    /// anywhere (an inline table).
    pub fn place_of(&self, section: usize, key: &str) -> usize {
        let text = self.text.as_deref().unwrap_or_default();
        let from = text.floor_char_boundary(section);
        let mut at = from;
        for line in text[from..].split_inclusive('\n') {
            let trimmed = line.trim_start();
            if trimmed.strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with('=')) {
                return at + line.len() - trimmed.len();
            }
            at += line.len();
        }
        text[from..].find(key).map_or(section, |at| from + at)
    }
}

/// A text as it may be shown where it is a URL: messages end up in logs.
#[must_use]
pub fn hide_credentials(text: &str) -> String {
    match text.parse::<Url>() {
        Ok(mut url) if !url.username().is_empty() || url.password().is_some() => {
            let hidden = url.set_username("…").and_then(|()| url.set_password(None));
            hidden.map_or_else(|()| "…".to_owned(), |()| url.to_string().replace("%E2%80%A6", "…"))
        }
        _ => text.to_owned(),
    }
}

pub(super) fn web_address(text: &str) -> Result<Url, String> {
    let url: Url = text.parse().map_err(|error| match error {
        url::ParseError::RelativeUrlWithoutBase => "it must begin with http:// or https://".to_owned(),
        other => other.to_string(),
    })?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err("it must begin with http:// or https://".to_owned());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("it must not hold a user name or password".to_owned());
    }
    Ok(url)
}
