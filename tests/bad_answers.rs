//! Servers that answer badly, or not: every run ends, says what was wrong, and
//! the other portals of the run come home.
#![allow(missing_docs)]
#![cfg(feature = "engine")]

mod sockets;

use gongkai::config::{Crawl, Start};
use gongkai::crawl::engine::Tally;
use gongkai::crawl::frontier::PortalId;

use sockets::{Reply, Server, World, moved, no_robots, pack, page, reply};

const MAX_BODY: u64 = 64 * 1024;
const MAX_REDIRECTS: u8 = 3;
const MAX_ATTEMPTS: u32 = 2;
/// No answer that comes takes as long, on any machine.
const LONG_MS: u64 = 60_000;
/// For servers that never come to an end.
const SHORT_MS: u64 = 1000;
const PORTAL: &str = "www.bad.gov.cn";
const NEIGHBOUR: &str = "www.good.gov.cn";

/// Crawls the server's portal beside one that answers well.
async fn run(server: &Server) -> Tally {
    run_within(server, LONG_MS).await
}

async fn run_within(server: &Server, total_timeout_ms: u64) -> Tally {
    let good = |path: &str| match path {
        "/" => page("<title>政府</title><p>欢迎</p>"),
        _ => reply("404 Not Found", "", b"none"),
    };
    let neighbour = Server::start(100, good).await;
    let mut world = World::of(&[(PORTAL, server.address), (NEIGHBOUR, neighbour.address)]);
    world.crawl = Crawl {
        total_timeout_ms,
        max_body_bytes: MAX_BODY,
        max_redirects: MAX_REDIRECTS,
        max_attempts: MAX_ATTEMPTS,
        ..world.crawl
    };
    let tally = world.run().await;
    let good = &tally.portals[&PortalId::from(NEIGHBOUR)];
    assert_eq!((good.n_pages, good.n_failed, good.last_trouble.as_deref()), (1, 0, None));
    // A home page without links has its sitemap looked for; that there is none
    // is no trouble.
    assert_eq!(neighbour.asked(), ["/robots.txt", "/", "/sitemap.xml"]);
    tally
}

/// Crawls a server that says nothing against robots: what it was asked, and
/// what the run said of it.
async fn crawled(last: u8, replies: impl Fn(&str) -> Reply + Send + Sync + 'static) -> (Vec<String>, Tally) {
    crawled_within(LONG_MS, last, replies).await
}

async fn crawled_within(
    total_timeout_ms: u64,
    last: u8,
    replies: impl Fn(&str) -> Reply + Send + Sync + 'static,
) -> (Vec<String>, Tally) {
    let server = Server::start(last, move |path| no_robots(path).unwrap_or_else(|| replies(path))).await;
    let tally = run_within(&server, total_timeout_ms).await;
    (server.asked(), tally)
}

fn last_trouble(tally: &Tally) -> &str {
    tally.portals[&PortalId::from(PORTAL)].last_trouble.as_deref().unwrap_or_default()
}

fn n(tally: &Tally, outcome: &str) -> u64 {
    tally.outcomes.get(outcome).copied().unwrap_or_default()
}

#[tokio::test]
async fn a_redirect_loop_is_left() {
    let (asked, tally) = crawled(11, |path| moved(if path == "/" { "/a" } else { "/" })).await;
    assert_eq!(asked, ["/robots.txt", "/", "/a"]);
    assert_eq!(n(&tally, "a redirect loop"), 1, "{:?}", tally.outcomes);
    assert_eq!(last_trouble(&tally), "a redirect loop: back to http://www.bad.gov.cn/");
}

#[tokio::test]
async fn a_redirect_to_itself_is_left() {
    let (asked, tally) = crawled(12, |_| moved("/")).await;
    assert_eq!(asked, ["/robots.txt", "/"]);
    assert_eq!(n(&tally, "a redirect loop"), 1, "{:?}", tally.outcomes);
}

#[tokio::test]
async fn redirects_without_an_end_are_followed_a_few_times() {
    let (asked, tally) = crawled(13, |path| moved(&format!("{path}x"))).await;
    assert_eq!(asked, ["/robots.txt", "/", "/x", "/xx", "/xxx"]);
    assert_eq!(asked.len(), 2 + usize::from(MAX_REDIRECTS));
    assert_eq!(n(&tally, "too many redirects"), 1, "{:?}", tally.outcomes);
}

#[tokio::test]
async fn a_server_that_never_answers_is_asked_as_often_as_the_settings_say() {
    let (asked, tally) = crawled_within(SHORT_MS, 14, |_| Reply::Silence).await;
    assert_eq!(asked, ["/robots.txt", "/", "/"]);
    assert_eq!(n(&tally, "no whole answer in 1s"), u64::from(MAX_ATTEMPTS), "{:?}", tally.outcomes);
    assert_eq!(tally.n_failed, 1);
}

#[tokio::test]
async fn the_time_that_ran_out_is_named() {
    let half = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n<p>half";
    for start in [&half[..0], half] {
        // The server goes on to say nothing, until the client leaves.
        let start = start.to_vec();
        let replies = move |path: &str| no_robots(path).unwrap_or_else(|| Reply::Stall(start.clone()));
        let server = Server::start(34, replies).await;
        let mut world = World::of(&[(PORTAL, server.address)]);
        world.crawl.read_timeout_ms = SHORT_MS;
        world.crawl.max_attempts = MAX_ATTEMPTS;
        let tally = world.run().await;
        assert_eq!(n(&tally, "nothing came for 1s"), u64::from(MAX_ATTEMPTS), "{:?}", tally.outcomes);
    }
    // A handshake that is not answered is no connection.
    let server = Server::start(34, |_| Reply::Stall(vec![])).await;
    let mut world = World::of(&[(PORTAL, server.address)]).beginning_at(&[&format!("https://{PORTAL}/")]);
    world.crawl.connect_timeout_ms = SHORT_MS;
    // A home page would be asked for in plain HTTP next.
    world.starts_at = Start::Named;
    let tally = world.run().await;
    assert!(tally.troubles[0].words.ends_with("no connection: none in 1s"), "{:?}", tally.troubles);
}

#[tokio::test]
async fn a_body_without_an_end_is_cut_off() {
    let (asked, tally) = crawled(15, |_| Reply::Endless("<p>")).await;
    assert_eq!(asked, ["/robots.txt", "/"]);
    assert_eq!(n(&tally, "the body is larger than 65536 bytes"), 1, "{:?}", tally.outcomes);
}

#[tokio::test]
async fn a_robots_txt_without_an_end_is_read_as_far_as_its_first_500_kib() {
    let server = Server::start(27, |_| Reply::Endless("User-agent: *\nDisallow: /\n")).await;
    let tally = run(&server).await;
    assert_eq!(server.asked(), ["/robots.txt"]);
    assert_eq!(last_trouble(&tally), "robots.txt forbids it: line 2, Disallow: /");
}

/// Eight million bytes of nothing, packed.
fn bomb(coding: &str) -> Vec<u8> {
    pack(coding, &vec![b'a'; 8 * 1024 * 1024])
}

#[tokio::test]
async fn a_bomb_does_not_go_off() {
    for coding in ["gzip", "x-gzip", "deflate", "deflate without zlib", "br", "zstd"] {
        let bomb = bomb(coding);
        assert!((bomb.len() as u64) < MAX_BODY, "only what comes out is too large");
        let field = format!("Content-Encoding: {}\r\n", coding.split(' ').next().unwrap_or_default());
        let (asked, tally) = crawled(16, move |_| reply("200 OK", &field, &bomb)).await;
        assert_eq!(asked, ["/robots.txt", "/"], "{coding}");
        assert_eq!(n(&tally, "the body is larger than 65536 bytes"), 1, "{coding} {:?}", tally.outcomes);
    }
}

#[tokio::test]
async fn a_coding_that_was_not_asked_for_is_no_page() {
    for coding in ["compress", "gzip, gzip", "aes128gcm"] {
        let field = format!("Content-Encoding: {coding}\r\n");
        let (asked, tally) = crawled(28, move |_| reply("200 OK", &field, b"<p>x</p>")).await;
        assert_eq!(asked, ["/robots.txt", "/"], "{coding}");
        let words = format!("the body is coded in a way that is not known: {coding}");
        assert_eq!(last_trouble(&tally), words);
    }
}

#[tokio::test]
async fn a_body_that_is_not_in_its_coding_is_no_page() {
    for coding in ["gzip", "x-gzip", "deflate", "br", "zstd"] {
        let field = format!("Content-Encoding: {coding}\r\n");
        let (_, tally) = crawled(29, move |_| reply("200 OK", &field, b"<p>no such thing</p>")).await;
        assert_eq!(n(&tally, "the answer broke"), u64::from(MAX_ATTEMPTS), "{coding} {:?}", tally.outcomes);
    }
}

#[tokio::test]
async fn header_fields_without_an_end_are_cut_off() {
    let status = b"HTTP/1.1 200 OK\r\n".to_vec();
    let cases = [
        (status.clone(), b"X-Field: and another\r\n".to_vec()),
        ([&status[..], b"X-Field: "].concat(), vec![b'a'; 4096]),
        ([&status[..], b"X-"].concat(), vec![b'a'; 4096]),
    ];
    for (start, again) in cases {
        let (asked, tally) = crawled(30, move |_| Reply::Repeat(start.clone(), again.clone())).await;
        assert_eq!(asked, ["/robots.txt", "/"]);
        assert_eq!(n(&tally, "the head of the answer is too large"), 1, "{:?}", tally.outcomes);
    }
}

#[tokio::test]
async fn an_answer_that_drips_is_not_waited_for() {
    for bytes in [&b"HTTP/1.1 200 OK\r\nX-Y: z\r\n"[..], b"HTTP"] {
        let (asked, tally) = crawled_within(SHORT_MS, 31, move |_| Reply::Drip(bytes)).await;
        assert_eq!(asked, ["/robots.txt", "/", "/"]);
        let n_late = n(&tally, "no whole answer in 1s") + n(&tally, "the answer broke");
        assert_eq!(n_late, u64::from(MAX_ATTEMPTS), "{:?}", tally.outcomes);
    }
}

#[tokio::test]
async fn lengths_and_chunks_that_are_wrong_are_no_page() {
    let answers = [
        "Content-Length: 1000\r\n\r\n<p>short",
        "Content-Length: 5\r\nContent-Length: 6\r\n\r\n<p>two",
        "Content-Length: many\r\n\r\n<p>no number",
        "Content-Length: -5\r\n\r\n<p>negative",
        "Transfer-Encoding: chunked\r\n\r\nZZ\r\n<p>no size\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n5\r\n<p>ha",
        "Transfer-Encoding: chunked\r\n\r\n5\r\n<p>ab\r\n",
        "Transfer-Encoding: chunked\r\n\r\n5\r\n<p>abcdefgh\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n<p>",
        "Bad Field\r\n\r\n<p>x",
    ];
    for answer in answers {
        let bytes = format!("HTTP/1.1 200 OK\r\nConnection: close\r\n{answer}").into_bytes();
        let (asked, tally) = crawled(32, move |_| Reply::Bytes(bytes.clone())).await;
        assert_eq!(asked, ["/robots.txt", "/", "/"], "{answer}");
        assert_eq!(n(&tally, "the answer broke"), u64::from(MAX_ATTEMPTS), "{answer} {:?}", tally.outcomes);
        assert_eq!((tally.n_pages, tally.n_failed), (1, 1), "the neighbour's page alone");
    }
}

#[tokio::test]
async fn what_stands_behind_the_length_is_not_the_page() {
    let bytes = b"HTTP/1.1 200 OK\r\nX-Robots-Tag: nofollow\r\nContent-Length: 9\r\nConnection: close\r\n\r\n\
                  <p>ok</p>smuggled"
        .to_vec();
    let (asked, tally) = crawled(33, move |_| Reply::Bytes(bytes.clone())).await;
    assert_eq!(asked, ["/robots.txt", "/"]);
    assert_eq!((tally.n_pages, tally.n_failed), (2, 0));
    assert_eq!(tally.portals[&PortalId::from(PORTAL)].n_bytes, 9);
}

#[tokio::test]
async fn half_an_answer_is_no_page() {
    let half = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n<p>half".to_vec();
    let (asked, tally) = crawled(17, move |_| Reply::Bytes(half.clone())).await;
    assert_eq!(asked, ["/robots.txt", "/", "/"]);
    assert_eq!(n(&tally, "the answer broke"), u64::from(MAX_ATTEMPTS), "{:?}", tally.outcomes);
    assert_eq!((tally.n_pages, tally.n_failed), (1, 1), "the neighbour's page alone");
}

#[tokio::test]
async fn an_empty_reply_is_no_page() {
    let (asked, tally) = crawled(18, |_| Reply::Bytes(vec![])).await;
    assert_eq!(asked, ["/robots.txt", "/", "/"]);
    assert_eq!(n(&tally, "the answer broke"), u64::from(MAX_ATTEMPTS), "{:?}", tally.outcomes);
}

#[tokio::test]
async fn an_answer_that_is_no_http_is_no_page() {
    let (_, tally) = crawled(19, |_| Reply::Bytes(b"\x00\x01\x02 hello\r\n\r\n".to_vec())).await;
    assert_eq!(n(&tally, "the answer broke"), u64::from(MAX_ATTEMPTS), "{:?}", tally.outcomes);
}

#[tokio::test]
async fn what_the_server_refuses_is_not_asked_again() {
    let cases = [
        (20, "404 Not Found", "gone", "gone: status 404"),
        (21, "403 Forbidden", "block", "block: status 403"),
        (22, "521 Blocked", "challenge", "challenge: status 521"),
    ];
    for (last, status, outcome, words) in cases {
        let (asked, tally) = crawled(last, move |_| reply(status, "", b"<p>no</p>")).await;
        assert_eq!(asked, ["/robots.txt", "/"], "{status}");
        assert_eq!(n(&tally, outcome), 1, "{:?}", tally.outcomes);
        assert_eq!(last_trouble(&tally), words);
    }
}

#[tokio::test]
async fn a_redirect_into_a_private_network_opens_no_socket() {
    let private = Server::start(200, |_| reply("200 OK", "", b"secret")).await;
    let to = format!("http://{}/secret", private.address);
    let (asked, tally) = crawled(23, move |_| moved(&to)).await;
    assert_eq!(asked, ["/robots.txt", "/"]);
    assert_eq!(private.n_connections_before_now().await, 0, "not even robots.txt was asked for");
    assert_eq!(n(&tally, "the address 127.0.1.200 is refused"), 1, "{:?}", tally.outcomes);
    assert_eq!(
        last_trouble(&tally),
        "the address 127.0.1.200 is refused: a loopback address; [crawl] allow_addresses can permit it"
    );
}

#[tokio::test]
async fn without_robots_txt_nothing_is_asked() {
    type Replies = fn(&str) -> Reply;
    let replies: [(u8, Replies); 3] = [
        (24, |_| reply("500 Internal Server Error", "", b"")),
        (25, |_| Reply::Silence),
        (26, |_| Reply::Bytes(vec![])),
    ];
    for (last, replies) in replies {
        let server = Server::start(last, replies).await;
        let tally = run_within(&server, SHORT_MS).await;
        assert_eq!(server.asked(), ["/robots.txt"; MAX_ATTEMPTS as usize], "as often as a page");
        assert!(last_trouble(&tally).starts_with("robots.txt is unreachable, the host is left alone: "));
        assert_eq!(tally.waiting, [(PortalId::from(PORTAL), 1)], "the next run tries again");
    }
}
