//! How the markup of a document ends: a connection that broke, or a half that was
//! saved, leaves it open.

/// How the markup of a document ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Ending {
    /// Nothing tells that it was cut.
    #[default]
    Whole,
    /// Within a tag.
    InTag,
    /// Within a table.
    InTable,
    /// Within the element that holds it, as does the document itself.
    InElement,
}

impl Ending {
    /// The ending of an HTML source.
    ///
    /// What has the end of a document was not cut, whatever else it leaves open. Of a
    /// cut within a script nothing is concluded: no report stands there.
    pub(super) fn of(html: &str) -> Self {
        let n_of = |marker: &str, name: &str| tags(html, marker, name).count();
        let is_closed = |name: &str| tags(html, "</", name).next().is_some();
        let in_script = || tags(html, "<", "script").next() > tags(html, "</", "script").next();
        // A whole page is known by its last tag, and read no further.
        if is_closed("html") || is_closed("body") || in_script() {
            return Self::Whole;
        }
        let begins_tag = |tail: &str| tail[1..].chars().next().is_none_or(|c| c.is_ascii_alphabetic() || c == '/');
        if html.rfind('<').is_some_and(|at| !html[at..].contains('>') && begins_tag(&html[at..])) {
            Self::InTag
        } else if n_of("<", "table") > n_of("</", "table") {
            Self::InTable
        } else if (n_of("<", "html") > 0 || n_of("<", "body") > 0) && n_of("<", "div") > n_of("</", "div") {
            Self::InElement
        } else {
            Self::Whole
        }
    }

    /// Where it ends in words; none where nothing tells that it was cut.
    #[must_use]
    pub fn words(self) -> Option<&'static str> {
        match self {
            Self::Whole => None,
            Self::InTag => Some("the page ends in the middle of a tag"),
            Self::InTable => Some("the page ends in the middle of a table"),
            Self::InElement => Some("the page ends before its markup does"),
        }
    }
}

/// Where tags of a name begin, the last first.
fn tags<'a>(html: &'a str, marker: &'a str, name: &'a str) -> impl Iterator<Item = usize> + 'a {
    let is_named = move |at: &usize| {
        let rest = &html.as_bytes()[at + marker.len()..];
        let is_longer = rest.get(name.len()).is_some_and(u8::is_ascii_alphanumeric);
        rest.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name.as_bytes())) && !is_longer
    };
    html.rmatch_indices(marker).map(|(at, _)| at).filter(is_named)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_was_cut_leaves_its_markup_open() {
        let cases = [
            ("<html><body><div>一</div></body></html>", Ending::Whole),
            ("<HTML><BODY><div>一</BODY>", Ending::Whole),
            ("<p>一</p><p>二</p>", Ending::Whole),
            ("<p>一</p>a<b", Ending::InTag),
            ("<p>一</p><p>1<2</p>", Ending::Whole),
            ("<p>一</p><p>不足<5", Ending::Whole),
            ("<p>一</p><td sty", Ending::InTag),
            ("<p>一</p><", Ending::InTag),
            ("<table><tr><td>一</td><td>", Ending::InTable),
            ("<table><tr><td><table></table>", Ending::InTable),
            ("<table><tr><td>一</table>", Ending::Whole),
            ("<html><body><div><p>一", Ending::InElement),
            ("<div><p>一", Ending::Whole),
            ("<html><body><div><script>a", Ending::Whole),
            ("", Ending::Whole),
        ];
        for (html, expected) in cases {
            assert_eq!(Ending::of(html), expected, "{html}");
        }
    }
}
