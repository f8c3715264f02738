//! An article that stands as a text in JSON, as one-page applications get theirs:
//! `{"data": {"title": "…", "content": "<p>…"}}`.

use serde_json::{Map, Value};

use super::fold::is_han;

/// A longer text is no answer that brings one article.
const LONGEST: usize = 4 * 1024 * 1024;
/// Chinese characters of a text that may be an article, and of a title.
const SHORTEST_ARTICLE: usize = 200;
const LONGEST_TITLE: usize = 100;

/// A text's JSON value, out of its callback where it has one.
#[must_use]
pub fn json_value(text: &str) -> Option<Value> {
    let text = text.trim();
    let inside = match text.split_once('(') {
        Some((name, rest))
            if name.len() < 60 && name.chars().all(|c| c.is_ascii_alphanumeric() || "_.$".contains(c)) =>
        {
            rest.trim_end_matches(';').trim_end().strip_suffix(')')?
        }
        _ => text,
    };
    let inside = inside.trim_start();
    inside.starts_with(['{', '[']).then(|| serde_json::from_str(inside).ok()).flatten()
}

/// The one article of a JSON answer, as a page of its own: its title above its text,
/// its day between them. None where the answer has no text long enough, or several.
pub(super) fn article(text: &str) -> Option<String> {
    let answer = (text.len() <= LONGEST).then(|| json_value(text))??;
    let mut articles = Vec::new();
    let mut open = vec![&answer];
    while let Some(value) = open.pop() {
        match value {
            Value::Array(items) => open.extend(items),
            Value::Object(fields) => {
                let texts = fields.values().filter_map(Value::as_str).filter(|text| n_han(text) >= SHORTEST_ARTICLE);
                articles.extend(texts.map(|text| (fields, text)));
                open.extend(fields.values());
            }
            _ => {}
        }
    }
    // The same text may be there twice, as markup and without.
    articles.sort_by_key(|(_, text)| !text.contains('<'));
    let (fields, content) = *articles.first()?;
    if articles.iter().any(|(others, _)| !std::ptr::eq(*others, fields)) {
        return None;
    }
    let title = title_of(fields).unwrap_or_default();
    let day = day_of(fields).map(|day| format!("<p>发布时间：{}</p>", escaped(day))).unwrap_or_default();
    let title = escaped(title);
    let content = if content.contains('<') { content.to_owned() } else { paragraphs(content) };
    Some(format!(
        "<html><head><title>{title}</title></head><body>\n<h1>{title}</h1>\n{day}\n<div>{content}</div>\n</body></html>"
    ))
}

fn n_han(text: &str) -> usize {
    text.chars().filter(|c| is_han(*c)).count()
}

/// The longest of what is called a title beside an article's text.
fn title_of(fields: &Map<String, Value>) -> Option<&str> {
    let titles = fields.iter().filter(|(name, _)| name.to_ascii_lowercase().contains("title"));
    let titles = titles.filter_map(|(_, value)| value.as_str());
    let titles = titles.filter(|title| title.chars().any(is_han) && title.chars().count() <= LONGEST_TITLE);
    titles.max_by_key(|title| title.chars().count())
}

/// The day on which an article says that it was published.
fn day_of(fields: &Map<String, Value>) -> Option<&str> {
    const NAMES: [&str; 4] = ["publish", "pubdate", "pub_date", "pubtime"];
    let published = fields.iter().filter(|(name, _)| {
        let name = name.to_ascii_lowercase();
        NAMES.iter().any(|known| name.contains(known))
    });
    let mut days = published.filter_map(|(_, value)| value.as_str());
    days.find(|day| day.starts_with("20") && day.len() <= 30)
}

/// Markup that stands escaped, or the lines of a plain text.
fn paragraphs(text: &str) -> String {
    if text.trim_start().starts_with("&lt;") {
        return text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&");
    }
    text.lines().map(|line| format!("<p>{}</p>\n", escaped(line))).collect()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_article_is_taken_out_of_its_answer() {
        let long = "我县主动公开政府信息。".repeat(30);
        let lines = |page: &str| page.lines().map(str::to_owned).collect::<Vec<_>>();
        let answer = serde_json::json!({ "data": { "docTitle": "某县年报", "publishDate": "2022-01-20", "doc": format!("<p>{long}</p>") } });
        let page = lines(&article(&answer.to_string()).unwrap());
        assert_eq!(page[1..3], ["<h1>某县年报</h1>", "<p>发布时间：2022-01-20</p>"]);
        assert_eq!(page[3], format!("<div><p>{long}</p></div>"));
        assert_eq!(article(&format!("back({answer});")).map(|page| lines(&page)), Some(page));
        let plain = serde_json::json!({ "title": "年报", "content": format!("{long}\n二") });
        assert!(article(&plain.to_string()).unwrap().contains("<p>二</p>"));
        let escaped = serde_json::json!({ "title": "年报", "content": format!("&lt;p&gt;{long}&lt;/p&gt;") });
        assert!(article(&escaped.to_string()).unwrap().contains("<div><p>"));
        for other in [
            serde_json::json!([{ "title": "a", "content": long }, { "title": "b", "content": long }]),
            serde_json::json!({ "rows": [{ "title": "某县年报", "url": "/r/1.html" }] }),
            serde_json::json!(long),
        ] {
            assert_eq!(article(&other.to_string()), None, "{other}");
        }
        assert_eq!(article(&long), None);
    }
}
