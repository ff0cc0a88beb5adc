//! Many names in one text: a name costs its letters and four bytes.

/// Names by index.
#[derive(Debug, Clone, Default)]
pub(crate) struct Names {
    text: String,
    /// Where each name ends.
    ends: Vec<u32>,
}

impl Names {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// The name of an index; empty for one that isn't there.
    pub fn get(&self, index: u32) -> &str {
        let end = |i: u32| self.ends.get(i as usize).map_or(self.text.len(), |end| *end as usize);
        let start = index.checked_sub(1).map_or(0, end);
        &self.text[start..end(index)]
    }
}

impl<'n> FromIterator<&'n str> for Names {
    fn from_iter<I: IntoIterator<Item = &'n str>>(names: I) -> Names {
        let mut all = Names::default();
        for name in names {
            all.text.push_str(name);
            all.ends.push(all.text.len() as u32);
        }
        all.text.shrink_to_fit();
        all.ends.shrink_to_fit();
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_is_found_again() {
        let names: Names = ["P", "", "Fail[3]", "Ä"].into_iter().collect();
        assert_eq!((names.len(), names.get(0), names.get(1), names.get(2), names.get(3)), (4, "P", "", "Fail[3]", "Ä"));
        assert_eq!(names.get(4), "");
    }
}
