//! `gongkai robots`

use std::sync::Arc;
use std::time::Duration;

use super::{Failure, NEEDS_A_PERSON, WRONG_USE};
use crate::clock::Clock;
use crate::crawl::frontier::Validators;
use crate::crawl::guard::AddressPolicy;
use crate::crawl::resolve::{Resolver, SystemResolver};
use crate::crawl::robots::{Robots, Verdict};
use crate::crawl::transport::{HttpTransport, Request, Transport, TransportSettings};

/// Says for each path whether a robots.txt allows it, and by which line
/// (RFC 9309).
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  gongkai robots robots.txt --agent gongkai / /col/col1/index.html
  gongkai robots https://www.example.gov.cn/robots.txt --agent gongkai /zwgk/

Prints one line a path: allow or deny, the path, the deciding line.")]
pub(super) struct Arguments {
    /// A file, or the URL of one
    source: String,
    /// The product token to decide for
    #[arg(long, default_value = crate::pipeline::AGENT)]
    agent: String,
    /// Paths, with their queries
    #[arg(required = true)]
    paths: Vec<String>,
}

pub(super) fn run(arguments: &Arguments) -> Result<u8, Failure> {
    let bytes = match arguments.source.parse::<url::Url>() {
        Ok(url) if matches!(url.scheme(), "http" | "https") => fetch(&url)?,
        _ => std::fs::read(&arguments.source).map_err(|error| {
            Failure::new(WRONG_USE, format!("{}: {error}", arguments.source), "name a file or an http(s) URL")
        })?,
    };
    let robots = Robots::parse(&bytes, &arguments.agent);
    for path in &arguments.paths {
        let decision = robots.decide(path);
        let verdict = if decision.verdict == Verdict::Allow { "allow" } else { "deny" };
        let line = decision.line.map_or_else(|| "no rule".to_owned(), |(line, text)| format!("line {line}: {text}"));
        sayln!("{verdict}\t{path}\t{line}");
    }
    Ok(0)
}

fn fetch(url: &url::Url) -> Result<Vec<u8>, Failure> {
    let failed =
        |words: String| Failure::new(NEEDS_A_PERSON, format!("{url}: {words}"), "fetch it by hand and name the file");
    super::runtime()?.block_on(async {
        let clock = Clock::system();
        let resolver = Arc::new(SystemResolver { timeout: Duration::from_secs(20) });
        let host = url.host_str().unwrap_or_default();
        let addresses = resolver.resolve(host).await.map_err(|error| failed(error.to_string()))?;
        let policy = AddressPolicy::default();
        let mut refused = String::new();
        let allowed = addresses
            .into_iter()
            .find(|address| policy.check(*address).map_err(|why| refused = why.to_string()).is_ok());
        let address = allowed.ok_or_else(|| failed(refused))?;
        let settings = TransportSettings {
            user_agent: format!("gongkai/{}", env!("CARGO_PKG_VERSION")),
            connect_timeout: Duration::from_secs(20),
            read_timeout: Duration::from_secs(20),
            total_timeout: Duration::from_mins(1),
            max_body_bytes: 1024 * 1024,
        };
        let transport = HttpTransport::new(settings, resolver, clock).map_err(|error| failed(error.to_string()))?;
        let request = Request { url: url.clone(), form: None, validators: Validators::default(), address };
        let answer = transport.send(request).await.map_err(|error| failed(error.to_string()))?;
        match answer.status {
            200..=299 => Ok(answer.body),
            // RFC 9309 2.3.1.3: unavailable allows everything.
            400..=499 if answer.status != 429 => Ok(Vec::new()),
            status => Err(failed(format!("status {status}"))),
        }
    })
}
