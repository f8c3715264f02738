//! Names to addresses.

use std::collections::BTreeMap;
use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::time::Duration;

/// A name without an address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the name {host} was not resolved: {why}")]
pub struct ResolveError {
    /// The name.
    pub host: String,
    /// What the resolver said.
    pub why: String,
    /// Whether that is an answer.
    pub failure: Failure,
}

/// Why a name has no address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// The resolver knows that there is none.
    NoSuchName,
    /// The resolver had no answer: a minute later it may have one.
    NoAnswer,
}

impl Failure {
    /// What the system's words mean: its error has no code (Rust's `io::Error` of
    /// a look-up). Words of glibc, musl, macOS and Windows for a name that does
    /// not exist or has no address; all others may pass.
    fn of_words(words: &str) -> Self {
        const KNOWN: [&str; 5] = [
            "Name or service not known",
            "No address associated with",
            "Name does not resolve",
            "nodename nor servname",
            "No such host is known",
        ];
        if KNOWN.iter().any(|known| words.contains(known)) { Self::NoSuchName } else { Self::NoAnswer }
    }
}

/// What a look-up will give.
pub type Addresses<'a> = Pin<Box<dyn Future<Output = Result<Vec<IpAddr>, ResolveError>> + Send + 'a>>;

/// Finds the addresses of names.
pub trait Resolver: Send + Sync {
    /// The addresses of a host's name; a literal's own address without asking.
    fn resolve<'a>(&'a self, host: &'a str) -> Addresses<'a>;

    /// Where a connection for this host and address goes; port 0 stands for
    /// the URL's own. Only a resolver of fixed names (the demo's) says another.
    fn endpoint(&self, _host: &str, address: IpAddr) -> SocketAddr {
        SocketAddr::new(address, 0)
    }
}

/// The address that a URL's host is, where it is one.
#[must_use]
pub fn literal(host: &str) -> Option<IpAddr> {
    host.trim_start_matches('[').trim_end_matches(']').parse().ok()
}

/// The machine's resolver.
#[derive(Debug, Clone, Copy)]
pub struct SystemResolver {
    /// How long a look-up may take.
    pub timeout: Duration,
}

impl Resolver for SystemResolver {
    fn resolve<'a>(&'a self, host: &'a str) -> Addresses<'a> {
        Box::pin(async move {
            if let Some(address) = literal(host) {
                return Ok(vec![address]);
            }
            let fail = |why: String| {
                let failure = Failure::of_words(&why);
                ResolveError { host: host.to_owned(), why, failure }
            };
            let looked_up = tokio::time::timeout(self.timeout, tokio::net::lookup_host((host, 80))).await;
            let found = looked_up.map_err(|_| fail(format!("no answer in {:?}", self.timeout)))?;
            let mut addresses: Vec<IpAddr> = found.map_err(|error| fail(error.to_string()))?.map(|a| a.ip()).collect();
            addresses.sort_unstable();
            addresses.dedup();
            if addresses.is_empty() {
                Err(fail("No address associated with the name".to_owned()))
            } else {
                Ok(addresses)
            }
        })
    }
}

/// A resolver that knows a few names and no others: the demo's and the tests'.
#[derive(Debug, Clone, Default)]
pub struct FixedResolver {
    hosts: BTreeMap<String, SocketAddr>,
}

impl FixedResolver {
    /// A resolver for these names; a request for any port of one goes to its
    /// socket address.
    #[must_use]
    pub fn of(hosts: impl IntoIterator<Item = (String, SocketAddr)>) -> Self {
        Self { hosts: hosts.into_iter().collect() }
    }
}

impl Resolver for FixedResolver {
    fn resolve<'a>(&'a self, host: &'a str) -> Addresses<'a> {
        let known = self.hosts.get(host).map(SocketAddr::ip).or_else(|| literal(host));
        let unknown = || ResolveError {
            host: host.to_owned(),
            why: "it is not one of the fixed names".to_owned(),
            failure: Failure::NoSuchName,
        };
        Box::pin(async move { known.map(|ip| vec![ip]).ok_or_else(unknown) })
    }

    fn endpoint(&self, host: &str, address: IpAddr) -> SocketAddr {
        self.hosts.get(host).copied().unwrap_or(SocketAddr::new(address, 0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_does_not_exist_is_told_from_a_resolver_that_does_not_answer() {
        let of = |words: &str| Failure::of_words(&format!("failed to lookup address information: {words}"));
        assert_eq!(of("Name or service not known"), Failure::NoSuchName);
        assert_eq!(of("nodename nor servname provided, or not known"), Failure::NoSuchName);
        assert_eq!(of("Temporary failure in name resolution"), Failure::NoAnswer);
        assert_eq!(of("no answer in 10s"), Failure::NoAnswer);
    }
}
