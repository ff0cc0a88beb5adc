//! AST → flat net: what unfolding means, and what it doesn't depend on.

use crate::random_nets::config;
use fivenines::diag::{Diagnostics, Sources};
use fivenines::engine::{Observer, Options, Path};
use fivenines::experiment::digest;
use fivenines::net::load::Memory;
use fivenines::net::{Limits, Net, Timing, TransitionId, flatten};
use fivenines::program::compile;
use fivenines::syntax::ast::Ties;
use proptest::prelude::*;

/// The net in the first of these files.
fn flat(files: &[(&str, &str)]) -> Net {
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let loader = files.iter().fold(Memory::new(), |loader, (path, text)| loader.with(*path, *text));
    let net = flatten(&loader, &mut sources, files[0].0, &[], &Limits::default(), &mut diagnostics);
    let told = || diagnostics.sorted().iter().map(|d| fivenines::diag::plain(d, &sources) + "\n").collect::<String>();
    net.unwrap_or_else(|| panic!("{}", told()))
}

fn places(net: &Net) -> Vec<(&str, u32)> {
    net.places.iter().map(|p| (p.name.as_str(), p.initial)).collect()
}

fn transitions(net: &Net) -> Vec<&str> {
    net.transitions.iter().map(|t| t.name.as_str()).collect()
}

/// `2 A + B → C`, for the transition of that name.
fn arcs(net: &Net, name: &str) -> String {
    let transition = net.transitions.iter().find(|t| t.name == name).unwrap_or_else(|| panic!("{name} is missing"));
    let side = |arcs: &[fivenines::net::Arc]| {
        let mut list: Vec<String> =
            arcs.iter().map(|a| format!("{} {}", a.weight, net.places[a.place.0 as usize].name)).collect();
        list.sort();
        list.join(" + ")
    };
    format!("{} → {}", side(&transition.inputs), side(&transition.outputs))
}

#[derive(Default)]
struct Firings(Vec<(f64, TransitionId)>);

impl Observer for Firings {
    fn fired(&mut self, time: f64, transition: TransitionId, _: &[u32]) {
        self.0.push((time, transition));
    }
}

/// The first firings of a path: when, and which by name.
fn path(net: &Net, seed: u64) -> Vec<(f64, String)> {
    let program = compile(net).unwrap_or_else(|error| panic!("{error}"));
    let mut path = Path::new(&program, Options { ties: Ties::Stream, confusion: false });
    let mut firings = Firings::default();
    path.begin(seed, 0).unwrap_or_else(|fault| panic!("{fault}"));
    while firings.0.len() < 300 && path.step(f64::INFINITY, &mut firings).unwrap_or_else(|fault| panic!("{fault}")) {}
    firings.0.iter().map(|(time, t)| (*time, net.transitions[t.0 as usize].name.clone())).collect()
}

/// A machine with a queue of its own; `Kid` are its clients.
const MACHINE: &str = r##"Net(
    colours: { "Kid": Parameter },
    parameters: { "mtbf": "20 h", "mend": "Uniform(1 h, 3 h)" },
    ports: { "Crew": (), "Jobs": (colour: "Kid") },
    places: { "Up": (tokens: 1), "Down": (), "Busy": (colour: "Kid") },
    transitions: {
        "Fail": Timed(delay: "Exponential(mean: mtbf)", from: {"Up": "1"}, to: {"Down": "1"}),
        "Mend": Timed(delay: "mend", from: {"Down": "1", "Crew": "1"}, to: {"Up": "1", "Crew": "1"}),
        "Take[k in Kid]": Immediate(from: {"Jobs": "k"}, test: {"Up": "1"}, to: {"Busy": "k"}, guard: "sum(c in Kid: #Busy(c)) < 1"),
        "Done[k in Kid]": Timed(delay: "1 h", from: {"Busy": "k"}, to: {"Jobs": "k"}),
    },
)"##;

/// A net from entries of its maps.
fn factory(parts: &[Vec<&str>; 5]) -> String {
    let [colours, parameters, places, instances, transitions] = parts.each_ref().map(|part| part.join(",\n"));
    format!(
        r##"Net(colours: {{{colours}}}, parameters: {{{parameters}}}, places: {{{places}}}, instances: {{{instances}}},
            transitions: {{{transitions}}},
            up: {{"any": "any(m in M: #mill[m].Up > 0)"}}, measures: {{"jobs": "rate(Hurry)"}})"##
    )
}

const PARTS: [&[&str]; 5] = [
    &[r#""M": "1..=2""#, r#""Kid": "{ann, bob, eve}""#, r#""One": "{ann}""#],
    &[r#""mtbf": "10 h""#, r#""slow": "mtbf * 2""#, r#""none": "0""#],
    &[
        r#""Crew": (tokens: 1)"#,
        r#""Jobs": (colour: "Kid", tokens: "all Kid")"#,
        r#""Bell": ()"#,
        r#""Spare": (colour: "One")"#,
    ],
    &[
        r#""mill[m in M]": (use: "machine.ron", with: {"Kid": "Kid", "mtbf": "slow"}, bind: {"Crew": "Crew", "Jobs": "Jobs"})"#,
        r#""kiln": (use: "machine.ron", with: {"Kid": "One"}, bind: {"Crew": "Crew", "Jobs": "Spare"})"#,
    ],
    &[
        r##""Ring": Timed(delay: "5 h", to: {"Bell": "1"}, guard: "#Bell < 3")"##,
        r#""Hush": Timed(delay: "5 h", from: {"Bell": "1"})"#,
        r#""Hurry": Immediate(from: {"Bell": "2"}, weight: "2")"#,
        r#""Wait": Immediate(from: {"Bell": "2"}, to: {"Bell": "1"})"#,
        r#""Lend[k in One]": Timed(delay: "7 h", from: {"Jobs": "k"}, to: {"Spare": "k"})"#,
        r#""Back[k in One]": Timed(delay: "7 h", from: {"Spare": "k"}, to: {"Jobs": "k"})"#,
    ],
];

fn shuffled(index: usize) -> impl Strategy<Value = Vec<&'static str>> {
    Just(PARTS[index].to_vec()).prop_shuffle()
}

proptest! {
    #![proptest_config(config(60))]

    #[test]
    fn the_order_of_the_file_changes_nothing(
        a in shuffled(0), b in shuffled(1), c in shuffled(2), d in shuffled(3), e in shuffled(4), seed in 0u64..1000,
    ) {
        let written = flat(&[("factory.ron", &factory(&PARTS.map(|part| part.to_vec()))), ("machine.ron", MACHINE)]);
        let reordered = flat(&[("factory.ron", &factory(&[a, b, c, d, e])), ("machine.ron", MACHINE)]);
        prop_assert_eq!(digest(&written), digest(&reordered));
        let ours = path(&written, seed);
        prop_assert!(ours.len() >= 300);
        prop_assert_eq!(ours, path(&reordered, seed));
    }

    #[test]
    fn a_replicated_instance_is_its_copies_written_out(copies in 1usize..6, mean in 1u32..100) {
        let with = format!(r#"(use: "machine.ron", with: {{"Kid": "{{}}", "mtbf": "{mean} h"}}, bind: {{"Crew": "Crew"}}"#);
        let top = |instances: &str, up: &str| format!(
            r##"Net(colours: {{"M": "1..={copies}"}}, places: {{"Crew": (tokens: 1)}},
                instances: {{{instances}}}, up: {{"any": "{up}"}})"##
        );
        let many = top(&format!(r#""m[k in M]": {with})"#), "sum(k in M: #m[k].Up) > 0");
        let written: Vec<String> = (1..=copies).map(|k| format!(r#""m{k}": {with})"#)).collect();
        let sum: Vec<String> = (1..=copies).map(|k| format!("#m{k}.Up")).collect();
        let mut out = flat(&[("a.ron", &top(&written.join(", "), &format!("{} > 0", sum.join(" + ")))), ("machine.ron", MACHINE)]);
        let many = flat(&[("a.ron", &many), ("machine.ron", MACHINE)]);
        let rename = |name: &mut String| for k in 1..=copies {
            *name = name.replace(&format!("m{k}."), &format!("m[{k}]."));
        };
        out.places.iter_mut().for_each(|p| rename(&mut p.name));
        out.families.iter_mut().for_each(rename);
        out.transitions.iter_mut().for_each(|t| { rename(&mut t.name); rename(&mut t.stream) });
        // The sums are written differently, and mean the same.
        let marking: Vec<u32> = (0..out.places.len() as u32).collect();
        prop_assert_eq!(out.up[0].expr.evaluate(&marking), many.up[0].expr.evaluate(&marking));
        out.up.clear();
        let mut bare = many.clone();
        bare.up.clear();
        prop_assert_eq!(digest(&out), digest(&bare));
        prop_assert_eq!(path(&out, mean.into()), path(&many, mean.into()));
    }

    #[test]
    fn colours_unfold_to_every_combination(x in 0usize..6, y in 0usize..6, tokens in 0u32..4) {
        let net = flat(&[("a.ron", &format!(
            r##"Net(colours: {{"X": "1..={x}", "Y": "0..{y}"}},
                places: {{"P": (colour: "X * Y", tokens: "{tokens} * all (X * Y)"), "Q": (colour: "X")}},
                transitions: {{"T[a in X, b in Y]": Timed(delay: "1 h", from: {{"P": "(a, b)"}}, to: {{"Q": "2 * a"}}, guard: "a != b")}},
                up: {{"all": "#P == {}"}})"##, x as u32 * y as u32 * tokens))]);
        let pairs: Vec<(usize, usize)> = (1..=x).flat_map(|a| (0..y).map(move |b| (a, b))).collect();
        prop_assert_eq!(net.places.len(), x * y + x);
        let expected: Vec<String> = pairs.iter().filter(|(a, b)| a != b).map(|(a, b)| format!("T[{a},{b}]")).collect();
        let found: Vec<String> = transitions(&net).iter().map(|name| name.replace(' ', "")).collect();
        prop_assert_eq!(found, expected);
        for (a, b) in pairs.iter().filter(|(a, b)| a != b) {
            let name = net.transitions.iter().map(|t| t.name.clone()).find(|n| n.replace(' ', "") == format!("T[{a},{b}]"));
            let found = arcs(&net, &name.unwrap_or_default()).replace(", ", ",");
            prop_assert_eq!(found, format!("1 P({a},{b}) → 2 Q({a})"));
        }
        let marking: Vec<u32> = net.places.iter().map(|p| p.initial).collect();
        prop_assert_eq!(net.up[0].expr.evaluate(&marking), 1.0);
    }
}

#[test]
fn a_port_can_be_a_slice_of_a_coloured_place() {
    let leaf = r##"Net(
        ports: { "In": (), "Out": (), "Log": (tokens: 3) },
        transitions: { "T": Timed(delay: "1 h", from: {"In": "1"}, to: {"Out": "1", "Log": "2"}) },
    )"##;
    let top = r##"Net(
        colours: { "K": "{a, b}", "N": "1..=2" },
        places: { "Pool": (colour: "K", tokens: "2 * a + b"), "Grid": (colour: "K * N"), "Bin": () },
        instances: {
            "one": (use: "leaf.ron", bind: {"In": "Pool(b)", "Out": "Bin"}),
            "x[k in K, n in N]": (use: "leaf.ron", bind: {"In": "Pool(k)", "Out": "Grid(k, n)", "Log": "Bin"}),
        },
        up: { "bin": "#Bin > 0 && #one.Log >= 3" },
    )"##;
    // A port that states tokens is bound to a place that states the same, or none.
    let top = top.replace(r#""Bin": ()"#, r#""Bin": (tokens: 3)"#);
    let net = flat(&[("top.ron", &top), ("leaf.ron", leaf)]);
    assert_eq!(net.instances, 5);
    assert_eq!(arcs(&net, "one.T"), "1 Pool(b) → 1 Bin + 2 one.Log");
    let of_b2 = net.transitions.iter().find(|t| t.name.replace(' ', "") == "x[b,2].T").map(|t| t.name.clone());
    assert_eq!(arcs(&net, &of_b2.expect("a copy")).replace(", ", ","), "1 Pool(b) → 1 Grid(b,2) + 2 Bin");
    assert_eq!(places(&net)[..2], [("Pool(a)", 2), ("Pool(b)", 1)]);
    assert_eq!(net.places.iter().filter(|p| p.name.ends_with("Log")).count(), 1, "bound ports are no places");
}

#[test]
fn instances_nest_and_streams_follow_the_names_unless_replaced() {
    let leaf = r##"Net(
        ports: { "P": () },
        transitions: { "T": Timed(delay: "1 h", from: {"P": "1"}, to: {"P": "1"}),
                       "S[i in 1..=2]": Timed(delay: "1 h", test: {"P": "1"}, stream: "own[i]") },
    )"##;
    let middle = r##"Net(
        colours: { "K": "{a, b}" },
        ports: { "P": () },
        instances: { "leaf[k in K]": (use: "leaf.ron", bind: {"P": "P"}) },
    )"##;
    let top = r##"Net(
        places: { "Up": (tokens: 1) },
        instances: {
            "m": (use: "sub/middle.ron", bind: {"P": "Up"}),
            "n": (use: "sub/middle.ron", bind: {"P": "Up"}, stream: "other"),
        },
        up: { "up": "#Up == 1" },
    )"##;
    let net = flat(&[("top.ron", top), ("sub/middle.ron", middle), ("sub/leaf.ron", leaf)]);
    assert_eq!((net.instances, net.transitions.len()), (6, 12));
    let streams: Vec<(&str, &str)> = net.transitions.iter().map(|t| (t.name.as_str(), t.stream.as_str())).collect();
    for expected in [
        ("m.leaf[a].T", "m.leaf[a].T"),
        ("n.leaf[b].T", "other.leaf[b].T"),
        ("m.leaf[b].S[2]", "m.leaf[b].own[2]"),
        ("n.leaf[a].S[1]", "other.leaf[a].own[1]"),
    ] {
        assert!(streams.contains(&expected), "{expected:?} is not in {streams:?}");
    }
}

#[test]
fn an_empty_colour_set_leaves_nothing_behind() {
    let top = r##"Net(
        places: { "Crew": (tokens: 1), "None": (colour: "{}") },
        instances: {
            "leaf": (use: "machine.ron", with: {"Kid": "{}"}, bind: {"Crew": "Crew"}),
            "nobody[k in {}]": (use: "machine.ron", with: {"Kid": "{}"}, bind: {"Crew": "Crew"}),
        },
        transitions: { "Never[k in {}]": Timed(delay: "1 h", from: {"None": "k"}) },
        up: { "leaf": "#leaf.Up > 0 && #None == 0 && all(k in {}: false)" },
        measures: { "nothing": "E{sum(k in {}: 1) + #Crew}" },
    )"##;
    let net = flat(&[("top.ron", top), ("machine.ron", MACHINE)]);
    assert_eq!(places(&net), [("Crew", 1), ("leaf.Up", 1), ("leaf.Down", 0)]);
    assert_eq!(transitions(&net), ["leaf.Fail", "leaf.Mend"]);
    assert_eq!(net.instances, 1);
}

#[test]
fn colour_sets_and_laws_are_parameters() {
    let top = r##"Net(
        colours: { "Few": "{x}", "Many": "1..=3" },
        places: { "Crew": (tokens: 1), "A": (colour: "Few", tokens: "x"), "B": (colour: "Many") },
        instances: {
            "a": (use: "machine.ron", with: {"Kid": "Few", "mend": "90 s"}, bind: {"Crew": "Crew", "Jobs": "A"}),
            "b": (use: "machine.ron", with: {"Kid": "Many"}, bind: {"Crew": "Crew", "Jobs": "B"}),
        },
        up: { "up": "#a.Up + #b.Up == 2" },
    )"##;
    let net = flat(&[("top.ron", top), ("machine.ron", MACHINE)]);
    let of = |prefix: &str| net.transitions.iter().filter(|t| t.name.starts_with(prefix)).count();
    assert_eq!((of("a."), of("b.")), (4, 8));
    let law = |name: &str| {
        let timing = net.transitions.iter().find(|t| t.name == name).map(|t| &t.timing);
        match timing {
            Some(Timing::Timed(timed)) => timed.law.evaluate(&[]).map(|law| law.mean()).expect("a law"),
            _ => panic!("{name}"),
        }
    };
    assert_eq!((law("a.Mend"), law("b.Mend"), law("b.Fail")), (90.0, 7_200.0, 72_000.0));
}

/// A colour as a parameter, tables of tables, and values of a parameter file that follow others: all of a module.
#[test]
fn a_named_choice_takes_its_row_of_a_table() {
    let module = r#"Net(
        imports: {"known": "known.ron"},
        colours: {"Site": "{near, far, none}", "Row": "{fails, stays}", "Column": "{often, calls}"},
        parameters: {
            "site": "near",
            "block": "if site == far then known.far else known.near",
            "life": "block[fails]", "kept": "block[stays]",
        },
        ports: {"Up": (), "Down": (), "Lost": ()},
        transitions: {
            "Fail": Timed(delay: "Exponential(mean: life[often] * 1 h)", from: {"Up": "1"}, to: {"Down": "1"}),
            "Stay": Immediate(weight: "kept[calls]", from: {"Down": "1"}, to: {"Up": "1"}),
            "Go": Immediate(weight: "1 - kept[calls]", from: {"Down": "1"}, to: {"Lost": "1"}),
        },
    )"#;
    let top = r##"Net(
        colours: {"Site": "{near, far, none}"},
        parameters: {"where": "near"},
        places: {"Up": (tokens: "1"), "Down": (), "Lost": ()},
        instances: {"unit": (use: "unit.ron", with: {"site": "where"}, bind: {"Up": "Up", "Down": "Down", "Lost": "Lost"})},
        transitions: {"Back": Timed(delay: "1 h", from: {"Lost": "1"}, to: {"Up": "1"})},
        up: {"up": "#Lost == 0"},
    )"##;
    let known = r#"Parameters(values: {
        "kept": (value: "0.25", evidence: Assumed, range: (low: "0", high: "1")),
        "near": "{fails: {often: 2}, stays: {calls: kept}}",
        "far": "{fails: {often: 5}, stays: {calls: 1 - kept}}",
    })"#;
    let loader = Memory::new().with("top.ron", top).with("unit.ron", module).with("known.ron", known);
    let weight = |given: &[(&str, &str)]| {
        let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
        let set: Vec<_> = given
            .iter()
            .map(|(name, value)| {
                let source = sources.add("set", *value);
                let span = fivenines::diag::Span::new(source, 0, value.len());
                let value = fivenines::syntax::parse_expr(source, value, 0, &mut diagnostics).expect("a value");
                let name = fivenines::syntax::expr::Name { text: (*name).to_owned(), span };
                fivenines::syntax::ast::Definition { name, value }
            })
            .collect();
        let net = flatten(&loader, &mut sources, "top.ron", &set, &Limits::default(), &mut diagnostics);
        let net = net.unwrap_or_else(|| panic!("{diagnostics:?}"));
        // A set whose colours are named is used.
        assert!(diagnostics.is_empty(), "{diagnostics:?}");
        let of = |name: &str| net.transitions.iter().find(|t| t.name == name).map(|t| t.timing.clone());
        let Some(Timing::Immediate { weight, .. }) = of("unit.Stay") else { panic!("no immediate") };
        let Some(Timing::Timed(clock)) = of("unit.Fail") else { panic!("no clock") };
        (weight.constant(), format!("{clock:?}").contains("18000"))
    };
    assert_eq!(weight(&[]), (Some(0.25), false));
    assert_eq!(weight(&[("where", "far")]), (Some(0.75), true));
    assert_eq!(weight(&[("where", "far"), ("known.kept", "0.1")]), (Some(0.9), true));
}

#[test]
fn files_are_found_from_the_file_that_names_them() {
    let values = r#"Parameters(values: {"mtbf": "3 h"})"#;
    let other = r#"Parameters(values: {"mtbf": "5 h"})"#;
    let leaf = r##"Net(
        imports: { "here": "values.ron", "there": "../values.ron" },
        ports: { "P": () },
        transitions: { "T": Timed(delay: "here.mtbf + 10 * there.mtbf", from: {"P": "1"}, to: {"P": "1"}) },
    )"##;
    let top = r##"Net(
        places: { "Up": (tokens: 1) },
        instances: { "leaf": (use: "../lib/./leaf.ron", bind: {"P": "Up"}) },
        up: { "up": "#Up == 1" },
    )"##;
    let net =
        flat(&[("models/top.ron", top), ("lib/leaf.ron", leaf), ("lib/values.ron", values), ("values.ron", other)]);
    assert_eq!(path(&net, 1)[0], (53.0 * 3600.0, "leaf.T".into()));
}

#[test]
fn a_hundred_thousand_pairs_unfold() {
    let net = flat(&[(
        "a.ron",
        r##"Net(
            colours: { "N": "1..=50000" },
            places: { "Up": (colour: "N", tokens: "all N"), "Down": (colour: "N") },
            transitions: {
                "Fail[n in N]": Timed(delay: "Exponential(mean: 1 h)", from: {"Up": "n"}, to: {"Down": "n"}),
                "Mend[n in N]": Timed(delay: "1 h", from: {"Down": "n"}, to: {"Up": "n"}),
            },
            up: { "most": "#Up > 40000" },
        )"##,
    )]);
    assert_eq!((net.places.len(), net.transitions.len()), (100_000, 100_000));
    assert_eq!(arcs(&net, "Mend[50000]"), "1 Down(50000) → 1 Up(50000)");
}
