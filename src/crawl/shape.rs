//! What a page is before it is read: a wall, a signpost, or a page.
//!
//! Walls are recorded and left, never worked around (DESIGN.md).

use std::borrow::Cow;
use std::fmt;
use std::sync::LazyLock;

use regex::{Captures, Regex};
use url::{Position, Url};

use super::address::join;
use super::tags::{Piece, Tag, pieces};
use super::transport::Answer;
use crate::page::charset;
use crate::report::recognise::{is_title_of_report, year_of_title};

/// Why a server does not let us in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wall {
    /// It blocks us.
    Block,
    /// It wants a script to be run, or a cookie that a script sets.
    Challenge,
    /// It wants a person to solve something.
    Captcha,
    /// It wants an account.
    Login,
}

impl Wall {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Block, Self::Challenge, Self::Captcha, Self::Login];

    /// The word that begins an outcome's words.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Block => "block",
            Self::Challenge => "challenge",
            Self::Captcha => "captcha",
            Self::Login => "login",
        }
    }
}

impl fmt::Display for Wall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The head of an HTML page, as far as walls and signposts go.
pub(super) struct Shape {
    /// What a person would see.
    visible: String,
    /// What scripts do, attributes of events included.
    scripts: String,
    /// All of it, in lower case.
    lower: String,
    n_links: usize,
    n_scripts: usize,
    has_password: bool,
    /// Whether a line of it is the title of a report: no wall says one.
    names_report: bool,
    /// `Refresh`, of the header or of a meta tag.
    refresh: Option<String>,
    base: Option<String>,
    encoding: &'static str,
    is_whole: bool,
}

/// Walls and signposts are small; of a longer page only its head is looked at.
const LONGEST: usize = 64 * 1024;
/// Characters that a wall shows at most. The shortest real pages have menus.
const WALL_CHARS: usize = 600;
/// Links that a wall has at most.
const WALL_LINKS: usize = 10;
/// Characters that a page shows at most whose script leads elsewhere.
const SIGNPOST_CHARS: usize = 200;
/// Links that such a page has at most: one that says "click here".
const SIGNPOST_LINKS: usize = 2;
/// Places of its scripts that are looked at.
const MOST_PLACES: usize = 8;

impl Shape {
    /// The shape of an answer's body; none where it is no HTML.
    pub fn of(answer: &Answer) -> Option<Self> {
        let head = &answer.body[..answer.body.len().min(LONGEST)];
        let (text, decoding) = charset::decode(head, answer.header("content-type"));
        if !text.trim_start().starts_with('<') {
            return None;
        }
        let mut shape = Self {
            visible: String::new(),
            scripts: String::new(),
            lower: text.to_lowercase(),
            n_links: 0,
            n_scripts: 0,
            has_password: false,
            names_report: false,
            refresh: answer.header("refresh").map(str::to_owned),
            base: None,
            encoding: decoding.encoding,
            is_whole: head.len() == answer.body.len(),
        };
        for piece in pieces(&text) {
            match piece {
                Piece::Text(text) => {
                    shape.names_report |= is_title_of_report(text) && year_of_title(text).is_some();
                    shape.visible.extend(text.split_whitespace());
                }
                Piece::Script(text) => {
                    shape.n_scripts += 1;
                    shape.scripts.extend([text, "\n"]);
                }
                Piece::Open(tag) => shape.open(tag),
            }
        }
        Some(shape)
    }

    fn open(&mut self, tag: Tag<'_>) {
        let of = |name| tag.attribute(name).unwrap_or_default();
        if tag.is("a") || tag.is("area") || tag.is("frame") || tag.is("iframe") {
            self.n_links += 1;
        } else if tag.is("input") {
            self.has_password |= of("type").eq_ignore_ascii_case("password");
            self.visible.extend([of("placeholder"), of("value")]);
        } else if tag.is("meta") && of("http-equiv").eq_ignore_ascii_case("refresh") {
            self.refresh.get_or_insert_with(|| of("content"));
        } else if tag.is("base") && self.base.is_none() {
            self.base = tag.attribute("href");
        } else if tag.is("body") {
            self.n_scripts += usize::from(!of("onload").is_empty());
            self.scripts.extend([of("onload"), "\n".to_owned()]);
        }
    }

    fn shows_at_most(&self, n_chars: usize, n_links: usize) -> bool {
        self.is_whole && self.n_links <= n_links && self.visible.chars().nth(n_chars).is_none()
    }

    /// The wall that the page is, with what gave it away.
    pub fn wall(&self) -> Option<(Wall, String)> {
        if !self.shows_at_most(WALL_CHARS, WALL_LINKS) {
            return None;
        }
        let found = |marks: &[&'static str]| marks.iter().copied().find(|mark| self.lower.contains(mark));
        if let Some(mark) = found(&CHALLENGES) {
            return Some((Wall::Challenge, format!("the page asks for more ({mark})")));
        }
        let sets_cookie = self.scripts.contains("document.cookie");
        if sets_cookie && (self.scripts.contains("location") || self.scripts.contains("reload")) {
            return Some((Wall::Challenge, "a script sets a cookie and asks again".to_owned()));
        }
        // A box to log in stands in the header of many pages.
        if self.has_password
            && !self.names_report
            && let Some(mark) = found(&LOGINS)
        {
            return Some((Wall::Login, format!("the page asks for an account ({mark})")));
        }
        // A page of the subject that also has a field for a code, such as the
        // form of a request, is no wall.
        let is_of_subject = ["信息公开", "政务公开"].iter().any(|words| self.visible.contains(words));
        if let Some(mark) = found(&CAPTCHAS).filter(|_| !is_of_subject) {
            return Some((Wall::Captcha, format!("the page asks for a person ({mark})")));
        }
        let mark = found(&BLOCKS).filter(|_| !is_of_subject)?;
        Some((Wall::Block, format!("the page turns us away ({mark})")))
    }

    /// Where the page only leads to: by a refresh, or by a script that has
    /// nothing else to show.
    pub fn leads_to(&self, url: &Url) -> Option<Url> {
        let base = self.base.as_ref().and_then(|base| url.join(base).ok());
        let to = match &self.refresh {
            Some(refresh) => refresh_target(refresh)?.to_owned(),
            None => self.script_target(url)?,
        };
        join(base.as_ref().unwrap_or(url), &to, self.encoding).filter(|to| to != url)
    }

    /// Whether the page only asks to be asked for again, soon: by a refresh that
    /// leads nowhere else, with no script and nothing to show.
    pub fn asks_again(&self, url: &Url) -> bool {
        let Some(refresh) = self.refresh.as_deref().filter(|refresh| is_soon(refresh)) else { return false };
        let base = self.base.as_ref().and_then(|base| url.join(base).ok());
        let to = refresh_target(refresh).map(|to| join(base.as_ref().unwrap_or(url), to, self.encoding));
        let is_back = to.is_none_or(|to| to.as_ref() == Some(url));
        is_back && self.n_scripts == 0 && self.shows_at_most(SIGNPOST_CHARS, SIGNPOST_LINKS)
    }

    /// The last place that a script goes to: where there are several, those
    /// before are for phones and old browsers. It may stand in a variable.
    fn script_target(&self, url: &Url) -> Option<String> {
        static LOCATION: LazyLock<Option<Regex>> = LazyLock::new(|| {
            crate::pattern(
                r#"(?:^|[^\w.$])(?:(?:window|top|self|parent|document|this)\s*\.\s*)*location(?:\s*\.\s*href)?\s*(?:=\s*|\.\s*(?:replace|assign)\s*\(\s*)(?:\\?(?:"([^"'\\]+)|'([^"'\\]+))\\?["']|([A-Za-z_$][\w$]*))\s*(?:[;)}"',]|//|$|\n)"#,
            )
        });
        if !self.shows_at_most(SIGNPOST_CHARS, SIGNPOST_LINKS) {
            return None;
        }
        let scripts = with_own_origin(&self.scripts, url);
        let places: Vec<_> = LOCATION.as_ref()?.captures_iter(&scripts).collect();
        let to = places.iter().rev().take(MOST_PLACES).find_map(|place| {
            let literal = place.get(1).or_else(|| place.get(2)).map(|to| to.as_str());
            literal.or_else(|| value_of(&scripts, place.get(3)?.as_str()))
        });
        to.map(str::to_owned)
    }
}

/// Scripts in which a URL that begins with the page's own origin is one string:
/// `'http://' + location.host + '/c'`, `location.origin + '/c'`.
fn with_own_origin<'a>(scripts: &'a str, url: &Url) -> Cow<'a, str> {
    static ORIGIN: LazyLock<Option<Regex>> = LazyLock::new(|| {
        let location = r"(?:\b(?:window|document|self|top)\s*\.\s*)?\blocation\s*\.\s*";
        let slashes = r#"["']//["']\s*\+\s*"#;
        crate::pattern(&format!(
            r#"(?:["'](https?:)?//["']\s*\+\s*|{location}protocol\s*\+\s*{slashes})?{location}(host|hostname|origin)\s*\+\s*(["'])/"#
        ))
    });
    let Some(origin) = ORIGIN.as_ref() else { return Cow::Borrowed(scripts) };
    origin.replace_all(scripts, |found: &Captures<'_>| {
        let quote = &found[3];
        match found.get(1) {
            Some(scheme) if &found[2] == "host" => {
                format!("{quote}{}//{}/", scheme.as_str(), &url[Position::BeforeHost..Position::AfterPort])
            }
            Some(scheme) => format!("{quote}{}//{}/", scheme.as_str(), url.host_str().unwrap_or_default()),
            None => format!("{quote}/"),
        }
    })
}

/// The last string that a variable of the scripts is given, whole: one that is
/// put together is not guessed.
fn value_of<'a>(scripts: &'a str, variable: &str) -> Option<&'a str> {
    let name = regex::escape(variable);
    let given = format!(r#"(?:^|[^\w.$]){name}\s*=\s*(?:"([^"'\\\n]+)"|'([^"'\\\n]+)')\s*(?:[;,]|//|$|\n)"#);
    let last = Regex::new(&given).ok()?.captures_iter(scripts).last()?;
    last.get(1).or_else(|| last.get(2)).map(|value| value.as_str())
}

/// Whether a refresh comes soon: a page that reloads itself every five minutes
/// has not moved.
fn is_soon(content: &str) -> bool {
    const SOON: f32 = 10.0;
    let seconds = content.trim().split([';', ',', ' ']).next().unwrap_or_default();
    seconds.trim().parse::<f32>().is_ok_and(|seconds| seconds <= SOON)
}

/// The URL of a refresh that comes soon.
fn refresh_target(content: &str) -> Option<&str> {
    let (_, rest) = content.trim().split_once([';', ',', ' ']).filter(|_| is_soon(content))?;
    let rest = rest.trim_start_matches([';', ',', ' ']);
    let is_named = rest.get(..3).is_some_and(|name| name.eq_ignore_ascii_case("url"));
    let value = if is_named { rest[3..].trim_start().strip_prefix('=')?.trim() } else { rest.trim() };
    let value = match value.chars().next()? {
        quote @ ('"' | '\'') => value[1..].split(quote).next()?,
        _ => value,
    };
    (!value.is_empty()).then_some(value)
}

/// Marks of the systems that ask a browser to run a script.
const CHALLENGES: [&str; 7] =
    ["__jsl_clearance", "acw_sc__v2", "challenge-platform", "cf-chl", "waf_", "safeline", "_guard/"];
/// Marks of a page that asks whether a person is there.
const CAPTCHAS: [&str; 8] =
    ["captcha", "geetest", "验证码", "安全验证", "人机验证", "滑动验证", "拖动滑块", "完成验证"];
/// Marks of a page that asks for an account, beside its field for a password.
const LOGINS: [&str; 7] = ["登录", "登陆", "登錄", "用户名", "身份认证", "login", "sign in"];
/// Marks of a page that turns visitors away.
const BLOCKS: [&str; 9] = [
    "访问被拦截",
    "请求被拦截",
    "已被拦截",
    "访问被阻断",
    "访问被拒绝",
    "禁止访问",
    "疑似黑客攻击",
    "access denied",
    "request blocked",
];
