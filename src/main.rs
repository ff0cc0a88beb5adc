//! The command line of fivenines: everything that touches files, colours, clocks or signals is in `cli`.

mod cli;

fn main() -> std::process::ExitCode {
    cli::main()
}
