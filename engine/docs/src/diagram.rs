//! Diagrams as SVG within the page: how tables refer to each other, and which requests follow from which records.

use std::fmt::Write;

use tapwright_spec::Connector;
use tapwright_spec::model::{Of, Stream};

use crate::context::shown;
use crate::layers::Layers;

/// Width of a letter, in pixels, of the font that the style sheet gives to diagrams.
const LETTER: f64 = 7.4;
/// Height of the head of a box, and of a line in it.
const HEAD: f64 = 28.0;
const LINE: f64 = 20.0;
/// Room within a box, between boxes and between layers.
const INSIDE: f64 = 10.0;
const BETWEEN: f64 = 16.0;
const ACROSS: f64 = 72.0;
/// Room around all.
const AROUND: f64 = 8.0;

shown! {
    /// A drawing.
    pub(crate) struct Diagram {
        /// SVG for a page in HTML: `{{ … |safe }}`. Its colours are the text's; boxes have the class `box`.
        pub(crate) svg: String,
        /// What it shows, in a sentence.
        pub(crate) caption: String,
    }
}

/// A box with lines of text, each of which a line of the drawing may begin at.
struct Node {
    name: String,
    lines: Vec<String>,
}

/// A line of the drawing.
struct Edge {
    from: usize,
    /// The line of text at which it begins; the head without one.
    row: Option<usize>,
    to: usize,
    /// `solid` or `dashed`.
    class: &'static str,
}

/// How tables refer to each other, where one does.
pub(crate) fn relations(connector: &Connector) -> Option<Diagram> {
    let target = |name: &str| connector.stream(name).filter(|stream| !stream.primary_key.is_empty());
    let refers = |stream: &Stream| -> Vec<(String, String)> {
        let referring = stream.fields.iter().filter_map(|field| {
            let other = target(field.references.as_deref()?)?;
            Some((stream.naming().column(&field.name), other.name.clone()))
        });
        referring.collect()
    };
    let is_meant = |name: &str| connector.streams.iter().any(|stream| refers(stream).iter().any(|(_, to)| to == name));
    let drawn: Vec<&Stream> =
        connector.streams.iter().filter(|stream| !refers(stream).is_empty() || is_meant(&stream.name)).collect();
    let place = |name: &str| drawn.iter().position(|stream| stream.name == name);
    let mut edges = Vec::new();
    let mut nodes = Vec::new();
    for (from, stream) in drawn.iter().enumerate() {
        let refers = refers(stream);
        for (row, (_, to)) in refers.iter().enumerate() {
            edges.extend(place(to).map(|to| Edge { from, row: Some(row), to, class: "solid" }));
        }
        nodes.push(Node { name: stream.name.clone(), lines: refers.into_iter().map(|(field, _)| field).collect() });
    }
    let others = connector.streams.len() - drawn.len();
    let others = match others {
        0 => String::new(),
        1 => " One table without references is left out.".to_owned(),
        count => format!(" {count} tables without references are left out."),
    };
    let caption = format!("Each line leads from a column to the table whose key it holds.{others}");
    (!edges.is_empty()).then(|| draw("How the tables refer to each other", &nodes, &edges, caption))
}

/// Which streams are read for the records of others, where one is.
pub(crate) fn flow(connector: &Connector) -> Option<Diagram> {
    let place = |name: &str| connector.streams.iter().position(|stream| stream.name == name);
    let mut edges = Vec::new();
    for (to, stream) in connector.streams.iter().enumerate() {
        let class = if stream.is_changed_only() { "solid" } else { "dashed" };
        let parents = stream.parents().iter().filter_map(|name| place(name));
        edges.extend(parents.map(|from| Edge { from, row: None, to, class }));
        let origin = stream.routed_from.as_deref().and_then(place);
        edges.extend(origin.map(|from| Edge { from, row: None, to, class: "solid" }));
    }
    if edges.is_empty() {
        return None;
    }
    let kept: Vec<usize> =
        (0..connector.streams.len()).filter(|at| edges.iter().any(|edge| edge.from == *at || edge.to == *at)).collect();
    let nodes: Vec<Node> = kept.iter().map(|at| requests(&connector.streams[*at])).collect();
    let moved = |at: usize| kept.iter().position(|known| *known == at).unwrap_or_default();
    for edge in &mut edges {
        (edge.from, edge.to) = (moved(edge.from), moved(edge.to));
    }
    let dashed = edges.iter().any(|edge| edge.class == "dashed");
    let solid = edges.iter().any(|edge| edge.class == "solid");
    let mut caption = "An arrow leads from a table to one that is read once for each of its records".to_owned();
    caption.push_str(match (solid, dashed) {
        (true, true) => ": for every record where it is dashed, for changed ones where it is solid.",
        (true, false) => " that has changed.",
        _ => ".",
    });
    if nodes.iter().any(|node| node.lines.iter().any(|line| line.starts_with("if "))) {
        caption.push_str(" Where a table says `if`, only for records for which that holds.");
    }
    if connector.streams.len() > kept.len() {
        caption.push_str(" All other tables have requests of their own.");
    }
    Some(draw("Which requests follow from which records", &nodes, &edges, caption))
}

fn requests(stream: &Stream) -> Node {
    let values = stream.for_each.iter().flat_map(|each| &each.parts).filter_map(|part| match &part.of {
        Of::Parents(parents) => parents.keep_if.as_ref().map(|kept| format!("if {}", kept.condition.bare())),
        _ => Some(format!("for each {}", part.name)),
    });
    let request = match &stream.routed_from {
        Some(_) => "sent by a hook".to_owned(),
        None => format!("{} {}", stream.request.method.word(), short(stream.request.path.source())),
    };
    Node { name: stream.name.clone(), lines: std::iter::once(request).chain(values).collect() }
}

/// A path with its expressions as `{id}`: what stands last in them.
fn short(path: &str) -> String {
    let mut out = String::new();
    let mut rest = path;
    while let Some((before, inner)) = rest.split_once("{{") {
        let (expression, after) = inner.split_once("}}").unwrap_or((inner, ""));
        let name = expression.split('|').next().unwrap_or_default().trim();
        let _ = write!(out, "{before}{{{}}}", name.rsplit('.').next().unwrap_or(name));
        rest = after;
    }
    out + rest
}

fn draw(title: &str, nodes: &[Node], edges: &[Edge], caption: String) -> Diagram {
    let heights: Vec<f64> = nodes.iter().map(Node::height).collect();
    let lines: Vec<(usize, usize)> = edges.iter().map(|edge| (edge.from, edge.to)).collect();
    let placed = Layers::of(&heights, &lines, BETWEEN);
    let layers = placed.layer.iter().max().map_or(0, |last| last + 1);
    let boxes: Vec<f64> = nodes.iter().map(Node::width).collect();
    let mut widths = vec![0.0_f64; layers];
    for (width, layer) in boxes.iter().zip(&placed.layer) {
        widths[*layer] = widths[*layer].max(*width);
    }
    let lefts: Vec<f64> =
        (0..layers).map(|layer| AROUND + widths[..layer].iter().sum::<f64>() + ACROSS * layer as f64).collect();
    let bottom = (0..nodes.len()).map(|at| placed.middle[at] + heights[at] / 2.0).fold(0.0, f64::max);
    let lowest = placed.middle.iter().copied().fold(bottom, f64::max);
    let width = lefts.last().zip(widths.last()).map_or(0.0, |(left, width)| left + width) + AROUND + INSIDE;
    let mut sheet = Sheet { out: String::new(), placed, lefts, widths, boxes, heights };
    edges.iter().enumerate().for_each(|(at, edge)| sheet.edge(at, edge));
    nodes.iter().enumerate().for_each(|(at, node)| sheet.node(at, node));
    let svg = format!(
        "<svg class=\"diagram\" role=\"group\" aria-label=\"{title}\" width=\"{:.0}\" height=\"{:.0}\">\n{}</svg>",
        width,
        lowest + 2.0 * AROUND,
        sheet.out
    );
    Diagram { svg, caption }
}

impl Node {
    fn width(&self) -> f64 {
        let longest = self.lines.iter().chain([&self.name]).map(|line| line.chars().count()).max().unwrap_or_default();
        longest as f64 * LETTER + 2.0 * INSIDE
    }

    fn height(&self) -> f64 {
        HEAD + LINE * self.lines.len() as f64
    }
}

/// A drawing as it comes about.
struct Sheet {
    out: String,
    placed: Layers,
    lefts: Vec<f64>,
    /// By layer.
    widths: Vec<f64>,
    /// By box.
    boxes: Vec<f64>,
    heights: Vec<f64>,
}

impl Sheet {
    fn top(&self, at: usize) -> f64 {
        AROUND + self.placed.middle[at] - self.heights[at] / 2.0
    }

    fn left(&self, at: usize) -> f64 {
        self.lefts[self.placed.layer[at]]
    }

    /// The right side of a box, or of the layer of a bend.
    fn right(&self, at: usize) -> f64 {
        self.left(at) + self.boxes.get(at).copied().unwrap_or_else(|| self.widths[self.placed.layer[at]])
    }

    fn node(&mut self, at: usize, node: &Node) {
        let (left, top, width) = (self.left(at), self.top(at), node.width());
        let height = node.height();
        let anchor = tapwright_spec::anchors::stream(&node.name);
        let _ = write!(
            self.out,
            "<a href=\"#{anchor}\"><rect class=\"box\" x=\"{left:.0}\" y=\"{top:.0}\" width=\"{width:.0}\" height=\"{height:.0}\" rx=\"6\"></rect>\
             <text class=\"name\" x=\"{:.0}\" y=\"{:.0}\">{}</text>",
            left + INSIDE,
            top + 19.0,
            escaped(&node.name)
        );
        for (row, line) in node.lines.iter().enumerate() {
            let y = top + HEAD + LINE * row as f64 + 13.0;
            let _ = write!(self.out, "<text x=\"{:.0}\" y=\"{y:.0}\">{}</text>", left + INSIDE, escaped(line));
        }
        self.out.push_str("</a>\n");
    }

    fn edge(&mut self, at: usize, edge: &Edge) {
        let y = self.top(edge.from) + edge.row.map_or(HEAD / 2.0, |row| HEAD + LINE * row as f64 + LINE / 2.0 - 2.0);
        let end = self.top(edge.to) + HEAD / 2.0;
        let route = &self.placed.routes[at];
        let right = |at: usize| self.right(at);
        if edge.from == edge.to {
            let (x, end_y) = (right(edge.from), end);
            let path = format!("M{x:.0} {y:.0}c26 0 26 {0:.0} 4 {0:.0}", end_y - y);
            return self.path(edge, &path, (x, end_y, -1.0));
        }
        let backwards = self.placed.layer[edge.from] > self.placed.layer[edge.to];
        let (mut x, mut y) = if backwards { (self.left(edge.from), y) } else { (right(edge.from), y) };
        let mut path = format!("M{x:.0} {y:.0}");
        for bend in &route[1..] {
            let is_last = *bend == edge.to;
            let next_y = if is_last { end } else { AROUND + self.placed.middle[*bend] };
            let tip = if backwards { 7.0 } else { -7.0 };
            let next_x = match (is_last, backwards) {
                (true, false) => self.left(*bend) + tip,
                (true, true) => right(*bend) + tip,
                (false, false) => self.left(*bend),
                (false, true) => right(*bend),
            };
            let half = (next_x + x) / 2.0;
            let _ = write!(path, "C{half:.0} {y:.0} {half:.0} {next_y:.0} {next_x:.0} {next_y:.0}");
            (x, y) = (next_x, next_y);
            if !is_last {
                x = if backwards { self.left(*bend) } else { right(*bend) };
                let _ = write!(path, "H{x:.0}");
            }
        }
        let way = if backwards { -1.0 } else { 1.0 };
        self.path(edge, &path, (x - if backwards { 7.0 } else { -7.0 }, y, way));
    }

    /// A line with its tip at a point, which shows to the right or the left.
    fn path(&mut self, edge: &Edge, path: &str, (x, y, way): (f64, f64, f64)) {
        let back = x - 8.0 * way;
        let Edge { from, to, class, .. } = edge;
        let _ = writeln!(
            self.out,
            "<g data-ends=\"{from} {to}\"><path class=\"line {class}\" d=\"{path}\"></path><path class=\"tip\" d=\"M{x:.0} {y:.0}L{back:.0} {:.0}V{:.0}z\"></path></g>",
            y - 4.0,
            y + 4.0
        );
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::short;

    #[test]
    fn expressions_in_a_path_are_short() {
        assert_eq!(short("/a/{{ parent.id | url }}/b/{{ config.x }}"), "/a/{id}/b/{x}");
    }
}
