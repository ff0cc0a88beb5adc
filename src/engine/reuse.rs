//! Copies that keep their room: a path is copied into another millions of times (rare events), and allocates nothing.

/// `Clone` field by field; unlike the derived one it hands `clone_from` on to the fields.
macro_rules! reusing_clone {
    ($name:ident $(<$life:lifetime>)?, $($field:ident),+ $(,)?) => {
        impl $(<$life>)? Clone for $name $(<$life>)? {
            fn clone(&self) -> Self {
                $name { $($field: self.$field.clone()),+ }
            }

            fn clone_from(&mut self, other: &Self) {
                $(self.$field.clone_from(&other.$field);)+
            }
        }
    };
}

pub(super) use reusing_clone;
