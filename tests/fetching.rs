//! What real servers do that is not wrong, but must be understood: redirects
//! of all kinds, cookies, names and addresses in all spellings, what pages ask
//! of robots, and walls.
#![allow(missing_docs)]
#![cfg(feature = "engine")]

mod sockets;

use std::net::Ipv6Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use gongkai::crawl::engine::Tally;
use gongkai::crawl::frontier::UrlState;
use gongkai::crawl::page_rules::ObeyPages;

use sockets::{Asked, Reply, Server, World, moved, no_robots, pack, page, reply};

const HOST: &str = "www.qinghe.gov.cn";
const OTHER: &str = "www.linhe.gov.cn";
/// It says where the search ends: no sitemap is looked for.
const HOME: &str = "<title>清河县人民政府</title><meta name=robots content=nofollow><p>欢迎访问</p>";

const LISTS: &str = "<p>欢迎访问</p><a href='/gk/'>政府信息公开年报</a>";

/// A server without rules for robots.
async fn server(last: u8, replies: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Server {
    let address = std::net::Ipv4Addr::new(127, 0, 1, last);
    Server::at(address.into(), move |asked| no_robots(&asked.path).unwrap_or_else(|| replies(asked))).await
}

fn pages_of(server: &Server) -> Vec<String> {
    server.asked().into_iter().filter(|path| path != "/robots.txt").collect()
}

fn troubles(tally: &Tally) -> Vec<String> {
    tally.troubles.iter().map(|trouble| format!("{} {}", trouble.place, trouble.words)).collect()
}

#[tokio::test]
async fn a_circle_that_does_not_come_back_to_its_beginning_is_one() {
    let server = server(40, |asked| match asked.path.as_str() {
        "/b" => moved("/c"),
        // The home page, and what "/b" leads to.
        _ => moved("/b"),
    })
    .await;
    let world = World::of(&[(HOST, server.address)]);
    let tally = world.run().await;
    assert_eq!(pages_of(&server), ["/", "/b", "/c"]);
    let words = [format!("http://{HOST}/c a redirect loop: back to http://{HOST}/b")];
    assert_eq!(troubles(&tally), words);
}

#[tokio::test]
async fn a_way_that_was_gone_before_is_no_circle() {
    let server = server(41, |asked| match asked.path.as_str() {
        "/" => moved("/b"),
        "/b" => moved("/c"),
        _ => page(HOME),
    })
    .await;
    let world = World::of(&[(HOST, server.address)]);
    for _ in 0..3 {
        let tally = world.run().await;
        assert_eq!(troubles(&tally), [""; 0]);
    }
    assert_eq!(pages_of(&server).len(), 9, "each of them in each run");
    let home = format!("http://{HOST}/c");
    assert_eq!(world.seen(&home).unwrap().state, UrlState::Visited);
    assert_eq!(world.archived(&home).unwrap().requested_url.unwrap().as_str(), format!("http://{HOST}/"));
}

#[tokio::test]
async fn a_redirect_to_another_host_is_asked_for_there_past_its_own_rules() {
    let target = Server::start(43, |path| match path {
        "/robots.txt" => page("User-agent: *\nDisallow: /closed"),
        _ => page(HOME),
    })
    .await;
    let server = server(42, |asked| match asked.path.as_str() {
        "/" => moved(&format!("http://{OTHER}/open")),
        _ => moved(&format!("http://{OTHER}/closed")),
    })
    .await;
    let world = World::of(&[(HOST, server.address), (OTHER, target.address)]);
    let world = world.beginning_at(&[&format!("http://{HOST}/"), &format!("http://{HOST}/2")]);
    let tally = world.run().await;
    assert_eq!(target.asked(), ["/robots.txt", "/open"]);
    assert_eq!(tally.outcomes["robots.txt forbids it"], 1);
    assert!(world.archived(&format!("http://{OTHER}/open")).is_some());
}

#[tokio::test]
async fn redirects_to_what_is_no_web_address_are_left() {
    let server = server(44, |asked| moved(asked.path.strip_prefix("/?").unwrap_or("ftp://a.gov.cn/"))).await;
    let targets = ["ftp://a.gov.cn/", "file:///etc/passwd", "javascript:alert(1)", "data:text/html,x", "http://", "//"];
    let urls: Vec<_> = targets.iter().map(|to| format!("http://{HOST}/?{to}")).collect();
    let world = World::of(&[(HOST, server.address)]);
    let world = world.beginning_at(&urls.iter().map(String::as_str).collect::<Vec<_>>());
    let tally = world.run().await;
    assert_eq!(pages_of(&server).len(), targets.len());
    assert_eq!(tally.outcomes["a redirect to no web address"], targets.len() as u64, "{:?}", tally.outcomes);
}

#[tokio::test]
async fn the_same_document_under_another_spelling_is_not_lost() {
    // A session in the path is no other document: its key is the same.
    let server = server(45, |asked| match asked.path.as_str() {
        "/" => moved("/;jsessionid=7"),
        _ => page(HOME),
    })
    .await;
    let world = World::of(&[(HOST, server.address)]);
    let tally = world.run().await;
    assert_eq!((tally.n_pages, troubles(&tally).len()), (1, 0), "{:?}", tally.outcomes);
    assert_eq!(pages_of(&server), ["/", "/;jsessionid=7"]);
    assert!(world.archived(&format!("http://{HOST}/")).is_some());
}

#[tokio::test]
async fn a_portal_that_answers_only_with_its_cookie_gets_it_back_and_nobody_else_does() {
    let server = server(46, |asked| match (asked.path.as_str(), asked.header("cookie")) {
        ("/" | "/in", Some("sid=7")) => {
            page(&format!("<p>欢迎访问</p><a href='http://{OTHER}/gkml'>政府信息公开年报</a>"))
        }
        ("/", None) => reply("302 Found", "Set-Cookie: sid=7; Path=/; Domain=gov.cn\r\nLocation: /in\r\n", b""),
        ("/in", None) => moved("/"),
        _ => reply("400 Bad Request", "", b"another cookie"),
    })
    .await;
    let log = Arc::new(std::sync::Mutex::new(Vec::new()));
    let cookies = log.clone();
    let other = Server::at([127, 0, 1, 48].into(), move |asked| {
        cookies.lock().unwrap().push(asked.header("cookie").map(str::to_owned));
        no_robots(&asked.path).unwrap_or_else(|| page(HOME))
    })
    .await;
    let world = World::of(&[(HOST, server.address), (OTHER, other.address)]);
    let world = world.beginning_at(&[&format!("http://{HOST}/")]);
    let tally = world.run().await;
    assert_eq!(pages_of(&server), ["/", "/in", "/"], "{:?}", tally.outcomes);
    assert_eq!(troubles(&tally), [""; 0]);
    assert_eq!(pages_of(&other), ["/gkml"]);
    assert_eq!(*log.lock().unwrap(), [None, None], "another host sees none of it");
}

#[tokio::test]
async fn a_cookie_that_changes_nothing_is_tried_once() {
    let server = server(49, |_| reply("302 Found", "Set-Cookie: a=1; Path=/\r\nLocation: /\r\n", b"")).await;
    let tally = World::of(&[(HOST, server.address)]).run().await;
    assert_eq!(pages_of(&server), ["/", "/"]);
    assert_eq!(troubles(&tally), [format!("http://{HOST}/ a redirect loop: back to http://{HOST}/")]);
}

#[tokio::test]
async fn an_empty_page_that_asks_for_itself_again_gets_its_cookie_back_once() {
    let empty = "<meta http-equiv=refresh content=0>";
    let cookie = "Content-Type: text/html\r\nSet-Cookie: tk=77; Path=/\r\n";
    for (last, wanted, asked, trouble) in [
        (60, "tk=77", vec!["/", "/"], vec![]),
        // Whatever comes back does not help: that is the end.
        (61, "never", vec!["/", "/"], vec![format!("http://{HOST}/ a redirect loop: back to http://{HOST}/")]),
    ] {
        let server = server(last, move |asked| match asked.header("cookie") {
            Some(sent) if sent == wanted => page(HOME),
            _ => reply("200 OK", cookie, empty.as_bytes()),
        })
        .await;
        let tally = World::of(&[(HOST, server.address)]).run().await;
        assert_eq!(pages_of(&server), asked);
        assert_eq!(troubles(&tally), trouble);
    }
}

#[tokio::test]
async fn a_cookie_that_is_not_needed_is_not_sent() {
    let sent = Arc::new(AtomicUsize::new(0));
    let count = sent.clone();
    let server = server(58, move |asked| {
        count.fetch_add(usize::from(asked.header("cookie").is_some()), Ordering::SeqCst);
        let wall = "Set-Cookie: wall=1; Path=/\r\n";
        match asked.path.as_str() {
            "/" => reply("302 Found", "Set-Cookie: sid=7; Path=/\r\nLocation: /home\r\n", b""),
            "/wall" => reply("403 Forbidden", wall, b""),
            _ => page(HOME),
        }
    })
    .await;
    let urls = ["/", "/wall", "/2"].map(|path| format!("http://{HOST}{path}"));
    let world = World::of(&[(HOST, server.address)]).beginning_at(&urls.each_ref().map(String::as_str));
    world.run().await;
    assert_eq!(pages_of(&server).len(), 4);
    assert_eq!(sent.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn the_page_of_a_link_is_told_to_its_own_site_alone() {
    let log = Arc::new(std::sync::Mutex::new(Vec::new()));
    let told = log.clone();
    let note = move |asked: &Asked| {
        told.lock().unwrap().push(format!("{} {}", asked.path, asked.header("referer").unwrap_or("nothing")));
    };
    let noted = note.clone();
    let other = Server::at([127, 0, 1, 63].into(), move |asked| {
        noted(asked);
        no_robots(&asked.path).unwrap_or_else(|| page(HOME))
    })
    .await;
    let server = server(62, move |asked| {
        note(asked);
        match asked.path.as_str() {
            "/" => page(&format!("{LISTS}<a href='http://{OTHER}/a/'>政府信息公开年报</a>")),
            "/gk/" => moved("/nb/"),
            _ => page(HOME),
        }
    })
    .await;
    let world = World::of(&[(HOST, server.address), (OTHER, other.address)]);
    world.beginning_at(&[&format!("http://{HOST}/")]).run().await;
    let mut told = log.lock().unwrap().clone();
    told.sort();
    let home = format!("http://{HOST}/");
    let expected = [
        "/ nothing".to_owned(),
        "/a/ nothing".to_owned(),
        format!("/gk/ {home}"),
        "/nb/ nothing".to_owned(),
        "/robots.txt nothing".to_owned(),
    ];
    assert_eq!(told, expected);
}

#[tokio::test]
async fn a_page_that_moves_with_every_visit_is_found_each_time() {
    // A new session for each run, in the path: more moves than one run follows.
    let session = Arc::new(AtomicUsize::new(0));
    let current = session.clone();
    let server = server(59, move |asked| {
        let here = format!("/;jsessionid={}", current.load(Ordering::SeqCst));
        if asked.path == here { page(&format!("{HOME}{here}")) } else { moved(&here) }
    })
    .await;
    let mut world = World::of(&[(HOST, server.address)]);
    world.crawl.max_redirects = 2;
    for run in 1..=5 {
        session.store(run, Ordering::SeqCst);
        let tally = world.run().await;
        assert_eq!((tally.n_new_payloads, troubles(&tally)), (1, vec![]), "run {run}");
    }
}

#[tokio::test]
async fn walls_are_named_and_left() {
    let script = "<script>document.cookie='jsl=1';location.href=location.pathname</script>";
    let walls = [
        ("403 Forbidden", "<p>no</p>", "block: status 403"),
        ("521 Blocked", script, "challenge: status 521, a script sets a cookie and asks again"),
        ("412 Precondition Failed", "<p>412</p>", "challenge: status 412"),
        ("200 OK", script, "challenge: a script sets a cookie and asks again"),
        ("200 OK", "<p>请完成安全验证</p>", "captcha: the page asks for a person (安全验证)"),
        ("200 OK", "<p>请登录</p><input type=password>", "login: the page asks for an account (登录)"),
        ("401 Unauthorized", "", "login: status 401"),
    ];
    for (status, body, words) in walls {
        let fields = "Set-Cookie: wall=1; Path=/\r\nContent-Type: text/html; charset=utf-8\r\n";
        let server = server(50, move |_| reply(status, fields, body.as_bytes())).await;
        let world = World::of(&[(HOST, server.address)]);
        let tally = world.run().await;
        assert_eq!(pages_of(&server), ["/"], "{words}: not asked again");
        assert_eq!(troubles(&tally), [format!("http://{HOST}/ {words}")]);
        let seen = world.seen(&format!("http://{HOST}/")).unwrap();
        assert_eq!((seen.state, seen.last_words.as_deref()), (UrlState::Refused, Some(words)));
        assert!(world.archive_text().contains(body), "what it said is archived");
        world.run().await;
        assert_eq!(pages_of(&server), ["/"], "{words}: not by the next run either");
    }
}

#[tokio::test]
async fn pages_that_lead_elsewhere_are_followed_as_browsers_do() {
    let server = server(51, |asked| match asked.path.as_str() {
        "/" => page("<base href='/x/'><META CONTENT='0; URL=\"a.html\"' HTTP-EQUIV=refresh>"),
        "/x/a.html" => page("<script>window.location.href = 'b.html';</script>"),
        "/x/b.html" => reply("200 OK", "Refresh: 0; url=c.html\r\n", b"<p>moved</p>"),
        _ => page(HOME),
    })
    .await;
    let tally = World::of(&[(HOST, server.address)]).run().await;
    assert_eq!(pages_of(&server), ["/", "/x/a.html", "/x/b.html", "/x/c.html"]);
    assert_eq!(troubles(&tally), [""; 0]);
}

#[tokio::test]
async fn octets_of_other_encodings_are_asked_for_as_they_are() {
    // "公" in GBK: raw in a redirect, in a link's query and in a script's.
    let location =
        [&b"HTTP/1.1 302 Found\r\nConnection: close\r\nContent-Length: 0\r\nLocation: /\xb9\xab\r\n\r\n"[..]].concat();
    let link = "<meta charset=gbk><p>政府信息公开</p><a href='/l?k=公'>政府信息公开年报</a>";
    let (link, _, _) = encoding_rs::GBK.encode(link);
    let script = "<meta charset=gbk><script>location='/s?k=公'</script>";
    let (script, _, _) = encoding_rs::GBK.encode(script);
    let (link, script) = (link.into_owned(), script.into_owned());
    let server = server(52, move |asked| match asked.path.as_str() {
        "/" => Reply::Bytes(location.clone()),
        "/%B9%AB" => reply("200 OK", "Content-Type: text/html\r\n", &link),
        "/l?k=%B9%AB" => reply("200 OK", "Content-Type: text/html\r\n", &script),
        _ => page(HOME),
    })
    .await;
    World::of(&[(HOST, server.address)]).run().await;
    assert_eq!(pages_of(&server), ["/", "/%B9%AB", "/l?k=%B9%AB", "/s?k=%B9%AB"]);
}

#[tokio::test]
async fn names_in_chinese_and_bare_addresses_of_both_versions_are_asked() {
    let named = server(53, |_| page(HOME)).await;
    let bare = server(54, |_| page(HOME)).await;
    let sixth =
        Server::at(Ipv6Addr::LOCALHOST.into(), |asked| no_robots(&asked.path).unwrap_or_else(|| page(HOME))).await;
    let world = World::of(&[("xn--zfr164b.cn", named.address)]).beginning_at(&[
        "http://政务.cn/",
        "http://政务。cn/2#top",
        &format!("http://{}/", bare.address),
        &format!("http://{}/", sixth.address),
    ]);
    let tally = world.run().await;
    assert_eq!(pages_of(&named), ["/", "/2"], "{:?}", tally.troubles);
    assert_eq!((pages_of(&bare), pages_of(&sixth)), (vec!["/".to_owned()], vec!["/".to_owned()]));
}

#[tokio::test]
async fn what_a_page_asks_of_robots_is_obeyed_as_configured() {
    let cases = [
        (ObeyPages::Nofollow, "", "<meta name=robots content=nofollow>", 1, "nofollow"),
        (ObeyPages::Nofollow, "X-Robots-Tag: gongkai: nofollow\r\n", "", 1, "nofollow"),
        (ObeyPages::Nofollow, "X-Robots-Tag: otherbot: nofollow\r\n", "", 2, "no report"),
        (ObeyPages::Nofollow, "", "<meta name=robots content=noindex>", 2, "no report"),
        (ObeyPages::All, "", "<meta name=robots content=noindex>", 2, "noindex"),
        (ObeyPages::All, "", "<meta name=robots content=none>", 1, "noindex"),
        (ObeyPages::Nothing, "X-Robots-Tag: none\r\n", "<meta name=robots content=none>", 2, "no report"),
    ];
    for (obey, field, meta, n_pages, outcome) in cases {
        let body = format!("{meta}<p>政府信息公开</p><a href='/xxgknb/'>政府信息公开年报</a>");
        let server = server(55, move |asked| match asked.path.as_str() {
            "/" => reply("200 OK", &format!("Content-Type: text/html; charset=utf-8\r\n{field}"), body.as_bytes()),
            _ => page("<p>年报</p>"),
        })
        .await;
        let mut world = World::of(&[(HOST, server.address)]);
        world.crawl.obey_pages = obey;
        let tally = world.run().await;
        assert_eq!(pages_of(&server).len(), n_pages, "{obey:?} {field} {meta}");
        assert!(tally.outcomes.contains_key(outcome), "{:?}", tally.outcomes);
    }
}

#[tokio::test]
async fn every_content_coding_is_taken_off() {
    for coding in ["gzip", "x-gzip", "deflate", "deflate without zlib", "br", "zstd"] {
        let server = server(56, move |asked| {
            let accepted = asked.header("accept-encoding").unwrap_or_default();
            let name = coding.split(' ').next().unwrap_or_default();
            assert!(accepted.contains(name.trim_start_matches("x-")), "{accepted}");
            let fields = format!("Content-Encoding: {name}\r\nContent-Type: text/html; charset=utf-8\r\n");
            reply("200 OK", &fields, &pack(coding, HOME.as_bytes()))
        })
        .await;
        let world = World::of(&[(HOST, server.address)]);
        let tally = world.run().await;
        assert_eq!(tally.troubles, [], "{coding}");
        assert_eq!(world.archived(&format!("http://{HOST}/")).unwrap().body, HOME.as_bytes(), "{coding}");
    }
}

#[tokio::test]
async fn a_name_that_is_not_found_is_looked_up_again_by_the_next_night() {
    let server = server(57, |_| page(HOME)).await;
    let world = World::of(&[(HOST, server.address)]).beginning_at(&["http://www.nowhere.gov.cn/"]);
    let tally = world.run().await;
    let words = "the name www.nowhere.gov.cn was not resolved: it is not one of the fixed names";
    assert_eq!(troubles(&tally), [format!("http://www.nowhere.gov.cn/ {words}")]);
    let seen = world.seen("http://www.nowhere.gov.cn/").unwrap();
    assert_eq!(seen.state, UrlState::Failed);
    let hours = seen.due_at.duration_since(seen.last_seen.unwrap()).as_hours();
    assert!((12..24).contains(&hours), "{hours}");
}
