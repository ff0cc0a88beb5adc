//! Flat nets by hand, for tests.

use fivenines::diag::{SourceId, Span};
use fivenines::dist::{Form, forms};
use fivenines::net::expr::{ArgumentExpr, Expr, FoldOp, LawExpr, Op};
use fivenines::net::{
    Arc, Average, Capacity, Condition, FamilyId, Formula, Measure, Net, Place, PlaceId, Servers, Timed, Timing,
    Transition, TransitionId,
};
use fivenines::syntax::ast::{MemoryPolicy, Overrun, Renew, Scope};
use fivenines::units::Dimension;

pub const NOWHERE: Span = Span { source: SourceId(0), start: 0, end: 0 };

/// A law by its name and the names of its parameters.
fn law(name: &str, parameters: &[(&str, Expr)]) -> LawExpr {
    let fits =
        |form: &&Form| form.name == name && form.parameters.iter().map(|p| p.0).eq(parameters.iter().map(|p| p.0));
    let form = forms().iter().find(fits).expect("a known law");
    LawExpr { form, arguments: parameters.iter().map(|(_, e)| ArgumentExpr::Scalar(e.clone())).collect() }
}

pub fn c(value: f64) -> Expr {
    Expr::Constant(value)
}

/// Exponential by its mean.
pub fn exponential(mean: Expr) -> LawExpr {
    law("Exponential", &[("mean", mean)])
}

/// Exponential by its rate.
pub fn exponential_rate(rate: Expr) -> LawExpr {
    law("Exponential", &[("rate", rate)])
}

pub fn deterministic(value: Expr) -> LawExpr {
    law("Deterministic", &[("value", value)])
}

pub fn uniform(low: f64, high: f64) -> LawExpr {
    law("Uniform", &[("low", c(low)), ("high", c(high))])
}

pub fn lognormal(mu: f64, sigma: f64) -> LawExpr {
    law("LogNormal", &[("mu", c(mu)), ("sigma", c(sigma))])
}

pub fn erlang(stages: f64, mean: f64) -> LawExpr {
    law("Erlang", &[("stages", c(stages)), ("mean", c(mean))])
}

/// `#p`.
pub fn tokens(place: PlaceId) -> Expr {
    Expr::Tokens(vec![place])
}

pub fn binary(op: Op, x: Expr, y: Expr) -> Expr {
    Expr::Binary(op, Box::new(x), Box::new(y))
}

pub fn add(parts: Vec<Expr>) -> Expr {
    Expr::Fold(FoldOp::Add, parts)
}

pub fn multiply(parts: Vec<Expr>) -> Expr {
    Expr::Fold(FoldOp::Multiply, parts)
}

/// `#place >= n`.
pub fn at_least(place: PlaceId, n: f64) -> Expr {
    binary(Op::GreaterEqual, tokens(place), c(n))
}

/// Grows a flat net.
pub struct Builder(pub Net);

/// The transition that is being described.
pub struct Describe<'b>(&'b mut Transition);

impl Builder {
    pub fn new(name: &str) -> Builder {
        Builder(Net {
            name: name.into(),
            places: Vec::new(),
            transitions: Vec::new(),
            families: Vec::new(),
            up: Vec::new(),
            measures: Vec::new(),
            phases: Vec::new(),
            questions: Default::default(),
            importance: None,
            instances: 0,
            parameters: Vec::new(),
            switched: false,
        })
    }

    pub fn place(&mut self, name: &str, initial: u32) -> PlaceId {
        self.0.places.push(Place { name: name.into(), initial, capacity: None, span: NOWHERE });
        PlaceId((self.0.places.len() - 1) as u32)
    }

    pub fn capacity(&mut self, place: PlaceId, limit: u32, overrun: Overrun) {
        self.0.places[place.0 as usize].capacity = Some(Capacity { limit, overrun });
    }

    pub fn up(&mut self, name: &str, expr: Expr) {
        self.0.up.push(Condition { name: name.into(), expr, span: NOWHERE });
    }

    pub fn measure(&mut self, name: &str, formula: Formula) {
        let (name, dimension) = (name.into(), Dimension::NUMBER);
        self.0.measures.push(Measure { name, formula, dimension, precision: None, span: NOWHERE });
    }

    /// `E{reward}`.
    pub fn mean(&mut self, name: &str, reward: Expr) {
        self.measure(name, Formula::Average(Average::Reward(reward)));
    }

    /// A timed transition: one server of its own, enabling memory, tangible renewal.
    pub fn timed(&mut self, name: &str, law: LawExpr) -> Describe<'_> {
        let timed = Timed {
            law: law.into(),
            speed: None,
            memory: MemoryPolicy::Enabling,
            servers: Servers::Count(1),
            scope: Scope::Binding,
            renew: Renew::Tangible,
        };
        self.transition(name, Timing::Timed(timed))
    }

    /// An immediate transition of priority 0 and weight 1.
    pub fn immediate(&mut self, name: &str) -> Describe<'_> {
        self.transition(name, Timing::Immediate { priority: 0, weight: c(1.0), scope: Scope::Binding })
    }

    pub fn id(&self, name: &str) -> TransitionId {
        TransitionId(self.0.transitions.iter().position(|t| t.name == name).expect("a known transition") as u32)
    }

    /// Transitions whose names differ only in brackets are bindings of one family.
    fn transition(&mut self, name: &str, timing: Timing) -> Describe<'_> {
        let family = name.split('[').next().unwrap_or(name);
        let index = self.0.families.iter().position(|f| f == family).unwrap_or_else(|| {
            self.0.families.push(family.into());
            self.0.families.len() - 1
        });
        self.0.transitions.push(Transition {
            name: name.into(),
            family: FamilyId(index as u32),
            stream: name.into(),
            role: None,
            timing,
            inputs: Vec::new(),
            outputs: Vec::new(),
            tests: Vec::new(),
            inhibitors: Vec::new(),
            flushes: Vec::new(),
            guard: None,
            span: NOWHERE,
        });
        Describe(self.0.transitions.last_mut().expect("just pushed"))
    }
}

impl Describe<'_> {
    pub fn input(self, place: PlaceId, weight: u32) -> Self {
        self.0.inputs.push(Arc { place, weight });
        self
    }

    pub fn output(self, place: PlaceId, weight: u32) -> Self {
        self.0.outputs.push(Arc { place, weight });
        self
    }

    pub fn test(self, place: PlaceId, weight: u32) -> Self {
        self.0.tests.push(Arc { place, weight });
        self
    }

    pub fn inhibitor(self, place: PlaceId, weight: u32) -> Self {
        self.0.inhibitors.push(Arc { place, weight });
        self
    }

    pub fn flush(self, place: PlaceId) -> Self {
        self.0.flushes.push(place);
        self
    }

    pub fn guard(self, guard: Expr) -> Self {
        self.0.guard = Some(guard);
        self
    }

    pub fn stream(self, stream: &str) -> Self {
        self.0.stream = stream.into();
        self
    }

    pub fn priority(self, value: i32) -> Self {
        if let Timing::Immediate { priority, .. } = &mut self.0.timing {
            *priority = value;
        }
        self
    }

    pub fn weight(self, value: Expr) -> Self {
        if let Timing::Immediate { weight, .. } = &mut self.0.timing {
            *weight = value;
        }
        self
    }

    pub fn memory(self, memory: MemoryPolicy) -> Self {
        self.clock(|t| t.memory = memory)
    }

    pub fn servers(self, servers: Servers) -> Self {
        self.clock(|t| t.servers = servers)
    }

    /// Who shares the servers, or the weight.
    pub fn scope(self, value: Scope) -> Self {
        if let Timing::Immediate { scope, .. } = &mut self.0.timing {
            *scope = value;
        }
        self.clock(|t| t.scope = value)
    }

    pub fn renew(self, renew: Renew) -> Self {
        self.clock(|t| t.renew = renew)
    }

    pub fn speed(self, speed: Expr) -> Self {
        self.clock(|t| t.speed = Some(speed))
    }

    fn clock(self, change: impl FnOnce(&mut Timed)) -> Self {
        if let Timing::Timed(timed) = &mut self.0.timing {
            change(timed);
        }
        self
    }
}
