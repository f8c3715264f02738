//! One request, one bounded answer. Redirects are never followed here.

use std::collections::{BTreeSet, HashMap};
use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{
    ACCEPT, ACCEPT_ENCODING, ACCEPT_LANGUAGE, CONTENT_TYPE, COOKIE, HeaderName, HeaderValue, IF_MODIFIED_SINCE,
    IF_NONE_MATCH, REFERER,
};
use url::Url;

use super::body::Body;
use super::coding::{ACCEPTED, CodingError, Decoder};
use super::frontier::Validators;
use super::resolve::{Resolver, literal};
pub use super::tls::TlsTrouble;
use super::tls::{Relaxations, certificate_words, client_config};
use crate::clock::Clock;

/// A request to an address that was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The URL.
    pub url: Url,
    /// What a POST carries; none for GET.
    pub body: Option<Body>,
    /// What an earlier answer said to ask with.
    pub validators: Validators,
    /// The address to ask, one that the guard let through.
    pub address: IpAddr,
    /// A longer body is cut here and what came is the answer; without it a
    /// body beyond the transport's bound is refused.
    pub cut_at: Option<usize>,
    /// The cookies that the host wants to see again.
    pub cookie: Option<String>,
    /// The page on which the URL was found.
    pub referrer: Option<Url>,
}

impl Request {
    /// A plain GET of a URL at a checked address.
    #[must_use]
    pub fn get(url: Url, address: IpAddr) -> Self {
        Self { url, body: None, validators: Validators::default(), address, cut_at: None, cookie: None, referrer: None }
    }

    /// The same, of at most so many bytes.
    #[must_use]
    pub fn cut_at(self, n_bytes: usize) -> Self {
        Self { cut_at: Some(n_bytes), ..self }
    }
}

/// An answer, whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The header fields; content codings are off the body, and their field is
    /// gone with them.
    pub headers: Vec<(String, String)>,
    /// The payload.
    pub body: Vec<u8>,
    /// The address that answered.
    pub remote: Option<IpAddr>,
    /// From the request to the end of the answer.
    pub duration: Duration,
    /// What was wrong with the certificate and let through, as the operator
    /// allows for this host.
    pub relaxed: Option<TlsTrouble>,
}

impl Answer {
    /// An answer of these, from nowhere and in no time: what a test makes.
    #[must_use]
    pub fn of(status: u16, headers: Vec<(String, String)>, body: Vec<u8>) -> Self {
        Self { status, headers, body, remote: None, duration: Duration::ZERO, relaxed: None }
    }

    /// The first value of a header field.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let field = self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name));
        field.map(|(_, value)| value.as_str())
    }
}

/// A request without an answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// No connection.
    #[error("no connection: {0}")]
    Connect(String),
    /// No connection: the address says that nobody listens there.
    #[error("no connection: {0}")]
    Closed(String),
    /// The TLS handshake failed: a certificate, or a protocol too old.
    #[error("TLS failed: {trouble}{}", more(*.trouble, why.as_deref()))]
    Tls {
        /// What is wrong.
        trouble: TlsTrouble,
        /// What the verifier says of a certificate.
        why: Option<String>,
    },
    /// The time for a whole answer ran out.
    #[error("no whole answer in {0:?}")]
    Timeout(Duration),
    /// The time between two pieces of an answer ran out.
    #[error("nothing came for {0:?}")]
    Stalled(Duration),
    /// The body, decoded, is larger than allowed.
    #[error("the body is larger than {0} bytes")]
    TooLarge(u64),
    /// The header fields are more, or longer, than any answer needs.
    #[error("the head of the answer is too large")]
    HeadTooLarge,
    /// The body is coded in a way that was not asked for.
    #[error("the body is coded in a way that is not known: {0}")]
    Coding(String),
    /// The answer broke off, or is no HTTP.
    #[error("the answer broke: {0}")]
    Broken(String),
    /// The request could not be made.
    #[error("the request cannot be sent: {0}")]
    Unsendable(String),
}

impl TransportError {
    /// Whether another attempt in the same run may bring an answer. Who says that nobody
    /// listens is believed until the next.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Connect(_) | Self::Timeout(_) | Self::Stalled(_) | Self::Broken(_) => true,
            Self::Closed(_)
            | Self::Tls { .. }
            | Self::TooLarge(_)
            | Self::HeadTooLarge
            | Self::Coding(_)
            | Self::Unsendable(_) => false,
        }
    }
}

/// How what is said of a certificate ends that the operator may let through.
const RELAXABLE: &str = "; [crawl] relaxed_tls_hosts can let it through";

/// Whether these words tell of a certificate that the operator may let through.
#[must_use]
pub fn may_be_relaxed(words: &str) -> bool {
    words.ends_with(RELAXABLE)
}

/// What the operator can do about a trouble of TLS; where that is nothing and the
/// trouble has no name of its own, why.
fn more(trouble: TlsTrouble, why: Option<&str>) -> String {
    match (trouble, why) {
        (TlsTrouble::BadCertificate, Some(why)) => format!(" ({why}): only the portal can mend that"),
        _ if trouble.can_be_relaxed() => RELAXABLE.to_owned(),
        _ => String::new(),
    }
}

/// What a request will give.
pub type Answering<'a> = Pin<Box<dyn Future<Output = Result<Answer, TransportError>> + Send + 'a>>;

/// Sends requests.
pub trait Transport: Send + Sync {
    /// Sends one request and reads its whole answer.
    fn send(&self, request: Request) -> Answering<'_>;
}

/// The bounds of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransportSettings {
    /// Who we are, and how to reach the operator.
    pub user_agent: String,
    /// For the connection, TLS included.
    pub connect_timeout: Duration,
    /// Between two pieces of an answer.
    pub read_timeout: Duration,
    /// For the whole answer.
    pub total_timeout: Duration,
    /// Of the decoded body.
    pub max_body_bytes: u64,
    /// Hosts whose certificate may have run out, or come from an issuer that
    /// is not known; in lower case and punycode.
    pub relaxed_tls_hosts: BTreeSet<String>,
    /// Whether the proxies that the environment names are used. Then they open
    /// the connections, and the addresses that were checked are not binding.
    pub proxy_from_environment: bool,
}

/// HTTP over sockets.
pub struct HttpTransport {
    client: reqwest::Client,
    pinned: Pinned,
    relaxations: Relaxations,
    resolver: Arc<dyn Resolver>,
    settings: TransportSettings,
    clock: Clock,
}

impl HttpTransport {
    /// A transport whose connections go where `resolver` says that a checked
    /// address is reached.
    ///
    /// # Errors
    ///
    /// - the client cannot be built: no TLS provider, a user agent that is no
    ///   header value
    pub fn new(settings: TransportSettings, resolver: Arc<dyn Resolver>, clock: Clock) -> Result<Self, TransportError> {
        // A second installation is refused and means that it is there.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let pinned = Pinned { asks_system: settings.proxy_from_environment, ..Pinned::default() };
        let tls = client_config(settings.relaxed_tls_hosts.clone());
        let (tls, relaxations) = tls.map_err(|error| TransportError::Unsendable(error.to_string()))?;
        let builder = reqwest::Client::builder()
            .user_agent(&settings.user_agent)
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .dns_resolver(Arc::new(pinned.clone()))
            .connect_timeout(settings.connect_timeout)
            .read_timeout(settings.read_timeout)
            .timeout(settings.total_timeout)
            // A kept connection could be to another address of the host than
            // the one whose gate was asked.
            .pool_max_idle_per_host(0)
            .http2_max_header_list_size(MOST_HEAD_BYTES)
            .tls_backend_preconfigured(tls);
        let builder = if settings.proxy_from_environment { builder } else { builder.no_proxy() };
        let client = builder.build().map_err(|error| TransportError::Unsendable(words(&error)))?;
        Ok(Self { client, pinned, relaxations, resolver, settings, clock })
    }

    async fn exchange(&self, request: Request) -> Result<Answer, TransportError> {
        let began = self.clock.now();
        let cut_at = request.cut_at;
        let host = request.url.host_str().unwrap_or_default().to_owned();
        let is_tls = request.url.scheme() == "https";
        if let Some(literal) = literal(&host) {
            // reqwest does not ask its resolver about literals.
            if literal != request.address {
                return Err(TransportError::Unsendable(format!("{literal} is not the address that was checked")));
            }
        } else {
            self.pinned.pin(&host, self.resolver.endpoint(&host, request.address));
        }
        let mut builder = match &request.body {
            Some(body) => self.client.post(request.url).header(CONTENT_TYPE, body.content_type()).body(body.encoded()),
            None => self.client.get(request.url),
        };
        builder = builder.header(ACCEPT, "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8");
        builder = builder.header(ACCEPT_LANGUAGE, "zh-CN,zh;q=0.9").header(ACCEPT_ENCODING, ACCEPTED);
        if let Some(etag) = &request.validators.etag {
            builder = builder.header(IF_NONE_MATCH, etag);
        }
        if let Some(modified) = &request.validators.last_modified {
            builder = builder.header(IF_MODIFIED_SINCE, modified);
        }
        if let Some(cookie) = &request.cookie {
            builder = builder.header(COOKIE, cookie);
        }
        if let Some(referrer) = &request.referrer {
            builder = builder.header(REFERER, referrer.as_str());
        }
        let mut response = builder.send().await.map_err(|error| self.failure(&error, began))?;
        let status = response.status().as_u16();
        let remote = response.remote_addr().map(|address| address.ip());
        let headers: Vec<_> = response.headers().iter().map(field).collect();
        // The client takes br and zstd off the body, and their field with
        // them.
        let coding = headers.iter().find(|(name, _)| name == "content-encoding").map(|(_, coding)| coding.as_str());
        let most = cut_at.unwrap_or(usize::try_from(self.settings.max_body_bytes).unwrap_or(usize::MAX));
        let mut decoder =
            Decoder::of(coding, most).ok_or_else(|| TransportError::Coding(coding.unwrap_or_default().to_owned()))?;
        let mut is_cut = false;
        while let Some(chunk) = response.chunk().await.map_err(|error| self.failure(&error, began))? {
            match decoder.push(&chunk) {
                Ok(()) => {}
                Err(CodingError::TooLarge) if cut_at.is_some() => {
                    is_cut = true;
                    break;
                }
                Err(error) => return Err(self.not_decoded(error)),
            }
        }
        let body =
            if is_cut { decoder.into_body() } else { decoder.finish().map_err(|error| self.not_decoded(error))? };
        let duration = Duration::try_from(self.clock.now().duration_since(began)).unwrap_or_default();
        let relaxed = is_tls.then(|| self.relaxations.at(&host)).flatten();
        Ok(Answer { status, headers, body, remote, duration, relaxed })
    }

    fn not_decoded(&self, error: CodingError) -> TransportError {
        match error {
            CodingError::TooLarge => TransportError::TooLarge(self.settings.max_body_bytes),
            CodingError::Broken(words) => TransportError::Broken(words),
        }
    }

    fn failure(&self, error: &reqwest::Error, began: Timestamp) -> TransportError {
        let words = words(error);
        if let Some(trouble) = TlsTrouble::of(error) {
            TransportError::Tls { trouble, why: certificate_words(error) }
        } else if error.is_timeout() {
            let took = Duration::try_from(self.clock.now().duration_since(began)).unwrap_or_default();
            // reqwest does not say which time ran out.
            if took >= self.settings.total_timeout {
                TransportError::Timeout(self.settings.total_timeout)
            } else if error.is_connect() {
                TransportError::Connect(format!("none in {:?}", self.settings.connect_timeout))
            } else {
                TransportError::Stalled(self.settings.read_timeout)
            }
        } else if is_head_too_large(error) {
            TransportError::HeadTooLarge
        } else if error.is_connect() {
            if is_refused(error) { TransportError::Closed(words) } else { TransportError::Connect(words) }
        } else if error.is_builder() {
            TransportError::Unsendable(words)
        } else {
            TransportError::Broken(words)
        }
    }
}

impl Transport for HttpTransport {
    fn send(&self, request: Request) -> Answering<'_> {
        Box::pin(self.exchange(request))
    }
}

/// A header field as text. The octets of a URL that are no UTF-8 are escaped:
/// they are asked for as they are.
fn field((name, value): (&HeaderName, &HeaderValue)) -> (String, String) {
    let text = match std::str::from_utf8(value.as_bytes()) {
        Ok(text) => text.to_owned(),
        Err(_) if matches!(name.as_str(), "location" | "refresh") => {
            let escape =
                |byte: &u8| if byte.is_ascii() { char::from(*byte).to_string() } else { format!("%{byte:02X}") };
            value.as_bytes().iter().map(escape).collect()
        }
        Err(_) => String::from_utf8_lossy(value.as_bytes()).into_owned(),
    };
    (name.as_str().to_owned(), text)
}

/// Bytes of an answer's header fields by HTTP/2; hyper's own bounds for
/// HTTP/1.1 are a hundred fields and some 400 KB.
const MOST_HEAD_BYTES: u32 = 64 * 1024;

fn is_head_too_large(error: &reqwest::Error) -> bool {
    causes(error).any(|cause| cause.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_parse_too_large))
}

fn is_refused(error: &reqwest::Error) -> bool {
    let kind = |cause: &(dyn std::error::Error + 'static)| cause.downcast_ref().map(std::io::Error::kind);
    causes(error).any(|cause| kind(cause) == Some(std::io::ErrorKind::ConnectionRefused))
}

/// What lies under an error, the innermost last.
fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn std::error::Error + 'static)> {
    std::iter::successors(std::error::Error::source(error), |cause| cause.source())
}

/// The innermost reason, which says what happened; the URL is the caller's.
fn words(error: &reqwest::Error) -> String {
    let mut source: &dyn std::error::Error = error;
    while let Some(inner) = source.source() {
        source = inner;
    }
    source.to_string()
}

/// The resolver that reqwest asks: it knows only what was pinned, so that no
/// connection goes to an address that was not checked.
#[derive(Clone, Default)]
struct Pinned {
    addresses: Arc<Mutex<HashMap<String, SocketAddr>>>,
    /// Whether the system is asked about other names: those of proxies.
    asks_system: bool,
}

impl Pinned {
    fn pin(&self, host: &str, address: SocketAddr) {
        self.addresses.lock().unwrap_or_else(PoisonError::into_inner).insert(host.to_owned(), address);
    }
}

impl Resolve for Pinned {
    fn resolve(&self, name: Name) -> Resolving {
        let found = self.addresses.lock().unwrap_or_else(PoisonError::into_inner).get(name.as_str()).copied();
        let asks_system = self.asks_system;
        Box::pin(async move {
            if found.is_none() && asks_system {
                let found: Vec<_> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
                return Ok(Box::new(found.into_iter()) as Addrs);
            }
            let address = found.ok_or_else(|| format!("{} was not pinned", name.as_str()))?;
            Ok(Box::new(std::iter::once(address)) as Addrs)
        })
    }
}
