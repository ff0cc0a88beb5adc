//! Text → AST: the three kinds of RON file, and the expressions inside their strings.
//!
//! Reading never stops at the first mistake: unknown fields, duplicates and wrong types are collected.

pub mod ast;
pub mod constant;
pub mod expr;
mod layout;
mod lex;
mod operand;
mod parameters;
mod parse;
mod parser;
mod print;
mod print_expr;
mod print_transition;
mod read;
mod read_fields;
mod read_net;
mod read_parameters;
mod read_scenario;
mod read_studies;
mod read_transition;
mod ron_lexer;
mod ron_number;
pub mod ron_reader;
mod ron_string;
pub mod tree;

pub use lex::{KEYWORDS, is_name};
pub(crate) use parse::expression;
pub use parse::parse_expr;
pub use print::print;
pub use print_expr::{print_expr, print_place};
pub use read::parse;
pub use read_net::{OTHER_PHASE, STANDARD_MEASURES};
