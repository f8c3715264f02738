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

use super::attribute;
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

/// The functions of a page that open what their arguments name.
#[derive(Debug, Default)]
pub(super) struct Openers {
    /// By name, what they open; none where the page has two functions of the name
    /// that differ.
    ways: HashMap<String, Option<Way>>,
    /// What a click opens by what its own element carries.
    by_data: Vec<Vec<Piece>>,
}

/// What a function opens.
#[derive(Debug, PartialEq, Eq)]
enum Way {
    /// Texts and arguments, put together.
    Joined(Vec<Piece>),
    /// One of several, each with the value that chooses it of the argument in this place.
    OneOf(usize, Vec<(String, String)>),
}

/// A piece of what is opened.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    /// The argument in this place, and how much a number is shifted.
    Argument(usize, i64),
    /// A field of the argument in this place, a tree's node.
    Field(usize, String),
    /// The value of the clicked element's attribute.
    Data(String),
}

impl Openers {
    /// Those of a page's scripts.
    pub fn of(html: &str) -> Self {
        static FUNCTION: LazyLock<Option<Regex>> = LazyLock::new(|| {
            // Lengths are looked at afterwards: a pattern that counts is large, and
            // so is what every thread remembers of it.
            let name = r"([A-Za-z_$](?-u:[0-9A-Za-z_$])*)";
            let names = r"([0-9A-Za-z_$,\s]+)";
            crate::pattern(&format!(
                r"(?:(?:(?-u:\b)function\s+{name}\s*|{name}\s*=\s*function\s*)\({names}\)|{name}\s*=\s*(?:\({names}\)|{name})\s*=>)\s*\{{"
            ))
        });
        let mut openers = Self { ways: HashMap::new(), by_data: by_data(html) };
        if !["function", "=>"].iter().any(|word| html.contains(word)) {
            return openers;
        }
        for found in FUNCTION.iter().flat_map(|function| function.captures_iter(html)).take(MOST) {
            let first = |groups: &[usize]| groups.iter().find_map(|group| found.get(*group)).map(|name| name.as_str());
            let (name, arguments) = (first(&[1, 2, 4]), first(&[3, 5, 6]));
            let (Some(name), Some(arguments), Some(whole)) = (name, arguments, found.get(0)) else { continue };
            let is_short = name.len() <= LONGEST_NAME && arguments.len() <= 4 * LONGEST_NAME;
            let Some(body) = body(&html[whole.end() - 1..]).filter(|_| is_short) else { continue };
            let arguments: Vec<&str> = arguments.split(',').map(str::trim).collect();
            let Some(way) = opened(&written_out(body), &arguments, html) else { continue };
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
        if self.ways.is_empty() {
            return None;
        }
        let (function, arguments) = call(code)?;
        self.with(function, &arguments)
    }

    /// What a function opens with its arguments, those that are no plain values left open.
    pub fn with(&self, function: &str, arguments: &[Option<&str>]) -> Option<String> {
        let argument = |place: usize| arguments.get(place).copied().flatten();
        match self.ways.get(function)?.as_ref()? {
            Way::Joined(pieces) => joined(pieces, |piece| match piece {
                Piece::Argument(place, 0) => argument(*place).map(str::to_owned),
                Piece::Argument(place, shift) => {
                    let number = argument(*place)?.parse::<i64>().ok()?.checked_add(*shift)?;
                    Some(number.to_string()).filter(|_| number >= 0)
                }
                _ => None,
            }),
            Way::OneOf(place, urls) => {
                let key = argument(*place)?;
                urls.iter().find(|(known, _)| known == key).map(|(_, url)| url.clone())
            }
        }
    }

    /// What a click on an element opens by what its attributes carry.
    pub fn by_data(&self, attributes: &str) -> Option<String> {
        self.by_data.iter().find_map(|pieces| {
            joined(pieces, |piece| match piece {
                Piece::Data(name) => attribute(attributes, name).filter(|value| !value.is_empty()),
                _ => None,
            })
        })
    }

    /// What a call of a function that the page does not have is called with; none where
    /// it has it, or where the code is no such call.
    pub fn lacks(&self, code: &str) -> bool {
        const OTHERS: [&str; 8] =
            ["void", "alert", "print", "close", "setHome", "SetHome", "addFavorite", "AddFavorite"];
        call(code).is_some_and(|(function, arguments)| {
            let is_plain = arguments.iter().any(Option::is_some);
            is_plain && !self.ways.contains_key(function) && !OTHERS.contains(&function)
        })
    }

    /// What the functions open, for the frames of their page.
    pub fn for_frames(&self, base: &Url) -> Option<String> {
        const LONGEST: usize = 600;
        let mut ways: Vec<String> = Vec::new();
        for (name, way) in &self.ways {
            let Some(Way::Joined(pieces)) = way else { continue };
            let hole = |piece: &Piece| (*piece == Piece::Argument(0, 0)).then(|| HOLE.to_string());
            let Some(url) = joined(pieces, hole).and_then(|url| base.join(&url).ok()) else { continue };
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
                let pieces = [Piece::Text(before.to_owned()), Piece::Argument(0, 0), Piece::Text(behind.to_owned())];
                self.ways.entry(name.to_owned()).or_insert(Some(Way::Joined(pieces.to_vec())));
            }
        }
        self
    }
}

/// A call's function and its arguments, those that are no plain values left open.
fn call(code: &str) -> Option<(&str, Vec<Option<&str>>)> {
    static CALL: LazyLock<Option<Regex>> = LazyLock::new(|| {
        crate::pattern(concat!(
            r"^\s*(?i:javascript:)?\s*(?:return\s+|void\s+)?(?:(?:window|parent|top|self)\.)?",
            r"([A-Za-z_$][0-9A-Za-z_$]*)\(([^()]+)\)\s*;?",
        ))
    });
    let found = CALL.as_ref()?.captures(code)?;
    let (function, arguments) = (found.get(1)?.as_str(), found.get(2)?.as_str());
    Some((function, arguments.split(',').map(|argument| plain(argument.trim())).collect()))
}

/// The value of an argument: a text in quotes, or a number.
fn plain(argument: &str) -> Option<&str> {
    let is_of_value = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '%' | '-' | '/');
    let is_number = |text: &&str| text.len() <= 18 && text.bytes().all(|byte| byte.is_ascii_digit());
    let inside = ['\'', '"'].iter().find_map(|quote| argument.strip_prefix(*quote)?.strip_suffix(*quote));
    let value = inside.or(Some(argument).filter(is_number))?;
    (!value.is_empty() && value.chars().all(is_of_value)).then_some(value)
}

/// The pieces as one; none where one has no value.
fn joined(pieces: &[Piece], value: impl Fn(&Piece) -> Option<String>) -> Option<String> {
    let text = |piece: &Piece| match piece {
        Piece::Text(text) => Some(text.clone()),
        piece => value(piece),
    };
    pieces.iter().map(text).collect()
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

fn opened(body: &str, arguments: &[&str], html: &str) -> Option<Way> {
    put_together(body, arguments).map(Way::Joined).or_else(|| {
        arguments.iter().enumerate().find_map(|(place, argument)| {
            let urls = one_of(body, argument).or_else(|| of_map(body, argument, html))?;
            Some(Way::OneOf(place, urls))
        })
    })
}

/// Where a script opens a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Opens {
    InWindow,
    /// In a part of its own page.
    InPart,
}

/// How a script opens a page, up to what it opens.
fn opens(place: Opens) -> Option<&'static Regex> {
    static OPENED: LazyLock<Option<Regex>> = LazyLock::new(|| {
        crate::pattern(concat!(
            r"(?:(?-u:\b)location(?:\s*\.\s*href)?\s*=|(?-u:\b)location\s*\.\s*(?:replace|assign)\s*\(|",
            r"(?-u:\b)open\s*\()\s*(?:(?:window\.)?location\.pathname\s*\+)?"
        ))
    });
    static LOADED: LazyLock<Option<Regex>> = LazyLock::new(|| {
        crate::pattern(r#"(?:\.\s*src\s*=|(?-u:\b)attr\s*\(\s*["']src["']\s*,|(?-u:\b)load[0-9A-Za-z_]*\s*\()"#)
    });
    match place {
        Opens::InWindow => OPENED.as_ref(),
        Opens::InPart => LOADED.as_ref(),
    }
}

/// What is in the URL of a picture, which is loaded as well.
const PICTURES: [&str; 5] = [".gif", ".png", ".jpg", "hit", "count"];

/// The one URL that a function opens, put together of its arguments. Of several the one
/// of most arguments: the others are those of a first page, or of a default.
fn put_together(body: &str, arguments: &[&str]) -> Option<Vec<Piece>> {
    let is_argument = |piece: &&Piece| matches!(piece, Piece::Argument(..) | Piece::Field(..));
    let n_arguments = |pieces: &Vec<Piece>| pieces.iter().filter(is_argument).count();
    let of = |place: Opens| -> Option<Vec<Piece>> {
        let places = opens(place)?.find_iter(body);
        let found = places.filter_map(|found| pieces(&body[found.end()..], arguments, Some(body)));
        let found = found.filter(|pieces| n_arguments(pieces) > 0);
        let found: Vec<Vec<Piece>> =
            found.filter(|pieces| place == Opens::InWindow || !says(pieces, &PICTURES)).collect();
        let most = found.iter().map(n_arguments).max()?;
        let mut best = found.into_iter().filter(|pieces| n_arguments(pieces) == most);
        let one = best.next()?;
        best.all(|other| other == one).then_some(one)
    };
    let is_opened = opens(Opens::InWindow)?.is_match(body);
    let place = if is_opened { Opens::InWindow } else { Opens::InPart };
    of(place).filter(|pieces| is_url(pieces))
}

/// What a click on a tree's node opens, the node's fields in braces: `list_{cid}.html`
/// of `onClick: function(e, id, n) { frame.src = "list_" + n.cid + ".html" }`.
pub(super) fn of_node(script: &str) -> Option<String> {
    static CLICK: LazyLock<Option<Regex>> = LazyLock::new(|| {
        crate::pattern(
            r"(?i:onclick\s*:\s*function\s*[0-9a-z_$]*|function\s+[0-9a-z_$]*click[0-9a-z_$]*)\s*\(([^(){}]+)\)\s*\{",
        )
    });
    let field = |piece: &Piece| match piece {
        Piece::Field(_, name) => Some(format!("{{{name}}}")),
        _ => None,
    };
    CLICK.as_ref()?.captures_iter(script).take(MOST).find_map(|click| {
        let body = body(&script[click.get(0)?.end() - 1..])?;
        let arguments: Vec<&str> = click[1].split(',').map(str::trim).collect();
        joined(&put_together(&written_out(body), &arguments)?, field)
    })
}

/// What clicks open by what their elements carry:
/// `location.href = "/post/" + $(this).data("id") + ".html"`.
fn by_data(html: &str) -> Vec<Vec<Piece>> {
    const MOST_PLACES: usize = 50;
    const NEAR: usize = 300;
    if !html.contains("(this)") && !html.contains("dataset") && !html.contains("getAttribute") {
        return Vec::new();
    }
    let has_data = |pieces: &Vec<Piece>| pieces.iter().any(|piece| matches!(piece, Piece::Data(_)));
    let places = [Opens::InWindow, Opens::InPart]
        .into_iter()
        .filter_map(opens)
        .flat_map(|opens| opens.find_iter(html))
        .take(MOST_PLACES);
    let found = places.filter_map(|place| {
        let near = &html[html.ceil_char_boundary(place.start().saturating_sub(NEAR))..place.start()];
        pieces(&html[place.end()..], &[], Some(near))
    });
    found.filter(|pieces| has_data(pieces) && is_url(pieces) && !says(pieces, &PICTURES)).collect()
}

fn says(pieces: &[Piece], words: &[&str]) -> bool {
    pieces.iter().any(|piece| matches!(piece, Piece::Text(text) if words.iter().any(|word| text.contains(word))))
}

/// Whether pieces put together may be a URL, and none behind `#`, where no server sees it.
fn is_url(pieces: &[Piece]) -> bool {
    says(pieces, &["/", ".", "?"]) && !says(pieces, &["#"])
}

/// What the expression that a text begins with puts together: texts, arguments, what the
/// element carries, and names that are given these in a body, of which none names another;
/// none where it puts anything else to them.
fn pieces(text: &str, arguments: &[&str], body: Option<&str>) -> Option<Vec<Piece>> {
    static TERM: LazyLock<Option<Regex>> = LazyLock::new(|| {
        crate::pattern(concat!(
            r#"^\s*(?:["']([^"'<>\s]*)["']|"#,
            r#"(?:\$\(this\)\.data\(\s*["']|(?:\$\(this\)\.attr|this\.getAttribute)\(\s*["']data-)([0-9A-Za-z-]+)["']\s*\)|"#,
            r"this\.dataset\.([0-9A-Za-z]+)|([A-Za-z_$][0-9A-Za-z_$]*)(?:\.([A-Za-z_$][0-9A-Za-z_$]*))?|",
            r"\(\s*([A-Za-z_$][0-9A-Za-z_$]*)\s*([+-]\s*[0-9])\s*\))[ \t]*",
        ))
    });
    let (mut found, mut rest) = (Vec::new(), text);
    loop {
        let term = TERM.as_ref()?.captures(rest)?;
        let data = term.get(2).or_else(|| term.get(3));
        let shift = term.get(7).map_or("0", |shift| shift.as_str());
        match (term.get(1), data, term.get(4).or_else(|| term.get(6)).map(|name| name.as_str())) {
            (Some(literal), ..) => found.push(Piece::Text(literal.as_str().to_owned())),
            (_, Some(data), _) => found.push(Piece::Data(format!("data-{}", data.as_str().to_ascii_lowercase()))),
            (.., name) => match arguments.iter().position(|argument| Some(*argument) == name) {
                Some(place) => found.push(match term.get(5) {
                    Some(field) => Piece::Field(place, field.as_str().to_owned()),
                    None => Piece::Argument(place, shift.replace([' ', '+'], "").parse().ok()?),
                }),
                None if term.get(5).or_else(|| term.get(6)).is_some() => return None,
                None => found.extend(pieces(given(name?, body?)?, arguments, None)?),
            },
        }
        rest = &rest[term.get(0)?.end()..];
        match rest.trim_start_matches([' ', '\t', '\r']).chars().next() {
            Some('+') => rest = rest.trim_start().strip_prefix('+')?,
            None | Some(';' | ',' | ')' | '}' | '\n') => return Some(found),
            Some(_) => return None,
        }
    }
}

/// What a name is given in a body, where that is once.
fn given<'b>(name: &str, body: &'b str) -> Option<&'b str> {
    let mut found = body.match_indices(name).filter_map(|(at, _)| {
        let is_whole = !body[..at].ends_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '$' | '.'));
        body[at + name.len()..].trim_start().strip_prefix('=').filter(|value| is_whole && !value.starts_with('='))
    });
    found.next().filter(|_| found.next().is_none())
}

/// The URLs that a function chooses from: `if (t == 'nb') { f.src = '/nb/' }`, or
/// the cases of a switch.
fn one_of(body: &str, argument: &str) -> Option<Vec<(String, String)>> {
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
    (!urls.is_empty()).then_some(urls)
}

/// The URLs of an object that a function looks its argument up in:
/// `var pages = {nb: '/nb/'}; function go(k) { load(pages[k]) }`.
fn of_map(body: &str, argument: &str, html: &str) -> Option<Vec<(String, String)>> {
    static LOOKED_UP: LazyLock<Option<Regex>> =
        LazyLock::new(|| crate::pattern(r"(?-u:\b)([A-Za-z_$][0-9A-Za-z_$]*)\[\s*([A-Za-z_$][0-9A-Za-z_$]*)\s*\]"));
    let map = LOOKED_UP.as_ref()?.captures_iter(body).find(|found| &found[2] == argument)?;
    let fields = fields(given_object(&map[1], html)?, &|_, _| Some(serde_json::Value::Null))?;
    let url =
        |(key, value): (String, serde_json::Value)| Some((key, value.as_str().filter(|v| is_address(v))?.to_owned()));
    let urls: Vec<_> = fields.into_iter().filter_map(url).collect();
    (!urls.is_empty()).then_some(urls)
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
            ("function f(id, type){ open('/d/' + id); }", "f('7', 1)", Some("/d/7")),
            ("function f(id){ open('/d/' + id); }", "f(7, this)", Some("/d/7")),
            ("function f(id, y){ var u = '/d/' + y + '/' + id; window.open(u, '_blank'); }", "f(7, 8)", Some("/d/8/7")),
            (
                "function f(p,u){ if(p>1) location.href=u+'_'+p+'.html'; else location.href=u+'.html'; }",
                "f(2,'/l/i')",
                Some("/l/i_2.html"),
            ),
            ("function f(n){ location.href = 'index_' + (n-1) + '.html'; }", "f(2)", Some("index_1.html")),
            // What is not plain is not put together.
            ("function f(id){ var u = '/d/'; u = u + id; open(u); }", "f(7)", None),
            ("function f(id, type){ open('/d/' + id + type); }", "f(7)", None),
            ("function f(u){ location.href = u; }", "f('a')", None),
            ("function f(id){ open(`/d/${id}/${other}`); }", "f(7)", None),
            ("function f(t){ new Image().src = '/hits.jsp?id=' + t; }", "f(7)", None),
            ("function f(t){ if(t=='zn'){m.src='/zn/';} }", "f('nb')", None),
            ("function f(t){ if(s=='nb'){m.src='/nb/';} }", "f('nb')", None),
            ("function f(id){ open('/d/' + id + type); }", "f(7)", None),
            ("function f(id){ open('/d/' + other); }", "f(7)", None),
            ("function f(id){ open('/d/' + id); }", "f(id)", None),
            ("function f(id){ open('/d/' + id); }", "f(id, 8)", None),
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
    fn a_click_opens_what_its_element_carries() {
        for script in [
            "$('.it').on('click',function(){ window.location.href = '/p/' + $(this).data('id') + '.html'; })",
            "$('.it').click(function(){ var id = $(this).attr(\"data-id\");\n window.open('/p/'+id+'.html') })",
            "$('.it').click(function(){ $('#c').load('/p/' + $(this).attr('data-id') + '.html') })",
            "el.onclick = function(){ location.href = '/p/' + this.dataset.id + '.html' }",
        ] {
            let openers = Openers::of(script);
            assert_eq!(openers.by_data("class=it data-id='7'").as_deref(), Some("/p/7.html"), "{script}");
            assert_eq!(openers.by_data("class=it data-no='7'"), None, "{script}");
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
