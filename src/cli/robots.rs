//! `gongkai robots`

use std::sync::Arc;
use std::time::Duration;

use url::Url;

use super::{Common, Failure, NEEDS_A_PERSON, WRONG_USE};
use crate::clock::Clock;
use crate::config::Crawl;
use crate::crawl::answer::{Judgement, judge};
use crate::crawl::guard::AddressPolicy;
use crate::crawl::resolve::{Resolver, SystemResolver};
use crate::crawl::robots::{Access, MOST_BYTES, MOST_REDIRECTS, Robots, Verdict};
use crate::crawl::transport::{Answer, HttpTransport, Request, Transport, TransportSettings};

/// Says for each path whether a robots.txt allows it, and by which line
/// (RFC 9309).
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  gongkai robots robots.txt --agent gongkai / /col/col1/index.html
  gongkai robots https://www.example.gov.cn/robots.txt --agent gongkai /zwgk/

Prints one line a path: allow or deny, the path, the deciding line. A file that is unavailable
(4xx) allows everything, one that is unreachable (5xx, 429, no answer) nothing.")]
pub(super) struct Arguments {
    /// A file, or the URL of one
    source: String,
    /// The product token to decide for
    #[arg(long, default_value = crate::pipeline::AGENT)]
    agent: String,
    /// Paths with their queries, or whole URLs
    #[arg(required = true)]
    paths: Vec<String>,
}

/// What there is to decide by.
enum Rules {
    Read(Robots),
    None(String),
    Unreachable(String),
}

pub(super) fn run(common: &Common, arguments: &Arguments) -> Result<u8, Failure> {
    let rules = match arguments.source.parse::<Url>() {
        Ok(url) if matches!(url.scheme(), "http" | "https") => fetch(common, url, &arguments.agent)?,
        _ => Rules::Read(Robots::parse(&read(&arguments.source)?, &arguments.agent)),
    };
    for path in &arguments.paths {
        let (verdict, why) = match &rules {
            Rules::Read(robots) => {
                let decision = robots.decide(&path_of(path));
                let why = decision.line.map(|(line, text)| format!("line {line}: {text}"));
                (decision.verdict, why.unwrap_or_else(|| "no rule".to_owned()))
            }
            Rules::None(why) => (Verdict::Allow, format!("robots.txt is unavailable: {why}")),
            Rules::Unreachable(why) => (Verdict::Deny, format!("robots.txt is unreachable: {why}")),
        };
        let verdict = if verdict == Verdict::Allow { "allow" } else { "deny" };
        sayln!("{verdict}\t{path}\t{why}");
    }
    Ok(0)
}

fn read(file: &str) -> Result<Vec<u8>, Failure> {
    std::fs::read(file)
        .map_err(|error| Failure::new(WRONG_USE, format!("{file}: {error}"), "name a file or an http(s) URL"))
}

/// The path and query of what was named; a fragment never leaves the client.
fn path_of(named: &str) -> String {
    let path = match named.parse::<Url>() {
        Ok(url) if url.has_host() => url[url::Position::BeforePath..].to_owned(),
        _ => named.to_owned(),
    };
    path.split('#').next().unwrap_or_default().to_owned()
}

/// Fetches a robots.txt as the crawl does, over redirects and past the guard.
fn fetch(common: &Common, url: Url, agent: &str) -> Result<Rules, Failure> {
    let has_settings = common.config.join("gongkai.toml").exists();
    let crawl = if has_settings { common.settings()?.crawl } else { Crawl::default() };
    let policy = AddressPolicy::allowing(crawl.networks());
    let clock = Clock::system();
    let resolver = Arc::new(SystemResolver { timeout: Duration::from_secs(20) });
    let settings = TransportSettings {
        user_agent: format!("gongkai/{}", env!("CARGO_PKG_VERSION")),
        connect_timeout: Duration::from_secs(20),
        read_timeout: Duration::from_secs(20),
        total_timeout: Duration::from_mins(1),
        max_body_bytes: 1024 * 1024,
        relaxed_tls_hosts: crawl.relaxed_hosts(),
        proxy_from_environment: crawl.proxy_from_environment,
    };
    let transport = HttpTransport::new(settings, resolver.clone(), clock.clone());
    let transport = transport.map_err(|error| Failure::new(NEEDS_A_PERSON, error, "check the TLS of this machine"))?;
    super::runtime()?.block_on(async {
        let mut url = url;
        for hops in 0..=MOST_REDIRECTS {
            let answer = match ask(&transport, resolver.as_ref(), &policy, &url).await {
                Ok(answer) => answer,
                Err(Unasked::Refused(words)) => {
                    let hint = "[crawl] allow_addresses in gongkai.toml names the networks that may be asked";
                    return Err(Failure::new(NEEDS_A_PERSON, format!("{url}: {words}"), hint));
                }
                Err(Unasked::Unreachable(words)) => return Ok(Rules::Unreachable(words)),
            };
            if let (300..=399, Judgement::Redirect(to)) = (answer.status, judge(&answer, &url, clock.now()))
                && hops < MOST_REDIRECTS
            {
                url = to;
                continue;
            }
            let why = format!("status {}", answer.status);
            return Ok(match Access::of_status(answer.status) {
                Access::Successful => Rules::Read(Robots::parse(&answer.body, agent)),
                Access::Unavailable => Rules::None(why),
                Access::Unreachable => Rules::Unreachable(why),
            });
        }
        Ok(Rules::None("too many redirects".to_owned()))
    })
}

/// A robots.txt that was not asked for, or had no answer.
enum Unasked {
    Refused(String),
    Unreachable(String),
}

async fn ask(
    transport: &HttpTransport,
    resolver: &SystemResolver,
    policy: &AddressPolicy,
    url: &Url,
) -> Result<Answer, Unasked> {
    let host = url.host_str().unwrap_or_default();
    let addresses = resolver.resolve(host).await.map_err(|error| Unasked::Unreachable(error.to_string()))?;
    let mut refused = String::new();
    let address = addresses
        .into_iter()
        .find(|address| policy.check(*address).map_err(|why| refused = why.to_string()).is_ok())
        .ok_or(Unasked::Refused(refused))?;
    let request = Request::get(url.clone(), address).cut_at(MOST_BYTES + 1);
    transport.send(request).await.map_err(|error| Unasked::Unreachable(error.to_string()))
}
