//! Functions of a page that open a URL which their one argument chooses:
//! `function openDoc(id) { window.open('/doc/' + id + '.html') }`, with which a
//! list says `javascript:openDoc('1168')` and a pager `turnPage(2)`; or one of
//! several that stand there, `if (t == 'nb') { frame.src = '/nb/' }`, `pages[t]`.
//! Scripts are read, never run: the URL's pieces and the argument stand there as
//! they are.

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::LazyLock;

use regex::{Captures, Regex};
use url::Url;

use super::literal::{extent, fields, given_object};
use super::script::{addresses, is_address};

/// Functions of one page that are looked at.
const MOST: usize = 200;

/// Bytes of a function's name, or its argument's, at most.
const LONGEST_NAME: usize = 61;
/// Characters of its body at most.
const LONGEST_BODY: usize = 600;
/// How what a page's functions open begins behind `#`, for the frames of the page:
/// what stands in them calls `parent.openInfo('A08')`.
const FOR_FRAMES: &str = "opens:";
/// The argument's place in it.
const HOLE: char = '*';

/// The functions of a page that open what their argument names.
#[derive(Debug, Default)]
pub(super) struct Openers {
    /// By name, what they open; none where the page has two functions of the name
    /// that differ.
    ways: HashMap<String, Option<Way>>,
}

/// What a function opens.
#[derive(Debug, PartialEq, Eq)]
enum Way {
    /// The argument with what stands before and behind it.
    Around(String, String),
    /// One of several, each with the argument that chooses it.
    OneOf(Vec<(String, String)>),
}

impl Openers {
    /// Those of a page's scripts.
    pub fn of(html: &str) -> Self {
        static FUNCTION: LazyLock<Option<Regex>> = LazyLock::new(|| {
            // Lengths are looked at afterwards: a pattern that counts is large, and
            // so is what every thread remembers of it.
            let name = r"([A-Za-z_$](?-u:[0-9A-Za-z_$])*)";
            crate::pattern(&format!(
                r"(?:(?:(?-u:\b)function\s+{name}\s*|{name}\s*=\s*function\s*)\(\s*{name}\s*\)|{name}\s*=\s*(?:\(\s*{name}\s*\)|{name})\s*=>)\s*\{{"
            ))
        });
        let mut openers = Self::default();
        if !["function", "=>"].iter().any(|word| html.contains(word)) {
            return openers;
        }
        for found in FUNCTION.iter().flat_map(|function| function.captures_iter(html)).take(MOST) {
            let first = |groups: &[usize]| groups.iter().find_map(|group| found.get(*group)).map(|name| name.as_str());
            let (name, argument) = (first(&[1, 2, 4]), first(&[3, 5, 6]));
            let (Some(name), Some(argument), Some(whole)) = (name, argument, found.get(0)) else { continue };
            let is_short = name.len() <= LONGEST_NAME && argument.len() <= LONGEST_NAME;
            let Some(body) = body(&html[whole.end() - 1..]).filter(|_| is_short) else { continue };
            let Some(way) = opened(&written_out(body), argument, html) else { continue };
            match openers.ways.entry(name.to_owned()) {
                Entry::Vacant(first) => drop(first.insert(Some(way))),
                Entry::Occupied(mut known) if known.get().as_ref() != Some(&way) => drop(known.insert(None)),
                Entry::Occupied(_) => {}
            }
        }
        openers
    }

    /// The URL that a call opens: `javascript:openDoc('1168')`, `turnPage(2);`.
    pub fn url(&self, code: &str) -> Option<String> {
        static CALL: LazyLock<Option<Regex>> = LazyLock::new(|| {
            crate::pattern(concat!(
                r"^\s*(?i:javascript:)?\s*(?:return\s+|void\s+)?(?:(?:window|parent|top|self)\.)?([A-Za-z_$][0-9A-Za-z_$]*)",
                r#"\(\s*(?:'([0-9A-Za-z_.%-]+)'|"([0-9A-Za-z_.%-]+)"|(\d{1,18}))\s*\)\s*;?"#,
            ))
        });
        if self.ways.is_empty() {
            return None;
        }
        let call = CALL.as_ref()?.captures(code)?;
        self.with(&call[1], (2..=4).find_map(|group| call.get(group))?.as_str())
    }

    /// What a function opens with an argument.
    pub fn with(&self, function: &str, argument: &str) -> Option<String> {
        match self.ways.get(function)?.as_ref()? {
            Way::Around(before, behind) => Some(format!("{before}{argument}{behind}")),
            Way::OneOf(urls) => urls.iter().find(|(key, _)| key == argument).map(|(_, url)| url.clone()),
        }
    }

    /// What the functions open, for the frames of their page.
    pub fn for_frames(&self, base: &Url) -> Option<String> {
        const LONGEST: usize = 600;
        let mut ways: Vec<String> = Vec::new();
        for (name, way) in &self.ways {
            let Some(Way::Around(before, behind)) = way else { continue };
            let url = base.join(&format!("{before}{HOLE}{behind}")).ok()?;
            if url.as_str().matches(HOLE).count() == 1 {
                ways.push(format!("{name}={url}"));
            }
        }
        ways.sort_unstable();
        let whole = format!("{FOR_FRAMES}{}", ways.join("|"));
        (!ways.is_empty() && whole.len() <= LONGEST).then_some(whole)
    }

    /// Together with those of the page around, where a frame's request names them.
    pub fn and_of_page_around(mut self, fragment: Option<&str>) -> Self {
        let around = fragment.and_then(|fragment| fragment.strip_prefix(FOR_FRAMES)).unwrap_or_default();
        for (name, url) in around.split('|').filter_map(|way| way.split_once('=')) {
            if let Some((before, behind)) = url.split_once(HOLE) {
                let way = Way::Around(before.to_owned(), behind.to_owned());
                self.ways.entry(name.to_owned()).or_insert(Some(way));
            }
        }
        self
    }
}

/// Whether what stands behind `#` says what the page around a frame opens.
pub(in crate::crawl) fn is_for_frames(fragment: &str) -> bool {
    fragment.starts_with(FOR_FRAMES)
}

/// A function's body, from its brace on; none where it is too long to be looked at.
fn body(text: &str) -> Option<&str> {
    let window = &text[..text.floor_char_boundary(4 * LONGEST_BODY)];
    let body = window[..extent(window)].strip_prefix('{')?.strip_suffix('}')?;
    (body.chars().count() <= LONGEST_BODY).then_some(body)
}

/// A body whose templates are put together as others are: `/doc/${id}.html` in
/// backquotes is `'/doc/'+id+'.html'`.
fn written_out(body: &str) -> Cow<'_, str> {
    static TEMPLATE: LazyLock<Option<Regex>> = LazyLock::new(|| crate::pattern(r"`([^`'\n]*)`"));
    static HOLE: LazyLock<Option<Regex>> =
        LazyLock::new(|| crate::pattern(r"\$\{\s*([A-Za-z_$](?-u:[0-9A-Za-z_$])*)\s*\}"));
    let (Some(template), Some(hole)) = (&*TEMPLATE, &*HOLE) else { return Cow::Borrowed(body) };
    template.replace_all(body, |found: &Captures<'_>| format!("'{}'", hole.replace_all(&found[1], "'+$1+'")))
}

fn opened(body: &str, argument: &str, html: &str) -> Option<Way> {
    around(body, argument).or_else(|| one_of(body, argument)).or_else(|| of_map(body, argument, html))
}

/// What stands around the argument in the one URL that a function opens, in a window
/// or else in a part of its own.
fn around(body: &str, argument: &str) -> Option<Way> {
    static OPENED: LazyLock<Option<Regex>> = LazyLock::new(|| {
        pattern(
            r"(?:(?-u:\b)location(?:\s*\.\s*href)?\s*=|(?-u:\b)location\s*\.\s*(?:replace|assign)\s*\(|(?-u:\b)open\s*\()",
        )
    });
    static LOADED: LazyLock<Option<Regex>> = LazyLock::new(|| {
        pattern(r#"(?:\.\s*src\s*=|(?-u:\b)attr\s*\(\s*["']src["']\s*,|(?-u:\b)load[0-9A-Za-z_]*\s*\()"#)
    });
    fn pattern(opens: &str) -> Option<Regex> {
        let text = r#"["']([^"'<>\s]*)["']"#;
        crate::pattern(&format!(
            r"{opens}\s*(?:(?:(?:window\.)?location\.pathname\s*\+\s*)?{text}\s*\+\s*)?([A-Za-z_$][0-9A-Za-z_$]*)[ \t]*(?:\+\s*{text})?\s*(?:[;,)}}\n]|$)"
        ))
    }
    let one = |pattern: &'static LazyLock<Option<Regex>>| {
        let mut places = pattern.as_ref()?.captures_iter(body);
        let place = places.next()?;
        Some(places.next().is_none().then_some(place))
    };
    // A picture that counts is loaded as well.
    let is_picture = |url: &str| [".gif", ".png", ".jpg", "hit", "count"].iter().any(|kind| url.contains(kind));
    let (place, is_loaded) = match one(&OPENED) {
        Some(place) => (place?, false),
        None => (one(&LOADED)??, true),
    };
    let side = |group| place.get(group).map_or("", |text| text.as_str());
    let (before, behind) = (side(1), side(3));
    let is_url = [before, behind].iter().any(|side| side.contains(['/', '.', '?'])) && !before.contains('#');
    let is_part = !is_loaded || !is_picture(before) && !is_picture(behind);
    (&place[2] == argument && is_url && is_part).then(|| Way::Around(before.to_owned(), behind.to_owned()))
}

/// The URLs that a function chooses from: `if (t == 'nb') { f.src = '/nb/' }`, or
/// the cases of a switch.
fn one_of(body: &str, argument: &str) -> Option<Way> {
    static KEY: LazyLock<Option<Regex>> = LazyLock::new(|| {
        crate::pattern(r#"(?:([A-Za-z_$][0-9A-Za-z_$]*)\s*={2,3}\s*|(?-u:\b)case\s+)["']([0-9A-Za-z_.%-]+)["']"#)
    });
    let keys: Vec<_> = KEY.as_ref()?.captures_iter(body).collect();
    let url = |(index, key): (usize, &Captures<'_>)| {
        let end = keys.get(index + 1).and_then(|next| next.get(0)).map_or(body.len(), |next| next.start());
        let url = addresses(&body[key.get(0)?.end()..end]).next()?;
        key.get(1).is_none_or(|name| name.as_str() == argument).then(|| (key[2].to_owned(), url.to_owned()))
    };
    let urls: Vec<_> = keys.iter().enumerate().filter_map(url).collect();
    (!urls.is_empty()).then_some(Way::OneOf(urls))
}

/// The URLs of an object that a function looks its argument up in:
/// `var pages = {nb: '/nb/'}; function go(k) { load(pages[k]) }`.
fn of_map(body: &str, argument: &str, html: &str) -> Option<Way> {
    static LOOKED_UP: LazyLock<Option<Regex>> =
        LazyLock::new(|| crate::pattern(r"(?-u:\b)([A-Za-z_$][0-9A-Za-z_$]*)\[\s*([A-Za-z_$][0-9A-Za-z_$]*)\s*\]"));
    let map = LOOKED_UP.as_ref()?.captures_iter(body).find(|found| &found[2] == argument)?;
    let fields = fields(given_object(&map[1], html)?, &|_, _| Some(serde_json::Value::Null))?;
    let url =
        |(key, value): (String, serde_json::Value)| Some((key, value.as_str().filter(|v| is_address(v))?.to_owned()));
    let urls: Vec<_> = fields.into_iter().filter_map(url).collect();
    (!urls.is_empty()).then_some(Way::OneOf(urls))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_opens_what_its_function_puts_together() {
        let cases = [
            ("function f(id){window.open('/doc/'+id+'.html')}", "javascript:f('1168')", Some("/doc/1168.html")),
            ("function f(n){ window.location.href = \"list.jsp?pn=\" + n; }", "f(2);", Some("list.jsp?pn=2")),
            ("var f = function (n) { location = '/l?p=' + n }", "return f(2)", Some("/l?p=2")),
            ("function f(id){ if (!id) return;\n location.replace('/d/' + id);\n }", "f(\"a-7\")", Some("/d/a-7")),
            ("function f(id){ open('/d/' + id + '.html', '_blank'); }", "javascript:void f(7)", Some("/d/7.html")),
            ("function f(t){ if(t=='zn'){m.src='/zn/';}else if(t=='nb'){m.src='/nb/';} }", "f('nb')", Some("/nb/")),
            ("function f(t){ switch(t){case 'zn': u='/zn/'; break; case 'nb': u='/nb/';} }", "f('nb')", Some("/nb/")),
            ("var m={\"zn\":\"/zn/\",nb:'/nb/'}; function f(k){ $('#m').load(m[k]); }", "f('nb')", Some("/nb/")),
            ("function f(t){ $('#m').attr('src', '/gk/'+t+'.html'); }", "f('nb')", Some("/gk/nb.html")),
            (
                "function f(t){ loadDynamic('/s.jsp?id='+t+'&area=','div1'); }",
                "parent.f('A08')",
                Some("/s.jsp?id=A08&area="),
            ),
            ("function f(n){ location.href = 'index_' + n + '.html'; }", "f(2)", Some("index_2.html")),
            ("function f(n){ location.href = n + '.html' }", "f(2)", Some("2.html")),
            ("function f(n){ location.href = location.pathname + '?page=' + n }", "f(2)", Some("?page=2")),
            ("const f = (id) => { location.href = '/d/' + id }", "f(7)", Some("/d/7")),
            ("let f = id => { location.href = `/c/${id}/list.html`; }", "f(7)", Some("/c/7/list.html")),
            (
                "function f(n){ if(n==0){location.href='i.html'}else{location.href='i_'+n+'.html'} }",
                "f(1)",
                Some("i_1.html"),
            ),
            // What is not plain is not put together.
            ("function f(u){ location.href = u; }", "f('a')", None),
            ("function f(id){ open(`/d/${id}/${other}`); }", "f(7)", None),
            ("function f(t){ new Image().src = '/hits.jsp?id=' + t; }", "f(7)", None),
            ("function f(t){ if(t=='zn'){m.src='/zn/';} }", "f('nb')", None),
            ("function f(t){ if(s=='nb'){m.src='/nb/';} }", "f('nb')", None),
            ("function f(id){ open('/d/' + id + type); }", "f(7)", None),
            ("function f(id){ open('/d/' + other); }", "f(7)", None),
            ("function f(id, type){ open('/d/' + id); }", "f(7)", None),
            ("function f(id){ open('/d/' + id); }", "f(id)", None),
            ("function f(id){ open('/d/' + id); }", "f(7, 8)", None),
            ("function f(id){ open('/d/' + id); }", "g(7)", None),
            ("function f(id){ open('/d/' + id); open('/e/' + id); }", "f(7)", None),
            ("function f(id){ open('/d/' + id); } function f(id){ open('/e/' + id); }", "f(7)", None),
            ("function f(id){ $.get('/hits/' + id); }", "f(7)", None),
            ("function f(id){ location.href = '#/d/' + id; }", "f(7)", None),
        ];
        for (script, call, expected) in cases {
            assert_eq!(Openers::of(script).url(call).as_deref(), expected, "{script} {call}");
        }
    }

    #[test]
    fn a_function_longer_than_any_opener_is_left_alone() {
        let padded = |name: &str, body: &str| format!("function {name}(id){{{body:<LONGEST_BODY$}}}");
        let opens = "open('/d/' + id);";
        let (name, longer) = ("f".repeat(LONGEST_NAME), "f".repeat(LONGEST_NAME + 1));
        assert!(Openers::of(&padded(&name, opens)).url(&format!("{name}(7)")).is_some());
        assert!(Openers::of(&padded(&longer, opens)).url(&format!("{longer}(7)")).is_none());
        assert!(Openers::of(&padded("f", &format!("{opens:<0$}", LONGEST_BODY + 1))).url("f(7)").is_none());
    }

    #[test]
    fn a_frame_calls_what_the_page_around_it_has() {
        let page: Url = "http://a.gov.cn/gk/index.html".parse().unwrap();
        let around = Openers::of("function open1(a){loadDynamic('/s.jsp?id='+a+'&area=','div1');}").for_frames(&page);
        assert_eq!(around.as_deref(), Some("opens:open1=http://a.gov.cn/s.jsp?id=*&area="));
        let of_frame = Openers::of("").and_of_page_around(around.as_deref());
        assert_eq!(of_frame.url("parent.open1('A08')").as_deref(), Some("http://a.gov.cn/s.jsp?id=A08&area="));
        assert_eq!(Openers::of("").for_frames(&page), None);
    }
}
