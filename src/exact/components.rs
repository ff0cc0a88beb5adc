//! Strongly connected components (Tarjan), without recursion.

/// Not visited yet.
const UNSEEN: u32 = u32::MAX;

/// The strongly connected components of what can be reached from `starts`, each in ascending order;
/// a component stands behind all that can be reached from it. `next` calls its argument with every successor.
pub(super) fn components(nodes: usize, starts: &[u32], next: impl Fn(usize, &mut dyn FnMut(usize))) -> Vec<Vec<u32>> {
    let mut search = Search {
        order: vec![UNSEEN; nodes],
        low: vec![0; nodes],
        open: vec![false; nodes],
        stack: Vec::new(),
        count: 0,
        found: Vec::new(),
    };
    for &start in starts {
        if search.order[start as usize] == UNSEEN {
            search.from(start, &next);
        }
    }
    search.found
}

struct Search {
    order: Vec<u32>,
    low: Vec<u32>,
    open: Vec<bool>,
    stack: Vec<u32>,
    count: u32,
    found: Vec<Vec<u32>>,
}

impl Search {
    fn from(&mut self, start: u32, next: &impl Fn(usize, &mut dyn FnMut(usize))) {
        // Each node on the way with the successors that are still to be looked at: kept in one list.
        let mut way: Vec<(u32, usize)> = Vec::new();
        let mut ahead: Vec<u32> = Vec::new();
        self.enter(start, next, &mut way, &mut ahead);
        while let Some(&(node, base)) = way.last() {
            if ahead.len() > base {
                let to = ahead.pop().unwrap_or(node);
                if self.order[to as usize] == UNSEEN {
                    self.enter(to, next, &mut way, &mut ahead);
                } else if self.open[to as usize] {
                    self.low[node as usize] = self.low[node as usize].min(self.order[to as usize]);
                }
                continue;
            }
            way.pop();
            if let Some(&(parent, _)) = way.last() {
                self.low[parent as usize] = self.low[parent as usize].min(self.low[node as usize]);
            }
            if self.low[node as usize] == self.order[node as usize] {
                self.close(node);
            }
        }
    }

    fn enter(
        &mut self,
        node: u32,
        next: &impl Fn(usize, &mut dyn FnMut(usize)),
        way: &mut Vec<(u32, usize)>,
        ahead: &mut Vec<u32>,
    ) {
        (self.order[node as usize], self.low[node as usize]) = (self.count, self.count);
        self.count += 1;
        self.open[node as usize] = true;
        self.stack.push(node);
        way.push((node, ahead.len()));
        next(node as usize, &mut |to| ahead.push(to as u32));
    }

    fn close(&mut self, root: u32) {
        let mut part = Vec::new();
        while let Some(node) = self.stack.pop() {
            self.open[node as usize] = false;
            part.push(node);
            if node == root {
                break;
            }
        }
        part.sort_unstable();
        self.found.push(part);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(edges: &[(usize, usize)], nodes: usize, starts: &[u32]) -> Vec<Vec<u32>> {
        components(nodes, starts, |node, visit| {
            edges.iter().filter(|(from, _)| *from == node).for_each(|&(_, to)| visit(to));
        })
    }

    #[test]
    fn components_stand_behind_what_they_reach() {
        let edges = [(0, 1), (1, 2), (2, 1), (2, 3), (3, 3), (0, 4), (4, 5), (5, 4)];
        let found = of(&edges, 7, &[0]);
        let place = |node: u32| found.iter().position(|part| part.contains(&node));
        assert_eq!(found.len(), 4);
        assert_eq!(found[place(1).unwrap()], [1, 2]);
        assert_eq!(found[place(4).unwrap()], [4, 5]);
        assert!(place(3) < place(1) && place(1) < place(0) && place(4) < place(0));
        assert_eq!(place(6), None);
    }

    #[test]
    fn a_path_of_a_million_nodes_needs_no_stack() {
        let n = 1_000_000;
        let found = components(n, &[0], |node, visit| visit((node + 1) % n));
        assert_eq!((found.len(), found[0].len()), (1, n));
    }
}
