//! What a person sees: one file a command.
//!
//! Results go to standard output, everything else to standard error.

/// Prints a result; see [`write_out`].
macro_rules! say {
    ($($words:tt)*) => { crate::cli::write_out(&format!($($words)*)) };
}

/// Prints a result and ends its line; see [`write_out`].
macro_rules! sayln {
    ($($words:tt)*) => { crate::cli::write_out(&(format!($($words)*) + "\n")) };
}

mod check;
mod crawl;
mod demo;
mod exit;
mod explain;
mod extract;
mod robots;
mod status;
mod summary;

use std::borrow::Cow;
use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use jiff::Timestamp;

use self::exit::Exit;
use crate::config::{ConfigErrors, Settings};
use crate::crawl::address::HostKey;
use crate::crawl::frontier::{Frontier, FrontierError};
use crate::crawl::gates::GateState;
use crate::ops::LockError;
use crate::pipeline::{CrawlError, Places};
use crate::report::Catalogue;

/// Reads the annual reports of Chinese government disclosure offices
/// (政府信息公开工作年度报告) into a data set that can be trusted.
#[derive(Debug, Parser)]
#[command(name = "gongkai", version, propagate_version = true, max_term_width = 100, after_help = format!("{EXAMPLES}\n\n{}", Exit::table()))]
struct Cli {
    /// The folder of gongkai.toml, portals.toml and portals.csv
    #[arg(long, global = true, value_name = "DIR", default_value = CONFIG)]
    config: PathBuf,
    /// The folder of the lake and of the run reports
    #[arg(long, global = true, value_name = "DIR", default_value = "output")]
    output: PathBuf,
    /// The folder of the crawl's state and archive
    #[arg(long, global = true, value_name = "DIR", default_value = "state")]
    state: PathBuf,
    /// How messages are written to standard error; `GONGKAI_LOG=info` in the environment asks for more
    #[arg(long, global = true, value_enum, default_value_t = LogFormat::Text)]
    log: LogFormat,
    #[command(subcommand)]
    command: Command,
}

/// The folder of the configuration where none is named.
const CONFIG: &str = "config";

const EXAMPLES: &str = "Examples:
  gongkai demo                              crawl invented portals on this machine
  gongkai extract report.html               what a file says
  gongkai crawl --region 3304 --dry-run     what a crawl of a prefecture would do
  gongkai crawl --portal tongxiang          crawl one portal";

/// How a result is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Lines and aligned columns, for a person
    Table,
    /// JSON objects, for a program
    Json,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Crawl the configured portals once
    Crawl(crawl::Arguments),
    /// Read files and print their reports
    Extract(extract::Arguments),
    /// Show what the state holds
    Status(status::Arguments),
    /// Say where a number came from, or why a URL was (not) fetched
    Explain(explain::Arguments),
    /// Check the configuration
    Check(check::Arguments),
    /// Say what a robots.txt allows
    Robots(robots::Arguments),
    /// Crawl invented portals on this machine, to see what it is like
    Demo(demo::Arguments),
}

/// Options that every command takes, so that one command line serves them all, and
/// that some make no use of: their help does not show them.
const NO_USE_OF: [(&str, &[&str]); 4] =
    [("extract", &["output", "state"]), ("check", &["state"]), ("robots", &["output", "state"]), ("demo", &["config"])];

/// The command line, each command with the help of what it makes use of.
fn command() -> clap::Command {
    NO_USE_OF.iter().fold(Cli::command(), |all, (name, options)| {
        let is_of_no_use = |option: &&clap::Arg| options.contains(&option.get_id().as_str());
        let hidden: Vec<_> = all.get_arguments().filter(is_of_no_use).map(|option| option.clone().hide(true)).collect();
        // clap leaves an option alone that a command has of its own.
        all.mut_subcommand(name, |command| command.args(hidden))
    })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum LogFormat {
    /// Lines for a person
    Text,
    /// A JSON object a line
    Json,
}

/// What the options that every command takes say.
struct Common {
    config: PathBuf,
    places: Places,
    log: LogFormat,
}

impl Common {
    fn settings(&self) -> Result<Settings, Failure> {
        Settings::load(&self.config).map_err(Failure::from)
    }

    /// The settings, for what can do without: none where nobody named a folder and
    /// there is none of ours.
    fn settings_if_any(&self) -> Result<Option<Settings>, Failure> {
        (self.is_named() || self.has_files()).then(|| self.settings()).transpose()
    }

    /// The catalogue of the settings, for what needs nothing else of them; the
    /// program's own where there are none.
    fn catalogue_if_any(&self) -> Result<Catalogue, Failure> {
        if self.has_files() {
            return Settings::catalogue_of(&self.config).map_err(Failure::from);
        }
        // Of a folder that is named the settings say what it lacks.
        Ok(self.settings_if_any()?.map_or_else(Catalogue::embedded, |settings| settings.catalogue))
    }

    fn is_named(&self) -> bool {
        self.config != Path::new(CONFIG)
    }

    fn has_files(&self) -> bool {
        let files = ["gongkai.toml", "portals.toml", "portals.csv", "exclusions.toml"];
        files.iter().any(|file| self.config.join(file).exists())
    }
}

/// A command that failed: what, what to do, and how the program ends.
#[derive(Debug)]
struct Failure {
    words: String,
    hint: Option<String>,
    exit: Exit,
}

impl Failure {
    fn new(exit: Exit, words: impl Display, hint: impl Display) -> Self {
        Self { words: words.to_string(), hint: Some(hint.to_string()), exit }
    }

    /// Says it on standard error.
    fn tell(&self, format: LogFormat) {
        let hint = self.hint.as_deref().unwrap_or_default();
        if format == LogFormat::Json {
            tracing::error!(event = "command.failed", exit_code = self.exit.code(), hint, "{}", self.words);
            return;
        }
        self.words.lines().for_each(|line| eprintln!("error: {line}"));
        if !hint.is_empty() {
            eprintln!("hint: {hint}");
        }
    }
}

impl From<ConfigErrors> for Failure {
    fn from(errors: ConfigErrors) -> Self {
        Self::new(
            Exit::WrongUse,
            errors,
            "nothing was done; correct this, then `gongkai check` says whether the configuration is sound",
        )
    }
}

impl From<LockError> for Failure {
    fn from(error: LockError) -> Self {
        let (exit, hint) = match &error {
            LockError::Held { .. } => (Exit::Locked, "wait for it, or name other folders with --state and --output"),
            LockError::Io { .. } => (Exit::Failed, "check that --state and --output name folders that can be written"),
        };
        Self::new(exit, error, hint)
    }
}

impl From<CrawlError> for Failure {
    fn from(error: CrawlError) -> Self {
        Self::new(Exit::Failed, &error, error.hint())
    }
}

/// Runs the command line and gives the process's exit code.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match command().try_get_matches().and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are results, not errors.
            let exit = if error.use_stderr() { Exit::WrongUse } else { Exit::Done };
            let _ = error.print();
            return exit.into();
        }
    };
    log_to_stderr(cli.log, cli.command.volume());
    let common = Common { config: cli.config, log: cli.log, places: Places { output: cli.output, state: cli.state } };
    let result = match cli.command {
        Command::Crawl(arguments) => crawl::run(&common, &arguments),
        Command::Extract(arguments) => extract::run(&common, &arguments),
        Command::Status(arguments) => status::run(&common, &arguments),
        Command::Explain(arguments) => explain::run(&common, &arguments),
        Command::Check(arguments) => check::run(&common, &arguments),
        Command::Robots(arguments) => robots::run(&common, &arguments),
        Command::Demo(arguments) => demo::run(&common, &arguments),
    };
    match result {
        Ok(exit) => exit.into(),
        Err(failure) => {
            failure.tell(cli.log);
            failure.exit.into()
        }
    }
}

/// What a command logs where the environment's `GONGKAI_LOG` asks for nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Volume {
    /// Errors only.
    Quiet,
    /// How far it is, now and then.
    Progress,
    /// What it does.
    Events,
}

impl Command {
    fn volume(&self) -> Volume {
        match self {
            Self::Crawl(arguments) if arguments.is_quiet() => Volume::Quiet,
            Self::Demo(_) => Volume::Progress,
            _ => Volume::Events,
        }
    }
}

fn log_to_stderr(format: LogFormat, volume: Volume) {
    use std::io::IsTerminal;
    let is_terminal = std::io::stderr().is_terminal();
    let usual = match (format, volume) {
        (LogFormat::Text, Volume::Quiet) => "gongkai=error",
        // A person at a terminal has the progress and the summary.
        (LogFormat::Text, _) if is_terminal => "gongkai=warn",
        (LogFormat::Text, Volume::Progress) => "gongkai=warn,gongkai::ops::progress=info",
        (LogFormat::Text, Volume::Events) | (LogFormat::Json, _) => "gongkai=info",
    };
    let filter = tracing_subscriber::EnvFilter::try_from_env("GONGKAI_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(usual));
    let base = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match format {
        LogFormat::Json => base.json().flatten_event(true).with_current_span(false).with_span_list(false).init(),
        LogFormat::Text => base.with_target(false).with_ansi(is_terminal).init(),
    }
}

/// A runtime for the commands that crawl.
fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    let built = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    built.map_err(|error| Failure::new(Exit::Failed, error, "check the limits of this process (ulimit -a)"))
}

/// Resolves when a person or the system asks the process to stop, or the terminal
/// that it runs in is closed.
#[cfg(unix)]
async fn asked_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let received = async |kind| match signal(kind) {
        Ok(mut signal) => drop(signal.recv().await),
        Err(_) => std::future::pending().await,
    };
    let hung_up =
        async { if ignores_hang_ups() { std::future::pending().await } else { received(SignalKind::hangup()).await } };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = received(SignalKind::terminate()) => {}
        () = hung_up => {}
    }
}

#[cfg(not(unix))]
async fn asked_to_stop() {
    drop(tokio::signal::ctrl_c().await);
}

/// Whether the process was begun to outlive its terminal, by `nohup` say: who listened
/// for the signal would undo that. Where the system does not tell, the signal is left
/// alone.
#[cfg(unix)]
fn ignores_hang_ups() -> bool {
    says_hang_ups_are_ignored(&std::fs::read_to_string("/proc/self/status").unwrap_or_default())
}

/// The same by what Linux tells of a process: a mask of the signals, SIGHUP the lowest bit.
#[cfg(unix)]
fn says_hang_ups_are_ignored(status: &str) -> bool {
    let mask = status.lines().find_map(|line| u64::from_str_radix(line.strip_prefix("SigIgn:")?.trim(), 16).ok());
    mask.is_none_or(|mask| mask & 1 != 0)
}

/// Writes a result to standard output. A reader that went away (`| head`) ends
/// the program, quietly: nobody is left to tell. What a portal wrote is shown,
/// not obeyed: of the control characters only ends of lines and tabs reach the
/// terminal.
fn write_out(text: &str) {
    use std::io::Write;
    let is_control = |c: char| c.is_control() && c != '\n' && c != '\t';
    let shown = |c: char| if is_control(c) { char::REPLACEMENT_CHARACTER } else { c };
    let text: Cow<'_, str> = if text.contains(is_control) { text.chars().map(shown).collect() } else { text.into() };
    if let Err(error) = std::io::stdout().write_all(text.as_bytes()) {
        if error.kind() == std::io::ErrorKind::BrokenPipe {
            std::process::exit(0);
        }
        eprintln!("error: the output cannot be written: {error}");
        std::process::exit(i32::from(Exit::Failed.code()));
    }
}

/// Until when a host rests and is asked nothing, where it does.
fn rests_until(frontier: &dyn Frontier, host: &HostKey, now: Timestamp) -> Result<Option<Timestamp>, FrontierError> {
    let gate =
        frontier.host(host)?.map(|known| serde_json::from_str::<GateState>(&known.gate_json).unwrap_or_default());
    Ok(gate.and_then(|gate| gate.rests_until()).filter(|until| *until > now))
}

/// Columns of text, each as wide as its widest cell; Chinese characters count
/// for two. On a terminal no line is wider than that.
fn aligned(rows: &[Vec<String>]) -> String {
    aligned_within(rows, terminal_width())
}

/// What fits a line of the terminal; none where there is no terminal.
fn terminal_width() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(std::io::stdout()).ok()?;
    (size.ws_col > 0).then_some(size.ws_col.into())
}

fn aligned_within(rows: &[Vec<String>], most: Option<usize>) -> String {
    let n_columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..n_columns)
        .map(|column| rows.iter().filter_map(|row| row.get(column)).map(|cell| width(cell)).max().unwrap_or(0))
        .collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, wide) in row.iter().zip(&widths) {
            line.push_str(cell);
            line.push_str(&" ".repeat(wide - width(cell) + 2));
        }
        let line = line.trim_end();
        match most.filter(|most| width(line) > *most) {
            Some(most) => text.push_str(&wrapped(row, &widths, most)),
            None => text.push_str(line),
        }
        text.push('\n');
    }
    text
}

/// A row over several lines: cells stand in their columns as far as they fit the first,
/// the others below, broken between their words.
fn wrapped(row: &[String], widths: &[usize], most: usize) -> String {
    const INDENT: &str = "      ";
    let (mut lines, mut line, mut column) = (String::new(), String::new(), 0);
    for (cell, wide) in row.iter().zip(widths) {
        let gap = if lines.is_empty() { column.max(width(&line)) - width(&line) } else { 2 };
        column += wide + 2;
        if line.is_empty() || width(&line) + gap + width(cell) <= most {
            line.push_str(&" ".repeat(gap));
            line.push_str(cell);
            continue;
        }
        for (n, word) in cell.split(' ').enumerate() {
            if n == 0 || width(&line) + 1 + width(word) > most {
                lines.push_str(line.trim_end());
                lines.push('\n');
                line = format!("{INDENT}{word}");
            } else {
                line.push(' ');
                line.push_str(word);
            }
        }
    }
    lines + &line
}

fn width(text: &str) -> usize {
    text.chars().map(|c| if c >= '\u{1100}' { 2 } else { 1 }).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_fit_the_terminal_where_there_is_one() {
        let row = |cells: [&str; 3]| cells.map(str::to_owned).to_vec();
        let rows = [row(["  a", "市", "x"]), row(["  bcd", "efg", "some words that are long"])];
        assert_eq!(aligned_within(&rows, None), "  a    市   x\n  bcd  efg  some words that are long\n");
        assert_eq!(
            aligned_within(&rows, Some(20)),
            "  a    市   x\n  bcd  efg\n      some words\n      that are long\n"
        );
    }

    #[cfg(unix)]
    #[test]
    fn hang_ups_that_are_ignored_stay_so() {
        for (status, is_ignored) in [
            ("SigBlk:\t0000000000000001\nSigIgn:\t0000000000001000\n", false),
            ("SigIgn:\t0000000000001001\n", true),
            ("", true),
        ] {
            assert_eq!(says_hang_ups_are_ignored(status), is_ignored, "{status}");
        }
    }
}
