//! Exact solutions of nets with general laws: semi-Markov and Markov regenerative processes, and independent parts.
//!
//! Constants with many digits were computed with 40 digits by tanh-sinh quadrature of the formula beside them.

mod against_simulator;
mod independent;
mod phases;
mod regenerative;
mod semi_markov;

/// Equal but for a relative error of 10⁻¹¹.
#[track_caller]
pub fn near(found: f64, exact: f64) {
    assert!((found - exact).abs() <= 1e-11 * exact.abs(), "{found:e} instead of {exact:e}");
}

/// A net that alternates between `Up`, which a race of these transitions (name, delay) ends, and `Down`; each of them
/// leads to a place of its own name, which `back` leaves.
pub fn race(clocks: &[(&str, &str)], back: &str) -> String {
    let places: String = clocks.iter().map(|(name, _)| format!(r##""{name}ed": (), "##)).collect();
    let transitions: String = clocks
        .iter()
        .map(|(name, delay)| {
            format!(
                r##""{name}": Timed(delay: "{delay}", from: {{"Up": "1"}}, to: {{"{name}ed": "1"}}),
                "After{name}": Timed(delay: "{back}", from: {{"{name}ed": "1"}}, to: {{"Up": "1"}}),"##
            )
        })
        .collect();
    let measures: String = clocks
        .iter()
        .map(|(name, _)| format!(r##""P {name}": (value: "rate({name}) / ({})"),"##, rates(clocks)))
        .collect();
    format!(
        r##"places: {{ "Up": (tokens: 1), {places} }},
        transitions: {{ {transitions} }},
        up: {{ "service": "#Up > 0" }},
        measures: {{ {measures} "length": (value: "P{{#Up > 0}} / ({})") }},"##,
        rates(clocks)
    )
}

fn rates(clocks: &[(&str, &str)]) -> String {
    clocks.iter().map(|(name, _)| format!("rate({name})")).collect::<Vec<_>>().join(" + ")
}
