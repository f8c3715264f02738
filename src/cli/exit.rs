//! How the program ends, for whoever called it.

use std::process::ExitCode;

/// How the program ends. As of grep and curl, 1 is an answer, and what failed is
/// another: a cron line can act on either.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Exit {
    Done = 0,
    ToTell = 1,
    WrongUse = 2,
    Failed = 3,
    /// `EX_TEMPFAIL` of sysexits.h.
    Locked = 75,
    /// 128 + SIGINT.
    Interrupted = 130,
}

impl Exit {
    pub const ALL: [Self; 6] =
        [Self::Done, Self::ToTell, Self::WrongUse, Self::Failed, Self::Locked, Self::Interrupted];

    pub fn code(self) -> u8 {
        self as u8
    }

    /// What it means, as in the help and in docs/operation.md.
    fn words(self) -> &'static str {
        match self {
            Self::Done => "done, nothing to tell",
            Self::ToTell => "done, and something needs a person: it is named",
            Self::WrongUse => "the command line or the configuration is wrong: nothing was done",
            Self::Failed => "failed (disk, state, lake, network): what was done before is safe",
            Self::Locked => "another run holds the state or the lake",
            Self::Interrupted => "interrupted: the next run goes on",
        }
    }

    /// The table of all, for the help.
    pub fn table() -> String {
        let rows = Self::ALL.map(|exit| format!("\n{:>5}  {}", exit.code(), exit.words()));
        format!("Exit codes:{}", rows.concat())
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documents_tell_the_same_codes_in_the_same_words() {
        let operation = include_str!("../../docs/operation.md");
        let readme = include_str!("../../README.md").split_whitespace().collect::<Vec<_>>().join(" ");
        for exit in Exit::ALL {
            let row = format!("| {} | {} |", exit.code(), exit.words());
            assert!(operation.contains(&row), "docs/operation.md lacks {row}");
            let words = format!("{} {}", exit.code(), exit.words());
            assert!(readme.contains(&words), "README.md lacks {words}");
        }
    }
}
