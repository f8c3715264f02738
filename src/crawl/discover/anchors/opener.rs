//! Functions of a page that open a URL put together from their one argument:
//! `function openDoc(id) { window.open('/doc/' + id + '.html') }`, with which a
//! list says `javascript:openDoc('1168')` and a pager `turnPage(2)`. Scripts are
//! read, never run: the URL's pieces and the argument stand there as they are.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::LazyLock;

use regex::Regex;

/// Functions of one page that are looked at.
const MOST: usize = 200;

/// Bytes of a function's name, or its argument's, at most.
const LONGEST_NAME: usize = 61;
/// Characters of its body at most.
const LONGEST_BODY: usize = 600;

/// The functions of a page that open what their argument names.
#[derive(Debug, Default)]
pub(super) struct Openers<'a> {
    /// By name, what stands before and behind the argument; none where the page
    /// has two functions of the name that differ.
    around: HashMap<&'a str, Option<(&'a str, &'a str)>>,
}

impl<'a> Openers<'a> {
    /// Those of a page's scripts.
    pub fn of(html: &'a str) -> Self {
        static FUNCTION: LazyLock<Option<Regex>> = LazyLock::new(|| {
            // Lengths are looked at afterwards: a pattern that counts is large, and
            // so is what every thread remembers of it.
            let name = r"([A-Za-z_$](?-u:[\w$])*)";
            crate::pattern(&format!(
                r"(?:\bfunction\s+{name}\s*|{name}\s*=\s*function\s*)\(\s*{name}\s*\)\s*\{{([^{{}}]+)\}}"
            ))
        });
        let mut openers = Self::default();
        if !html.contains("function") {
            return openers;
        }
        for found in FUNCTION.iter().flat_map(|function| function.captures_iter(html)).take(MOST) {
            let name = found.get(1).or_else(|| found.get(2)).map(|name| name.as_str());
            let (Some(name), Some(argument), Some(body)) = (name, found.get(3), found.get(4)) else { continue };
            let is_short = name.len() <= LONGEST_NAME && argument.len() <= LONGEST_NAME;
            if !is_short || body.as_str().chars().count() > LONGEST_BODY {
                continue;
            }
            let Some(around) = opened(body.as_str(), argument.as_str()) else { continue };
            match openers.around.entry(name) {
                Entry::Vacant(first) => drop(first.insert(Some(around))),
                Entry::Occupied(mut known) if *known.get() != Some(around) => drop(known.insert(None)),
                Entry::Occupied(_) => {}
            }
        }
        openers
    }

    /// The URL that a call opens: `javascript:openDoc('1168')`, `turnPage(2);`.
    pub fn url(&self, code: &str) -> Option<String> {
        static CALL: LazyLock<Option<Regex>> = LazyLock::new(|| {
            crate::pattern(
                r#"^\s*(?i:javascript:)?\s*(?:return\s+|void\s+)?([A-Za-z_$][\w$]*)\(\s*(?:'([\w.%-]{1,64})'|"([\w.%-]{1,64})"|(\d{1,18}))\s*\)\s*;?"#,
            )
        });
        if self.around.is_empty() {
            return None;
        }
        let call = CALL.as_ref()?.captures(code)?;
        let (before, behind) = (*self.around.get(&call[1])?)?;
        let argument = (2..=4).find_map(|group| call.get(group))?.as_str();
        Some(format!("{before}{argument}{behind}"))
    }
}

/// What stands around the argument in the one URL that a function opens.
fn opened<'a>(body: &'a str, argument: &str) -> Option<(&'a str, &'a str)> {
    static OPENED: LazyLock<Option<Regex>> = LazyLock::new(|| {
        let opens = r"(?:\blocation(?:\s*\.\s*href)?\s*=|\blocation\s*\.\s*(?:replace|assign)\s*\(|\bopen\s*\()";
        let text = r#"["']([^"'<>\s]{0,200})["']"#;
        crate::pattern(&format!(r"{opens}\s*{text}\s*\+\s*([A-Za-z_$][\w$]*)[ \t]*(?:\+\s*{text})?\s*(?:[;,)\n]|$)"))
    });
    let mut places = OPENED.as_ref()?.captures_iter(body);
    let place = places.next().filter(|_| places.next().is_none())?;
    let (before, behind) = (place.get(1)?.as_str(), place.get(3).map_or("", |behind| behind.as_str()));
    let is_url = before.contains(['/', '.', '?']) && !before.contains('#');
    (&place[2] == argument && is_url).then_some((before, behind))
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
            // What is not plain is not put together.
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
}
