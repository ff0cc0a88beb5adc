//! The command line of fivenines.

fn main() {}
