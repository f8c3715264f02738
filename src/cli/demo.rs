//! `gongkai demo`

use super::{Common, Failure};

/// Starts invented portals on this machine and crawls them.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {}

pub(super) fn run(_common: &Common, _arguments: &Arguments) -> Result<u8, Failure> {
    Ok(0)
}
