//! Minimal non-negative solutions of x·A = 0, by Farkas' algorithm with sparse rows.
//!
//! The matrix is split into connected components first, so a thousand copies of a small net cost a thousand
//! times the small net. Within a component columns are eliminated cheapest first; rows whose support contains
//! another row's are dropped at once, which leaves exactly the minimal solutions (Colom and Silva, 1991).

use std::collections::BTreeSet;

/// A sparse vector: indices in order, no zeros.
pub(super) type Sparse = Vec<(u32, i64)>;

/// The solutions that were found, and how many components were given up.
#[derive(Debug, Default)]
pub(super) struct Solutions {
    /// Minimal solutions, each an index of a row and its weight, in order.
    pub vectors: Vec<Sparse>,
    /// Components whose solutions would have cost too much; none of theirs is listed.
    pub skipped: usize,
}

/// One combination of rows on the way.
struct Row {
    /// Which rows it is made of, and how often.
    support: Sparse,
    /// What is left of the columns.
    rest: Sparse,
}

/// The component can't be finished within the limits.
struct TooMuch;

/// One component in progress.
struct Elimination<'w> {
    rows: Vec<Option<Row>>,
    /// Rows that have something in a column.
    by_column: Vec<BTreeSet<u32>>,
    /// Rows whose support contains an index.
    by_support: Vec<BTreeSet<u32>>,
    alive: usize,
    most: usize,
    work: &'w mut u64,
}

/// Minimal solutions of x·A = 0, x ≥ 0, for the rows of A (column indices below `columns`).
///
/// A component that grows by more than `growth` rows is given up, and so is all that remains when `work`
/// (entries looked at) is used up.
pub(super) fn solve(matrix: &[Sparse], columns: usize, growth: usize, mut work: u64) -> Solutions {
    let mut solutions = Solutions::default();
    for component in components(matrix, columns) {
        match component_solutions(matrix, &component, growth, &mut work) {
            Ok(mut vectors) => solutions.vectors.append(&mut vectors),
            Err(TooMuch) => solutions.skipped += 1,
        }
    }
    solutions.vectors.sort();
    solutions
}

/// Rows that are connected through columns, in order of their first rows.
fn components(matrix: &[Sparse], columns: usize) -> Vec<Vec<u32>> {
    let mut first: Vec<Option<u32>> = vec![None; columns];
    let mut parent: Vec<u32> = (0..matrix.len() as u32).collect();
    for (index, row) in matrix.iter().enumerate() {
        for &(column, _) in row {
            match first[column as usize] {
                Some(other) => join(&mut parent, other, index as u32),
                None => first[column as usize] = Some(index as u32),
            }
        }
    }
    let mut groups: Vec<Vec<u32>> = vec![Vec::new(); matrix.len()];
    for index in 0..matrix.len() as u32 {
        groups[root(&mut parent, index) as usize].push(index);
    }
    groups.retain(|group| !group.is_empty());
    groups
}

fn root(parent: &mut [u32], mut member: u32) -> u32 {
    while parent[member as usize] != member {
        parent[member as usize] = parent[parent[member as usize] as usize];
        member = parent[member as usize];
    }
    member
}

fn join(parent: &mut [u32], a: u32, b: u32) {
    let (a, b) = (root(parent, a), root(parent, b));
    parent[a.max(b) as usize] = a.min(b);
}

fn component_solutions(
    matrix: &[Sparse],
    component: &[u32],
    growth: usize,
    work: &mut u64,
) -> Result<Vec<Sparse>, TooMuch> {
    let columns: BTreeSet<u32> = component.iter().flat_map(|r| matrix[*r as usize].iter().map(|e| e.0)).collect();
    let columns: Vec<u32> = columns.into_iter().collect();
    let local = |column: u32| columns.partition_point(|c| *c < column) as u32;
    let mut elimination = Elimination {
        rows: Vec::new(),
        by_column: vec![BTreeSet::new(); columns.len()],
        by_support: vec![BTreeSet::new(); component.len()],
        alive: 0,
        most: component.len() + growth,
        work,
    };
    for (index, &row) in component.iter().enumerate() {
        let rest = matrix[row as usize].iter().map(|(column, value)| (local(*column), *value)).collect();
        elimination.insert(Row { support: vec![(index as u32, 1)], rest })?;
    }
    elimination.run()?;
    let global = |row: Row| row.support.into_iter().map(|(i, weight)| (component[i as usize], weight)).collect();
    Ok(elimination.rows.into_iter().flatten().map(global).collect())
}

impl Elimination<'_> {
    /// Eliminates all columns, the cheapest first.
    fn run(&mut self) -> Result<(), TooMuch> {
        let mut costs: Vec<u64> = (0..self.by_column.len()).map(|c| self.cost(c)).collect();
        let mut queue: BTreeSet<(u64, usize)> = costs.iter().copied().zip(0..).collect();
        while let Some((_, column)) = queue.pop_first() {
            for touched in self.eliminate(column)? {
                self.spend(self.by_column[touched].len() as u64)?;
                let (old, new) = (costs[touched], self.cost(touched));
                if queue.remove(&(old, touched)) {
                    queue.insert((new, touched));
                }
                costs[touched] = new;
            }
        }
        Ok(())
    }

    fn value(&self, row: u32, column: usize) -> i64 {
        let Some(row) = &self.rows[row as usize] else { return 0 };
        row.rest.binary_search_by_key(&(column as u32), |e| e.0).map_or(0, |i| row.rest[i].1)
    }

    fn split(&self, column: usize) -> (Vec<u32>, Vec<u32>) {
        self.by_column[column].iter().partition(|row| self.value(**row, column) > 0)
    }

    /// How many rows its elimination makes.
    fn cost(&self, column: usize) -> u64 {
        let (positive, negative) = self.split(column);
        positive.len() as u64 * negative.len() as u64
    }

    /// Replaces the rows with something in a column by their combinations without; tells which columns changed.
    fn eliminate(&mut self, column: usize) -> Result<BTreeSet<usize>, TooMuch> {
        let (positive, negative) = self.split(column);
        let touched: BTreeSet<usize> = positive
            .iter()
            .chain(&negative)
            .filter_map(|row| self.rows[*row as usize].as_ref())
            .flat_map(|row| row.rest.iter().map(|e| e.0 as usize))
            .collect();
        self.spend(touched.len() as u64 + positive.len() as u64 * negative.len() as u64)?;
        let mut taken: Vec<Row> = Vec::new();
        for row in positive.iter().chain(&negative) {
            taken.extend(self.remove(*row));
        }
        let (plus, minus) = taken.split_at(positive.len());
        for p in plus {
            for m in minus {
                self.spend((p.support.len() + m.support.len() + p.rest.len() + m.rest.len()) as u64)?;
                let combined = combine(p, m, column as u32)?;
                if !self.has_smaller(&combined.support)? {
                    self.drop_larger(&combined.support)?;
                    self.insert(combined)?;
                }
            }
        }
        Ok(touched)
    }

    fn spend(&mut self, amount: u64) -> Result<(), TooMuch> {
        *self.work = self.work.checked_sub(amount).ok_or(TooMuch)?;
        Ok(())
    }

    fn insert(&mut self, row: Row) -> Result<(), TooMuch> {
        self.alive += 1;
        if self.alive > self.most {
            return Err(TooMuch);
        }
        self.spend((row.support.len() + row.rest.len()) as u64)?;
        let index = self.rows.len() as u32;
        row.rest.iter().for_each(|e| {
            self.by_column[e.0 as usize].insert(index);
        });
        row.support.iter().for_each(|e| {
            self.by_support[e.0 as usize].insert(index);
        });
        self.rows.push(Some(row));
        Ok(())
    }

    fn remove(&mut self, index: u32) -> Option<Row> {
        let row = self.rows[index as usize].take()?;
        self.alive -= 1;
        row.rest.iter().for_each(|e| {
            self.by_column[e.0 as usize].remove(&index);
        });
        row.support.iter().for_each(|e| {
            self.by_support[e.0 as usize].remove(&index);
        });
        Some(row)
    }

    /// Whether some row's support lies within this one (or is the same).
    fn has_smaller(&mut self, support: &Sparse) -> Result<bool, TooMuch> {
        let mut cost = 0;
        let mut found = false;
        for &(index, _) in support {
            for row in &self.by_support[index as usize] {
                let Some(row) = &self.rows[*row as usize] else { continue };
                // Each row is looked at once: through the first index of its support.
                cost += 1;
                if row.support[0].0 == index {
                    cost += row.support.len() as u64;
                    found |= within(&row.support, support);
                }
            }
        }
        self.spend(cost)?;
        Ok(found)
    }

    /// Removes the rows whose support contains this one.
    fn drop_larger(&mut self, support: &Sparse) -> Result<(), TooMuch> {
        let fewest = support.iter().map(|e| &self.by_support[e.0 as usize]).min_by_key(|rows| rows.len());
        let candidates: Vec<u32> = fewest.map(|rows| rows.iter().copied().collect()).unwrap_or_default();
        self.spend((candidates.len() * support.len()) as u64)?;
        for candidate in candidates {
            if self.rows[candidate as usize].as_ref().is_some_and(|row| within(support, &row.support)) {
                self.remove(candidate);
            }
        }
        Ok(())
    }
}

/// Whether all indices of `small` occur in `large`.
fn within(small: &Sparse, large: &Sparse) -> bool {
    let mut rest = large.iter();
    small.len() <= large.len() && small.iter().all(|(index, _)| rest.any(|(other, _)| other == index))
}

/// The combination of two rows that has nothing in `column`, in lowest terms.
fn combine(plus: &Row, minus: &Row, column: u32) -> Result<Row, TooMuch> {
    let at = |row: &Row| row.rest.iter().find(|e| e.0 == column).map_or(0, |e| e.1.unsigned_abs());
    let (p, m) = (at(plus), at(minus));
    let common = gcd(p, m).max(1);
    let factors = (i64::try_from(m / common), i64::try_from(p / common));
    let (Ok(a), Ok(b)) = factors else { return Err(TooMuch) };
    let mut support = weighted(&plus.support, a, &minus.support, b)?;
    let mut rest = weighted(&plus.rest, a, &minus.rest, b)?;
    let divisor = support.iter().chain(&rest).fold(0, |d, e| gcd(d, e.1.unsigned_abs())).max(1);
    let divisor = i64::try_from(divisor).map_err(|_| TooMuch)?;
    support.iter_mut().chain(&mut rest).for_each(|e| e.1 /= divisor);
    Ok(Row { support, rest })
}

/// a·x + b·y.
fn weighted(x: &Sparse, a: i64, y: &Sparse, b: i64) -> Result<Sparse, TooMuch> {
    let mut sum: Sparse = Vec::with_capacity(x.len() + y.len());
    let (mut i, mut j) = (0, 0);
    while i < x.len() || j < y.len() {
        let index = [x.get(i), y.get(j)].into_iter().flatten().map(|e| e.0).min().unwrap_or(0);
        let mut total = 0i64;
        for (list, position, factor) in [(x, &mut i, a), (y, &mut j, b)] {
            if let Some(entry) = list.get(*position).filter(|e| e.0 == index) {
                total = entry.1.checked_mul(factor).and_then(|v| total.checked_add(v)).ok_or(TooMuch)?;
                *position += 1;
            }
        }
        if total != 0 {
            sum.push((index, total));
        }
    }
    Ok(sum)
}

fn gcd(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_solutions_of_a_small_matrix_are_minimal_and_in_lowest_terms() {
        // x0 + x1 = 2·x2 in one column: solutions (2,0,1) and (0,2,1).
        let matrix = vec![vec![(0, 1)], vec![(0, 1)], vec![(0, -2)]];
        let solutions = solve(&matrix, 1, 100, 1_000_000);
        assert_eq!(solutions.vectors, vec![vec![(0, 2), (2, 1)], vec![(1, 2), (2, 1)]]);
    }

    #[test]
    fn an_exponential_family_is_given_up_and_its_neighbour_is_not() {
        // Between consecutive stages three ways each: 3^20 minimal solutions. A component of one row beside it.
        let stages = 20u32;
        let mut matrix: Vec<Sparse> = Vec::new();
        for stage in 0..stages {
            let (enter, leave) = (stage, (stage + 1) % stages);
            matrix.extend((0..3).map(|_| {
                let mut row = vec![(enter, -1), (leave, 1)];
                row.sort();
                row
            }));
        }
        matrix.push(Vec::new());
        let solutions = solve(&matrix, stages as usize, 2000, 20_000_000);
        assert_eq!(solutions.skipped, 1);
        assert_eq!(solutions.vectors, vec![vec![(60, 1)]]);
    }
}
