//! `gongkai robots`

use std::sync::Arc;
use std::time::Duration;

use url::Url;

use super::{Common, Exit, Failure, Format, aligned};
use crate::clock::{Clock, later};
use crate::config::{Crawl, Plan, Settings, ms};
use crate::crawl::answer::{Judgement, judge};
use crate::crawl::gates::LONGEST_CRAWL_DELAY;
use crate::crawl::guard::AddressPolicy;
use crate::crawl::resolve::{Resolver, SystemResolver};
use crate::crawl::restraints::Exclusion;
use crate::crawl::robots::{Access, MOST_BYTES, MOST_REDIRECTS, Robots, Verdict};
use crate::crawl::transport::{Answer, HttpTransport, Request, Transport, TransportSettings};
use crate::words::refusal;

/// Says for each path whether a robots.txt allows it, and by which line
/// (RFC 9309).
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  gongkai robots robots.txt --agent gongkai / /col/col1/index.html
  gongkai robots https://www.example.gov.cn/robots.txt --agent gongkai /zwgk/

Prints one line a path: allow or deny, the path, the deciding line. A file that is unavailable
(4xx) allows everything, one that is unreachable (5xx, 429, no answer) nothing. What a crawl minds
beside (a long Crawl-delay, a file of more than 500 KiB) is noted on standard error. The exit code
is 0 for either verdict.")]
pub(super) struct Arguments {
    /// A file, or the URL of one
    source: String,
    /// The product token to decide for
    #[arg(long, default_value = crate::pipeline::AGENT)]
    agent: String,
    /// One line a path, or one JSON object
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
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

pub(super) fn run(common: &Common, arguments: &Arguments) -> Result<Exit, Failure> {
    let rules = match arguments.source.parse::<Url>() {
        Ok(url) if matches!(url.scheme(), "http" | "https") => fetch(common, url, &arguments.agent)?,
        Ok(url) if url.has_host() => {
            let words = format!("{url}: {} is not fetched", url.scheme());
            return Err(Failure::new(Exit::WrongUse, words, "name a file or an http(s) URL"));
        }
        _ => Rules::read(&read(&arguments.source)?, &arguments.agent),
    };
    let mut rows = Vec::new();
    for path in &arguments.paths {
        let answer = rules.of(path);
        if !path.starts_with('/') && path_of(path) == rooted(path) {
            eprintln!("note: {path} does not begin with /: the answer is that of {}", rooted(path));
        }
        match arguments.format {
            Format::Json => sayln!("{}", serde_json::to_string(&answer).unwrap_or_default()),
            Format::Table => {
                let why = answer.line.map_or(answer.why.clone(), |line| format!("line {line}: {}", answer.why));
                let one_line = |text: &str| text.replace(['\t', '\n', '\r'], " ");
                rows.push(vec![answer.verdict.to_owned(), one_line(path), one_line(&why)]);
            }
        }
    }
    say!("{}", aligned(&rows));
    Ok(Exit::Done)
}

/// What is said of a path.
#[derive(Debug, serde::Serialize)]
struct Said<'a> {
    verdict: &'static str,
    path: &'a str,
    /// The number of the deciding line.
    line: Option<u32>,
    /// That line, or why none decides.
    why: String,
}

impl Rules {
    /// Reads a file, and notes what a crawl minds beside its rules.
    fn read(bytes: &[u8], agent: &str) -> Self {
        let robots = Robots::parse(bytes, agent);
        if bytes.len() > MOST_BYTES {
            eprintln!("note: only the first {} KiB are read, by a crawl as well", MOST_BYTES / 1024);
        }
        if let Some(delay) = robots.crawl_delay().filter(|delay| *delay > LONGEST_CRAWL_DELAY) {
            let (asked, most) = (delay.as_secs(), LONGEST_CRAWL_DELAY.as_secs());
            eprintln!("note: it asks for {asked} s between requests, more than {most}: a crawl leaves the host alone");
        }
        Self::Read(robots)
    }

    fn of<'a>(&self, path: &'a str) -> Said<'a> {
        let (verdict, line, why) = match self {
            Self::Read(robots) => {
                let decision = robots.decide(&path_of(path));
                let (line, why) = match decision.line {
                    Some((line, text)) => (Some(line), text.to_owned()),
                    None if robots.is_empty() => (None, "no rule for this agent".to_owned()),
                    None => (None, "no rule matches".to_owned()),
                };
                (decision.verdict, line, why)
            }
            Self::None(why) => (Verdict::Allow, None, format!("robots.txt is unavailable: {why}")),
            Self::Unreachable(why) => (Verdict::Deny, None, format!("robots.txt is unreachable: {why}")),
        };
        Said { verdict: if verdict == Verdict::Allow { "allow" } else { "deny" }, path, line, why }
    }
}

fn read(file: &str) -> Result<Vec<u8>, Failure> {
    std::fs::read(file).map_err(|error| {
        Failure::new(Exit::WrongUse, format!("{file}: {}", refusal(&error)), "name a file or an http(s) URL")
    })
}

/// The path and query of what was named, from the root; a fragment never leaves
/// the client.
fn path_of(named: &str) -> String {
    let path = match named.parse::<Url>() {
        Ok(url) if url.has_host() => url[url::Position::BeforePath..].to_owned(),
        _ if named.starts_with('/') => named.to_owned(),
        _ => rooted(named),
    };
    path.split('#').next().unwrap_or_default().to_owned()
}

/// A path that was named without the slash at its beginning.
fn rooted(named: &str) -> String {
    format!("/{named}")
}

/// Fetches a robots.txt as the crawl does: by the operator's name, past the guard
/// and the exclusions, over redirects with the interval between them.
fn fetch(common: &Common, url: Url, agent: &str) -> Result<Rules, Failure> {
    let settings = common.settings_if_any()?;
    let user_agent = settings.as_ref().and_then(|settings| settings.user_agent().ok());
    let crawl = settings.as_ref().map_or_else(Crawl::default, |settings| settings.crawl.clone());
    let policy = AddressPolicy::allowing(crawl.networks());
    let clock = Clock::system();
    let resolver = Arc::new(SystemResolver { timeout: Duration::from_secs(20) });
    let of_transport = TransportSettings {
        user_agent: user_agent.unwrap_or_else(|| format!("gongkai/{}", env!("CARGO_PKG_VERSION"))),
        connect_timeout: Duration::from_secs(20),
        read_timeout: Duration::from_secs(20),
        total_timeout: Duration::from_mins(1),
        max_body_bytes: 1024 * 1024,
        relaxed_tls_hosts: crawl.relaxed_hosts(),
        proxy_from_environment: crawl.proxy_from_environment,
    };
    let transport = HttpTransport::new(of_transport, resolver.clone(), clock.clone());
    let transport = transport.map_err(|error| Failure::new(Exit::Failed, error, "check the TLS of this machine"))?;
    super::runtime()?.block_on(async {
        let mut url = url;
        let mut hops = 0;
        loop {
            if let Some(exclusion) = settings.as_ref().and_then(|settings| exclusion(settings, &url)) {
                let hint = "exclusions.toml names who asked to be left alone: nothing was asked of it";
                return Err(Failure::new(Exit::Failed, format!("{url}: {exclusion}"), hint));
            }
            let answer = match ask(&transport, resolver.as_ref(), &policy, &url).await {
                Ok(answer) => answer,
                Err(Unasked::Refused(words)) => {
                    let hint = "[crawl] allow_addresses in gongkai.toml names the networks that may be asked";
                    return Err(Failure::new(Exit::Failed, format!("{url}: {words}"), hint));
                }
                Err(Unasked::Unreachable(words)) => return Ok(Rules::Unreachable(words)),
            };
            let mut why = format!("status {}", answer.status);
            if let (300..=399, Judgement::Redirect(to)) = (answer.status, judge(&answer, &url, clock.now())) {
                if hops < MOST_REDIRECTS {
                    hops += 1;
                    url = to;
                    clock.sleep_until(later(clock.now(), ms(crawl.interval_ms))).await;
                    continue;
                }
                why.push_str(&format!(", after {MOST_REDIRECTS} redirects"));
            }
            return Ok(match Access::of_status(answer.status) {
                Access::Successful => Rules::read(&answer.body, agent),
                Access::Unavailable => Rules::None(why),
                Access::Unreachable => Rules::Unreachable(why),
            });
        }
    })
}

/// Who asked that a URL is left alone: its host, or all portals that begin there.
fn exclusion(settings: &Settings, url: &Url) -> Option<Exclusion> {
    let exclusions = &settings.restraints.exclusions;
    let of_portals = || {
        let all = Plan::whole(settings);
        let here: Option<Vec<_>> = all.beginning_at(url).map(|portal| exclusions.of_portal(&portal.id)).collect();
        here?.first().copied()
    };
    exclusions.of_url("", url).or_else(of_portals).cloned()
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
