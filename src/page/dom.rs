//! The tree of a document, as small as its blocks need it.
//!
//! A report's tables are little but tags. A general tree of some two hundred
//! bytes a node took thirty times the page; here a node is 32 bytes, and what
//! nobody asks for (comments, doctypes, most attributes) is not kept.

use std::borrow::Cow;
use std::cell::{Ref, RefCell};
use std::collections::HashMap;

use html5ever::tendril::{StrTendril, TendrilSink};
use html5ever::tree_builder::{ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::{Attribute, QualName, local_name, ns};

use super::orderly;

/// The class given to what stood in a table, and in no cell.
pub(super) const FOSTERED: &str = "fostered";

/// The attributes that say something of a block.
pub(super) const KEPT: [&str; 12] = [
    "class",
    "colspan",
    "content",
    "hidden",
    "id",
    "name",
    "placeholder",
    "property",
    "rowspan",
    "style",
    "type",
    "value",
];

/// A node's place in its tree.
pub(super) type NodeId = u32;

/// An element's attributes, of those that are kept.
pub(super) type Attributes = Vec<(&'static str, StrTendril)>;

/// The document itself. No link leads to it, so it also stands for none.
const DOCUMENT: NodeId = 0;
const NONE: NodeId = DOCUMENT;

/// A parsed document.
#[derive(Default)]
pub(super) struct Tree {
    nodes: Vec<Node>,
    texts: Vec<StrTendril>,
    /// Each name once.
    names: Vec<QualName>,
    by_name: HashMap<QualName, u32>,
    /// The attributes of the elements that have any; the first are of none.
    attributes: Vec<Attributes>,
    /// Those of what stood between a table's cells; 0 until there is some.
    fostered: u32,
}

struct Node {
    parent: NodeId,
    previous: NodeId,
    next: NodeId,
    first: NodeId,
    last: NodeId,
    data: Data,
}

#[derive(Clone, Copy)]
enum Data {
    Nothing,
    Text(u32),
    Element { name: u32, attributes: u32 },
}

/// What a walk over a tree comes by.
pub(super) enum Step<'a> {
    Text(&'a str),
    Open(NodeId, Element<'a>),
    Close(NodeId, Element<'a>),
}

/// An element's name and attributes.
#[derive(Clone, Copy)]
pub(super) struct Element<'a> {
    name: &'a str,
    attributes: &'a [(&'static str, StrTendril)],
}

impl<'a> Element<'a> {
    pub fn name(&self) -> &'a str {
        self.name
    }

    /// The value of one of the attributes that are kept.
    pub fn attr(&self, name: &str) -> Option<&'a str> {
        self.attributes.iter().find(|(other, _)| *other == name).map(|(_, value)| &**value)
    }
}

impl Tree {
    /// The document's own id.
    pub const DOCUMENT: NodeId = DOCUMENT;

    /// The tree of a source, built as browsers do.
    pub fn parse(source: String) -> Self {
        let source = if source.contains('\r') { source.replace("\r\n", "\n").replace('\r', "\n") } else { source };
        let input = StrTendril::from(source.as_str());
        drop(source);
        orderly::tree(&input, Self::with_room_for(&input)).unwrap_or_else(|| Self::repaired(input))
    }

    /// The tree of a source in which tags may be lost or stand where they may not.
    pub fn repaired(source: StrTendril) -> Self {
        let mut tree = Self::with_room_for(&source);
        if ["<table", "<TABLE"].iter().any(|table| source.contains(table)) {
            // A text that stands between cells gets a paragraph of its own.
            tree.nodes.reserve_exact(tree.nodes.capacity() + tree.texts.capacity());
        }
        let sink = Sink(RefCell::new(tree));
        html5ever::parse_document(sink, html5ever::ParseOpts::default()).one(source)
    }

    /// An empty tree with room for as many nodes as there are tags and texts in a
    /// source, so that the list need not be copied while it grows.
    pub fn with_room_for(source: &str) -> Self {
        let bytes = source.as_bytes();
        let pairs = || bytes.iter().zip(bytes.iter().skip(1));
        let n_ends = pairs().filter(|pair| *pair == (&b'<', &b'/')).count();
        let n_starts = pairs().filter(|(first, second)| **first == b'<' && second.is_ascii_alphabetic()).count();
        let n_texts = pairs().filter(|(last, first)| **last == b'>' && **first != b'<').count().min(n_starts + n_ends);
        let mut tree = Self { attributes: vec![Vec::new()], ..Self::default() };
        tree.nodes.reserve_exact(n_starts + n_texts + 8);
        tree.texts.reserve_exact(n_texts + 8);
        tree.add(Data::Nothing);
        tree
    }

    /// The texts and elements in document order, without recursion.
    pub fn walk(&self) -> impl Iterator<Item = Step<'_>> {
        let mut at = Some((DOCUMENT, true));
        std::iter::from_fn(move || {
            loop {
                let (id, opens) = at?;
                let node = &self.nodes[id as usize];
                at = if opens && node.first != NONE {
                    Some((node.first, true))
                } else if opens && matches!(node.data, Data::Element { .. }) {
                    Some((id, false))
                } else if node.next != NONE {
                    Some((node.next, true))
                } else {
                    (id != DOCUMENT).then_some((node.parent, false))
                };
                match node.data {
                    Data::Nothing => {}
                    Data::Text(text) => return Some(Step::Text(&self.texts[text as usize])),
                    Data::Element { name, attributes } => {
                        let element = Element {
                            name: &self.names[name as usize].local,
                            attributes: &self.attributes[attributes as usize],
                        };
                        return Some(if opens { Step::Open(id, element) } else { Step::Close(id, element) });
                    }
                }
            }
        })
    }

    fn add(&mut self, data: Data) -> NodeId {
        self.nodes.push(Node { parent: NONE, previous: NONE, next: NONE, first: NONE, last: NONE, data });
        self.nodes.len() as NodeId - 1
    }

    fn node(&mut self, id: NodeId) -> &mut Node {
        &mut self.nodes[id as usize]
    }

    /// Makes two children of a parent neighbours; where one is none, the other
    /// is the first or the last.
    fn link(&mut self, parent: NodeId, previous: NodeId, next: NodeId) {
        if previous == NONE {
            self.node(parent).first = next;
        } else {
            self.node(previous).next = next;
        }
        if next == NONE {
            self.node(parent).last = previous;
        } else {
            self.node(next).previous = previous;
        }
    }

    /// Puts a node without a parent before a child of `parent`, at the end
    /// where that is none.
    fn insert(&mut self, parent: NodeId, before: NodeId, child: NodeId) {
        let previous = self.last_before(parent, before);
        self.node(child).parent = parent;
        self.link(parent, previous, child);
        self.link(parent, child, before);
    }

    fn detach(&mut self, child: NodeId) {
        if !self.has_parent(child) {
            return;
        }
        let Node { parent, previous, next, .. } = *self.node(child);
        self.link(parent, previous, next);
        let node = self.node(child);
        (node.parent, node.previous, node.next) = (NONE, NONE, NONE);
    }

    /// The child of `parent` that stands before another, the last where that
    /// is none.
    fn last_before(&mut self, parent: NodeId, before: NodeId) -> NodeId {
        if before == NONE { self.node(parent).last } else { self.node(before).previous }
    }

    /// Whether a node is a child; a link to the document looks like none.
    fn has_parent(&self, id: NodeId) -> bool {
        let node = &self.nodes[id as usize];
        node.parent != NONE || self.nodes[DOCUMENT as usize].first == id || node.previous != NONE
    }

    /// Puts a node or a text there; text beside text is one.
    fn put(&mut self, parent: NodeId, before: NodeId, child: NodeOrText<NodeId>) {
        match child {
            NodeOrText::AppendNode(id) => {
                self.detach(id);
                self.insert(parent, before, id);
            }
            NodeOrText::AppendText(text) => {
                let previous = self.last_before(parent, before);
                if let Data::Text(index) = self.node(previous).data {
                    self.texts[index as usize].push_tendril(&text);
                } else {
                    self.texts.push(text);
                    let id = self.add(Data::Text(self.texts.len() as u32 - 1));
                    self.insert(parent, before, id);
                }
            }
        }
    }

    /// Marks an element without attributes as one that stood between cells.
    fn foster(&mut self, id: NodeId) {
        if self.fostered == 0 {
            self.fostered = self.attributes.len() as u32;
            self.attributes.push(vec![("class", FOSTERED.into())]);
        }
        let fostered = self.fostered;
        if let Data::Element { attributes, .. } = &mut self.node(id).data
            && *attributes == 0
        {
            *attributes = fostered;
        }
    }

    fn element(&mut self, name: QualName, attributes: Attributes) -> NodeId {
        let known = self.by_name.get(&name).copied();
        let name = known.unwrap_or_else(|| self.new_name(name));
        self.new_element(name, attributes)
    }

    fn new_name(&mut self, name: QualName) -> u32 {
        let place = self.names.len() as u32;
        self.names.push(name.clone());
        self.by_name.insert(name, place);
        place
    }

    fn new_element(&mut self, name: u32, attributes: Attributes) -> NodeId {
        let attributes = if attributes.is_empty() {
            0
        } else {
            self.attributes.push(attributes);
            self.attributes.len() as u32 - 1
        };
        self.add(Data::Element { name, attributes })
    }

    /// The place of the name of an HTML element, asked for once.
    pub fn name(&mut self, lower_case: &str) -> u32 {
        self.new_name(QualName::new(None, ns!(html), lower_case.into()))
    }

    /// Puts an element of the name at a place at the end of a parent.
    pub fn append_element(&mut self, parent: NodeId, name: u32, attributes: Attributes) -> NodeId {
        let id = self.new_element(name, attributes);
        self.insert(parent, NONE, id);
        id
    }

    /// Puts a text at the end of a parent; text beside text is one.
    pub fn append_text(&mut self, parent: NodeId, text: StrTendril) {
        self.put(parent, NONE, NodeOrText::AppendText(text));
    }
}

fn kept(attributes: Vec<Attribute>) -> Attributes {
    let kept = |attribute: Attribute| {
        let name = KEPT.iter().find(|known| ***known == *attribute.name.local)?;
        Some((*name, attribute.value))
    };
    attributes.into_iter().filter_map(kept).collect()
}

/// What the parser builds a tree through.
struct Sink(RefCell<Tree>);

impl TreeSink for Sink {
    type Handle = NodeId;
    type Output = Tree;
    type ElemName<'a> = Ref<'a, QualName>;

    fn finish(self) -> Tree {
        self.0.into_inner()
    }

    fn parse_error(&self, _message: Cow<'static, str>) {}

    fn set_quirks_mode(&self, _mode: QuirksMode) {}

    fn get_document(&self) -> NodeId {
        DOCUMENT
    }

    fn same_node(&self, one: &NodeId, other: &NodeId) -> bool {
        one == other
    }

    fn elem_name<'a>(&'a self, target: &'a NodeId) -> Ref<'a, QualName> {
        Ref::map(self.0.borrow(), |tree| match tree.nodes[*target as usize].data {
            Data::Element { name, .. } => &tree.names[name as usize],
            // The parser asks for elements only.
            Data::Nothing | Data::Text(_) => &tree.names[0],
        })
    }

    fn create_element(&self, name: QualName, attributes: Vec<Attribute>, _flags: ElementFlags) -> NodeId {
        self.0.borrow_mut().element(name, kept(attributes))
    }

    fn create_comment(&self, _text: StrTendril) -> NodeId {
        self.0.borrow_mut().add(Data::Nothing)
    }

    fn create_pi(&self, _target: StrTendril, _data: StrTendril) -> NodeId {
        self.0.borrow_mut().add(Data::Nothing)
    }

    fn append_doctype_to_document(&self, _name: StrTendril, _public: StrTendril, _system: StrTendril) {}

    fn append(&self, parent: &NodeId, child: NodeOrText<NodeId>) {
        self.0.borrow_mut().put(*parent, NONE, child);
    }

    fn append_before_sibling(&self, sibling: &NodeId, child: NodeOrText<NodeId>) {
        let mut tree = self.0.borrow_mut();
        if let NodeOrText::AppendNode(id) = child {
            tree.detach(id);
        }
        if tree.has_parent(*sibling) {
            let parent = tree.node(*sibling).parent;
            tree.put(parent, *sibling, child);
        }
    }

    fn append_based_on_parent_node(&self, element: &NodeId, previous: &NodeId, child: NodeOrText<NodeId>) {
        if self.0.borrow().has_parent(*element) {
            let child = match child {
                // What a table with lost tags drops stands together before it:
                // each piece is a paragraph of its own, or labels and numbers of
                // different rows would make a sentence.
                NodeOrText::AppendText(text) if !text.trim().is_empty() => {
                    let mut tree = self.0.borrow_mut();
                    let paragraph = tree.element(QualName::new(None, ns!(html), local_name!("p")), Vec::new());
                    tree.foster(paragraph);
                    tree.put(paragraph, NONE, NodeOrText::AppendText(text));
                    NodeOrText::AppendNode(paragraph)
                }
                NodeOrText::AppendNode(id) => {
                    self.0.borrow_mut().foster(id);
                    NodeOrText::AppendNode(id)
                }
                text @ NodeOrText::AppendText(_) => text,
            };
            self.append_before_sibling(element, child);
        } else {
            self.append(previous, child);
        }
    }

    fn remove_from_parent(&self, target: &NodeId) {
        self.0.borrow_mut().detach(*target);
    }

    fn reparent_children(&self, node: &NodeId, new_parent: &NodeId) {
        let mut tree = self.0.borrow_mut();
        while tree.node(*node).first != NONE {
            let child = tree.node(*node).first;
            tree.detach(child);
            tree.insert(*new_parent, NONE, child);
        }
    }

    fn add_attrs_if_missing(&self, target: &NodeId, attributes: Vec<Attribute>) {
        let mut tree = self.0.borrow_mut();
        let more = kept(attributes);
        let Data::Element { name, attributes } = tree.node(*target).data else { return };
        if more.is_empty() {
            return;
        }
        let mut all = tree.attributes[attributes as usize].clone();
        for (key, value) in more {
            if !all.iter().any(|(other, _)| *other == key) {
                all.push((key, value));
            }
        }
        if attributes == 0 {
            tree.attributes.push(all);
            let attributes = tree.attributes.len() as u32 - 1;
            tree.node(*target).data = Data::Element { name, attributes };
        } else {
            tree.attributes[attributes as usize] = all;
        }
    }

    /// What stands in a template stays in it: blocks pass it over.
    fn get_template_contents(&self, target: &NodeId) -> NodeId {
        *target
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tree as its walk sees it.
    fn outline(html: &str) -> String {
        let tree = Tree::parse(html.to_owned());
        let words = tree.walk().map(|step| match step {
            Step::Text(text) => text.to_owned(),
            Step::Open(_, element) => format!("<{}>", element.name()),
            Step::Close(_, element) => format!("</{}>", element.name()),
        });
        let all: String = words.collect();
        let body = all.find("<body>").map_or(0, |at| at + 6);
        all[body..].replace("</body></html>", "")
    }

    #[test]
    fn trees_are_those_of_browsers() {
        let cases = [
            ("<p>1<p>2", "<p>1</p><p>2</p>"),
            ("a<!-- b -->c", "ac"),
            // What may not stand in a table goes before it, each text a
            // paragraph of its own: browsers make one text of them.
            ("<table>a<tr><td>1</td>b</table>", "<p>a</p><p>b</p><table><tbody><tr><td>1</td></tr></tbody></table>"),
            ("<table><td>1<td>2", "<table><tbody><tr><td>1</td><td>2</td></tr></tbody></table>"),
            // A link around a paragraph that closes inside it.
            ("<a><p>1</a>2", "<a></a><p><a>1</a>2</p>"),
            ("<br></p>", "<br></br><p></p>"),
            ("0<template><p>1</template>2", "0<template><p>1</p></template>2"),
        ];
        for (html, expected) in cases {
            assert_eq!(outline(html), expected, "{html}");
        }
    }

    #[test]
    fn the_attributes_of_blocks_are_kept_and_no_others() {
        let tree = Tree::parse("<html class=a><td><body id=b><html id=c class=d><table><td rowspan=2 width=3>".into());
        let mut found = Vec::new();
        for step in tree.walk() {
            if let Step::Open(_, element) = step {
                let attributes = KEPT.iter().filter_map(|name| Some(format!("{name}={}", element.attr(name)?)));
                found.push(format!("{} {}", element.name(), attributes.collect::<Vec<_>>().join(" ")));
                assert_eq!(element.attr("width"), None);
            }
        }
        assert_eq!(found.join("; "), "html class=a id=c; head ; body id=b; table ; tbody ; tr ; td rowspan=2");
    }
}
