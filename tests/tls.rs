//! TLS over loopback: versions of HTTP, certificates of all kinds, and hosts
//! that speak none that we can.
#![allow(missing_docs)]
#![cfg(feature = "engine")]

mod sockets;

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair, date_time_ymd,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::{ServerConfig, crypto};

use gongkai::config::Start;
use sockets::{Reply, Server, World, moved, no_robots, page, reply};

const HOST: &str = "www.qinghe.gov.cn";
/// It says where the search ends: no sitemap is looked for.
const HOME: &str = "<title>清河县人民政府</title><meta name=robots content=nofollow><p>欢迎访问</p>";

/// What is wrong with a server's certificate, beside an issuer nobody knows.
#[derive(Clone, Copy)]
enum Flaw {
    None,
    Expired,
    NotYet,
    OtherName,
    /// It is an authority's own, signed by itself.
    SelfMade,
    /// It is one for clients.
    ForClients,
}

/// A chain of one: the issuer that would have to be sent along is not.
fn certificate(flaw: Flaw) -> (rcgen::Certificate, KeyPair) {
    let issuer_key = KeyPair::generate().unwrap();
    let mut issuer = CertificateParams::new(vec![]).unwrap();
    issuer.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let issuer = CertifiedIssuer::self_signed(issuer, issuer_key).unwrap();
    let name = if matches!(flaw, Flaw::OtherName) { "www.elsewhere.gov.cn" } else { HOST };
    let mut leaf = CertificateParams::new(vec![name.to_owned()]).unwrap();
    match flaw {
        Flaw::Expired => leaf.not_after = date_time_ymd(2015, 1, 1),
        Flaw::NotYet => leaf.not_before = date_time_ymd(2100, 1, 1),
        Flaw::SelfMade => leaf.is_ca = IsCa::Ca(BasicConstraints::Unconstrained),
        Flaw::ForClients => leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth],
        Flaw::None | Flaw::OtherName => {}
    }
    let key = KeyPair::generate().unwrap();
    if matches!(flaw, Flaw::SelfMade) {
        return (leaf.self_signed(&key).unwrap(), key);
    }
    (leaf.signed_by(&key, &issuer).unwrap(), key)
}

/// A server that speaks TLS, and HTTP/2 where the client and `protocols` agree.
struct TlsServer {
    address: SocketAddr,
    /// `PROTOCOL PATH` each.
    asked: Arc<Mutex<Vec<String>>>,
    n_connections: Arc<AtomicUsize>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for TlsServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl TlsServer {
    async fn start(last: u8, flaw: Flaw, protocols: &[&str]) -> Self {
        let listener = TcpListener::bind((std::net::Ipv4Addr::new(127, 0, 1, last), 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (certificate, key) = certificate(flaw);
        let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
        let config = ServerConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()));
        let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
        let mut config = config.with_single_cert(vec![certificate.der().clone()], key).unwrap();
        config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let (asked, n_connections) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicUsize::new(0)));
        let (log, count) = (asked.clone(), n_connections.clone());
        let task = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                let (acceptor, log) = (acceptor.clone(), log.clone());
                tokio::spawn(async move {
                    // A handshake begins with its record's type, 22.
                    let mut first_byte = [0];
                    if socket.peek(&mut first_byte).await.is_ok() && first_byte != [22] {
                        return plain(socket, &log).await;
                    }
                    let Ok(stream) = acceptor.accept(socket).await else { return };
                    if stream.get_ref().1.alpn_protocol() == Some(b"h2") {
                        second(stream, &log).await;
                    } else {
                        first(stream, &log).await;
                    }
                });
            }
        });
        Self { address, asked, n_connections, task }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

/// What is answered over TLS: status, fields and body.
fn answer(path: &str) -> (u16, String, &'static str) {
    match path {
        "/robots.txt" => (404, String::new(), "none"),
        "/back" => (302, format!("Location: http://{HOST}/back\r\n"), ""),
        _ => (200, String::new(), HOME),
    }
}

/// Without TLS, all pages have moved to it.
async fn plain(mut socket: TcpStream, log: &Mutex<Vec<String>>) {
    let Some(path) = path_of(&mut socket).await else { return };
    log.lock().unwrap().push(format!("plain {path}"));
    let Reply::Bytes(bytes) = no_robots(&path).unwrap_or_else(|| moved(&format!("https://{HOST}{path}"))) else {
        return;
    };
    let _ = socket.write_all(&bytes).await;
}

async fn path_of(stream: &mut (impl tokio::io::AsyncRead + Unpin)) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    String::from_utf8(head).unwrap().split(' ').nth(1).map(str::to_owned)
}

type Stream = tokio_rustls::server::TlsStream<TcpStream>;

async fn first(mut stream: Stream, log: &Mutex<Vec<String>>) {
    let Some(path) = path_of(&mut stream).await else { return };
    log.lock().unwrap().push(format!("1.1 {path}"));
    let (status, fields, body) = answer(&path);
    let head = format!("HTTP/1.1 {status} X\r\n{fields}Connection: close\r\nContent-Length: {}\r\n\r\n", body.len());
    let _ = stream.write_all(format!("{head}{body}").as_bytes()).await;
    let _ = stream.shutdown().await;
}

async fn second(stream: Stream, log: &Mutex<Vec<String>>) {
    let Ok(mut connection) = h2::server::handshake(stream).await else { return };
    while let Some(Ok((request, mut respond))) = connection.accept().await {
        let path = request.uri().path().to_owned();
        log.lock().unwrap().push(format!("2 {path}"));
        let (status, _, body) = answer(&path);
        let head = http::Response::builder().status(status).body(()).unwrap();
        let mut sending = respond.send_response(head, false).unwrap();
        sending.send_data(body.into(), true).unwrap();
    }
}

fn world(address: SocketAddr, relaxed: &[&str]) -> World {
    let mut world = World::of(&[(HOST, address)]).beginning_at(&[&format!("https://{HOST}/")]);
    world.crawl.relaxed_tls_hosts = relaxed.iter().map(|host| (*host).to_owned()).collect();
    world
}

#[tokio::test]
async fn http_2_is_spoken_where_the_server_offers_it() {
    for (protocols, spoken) in [(&["h2", "http/1.1"][..], "2"), (&["http/1.1"], "1.1"), (&[], "1.1")] {
        let server = TlsServer::start(60, Flaw::None, protocols).await;
        let tally = world(server.address, &[HOST]).run().await;
        assert_eq!(server.asked(), [format!("{spoken} /robots.txt"), format!("{spoken} /")], "{:?}", tally.troubles);
        assert_eq!(tally.n_pages, 1);
        // A connection each: none is kept that could lead past a gate.
        assert_eq!(server.n_connections.load(Ordering::SeqCst), 2);
    }
}

#[tokio::test]
async fn a_bad_certificate_is_named_and_the_host_is_left() {
    let cases = [
        (Flaw::None, "the certificate's chain is incomplete, or its issuer is not known"),
        (Flaw::Expired, "the certificate has expired"),
        (Flaw::NotYet, "the certificate is not valid yet"),
        (Flaw::SelfMade, "the certificate is an authority's own, such as one that the server signed itself"),
    ];
    for (flaw, words) in cases {
        let server = TlsServer::start(61, flaw, &[]).await;
        let mut world = world(server.address, &["www.elsewhere.gov.cn"]);
        let tally = world.run().await;
        assert_eq!(server.asked(), [""; 0], "{words}");
        assert_eq!(server.n_connections.load(Ordering::SeqCst), 1, "not tried again");
        let hint = "; [crawl] relaxed_tls_hosts can let it through";
        let all = format!("robots.txt is unreachable, the host is left alone: TLS failed: {words}{hint}");
        assert_eq!((tally.troubles[0].place.as_str(), tally.troubles[0].words.as_str()), (HOST, all.as_str()));
        (world.crawl.relaxed_tls_hosts, world.hours_apart) = (vec![HOST.to_owned()], 0);
        assert_eq!(world.run().await.n_pages, 1, "{words}: it is asked as soon as it may be");
    }
}

#[tokio::test]
async fn what_the_operator_lists_is_let_through_and_on_the_record() {
    let cases = [
        (Flaw::None, "the certificate's chain is incomplete, or its issuer is not known"),
        (Flaw::Expired, "the certificate has expired"),
        (Flaw::NotYet, "the certificate is not valid yet"),
        (Flaw::SelfMade, "the certificate is an authority's own, such as one that the server signed itself"),
    ];
    for (flaw, words) in cases {
        let server = TlsServer::start(62, flaw, &[]).await;
        let world = world(server.address, &["WWW.Qinghe.gov.cn"]);
        let tally = world.run().await;
        assert_eq!((tally.n_pages, tally.troubles.len()), (1, 0), "{:?}", tally.troubles);
        assert_eq!(tally.relaxed.get(HOST).map(String::as_str), Some(words));
        assert_eq!(world.archive_text().matches(&format!("WARC-Gongkai-TLS-Relaxed: {words}\r\n")).count(), 2);
    }
}

#[tokio::test]
async fn a_certificate_for_another_name_is_never_let_through() {
    let server = TlsServer::start(63, Flaw::OtherName, &[]).await;
    let tally = world(server.address, &[HOST]).run().await;
    assert_eq!(server.asked(), [""; 0]);
    assert!(
        tally.troubles[0].words.ends_with("TLS failed: the certificate is for another name"),
        "{:?}",
        tally.troubles
    );
    assert_eq!(tally.relaxed.len(), 0);
}

#[tokio::test]
async fn a_certificate_that_nothing_lets_through_says_why_and_who_can_mend_it() {
    let server = TlsServer::start(68, Flaw::ForClients, &[]).await;
    let tally = world(server.address, &[HOST]).run().await;
    assert_eq!(server.asked(), [""; 0]);
    let words = &tally.troubles[0].words;
    assert!(words.contains("TLS failed: the certificate is not acceptable ("), "{words}");
    assert!(words.ends_with("): only the portal can mend that"), "{words}");
}

#[tokio::test]
async fn tls_of_another_decade_is_named() {
    // Records by hand: an alert of TLS 1.0, "protocol version" and "handshake
    // failure"; a ServerHello of TLS 1.0; and what is no TLS at all.
    let alert = |code: u8| vec![21, 3, 1, 0, 2, 2, code];
    let mut hello = vec![22, 3, 1, 0, 42, 2, 0, 0, 38, 3, 1];
    hello.extend([7; 32]);
    hello.extend([0, 0, 47, 0]);
    let old = "TLS failed: the server has only TLS 1.0 or 1.1, or ciphers of that time";
    let cases = [
        (alert(70), old),
        (alert(40), old),
        (hello, old),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec(), "TLS failed: the server's TLS cannot be understood"),
    ];
    for (bytes, words) in cases {
        let server = Server::start(64, move |_| Reply::Bytes(bytes.clone())).await;
        let mut world = world(server.address, &[HOST]);
        world.starts_at = Start::Named;
        let tally = world.run().await;
        assert_eq!(server.n_connections_before_now().await, 1, "not tried again");
        assert!(tally.troubles[0].words.ends_with(words), "{:?}", tally.troubles);
    }
}

#[tokio::test]
async fn a_home_page_where_no_tls_is_spoken_is_asked_for_in_plain_http() {
    let server = Server::start(67, |path| match path {
        "/robots.txt" => reply("404 Not Found", "", b"none"),
        "/" => page(HOME),
        _ => Reply::Bytes(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec()),
    })
    .await;
    let tally = world(server.address, &[HOST]).run().await;
    assert_eq!(server.asked()[1..], ["/robots.txt", "/"], "once in TLS, then without");
    assert_eq!((tally.n_pages, tally.troubles.len()), (1, 0), "{:?}", tally.troubles);
}

#[tokio::test]
async fn a_page_that_moved_to_the_other_scheme_is_asked_for_there() {
    let server = TlsServer::start(65, Flaw::None, &["h2"]).await;
    let mut world = world(server.address, &[HOST]);
    world.portals[0].1 = format!("http://{HOST}/");
    for run in 1..=2 {
        let tally = world.run().await;
        assert_eq!((tally.n_pages > 0, tally.troubles.len()), (true, 0), "{:?}", tally.troubles);
        assert_eq!(server.asked().iter().filter(|asked| *asked == "2 /").count(), run, "in each run");
    }
    assert_eq!(server.asked(), ["plain /robots.txt", "plain /", "2 /", "2 /"], "it is known where it moved");
    let page = world.archived(&format!("http://{HOST}/")).unwrap();
    assert_eq!(page.final_url.unwrap().as_str(), format!("https://{HOST}/"));
}

#[tokio::test]
async fn a_page_that_goes_from_scheme_to_scheme_is_a_circle() {
    let server = TlsServer::start(66, Flaw::None, &[]).await;
    let mut world = world(server.address, &[HOST]);
    world.portals[0].1 = format!("http://{HOST}/back");
    let tally = world.run().await;
    assert_eq!(server.asked(), ["plain /robots.txt", "plain /back", "1.1 /back"]);
    assert_eq!(tally.troubles[0].words, format!("a redirect loop: back to http://{HOST}/back"));
}
