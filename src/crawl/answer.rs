//! What an answer means: keep, follow, retry, leave.

use std::time::Duration;

use jiff::Timestamp;
use url::Url;

use super::address::join;
use super::shape::Shape;
pub use super::shape::Wall;
use super::transport::Answer;

/// What an answer means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judgement {
    /// A page.
    Keep,
    /// 304: as before.
    NotModified,
    /// The page is elsewhere.
    Redirect(Url),
    /// Not now.
    Later {
        /// Why, in words.
        why: String,
        /// What the server asked for.
        retry_after: Option<Duration>,
    },
    /// The server says that there is no such page.
    Gone(String),
    /// A block, a challenge or a login wall: recorded and left.
    Refused {
        /// Which.
        wall: Wall,
        /// What gave it away.
        why: String,
    },
    /// Something that will not become a page.
    Never(String),
}

/// Says what an answer means.
#[must_use]
pub fn judge(answer: &Answer, url: &Url, now: Timestamp) -> Judgement {
    let status = || format!("status {}", answer.status);
    match answer.status {
        304 => Judgement::NotModified,
        301 | 302 | 303 | 307 | 308 => match answer.header("location").map(|location| target(url, location)) {
            Some(Some(to)) => Judgement::Redirect(to),
            Some(None) => Judgement::Never("a redirect to no web address".to_owned()),
            None => Judgement::Never("a redirect without a target".to_owned()),
        },
        404 | 410 => Judgement::Gone(status()),
        401 | 407 => Judgement::Refused { wall: Wall::Login, why: status() },
        403 | 451 => refused(answer, Wall::Block),
        412 | 521 => refused(answer, Wall::Challenge),
        // What stands before a server uses these as well.
        405 | 503 if wall(answer).is_some() => refused(answer, Wall::Block),
        408 | 425 | 429 | 500..=599 => Judgement::Later { why: status(), retry_after: retry_after(answer, now) },
        200..=205 => page(answer, url),
        _ => Judgement::Never(status()),
    }
}

/// A 200 may be a wall, a signpost, or nothing.
fn page(answer: &Answer, url: &Url) -> Judgement {
    if answer.body.iter().all(u8::is_ascii_whitespace) {
        return Judgement::Later { why: "an empty page".to_owned(), retry_after: None };
    }
    let Some(shape) = Shape::of(answer) else { return Judgement::Keep };
    if let Some((wall, why)) = shape.wall() {
        return Judgement::Refused { wall, why };
    }
    // A cookie that came with nothing but the wish to be asked again is wanted
    // back, as with a redirect to itself; one that a script sets is a challenge.
    if answer.header("set-cookie").is_some() && shape.asks_again(url) {
        return Judgement::Redirect(url.clone());
    }
    shape.leads_to(url).map_or(Judgement::Keep, Judgement::Redirect)
}

fn wall(answer: &Answer) -> Option<(Wall, String)> {
    Shape::of(answer)?.wall()
}

/// A refusal: by what its page says, else by its status.
fn refused(answer: &Answer, by_status: Wall) -> Judgement {
    let status = format!("status {}", answer.status);
    match wall(answer) {
        Some((wall, why)) => Judgement::Refused { wall, why: format!("{status}, {why}") },
        None => Judgement::Refused { wall: by_status, why: status },
    }
}

fn target(url: &Url, location: &str) -> Option<Url> {
    join(url, location, "utf-8")
}

/// Retry-After in both its forms (RFC 9110 10.2.3).
#[must_use]
pub fn retry_after(answer: &Answer, now: Timestamp) -> Option<Duration> {
    let value = answer.header("retry-after")?.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than fit are a very long time.
        return Some(Duration::from_secs(value.parse().unwrap_or(u64::MAX)));
    }
    let at = httpdate::parse_http_date(value).ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
    let now = Duration::try_from(now.as_duration()).ok()?;
    Some(at.saturating_sub(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Answer {
        let headers = headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        Answer::of(status, headers, body.as_bytes().to_vec())
    }

    #[test]
    fn how_long_a_server_wants_to_be_left() {
        let now = Timestamp::from_second(784_111_777).unwrap();
        let cases = [
            ("0", Some(0)),
            (" 120 ", Some(120)),
            ("99999999999999999999999", Some(u64::MAX)),
            ("Sun, 06 Nov 1994 08:50:37 GMT", Some(60)),
            ("Sunday, 06-Nov-94 08:50:37 GMT", Some(60)),
            ("Sun Nov  6 08:50:37 1994", Some(60)),
            ("Sun, 06 Nov 1994 08:00:00 GMT", Some(0)),
            ("-5", None),
            ("1.5", None),
            ("soon", None),
            ("", None),
        ];
        for (value, seconds) in cases {
            let answer = answer(503, &[("Retry-After", value)], "");
            assert_eq!(retry_after(&answer, now), seconds.map(Duration::from_secs), "{value:?}");
        }
    }

    #[test]
    fn what_answers_mean() {
        const COOKIE: &[(&str, &str)] = &[("Set-Cookie", "tk=77; path=/")];
        let now = Timestamp::from_second(784_111_777).unwrap();
        let long = format!("<p>验证码</p>{}", "字".repeat(3000));
        let cases = [
            (answer(200, &[], "<p>年报</p>"), "Keep"),
            (answer(200, &[], &long), "Keep"),
            (answer(200, &[], " \n"), "Later { why: \"an empty page\", retry_after: None }"),
            (answer(304, &[], ""), "NotModified"),
            (answer(302, &[("Location", "/b#c")], ""), "to http://a.gov.cn/b"),
            (answer(301, &[("Location", "ftp://x/")], ""), "Never(\"a redirect to no web address\")"),
            (answer(301, &[], ""), "Never(\"a redirect without a target\")"),
            (answer(404, &[], ""), "Gone(\"status 404\")"),
            (answer(403, &[], ""), "block: status 403"),
            (answer(521, &[], ""), "challenge: status 521"),
            (answer(503, &[("Retry-After", "120")], ""), "Later { why: \"status 503\", retry_after: Some(120s) }"),
            (
                answer(429, &[("Retry-After", "Sun, 06 Nov 1994 08:49:47 GMT")], ""),
                "Later { why: \"status 429\", retry_after: Some(10s) }",
            ),
            (answer(200, &[], "<meta http-equiv=refresh content='0;url=/c'>"), "to http://a.gov.cn/c"),
            (answer(200, &[], "<script>location.href='index.html'</script>"), "to http://a.gov.cn/index.html"),
            (answer(200, &[], "<script>location='/a'</script>"), "Keep"),
            // It wants to see its cookie again, and has nothing else to say.
            (answer(200, COOKIE, "<meta http-equiv=refresh content=0>"), "to http://a.gov.cn/a"),
            (answer(200, COOKIE, "<meta http-equiv=refresh content='1; url=/a'><p>请稍候"), "to http://a.gov.cn/a"),
            (answer(200, COOKIE, "<meta http-equiv=refresh content='0;url='>"), "to http://a.gov.cn/a"),
            (answer(200, COOKIE, "<meta http-equiv=refresh content='0;url=/b'>"), "to http://a.gov.cn/b"),
            (answer(200, COOKIE, "<meta http-equiv=refresh content=300>"), "Keep"),
            (answer(200, &[], "<meta http-equiv=refresh content=0>"), "Keep"),
            (answer(200, COOKIE, &format!("<meta http-equiv=refresh content=0>{long}")), "Keep"),
            (answer(200, COOKIE, "<meta http-equiv=refresh content=0><script src=/c.js></script>"), "Keep"),
            (answer(200, COOKIE, "<meta http-equiv=refresh content=0><script>document.cookie='b=1'</script>"), "Keep"),
        ];
        for (answer, expected) in cases {
            let judged = match judge(&answer, &"http://a.gov.cn/a".parse().unwrap(), now) {
                Judgement::Redirect(to) => format!("to {to}"),
                Judgement::Refused { wall, why } => format!("{wall}: {why}"),
                other => format!("{other:?}"),
            };
            assert_eq!(judged, expected);
        }
    }

    #[test]
    fn walls_are_known_for_what_they_are_and_pages_are_none() {
        let page = |body: &str| answer(200, &[], body);
        let article = "字".repeat(700);
        let cases = [
            (answer(521, &[], "<script>document.cookie='a=b';location.reload()</script>"), Some(Wall::Challenge)),
            (page("<script>document.cookie='x=1';location.href='/'</script>"), Some(Wall::Challenge)),
            (page("<html><script src='/a/__jsl_clearance.js'></script></html>"), Some(Wall::Challenge)),
            (answer(412, &[], "<meta charset=utf-8>"), Some(Wall::Challenge)),
            (answer(503, &[], "<title>cf-chl</title><p>wait"), Some(Wall::Challenge)),
            (page("<p>请输入验证码</p><img src=/c.jpg>"), Some(Wall::Captcha)),
            (page("<div id=captcha></div>"), Some(Wall::Captcha)),
            (answer(403, &[], "<p>拖动滑块完成验证</p>"), Some(Wall::Captcha)),
            (page("<title>统一身份认证</title><input name=u><input type='Password'>"), Some(Wall::Login)),
            (page("<p>信息公开系统登录</p><input type=password>"), Some(Wall::Login)),
            (answer(401, &[], ""), Some(Wall::Login)),
            (page("<p>您的访问被拦截，请联系管理员</p>"), Some(Wall::Block)),
            (answer(405, &[], "<p>Request blocked by the firewall</p>"), Some(Wall::Block)),
            (answer(403, &[], ""), Some(Wall::Block)),
            (page(&format!("<p>{article}</p><input type=password>登录 验证码")), None),
            (page("<p>依申请公开</p><p>政府信息公开</p><input placeholder=验证码>"), None),
            (page(&format!("{}<p>登录</p><input type=password>", "<a href=/x>年报</a>".repeat(11))), None),
            (page("<p>年报</p><input type=text>登录"), None),
            (page("邮箱登录<input type=password><a href=a>青禾市2017年政府信息公开年度报告</a>"), None),
            (page("邮箱登录<input type=password><h1>2013年政府信息公开年报</h1><p>主动公开"), None),
            (answer(200, &[], "{\"title\": \"验证码\"}"), None),
            (answer(200, &[], "%PDF-1.4 captcha"), None),
        ];
        for (answer, expected) in cases {
            let judged = judge(&answer, &"http://a.gov.cn/a".parse().unwrap(), Timestamp::UNIX_EPOCH);
            let found = if let Judgement::Refused { wall, .. } = judged { Some(wall) } else { None };
            assert_eq!(found, expected, "{judged:?} of {}", String::from_utf8_lossy(&answer.body));
        }
    }

    #[test]
    fn pages_that_only_lead_elsewhere() {
        let article = "字".repeat(300);
        let cases: [(&str, Option<&str>); 43] = [
            ("<meta http-equiv=refresh content='0;url=/c'>", Some("http://a.gov.cn/c")),
            ("<meta content=\"0; URL='/c'\" http-equiv=\"Refresh\">", Some("http://a.gov.cn/c")),
            ("<META CONTENT='3,url=c' HTTP-EQUIV=refresh>", Some("http://a.gov.cn/d/c")),
            ("<meta http-equiv=refresh content='0 url=c?a=1&amp;b=2'>", Some("http://a.gov.cn/d/c?a=1&b=2")),
            ("<meta http-equiv=refresh content='0.5; /c#x'>", Some("http://a.gov.cn/c")),
            ("<base href='/e/'><meta http-equiv=refresh content='0;url=c'>", Some("http://a.gov.cn/e/c")),
            ("<meta http-equiv=refresh content='0;url=https://b.gov.cn/'>", Some("https://b.gov.cn/")),
            ("<meta http-equiv=refresh content='300;url=/c'>", None),
            ("<meta http-equiv=refresh content='5'>", None),
            ("<meta http-equiv=refresh content='0;url='>", None),
            ("<meta http-equiv=refresh content='0;url=javascript:go()'>", None),
            ("<meta http-equiv=refresh content='0;url=index'>", None),
            ("<!-- <meta http-equiv=refresh content='0;url=/c'> --><p>x", None),
            ("<noscript><meta http-equiv=refresh content='0;url=/c'></noscript><p>x", None),
            ("<script>location.href='c'</script>", Some("http://a.gov.cn/d/c")),
            ("<script>window.location = \"/c\";</script>", Some("http://a.gov.cn/c")),
            ("<script>window.location.href=\"/c\"</script>", Some("http://a.gov.cn/c")),
            ("<script>location.replace('/c')</script>", Some("http://a.gov.cn/c")),
            ("<script>top.location.assign( '/c' );</script>", Some("http://a.gov.cn/c")),
            ("<script>self.location='/c'</script>", Some("http://a.gov.cn/c")),
            ("<script>setTimeout(\"location.href='/c'\", 100)</script>", Some("http://a.gov.cn/c")),
            ("<body onload=\"location.href='/c'\">", Some("http://a.gov.cn/c")),
            (
                "<script>if(/Android/.test(navigator.userAgent)){location='/m/'}else{location='/pc/'}</script>",
                Some("http://a.gov.cn/pc/"),
            ),
            ("<base href=/e/><script>location='c'</script>", Some("http://a.gov.cn/e/c")),
            ("<script>var url=\"/c\"; self.location.href=url;</script>", Some("http://a.gov.cn/c")),
            ("<script>var a = 1, to = 'c'\nwindow.location.replace(to)</script>", Some("http://a.gov.cn/d/c")),
            ("<script>location='/c';if(m){location=phone}</script>", Some("http://a.gov.cn/c")),
            ("<script>location.href = 'http://' + location.host + '/c';</script>", Some("http://a.gov.cn/c")),
            ("<script>location = \"https://\"+window.location.hostname+\"/c\"</script>", Some("https://a.gov.cn/c")),
            (
                "<script>var to = location.protocol + '//' + location.host + '/c'; location.replace(to);</script>",
                Some("http://a.gov.cn/c"),
            ),
            ("<script>location.href = window.location.origin + '/c'</script>", Some("http://a.gov.cn/c")),
            ("<script>location.href = '//' + location.host + '/c/' + id</script>", None),
            ("<script>location.href = 'http://' + host + '/c'</script>", None),
            ("<script>var url = '/c' + id; location.href = url;</script>", None),
            ("<script>location.href = url;</script>", None),
            ("<script>if (location.href == '/c') {}</script>", None),
            ("<script>location.href = '/c' + id</script>", None),
            ("<script>mylocation='/c';a.location2='/c'</script>", None),
            ("<script>var u = 'location'; go('/c')</script>", None),
            ("<a href=1>1</a><a href=2>2</a><a href=3>3</a><script>location='/c'</script>", None),
            ("<script>location.href='javascript:;'</script>", None),
            ("<p>location.href='/c'</p>", None),
            (&format!("<p>{article}</p><script>location.href='/c'</script>"), None),
        ];
        for (body, expected) in cases {
            let judged =
                judge(&answer(200, &[], body), &"http://a.gov.cn/d/index".parse().unwrap(), Timestamp::UNIX_EPOCH);
            let to = if let Judgement::Redirect(to) = &judged { Some(to.as_str()) } else { None };
            assert_eq!(to, expected, "{body}");
        }
        // The target's query is in the page's own encoding, as browsers send it.
        let (body, _, _) = encoding_rs::GBK.encode("<meta charset=gbk><script>location='/s?k=年报'</script>");
        let answer = Answer::of(200, vec![("Refresh".to_owned(), "0; url=/r".to_owned())], body.to_vec());
        let url = "http://a.gov.cn/".parse().unwrap();
        let to = |answer: &Answer| match judge(answer, &url, Timestamp::UNIX_EPOCH) {
            Judgement::Redirect(to) => to.to_string(),
            other => format!("{other:?}"),
        };
        assert_eq!(to(&answer), "http://a.gov.cn/r", "the header goes before the script");
        assert_eq!(to(&Answer { headers: vec![], ..answer }), "http://a.gov.cn/s?k=%C4%EA%B1%A8");
    }
}
