//! The file that a version is held against: its texts, so that its nets can be run again whatever becomes of the
//! models, the digests of these nets, and its figures.
//!
//! The texts are kept as they were, line by line, so a change of the file shows in a review what has changed of the model.
//! Nets are read from them again, and held to their digests: a version of fivenines that understood them otherwise
//! would be found out.

use crate::diag::{Diagnostics, Severity, Sources, plain};
use crate::experiment::digest::digest;
use crate::experiment::outcome::Outcome;
use crate::experiment::plan::{Plan, Planned};
use crate::experiment::read::{Overrides, Reading, plan};
use crate::net::Library;
use crate::net::load::Loader;
use crate::stats::Estimate;
use crate::syntax::ast::Method;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

/// The version of the file; grows when an older fivenines couldn't read it.
pub const SCHEMA: u32 = 1;

/// What the file says it is.
const KIND: &str = "fivenines baseline";

/// What was blessed, last and first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Baseline {
    kind: String,
    schema: u32,
    /// Title of the scenario.
    pub scenario: String,
    /// The version blessed last.
    pub blessed: Record,
    /// What was blessed first, where that was another version: that of the first blessing, and of each later one that
    /// brought a new design, point or condition, for these alone.
    pub anchors: Vec<Record>,
}

/// A version that was blessed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Of fivenines.
    pub version: String,
    /// The scenario or net, by its name among the files.
    pub file: String,
    /// The parameters that were set from outside.
    pub set: Vec<(String, String)>,
    /// Of the run that was blessed.
    pub seed: u64,
    /// What it was.
    pub downtimes: Vec<Downtime>,
    /// All that was read.
    pub files: Vec<File>,
}

/// One watched downtime as it was blessed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Downtime {
    /// The design.
    pub design: String,
    /// Parameter → value as written.
    pub at: IndexMap<String, String>,
    /// The condition.
    pub condition: String,
    /// Of the net.
    pub digest: String,
    /// How it was solved.
    pub method: Method,
    /// Firings that this took.
    pub firings: u64,
    /// As it was estimated.
    pub unavailability: Estimate,
    /// As it was estimated.
    #[serde(rename = "downtime per year")]
    pub downtime: Estimate,
}

/// A text as it was read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct File {
    /// Its name; names are relative to each other.
    pub name: String,
    /// Its lines; joined by line feeds they are the text.
    pub lines: Vec<String>,
}

/// A version that can be run again.
#[derive(Debug)]
pub struct Reopened<'b> {
    /// What was blessed.
    pub record: &'b Record,
    /// Its plan, read anew.
    pub plan: Plan,
}

impl Downtime {
    /// Whether it is about the same.
    pub fn is_of(&self, other: &Downtime) -> bool {
        (&self.design, &self.at, &self.condition) == (&other.design, &other.at, &other.condition)
    }
}

impl Record {
    /// Of a plan that was carried out, with all the texts that were read for it.
    ///
    /// # Errors
    /// In words, when the outcome isn't whole, or the texts aren't all that is needed.
    pub fn new(
        plan: &Plan,
        outcome: &Outcome,
        files: &[(String, Vec<u8>)],
        resolver: &dyn Loader,
    ) -> Result<Record, String> {
        if outcome.interrupted || outcome.points.len() != plan.points.len() {
            return Err("the run was interrupted".to_string());
        }
        if plan.gated.downtimes.is_empty() {
            return Err("there is no `up` condition whose downtime could be watched".to_string());
        }
        let downtime = |&(index, up): &(usize, usize)| {
            let (planned, point) = (&plan.points[index], &outcome.points[index]);
            let condition = &planned.net.up[up].name;
            let figure = |name: &str| point.up.get(condition).and_then(|figures| figures.get(name)).cloned();
            Some(Downtime {
                design: planned.design.clone(),
                at: planned.at.clone(),
                condition: condition.clone(),
                digest: digest(&planned.net),
                method: point.method,
                firings: point.firings,
                unavailability: figure("unavailability")?,
                downtime: figure("downtime per year")?,
            })
        };
        let downtimes: Option<Vec<Downtime>> = plan.gated.downtimes.iter().map(downtime).collect();
        let record = Record {
            version: env!("CARGO_PKG_VERSION").to_string(),
            file: plan.file.clone(),
            set: plan.set.clone(),
            seed: plan.settings.seed,
            downtimes: downtimes.ok_or("the run yielded no figures")?,
            files: files.iter().map(|(name, bytes)| File::new(name, bytes)).collect(),
        };
        // Names without the folder that all are in don't depend on where the command was given; a file that names
        // others from the root needs them whole.
        let short = record.shortened();
        if short.reopen(resolver).is_ok() {
            return Ok(short);
        }
        record.reopen(resolver).map_err(|why| format!("it couldn't be run again: {why}"))?;
        Ok(record)
    }

    /// Whether it holds the same nets.
    fn is_as(&self, other: &Record) -> bool {
        let alike = |(x, y): (&Downtime, &Downtime)| x.is_of(y) && x.digest == y.digest;
        self.downtimes.len() == other.downtimes.len() && self.downtimes.iter().zip(&other.downtimes).all(alike)
    }

    /// Without the folder that all files are in.
    fn shortened(&self) -> Record {
        let folder = |name: &str| name.rfind('/').map_or("", |end| &name[..=end]).to_string();
        let mut common = folder(&self.file);
        for file in &self.files {
            while !file.name.starts_with(&common) {
                common = folder(common.trim_end_matches('/'));
            }
        }
        let mut short = self.clone();
        for name in short.files.iter_mut().map(|file| &mut file.name).chain([&mut short.file]) {
            *name = name[common.len()..].to_string();
        }
        short.files.sort_by(|x, y| x.name.cmp(&y.name));
        short
    }

    /// Reads its texts again; `resolver` says how names in them are meant.
    ///
    /// # Errors
    /// In words, when the nets aren't those that were blessed.
    pub fn reopen(&self, resolver: &dyn Loader) -> Result<Reopened<'_>, String> {
        let kept = Kept { record: self, resolver };
        let (mut library, mut sources) = (Library::new(&kept), Sources::default());
        let mut diagnostics = Diagnostics::default();
        let mut reading = Reading { library: &mut library, sources: &mut sources, diagnostics: &mut diagnostics };
        let overrides = Overrides { set: self.set.clone(), ..Overrides::default() };
        let Some(plan) = plan(&self.file, &overrides, &mut reading) else {
            let found = diagnostics.sorted();
            let first = found.iter().find(|diagnostic| diagnostic.severity == Severity::Error);
            let first = first.map_or(String::new(), |diagnostic| plain(diagnostic, &sources));
            return Err(format!("what was blessed can't be read by this version of fivenines: {first}"));
        };
        for stored in &self.downtimes {
            let found = find(&plan, (&stored.design, &stored.at), &stored.condition);
            if found.is_none_or(|(index, _)| digest(&plan.points[index].net) != stored.digest) {
                return Err(format!(
                    "the net of `{}` isn't the one that was blessed: the file was changed by hand, or this version of \
                     fivenines reads it otherwise (it was blessed by {})",
                    stored.design, self.version
                ));
            }
        }
        Ok(Reopened { record: self, plan })
    }
}

/// Point and condition of a plan by their names.
pub fn find(plan: &Plan, (design, at): (&str, &IndexMap<String, String>), condition: &str) -> Option<(usize, usize)> {
    let is_it = |planned: &Planned| planned.design == design && planned.at == *at;
    let index = plan.points.iter().position(is_it)?;
    let up = plan.points[index].net.up.iter().position(|up| up.name == condition)?;
    Some((index, up))
}

impl File {
    fn new(name: &str, bytes: &[u8]) -> File {
        let text = String::from_utf8_lossy(bytes);
        File { name: name.to_string(), lines: text.split('\n').map(str::to_string).collect() }
    }
}

/// The texts of a record.
struct Kept<'k> {
    record: &'k Record,
    resolver: &'k dyn Loader,
}

impl Loader for Kept<'_> {
    fn load(&self, path: &str) -> Result<Vec<u8>, String> {
        let file = self.record.files.iter().find(|file| file.name == path);
        file.map(|file| file.lines.join("\n").into_bytes()).ok_or_else(|| "it isn't among the blessed files".into())
    }

    fn resolve(&self, base: &str, relative: &str) -> String {
        self.resolver.resolve(base, relative)
    }
}

impl Baseline {
    /// Blesses a version. What was blessed `before` stays the anchor.
    pub fn new(scenario: &str, blessed: Record, before: Option<Baseline>) -> Baseline {
        let mut anchors = match before {
            None => Vec::new(),
            Some(before) if before.anchors.is_empty() => vec![before.blessed],
            Some(before) => before.anchors,
        };
        let anchored = |new: &Downtime| anchors.iter().flat_map(|anchor| &anchor.downtimes).any(|old| old.is_of(new));
        let added: Vec<Downtime> = blessed.downtimes.iter().filter(|new| !anchored(new)).cloned().collect();
        if !anchors.is_empty() && !added.is_empty() {
            anchors.push(Record { downtimes: added, ..blessed.clone() });
        }
        if matches!(&anchors[..], [only] if only.is_as(&blessed)) {
            anchors.clear();
        }
        Baseline { kind: KIND.to_string(), schema: SCHEMA, scenario: scenario.to_string(), blessed, anchors }
    }

    /// Reads the text of a file.
    ///
    /// # Errors
    /// In words, when it is none, is damaged, or was written by a newer fivenines.
    pub fn parse(text: &str) -> Result<Baseline, String> {
        #[derive(Deserialize)]
        struct Head {
            kind: String,
            schema: u32,
        }
        let head: Head = serde_json::from_str(text).map_err(|error| format!("it is no baseline: {error}"))?;
        if head.kind != KIND {
            return Err(format!("it is no baseline, but a `{}`", head.kind));
        }
        if head.schema > SCHEMA {
            let (theirs, ours) = (head.schema, SCHEMA);
            return Err(format!("a newer fivenines wrote it: its schema is {theirs}, and this one reads up to {ours}"));
        }
        serde_json::from_str(text).map_err(|error| format!("the baseline is damaged: {error}"))
    }

    /// As it is written to a file.
    pub fn text(&self) -> String {
        // Every map has string keys, so this can't fail.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }
}
