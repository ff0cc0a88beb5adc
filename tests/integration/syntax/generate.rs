//! Random documents as the parser would make them, with spans that mean nothing.

use fivenines::diag::{SourceId, Span};
use fivenines::syntax::ast::*;
use fivenines::syntax::expr::*;
use fivenines::units::UNITS;
use proptest::collection::{btree_map, vec};
use proptest::option::of;
use proptest::prelude::*;

const NOWHERE: Span = Span { source: SourceId(0), start: 0, end: 0 };

fn expr(kind: ExprKind) -> Expr {
    Expr { kind, span: NOWHERE }
}

fn word() -> impl Strategy<Value = String> + Clone {
    "[A-Za-zµé][a-z0-9_]{0,5}".prop_filter("keywords are no names", |word| fivenines::syntax::is_name(word))
}

fn name() -> impl Strategy<Value = Name> + Clone {
    word().prop_map(|text| Name { text, span: NOWHERE })
}

/// A name that can be called: not one that is an operator over a colour set.
fn function() -> impl Strategy<Value = Name> {
    name().prop_filter("operators", |name| !["sum", "product", "any", "count"].contains(&name.text.as_str()))
}

fn text() -> impl Strategy<Value = Text> {
    "[a-z\"\\\\\\n\\té €(\\[{,:]{0,7}[a-z]".prop_map(|text| Text { text, span: NOWHERE })
}

fn number() -> BoxedStrategy<f64> {
    prop_oneof![
        (0..100u32).prop_map(f64::from),
        0.0..1e3,
        (-300..300i32, 1.0..10.0).prop_map(|(exponent, x): (i32, f64)| x * 10f64.powi(exponent)),
    ]
    .boxed()
}

/// The number with its decimal point so many places to the left.
fn decimal(written: f64, places: i32) -> f64 {
    let text = format!("{written}");
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    format!("{whole}{fraction}e-{}", fraction.len() as i32 + places).parse().expect("a number")
}

fn quantity() -> impl Strategy<Value = ExprKind> {
    (0.0..1e4, prop::sample::select(UNITS)).prop_map(|(written, (unit, factor, dimension)): (f64, _)| {
        let places = if factor < 1.0 {
            format!("{:e}", (1.0 / factor).round()).split_once('e').map_or(0, |(_, e)| e.parse().unwrap_or(0))
        } else {
            0
        };
        let value = if factor < 1.0 { decimal(written, places) } else { written * factor };
        ExprKind::Quantity { value, dimension, written, unit: unit.to_owned() }
    })
}

fn path(index: impl Strategy<Value = Expr> + Clone) -> impl Strategy<Value = Path> + Clone {
    let segment = (name(), vec(index, 0..2)).prop_map(|(name, index)| Segment { name, index });
    vec(segment, 1..3).prop_map(|segments| Path { segments, span: NOWHERE })
}

fn place_ref(index: impl Strategy<Value = Expr> + Clone) -> impl Strategy<Value = PlaceRef> {
    (path(index.clone()), vec(index, 0..3)).prop_map(|(path, colour)| PlaceRef { path, colour, span: NOWHERE })
}

fn variables(set: impl Strategy<Value = Expr>, least: usize) -> impl Strategy<Value = Vec<(Name, Expr)>> {
    btree_map(name().prop_map(|name| name.text), set, least..3)
        .prop_map(|map| map.into_iter().map(|(text, set)| (Name { text, span: NOWHERE }, set)).collect())
}

fn operator() -> impl Strategy<Value = BinaryOp> {
    use BinaryOp::*;
    prop::sample::select(vec![
        Or,
        And,
        Equal,
        NotEqual,
        Less,
        LessEqual,
        Greater,
        GreaterEqual,
        Add,
        Subtract,
        Multiply,
        Divide,
        Modulo,
        Power,
    ])
}

fn composite(inner: BoxedStrategy<Expr>) -> impl Strategy<Value = ExprKind> {
    let one = || inner.clone().prop_map(Box::new);
    let quantifier = {
        use Quantifier::*;
        prop::sample::select(vec![Sum, Product, ForAll, Exists, Count])
    };
    let named = (name(), inner.clone()).prop_map(|(name, value)| Argument { name: Some(name), value });
    let argument = inner.clone().prop_map(|value| Argument { name: None, value });
    prop_oneof![
        6 => (operator(), one(), one()).prop_map(|(op, x, y)| ExprKind::Binary(op, x, y)),
        2 => one().prop_map(|x| ExprKind::Unary(UnaryOp::Negate, x)),
        1 => one().prop_map(|x| ExprKind::Unary(UnaryOp::Not, x)),
        1 => (one(), one(), one()).prop_map(|(c, x, y)| ExprKind::If(c, x, y)),
        1 => (function(), vec(argument, 0..3)).prop_map(|(name, list)| ExprKind::Call(name, list)),
        1 => (function(), named).prop_map(|(name, argument)| ExprKind::Call(name, vec![argument])),
        1 => (quantifier, variables(inner.clone(), 1), of(one()), one()).prop_map(
            |(quantifier, variables, filter, body)| ExprKind::Quantified { quantifier, variables, filter, body }
        ),
        1 => vec(inner.clone(), 0..3).prop_map(ExprKind::Set),
        1 => vec(inner.clone(), 2..4).prop_map(ExprKind::Tuple),
        1 => vec(inner.clone(), 0..3).prop_map(ExprKind::List),
        1 => vec((inner.clone(), inner.clone()), 1..3).prop_map(ExprKind::Table),
        1 => (one(), one(), any::<bool>()).prop_map(|(from, to, inclusive)| ExprKind::Range { from, to, inclusive }),
        1 => one().prop_map(ExprKind::All),
        1 => place_ref(inner.clone()).prop_map(ExprKind::Tokens),
        1 => path(inner.clone()).prop_map(ExprKind::Path),
        1 => (one(), of(one())).prop_map(|(event, given)| ExprKind::Probability { event, given }),
        1 => (one(), of(one())).prop_map(|(value, given)| ExprKind::Expectation { value, given }),
    ]
}

/// Any expression.
pub fn any_expr() -> BoxedStrategy<Expr> {
    let leaf = prop_oneof![
        number().prop_map(ExprKind::Number),
        quantity(),
        any::<bool>().prop_map(ExprKind::Boolean),
        path(number().prop_map(|value| expr(ExprKind::Number(value)))).prop_map(ExprKind::Path),
    ];
    leaf.prop_map(expr).prop_recursive(5, 20, 3, |inner| composite(inner).prop_map(expr)).boxed()
}

/// A small one.
fn small() -> BoxedStrategy<Expr> {
    prop_oneof![3 => number().prop_map(|value| expr(ExprKind::Number(value))), 1 => any_expr()].boxed()
}

/// Distinct names with something each.
fn named<T: std::fmt::Debug>(value: impl Strategy<Value = T>) -> impl Strategy<Value = Vec<(Name, T)>> {
    btree_map(word(), value, 0..4)
        .prop_map(|map| map.into_iter().map(|(text, value)| (Name { text, span: NOWHERE }, value)).collect())
}

fn definitions() -> impl Strategy<Value = Vec<Definition>> {
    named(small()).prop_map(|list| list.into_iter().map(|(name, value)| Definition { name, value }).collect())
}

fn declarations() -> impl Strategy<Value = Vec<Declaration>> {
    named(of(small())).prop_map(|list| list.into_iter().map(|(name, value)| Declaration { name, value }).collect())
}

fn places() -> impl Strategy<Value = Vec<Place>> {
    let overrun = of(prop::sample::select(vec![Overrun::Block, Overrun::Error]));
    named((of(small()), of(small()), of(small()), overrun)).prop_map(|list| {
        let place = |(name, (colour, tokens, capacity, overrun))| Place {
            name,
            colour,
            tokens,
            capacity,
            overrun,
            span: NOWHERE,
        };
        list.into_iter().map(place).collect()
    })
}

fn arcs() -> impl Strategy<Value = Vec<Arc>> {
    named(small()).prop_map(|list| list.into_iter().map(|(place, tokens)| Arc { place, tokens }).collect())
}

fn scope() -> impl Strategy<Value = Option<Scope>> {
    of(prop::sample::select(vec![Scope::Binding, Scope::Transition]))
}

fn timing() -> impl Strategy<Value = Timing> {
    use MemoryPolicy::*;
    let memory = of(prop::sample::select(vec![Enabling, Age, Identical, Resample]));
    let servers = of(prop_oneof![small().prop_map(Servers::Count), Just(Servers::Infinite)]);
    let renew = of(prop::sample::select(vec![Renew::Tangible, Renew::AtEachToken]));
    prop_oneof![
        (of(small()), of(small()), scope()).prop_map(|(priority, weight, weight_scope)| Timing::Immediate {
            priority,
            weight,
            weight_scope
        }),
        (small(), of(small()), memory, servers, scope(), renew).prop_map(
            |(delay, speed, memory, servers, scope, renew)| Timing::Timed {
                delay: Some(delay),
                speed,
                memory,
                servers,
                scope,
                renew
            }
        ),
    ]
}

fn transitions() -> impl Strategy<Value = Vec<Transition>> {
    let role = of(prop::sample::select(vec![(Role::Failure, NOWHERE), (Role::Repair, NOWHERE)]));
    let rest = (vec(place_ref(small()), 0..2), of(small()), of(text()), role);
    named((variables(small(), 0), timing(), arcs(), arcs(), arcs(), arcs(), rest)).prop_map(|list| {
        let make = |(name, (variables, timing, from, to, test, inhibit, rest))| {
            let (flush, guard, stream, role) = rest;
            Transition { name, variables, timing, from, to, test, inhibit, flush, guard, stream, role, span: NOWHERE }
        };
        list.into_iter().map(make).collect()
    })
}

fn instances() -> impl Strategy<Value = Vec<Instance>> {
    named((variables(small(), 0), text(), definitions(), named(place_ref(small())), of(text()))).prop_map(|list| {
        let make = |(name, (variables, module, with, bind, stream))| Instance {
            name,
            variables,
            module,
            with,
            bind,
            stream,
            span: NOWHERE,
        };
        list.into_iter().map(make).collect()
    })
}

fn net() -> impl Strategy<Value = Net> {
    let imports = named(text()).prop_map(|list| list.into_iter().map(|(alias, path)| Import { alias, path }).collect());
    let measures = named((small(), of(small()))).prop_map(|list| {
        let make = |(name, (value, precision)): (Name, _)| {
            // Never the name of a standard measure.
            let name = Name { text: format!("the {}", name.text), ..name };
            Measure { name, value, precision }
        };
        list.into_iter().map(make).collect()
    });
    let head = (of(text()), imports, declarations(), declarations());
    (head, places(), places(), transitions(), instances(), (definitions(), definitions()), measures).prop_map(
        |((doc, imports, colours, parameters), ports, places, transitions, instances, (up, phases), measures)| {
            let span = NOWHERE;
            // Never the reserved name.
            let named =
                |d: Definition| Definition { name: Name { text: format!("phase {}", d.name.text), ..d.name }, ..d };
            let phases = phases.into_iter().map(named).collect();
            Net { doc, imports, colours, parameters, ports, places, transitions, instances, up, measures, phases, span }
        },
    )
}

fn parameters() -> impl Strategy<Value = Parameters> {
    use Evidence::*;
    let evidence = of(prop::sample::select(vec![MeasuredLive, FieldData, Published, DerivedFromTimers, Assumed]));
    let data = of((text(), text()).prop_map(|(file, sha256)| Data { file, sha256 }));
    let about = (small(), of(text()), evidence, of(small()), definitions(), prop::bool::ANY);
    let values = (named(about), vec(small(), 1..3));
    ((of(text()), of(text()), data), values).prop_map(|((doc, command, data), (list, draws))| {
        let values = list.into_iter().map(|(name, (value, source, evidence, observations, fit, drawn))| {
            let uncertainty = drawn.then(|| Uncertainty::Draws(draws.clone()));
            let evidence = evidence.map(|evidence| (evidence, NOWHERE));
            ParameterValue { name, value, source, evidence, observations, fit, uncertainty }
        });
        Parameters { doc, command, data, values: values.collect(), span: NOWHERE }
    })
}

fn references(expected: bool) -> impl Strategy<Value = Vec<Reference>> {
    vec(reference(expected), 0..3)
}

fn target() -> impl Strategy<Value = Target> {
    let side = of(prop::sample::select(vec![Side::AtLeast, Side::AtMost]));
    let target = (reference(false), side, text(), small(), small());
    target.prop_map(|(goal, side, parameter, from, to)| Target { goal, side, parameter, from, to })
}

fn reference(expected: bool) -> impl Strategy<Value = Reference> {
    let tolerance = if expected { of(small()).boxed() } else { Just(None).boxed() };
    (of(text()), definitions(), of(text()), text(), small(), tolerance, of(text())).prop_map(
        |(design, at, up, measure, value, tolerance, source)| Reference {
            design,
            at,
            up,
            measure,
            value,
            tolerance,
            source,
            span: NOWHERE,
        },
    )
}

fn scenario() -> impl Strategy<Value = Scenario> {
    let designs = named((text(), definitions(), of(text()))).prop_map(|list| {
        let make = |(name, (net, with, primary))| Design { name, net, with, primary, span: NOWHERE };
        list.into_iter().map(make).collect::<Vec<_>>()
    });
    let methods = vec![Method::Auto, Method::Replications, Method::BatchMeans, Method::Regenerative, Method::Exact];
    let method = of(prop::sample::select(methods).prop_map(|method| (method, NOWHERE)));
    let ties = of(prop::sample::select(vec![Ties::Stream, Ties::Random]));
    let studies = (of(vec(text(), 0..3)), vec(target(), 0..2));
    let head = (of(text()), of(text()), designs, definitions(), named(vec(small(), 1..3)));
    let seed = of(any::<u64>().prop_map(|seed| (seed, NOWHERE)));
    let how = (method, seed, (of(any::<bool>()), of(any::<bool>())), ties);
    let gate = (of(small()), vec(text(), 0..3)).prop_map(|(margin, up)| Gate { margin, up, span: NOWHERE });
    let held = (references(false), references(true), of(gate), references(false));
    let compare = (of(small()), small(), any::<bool>()).prop_map(|(ratio, difference, both)| {
        let ratio = ratio.filter(|_| both);
        Compare { difference: (both || ratio.is_none()).then_some(difference), ratio, span: NOWHERE }
    });
    let how = (how, of(compare));
    (head, how, (vec(of(small()), 12), studies), held).prop_map(
        |(
            (title, doc, designs, with, sweep),
            ((method, seed, (years, causes), ties), compare),
            (mut numbers, (sensitivity, targets)),
            (published, expect, gate, objectives),
        )| {
            let mut next = || numbers.pop().flatten();
            Scenario {
                confidence: next(),
                precision: next(),
                compare,
                budget: next(),
                outages: next(),
                memory: next(),
                phases: next(),
                replications: next(),
                warmup: next(),
                length: next(),
                importance: next(),
                outage_bound: next(),
                refine: next(),
                parameter_uncertainty: next(),
                sensitivity,
                targets,
                title,
                doc,
                designs,
                with,
                sweep,
                method,
                seed,
                years,
                causes,
                ties,
                published,
                expect,
                gate,
                objectives,
                span: NOWHERE,
            }
        },
    )
}

/// Any document.
pub fn any_document() -> impl Strategy<Value = Document> {
    prop_oneof![
        net().prop_map(Document::Net),
        parameters().prop_map(Document::Parameters),
        scenario().prop_map(Document::Scenario)
    ]
}
