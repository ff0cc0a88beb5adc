//! Text → AST: the three kinds of RON file, and the expressions inside their strings.
//!
//! Reading never stops at the first mistake: unknown fields, duplicates and wrong types are collected.

pub mod ast;
pub mod expr;
mod ron_lexer;
mod ron_number;
pub mod ron_reader;
mod ron_string;
pub mod tree;
