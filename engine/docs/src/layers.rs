//! Where the boxes of a diagram stand: in layers from left to right, so that lines go one way and cross little.

/// How often the boxes of a layer are put in the order of their neighbours.
const SWEEPS: usize = 12;
/// How often they are drawn towards the height of their neighbours.
const PULLS: usize = 6;

/// How much wider than it must be the room between two boxes of a layer may become, for lines that lead straight on.
const SLACK: f64 = 5.0;

/// Boxes and the lines between them.
pub(crate) struct Layers {
    /// By box: in which layer it is.
    pub(crate) layer: Vec<usize>,
    /// By box: its middle, from the top. Boxes behind the last one given are bends of long lines.
    pub(crate) middle: Vec<f64>,
    /// By line: the boxes that it passes, its ends included.
    pub(crate) routes: Vec<Vec<usize>>,
}

impl Layers {
    /// Places boxes of these heights, with lines between them; `gap` is left between two. Those that no line connects
    /// stand below each other.
    pub(crate) fn of(heights: &[f64], lines: &[(usize, usize)], gap: f64) -> Layers {
        let (layer, middle) = (vec![0; heights.len()], vec![0.0; heights.len()]);
        let mut all = Layers { layer, middle, routes: vec![Vec::new(); lines.len()] };
        let mut top = 0.0;
        for part in parts(heights.len(), lines) {
            let inner = |at: usize| part.boxes.iter().position(|one| *one == at).unwrap_or_default();
            let own_heights: Vec<f64> = part.boxes.iter().map(|at| heights[*at]).collect();
            let own_lines: Vec<(usize, usize)> =
                part.lines.iter().map(|at| (inner(lines[*at].0), inner(lines[*at].1))).collect();
            let placed = Layers::of_part(&own_heights, &own_lines, gap);
            let bottom = |at: usize| placed.middle[at] + own_heights.get(at).map_or(0.0, |height| height / 2.0);
            let lowest = (0..placed.middle.len()).map(bottom).fold(0.0, f64::max);
            all.add(placed, &part, top);
            top += lowest + gap;
        }
        all
    }

    /// Adds what was placed of a part, this far from the top.
    fn add(&mut self, placed: Layers, part: &Part, top: f64) {
        let first_bend = self.layer.len();
        for (at, (layer, middle)) in placed.layer.into_iter().zip(placed.middle).enumerate() {
            match part.boxes.get(at) {
                Some(known) => (self.layer[*known], self.middle[*known]) = (layer, middle + top),
                None => {
                    self.layer.push(layer);
                    self.middle.push(middle + top);
                }
            }
        }
        let boxes = &part.boxes;
        let outer = |at: usize| boxes.get(at).copied().unwrap_or_else(|| first_bend + at - boxes.len());
        for (line, route) in part.lines.iter().zip(placed.routes) {
            self.routes[*line] = route.into_iter().map(outer).collect();
        }
    }

    /// Places boxes that lines connect.
    fn of_part(heights: &[f64], lines: &[(usize, usize)], gap: f64) -> Layers {
        let forward = without_cycles(heights.len(), lines);
        let mut layer = ranks(heights.len(), &forward);
        let mut heights = heights.to_vec();
        let mut links: Vec<(usize, usize)> = Vec::new();
        let mut routes = Vec::new();
        for (line, (from, to)) in lines.iter().zip(&forward) {
            let mut route = vec![*from];
            for between in layer[*from] + 1..layer[*to] {
                layer.push(between);
                heights.push(0.0);
                route.push(layer.len() - 1);
            }
            route.push(*to);
            links.extend(route.windows(2).map(|pair| (pair[0], pair[1])));
            if line.0 != *from {
                route.reverse();
            }
            routes.push(route);
        }
        let mut near: Vec<Vec<usize>> = vec![Vec::new(); layer.len()];
        for (from, to) in links.into_iter().filter(|(from, to)| from != to) {
            near[from].push(to);
            near[to].push(from);
        }
        let order = ordered(&layer, &near);
        let middle = middles(&order, &heights, &near, gap);
        Layers { layer, middle, routes }
    }
}

/// Boxes that lines connect with each other, and these lines.
struct Part {
    boxes: Vec<usize>,
    lines: Vec<usize>,
}

/// The parts of a drawing, in the order of the first box of each.
fn parts(count: usize, lines: &[(usize, usize)]) -> Vec<Part> {
    // By box: the least box that is known to be connected with it.
    let mut least: Vec<usize> = (0..count).collect();
    loop {
        let before = least.clone();
        for (from, to) in lines {
            let both = least[*from].min(least[*to]);
            (least[*from], least[*to]) = (both, both);
        }
        if least == before {
            break;
        }
    }
    let firsts = (0..count).filter(|at| least[*at] == *at);
    let part = |first: usize| Part {
        boxes: (0..count).filter(|at| least[*at] == first).collect(),
        lines: (0..lines.len()).filter(|at| least[lines[*at].0] == first).collect(),
    };
    firsts.map(part).collect()
}

/// The lines, those turned round that would lead back to where they came from.
fn without_cycles(count: usize, lines: &[(usize, usize)]) -> Vec<(usize, usize)> {
    /// Whether a box has been left for good, or its lines are being followed.
    #[derive(Clone, Copy, PartialEq)]
    enum Seen {
        Not,
        Open,
        Done,
    }
    let mut forward = lines.to_vec();
    let mut seen = vec![Seen::Not; count];
    let leaving = |at: usize| lines.iter().enumerate().filter(move |(_, line)| line.0 == at).map(|(index, _)| index);
    for start in 0..count {
        if seen[start] != Seen::Not {
            continue;
        }
        let mut stack = vec![(start, leaving(start).collect::<Vec<_>>())];
        seen[start] = Seen::Open;
        while let Some((at, open)) = stack.last_mut() {
            let Some(line) = open.pop() else {
                seen[*at] = Seen::Done;
                stack.pop();
                continue;
            };
            let to = lines[line].1;
            match seen[to] {
                Seen::Open => forward[line] = (lines[line].1, lines[line].0),
                Seen::Not => {
                    seen[to] = Seen::Open;
                    stack.push((to, leaving(to).collect()));
                }
                Seen::Done => {}
            }
        }
    }
    forward
}

/// The layer of each box: one behind the last of those that lead to it.
fn ranks(count: usize, lines: &[(usize, usize)]) -> Vec<usize> {
    let mut ranks = vec![0_usize; count];
    // Without cycles a rank grows no more after as many rounds as there are boxes.
    for _ in 0..count {
        let mut changed = false;
        for (from, to) in lines.iter().filter(|(from, to)| from != to) {
            if ranks[*to] <= ranks[*from] {
                ranks[*to] = ranks[*from] + 1;
                changed = true;
            }
        }
        if !changed {
            break;
        }
    }
    // A box without a way in stands right before what it leads to.
    for at in (0..count).rev() {
        let enters = lines.iter().any(|(from, to)| *to == at && from != to);
        let next = lines.iter().filter(|(from, to)| *from == at && from != to).map(|(_, to)| ranks[*to]).min();
        if let (false, Some(next)) = (enters, next) {
            ranks[at] = next.saturating_sub(1);
        }
    }
    ranks
}

/// The boxes of each layer, in an order in which few lines cross. `near` has the neighbours of each box, all of which are
/// in the layers beside its own.
fn ordered(layer: &[usize], near: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let count = layer.iter().max().map_or(0, |last| last + 1);
    let mut order: Vec<Vec<usize>> = vec![Vec::new(); count];
    let mut place = vec![0; layer.len()];
    for (at, layer) in layer.iter().enumerate() {
        place[at] = order[*layer].len();
        order[*layer].push(at);
    }
    let mut best = (crossings(&order, layer, near, &place), order.clone());
    for sweep in 0..SWEEPS {
        let down = sweep % 2 == 0;
        let layers: Vec<usize> = if down { (1..count).collect() } else { (0..count.saturating_sub(1)).rev().collect() };
        for at in layers {
            let beside = if down { at - 1 } else { at + 1 };
            let wanted = |one: usize| {
                let places: Vec<usize> =
                    near[one].iter().filter(|other| layer[**other] == beside).map(|other| place[*other]).collect();
                if places.is_empty() {
                    place[one] as f64
                } else {
                    places.iter().sum::<usize>() as f64 / places.len() as f64
                }
            };
            let mut sorted: Vec<(f64, usize)> = order[at].iter().map(|one| (wanted(*one), *one)).collect();
            sorted.sort_by(|one, other| one.0.total_cmp(&other.0));
            order[at] = sorted.into_iter().map(|(_, one)| one).collect();
            order[at].iter().enumerate().for_each(|(at, one)| place[*one] = at);
        }
        let crossed = crossings(&order, layer, near, &place);
        if crossed < best.0 {
            best = (crossed, order.clone());
        }
    }
    best.1
}

/// How many lines cross: of the ends of lines, in the order of their beginnings, those that stand the wrong way round.
fn crossings(order: &[Vec<usize>], layer: &[usize], near: &[Vec<usize>], place: &[usize]) -> usize {
    let mut crossed = 0;
    for boxes in order {
        let mut ends = Vec::new();
        for one in boxes {
            let right = near[*one].iter().filter(|other| layer[**other] == layer[*one] + 1);
            let mut right: Vec<usize> = right.map(|other| place[*other]).collect();
            right.sort_unstable();
            ends.extend(right);
        }
        crossed += inversions(&ends);
    }
    crossed
}

/// Pairs of which the greater stands first, counted in a tree of sums.
fn inversions(ends: &[usize]) -> usize {
    let mut sums = vec![0; ends.iter().max().map_or(0, |most| most + 2)];
    let mut found = 0;
    for (seen, end) in ends.iter().enumerate() {
        let mut upto = 0;
        let mut at = end + 1;
        while at > 0 {
            upto += sums[at];
            at &= at - 1;
        }
        found += seen - upto;
        let mut at = end + 1;
        while at < sums.len() {
            sums[at] += 1;
            at += at & at.wrapping_neg();
        }
    }
    found
}

/// The middles: stacked, then drawn towards their neighbours as far as the others leave room.
fn middles(order: &[Vec<usize>], heights: &[f64], near: &[Vec<usize>], gap: f64) -> Vec<f64> {
    let mut middle = vec![0.0; heights.len()];
    for layer in order {
        let mut top = 0.0;
        for one in layer {
            middle[*one] = top + heights[*one] / 2.0;
            top += heights[*one] + gap;
        }
    }
    for pull in 0..PULLS {
        let layers: Vec<&Vec<usize>> =
            if pull % 2 == 0 { order.iter().collect() } else { order.iter().rev().collect() };
        for layer in layers {
            let wanted: Vec<f64> = layer
                .iter()
                .map(|one| {
                    let beside: f64 = near[*one].iter().map(|other| middle[*other]).sum();
                    if near[*one].is_empty() { middle[*one] } else { beside / near[*one].len() as f64 }
                })
                .collect();
            let apart = |above: usize, below: usize| (heights[above] + heights[below]) / 2.0 + gap;
            // From above nothing overlaps; from below what was pushed too far comes back.
            let mut placed: Vec<f64> = Vec::new();
            for (at, one) in layer.iter().enumerate() {
                let least = at.checked_sub(1).map_or(f64::MIN, |last| placed[last] + apart(layer[last], *one));
                let most = if at > 0 { least + SLACK * gap } else { f64::MAX };
                placed.push(wanted[at].clamp(least, most));
            }
            let mut back: Vec<f64> = vec![0.0; layer.len()];
            for at in (0..layer.len()).rev() {
                let most = if at + 1 < layer.len() { back[at + 1] - apart(layer[at], layer[at + 1]) } else { f64::MAX };
                let least = if at + 1 < layer.len() { most - SLACK * gap } else { f64::MIN };
                back[at] = wanted[at].clamp(least, most);
            }
            // Half way between the two is as far apart as both.
            for (at, one) in layer.iter().enumerate() {
                middle[*one] = f64::midpoint(placed[at], back[at]);
            }
        }
    }
    let top = (0..heights.len()).map(|one| middle[one] - heights[one] / 2.0).fold(f64::MAX, f64::min);
    middle.iter_mut().for_each(|one| *one -= top);
    middle
}

#[cfg(test)]
mod tests {
    use super::{Layers, inversions};

    #[test]
    fn lines_lead_from_left_to_right_and_cycles_are_borne() {
        let lines = [(0, 1), (1, 2), (2, 0), (0, 2), (3, 3)];
        let placed = Layers::of(&[10.0; 4], &lines, 4.0);
        assert!(placed.layer[0] < placed.layer[1] && placed.layer[1] < placed.layer[2]);
        assert_eq!(placed.routes[2].first(), Some(&2));
        assert_eq!(placed.routes[3].len(), 3, "a line over a layer bends there");
    }

    #[test]
    fn boxes_of_a_layer_do_not_overlap() {
        let lines: Vec<(usize, usize)> = (1..60).map(|child| (0, child)).collect();
        let heights: Vec<f64> = (0..60).map(|at| 20.0 + f64::from(at % 3) * 18.0).collect();
        let placed = Layers::of(&heights, &lines, 10.0);
        let mut boxes: Vec<(f64, f64)> = (1..60).map(|at| (placed.middle[at], heights[at])).collect();
        boxes.sort_by(|one, other| one.0.total_cmp(&other.0));
        for pair in boxes.windows(2) {
            assert!(pair[1].0 - pair[0].0 >= (pair[0].1 + pair[1].1) / 2.0 + 9.9);
        }
        assert!(placed.middle.iter().all(|middle| *middle >= 0.0));
    }

    #[test]
    fn boxes_that_nothing_connects_stand_below_each_other() {
        // Two families, told one within the other.
        let placed = Layers::of(&[10.0; 6], &[(0, 2), (1, 3), (0, 4), (1, 5)], 4.0);
        assert_eq!(placed.layer, [0, 0, 1, 1, 1, 1]);
        let lowest = [0, 2, 4].map(|at| placed.middle[at]).into_iter().fold(0.0, f64::max);
        let highest = [1, 3, 5].map(|at| placed.middle[at]).into_iter().fold(f64::MAX, f64::min);
        assert!((highest - lowest - 14.0).abs() < 0.01, "{lowest} {highest}");
        assert_eq!(placed.routes, [[0, 2], [1, 3], [0, 4], [1, 5]]);
    }

    #[test]
    fn crossings_are_counted() {
        assert_eq!(inversions(&[0, 1, 2]), 0);
        assert_eq!(inversions(&[2, 0, 1, 1]), 3);
    }

    #[test]
    fn lines_that_need_not_cross_do_not() {
        // a-d, b-c: the second layer is turned round.
        let placed = Layers::of(&[10.0; 4], &[(0, 3), (1, 2)], 4.0);
        assert!((placed.middle[0] < placed.middle[1]) == (placed.middle[3] < placed.middle[2]));
    }
}
