//! For what a stream is fetched, again and again.

use super::NamedHook;
use crate::expression::Condition;

/// Slices of a stream that have a bookmark of their own; beyond so many, all of them share one.
pub const MOST_SLICES: usize = 10_000;

/// What a stream is fetched for: every combination of the parts is a slice of its own.
#[derive(Debug, Clone)]
pub struct ForEach {
    /// In the order of the spec; at most one is of streams.
    pub parts: Vec<Each>,
}

/// Something that is gone through.
#[derive(Debug, Clone)]
pub struct Each {
    /// The name by which expressions read it; of slices all of them.
    pub name: String,
    /// What it is.
    pub of: Of,
}

/// What is gone through.
#[derive(Debug, Clone)]
pub enum Of {
    /// Records of other streams.
    Parents(Parents),
    /// Values of the spec.
    Values(Vec<String>),
    /// The values of this config field.
    Config(String),
    /// What a hook cuts: objects, of which expressions read the members by these names.
    Slices {
        /// The hook.
        hook: NamedHook,
        /// The names.
        names: Vec<String>,
    },
}

/// Records of other streams.
#[derive(Debug, Clone)]
pub struct Parents {
    /// Names of the streams.
    pub streams: Vec<String>,
    /// Only those that the run's incremental read of the parent returned.
    pub changed_only: bool,
    /// Only those for which it holds.
    pub keep_if: Option<KeptParents>,
    /// So many of them go into one request.
    pub batch: Option<usize>,
    /// Their fields that this stream's expressions read, without repeats.
    pub reads: Vec<String>,
}

/// Which records of a parent count.
#[derive(Debug, Clone)]
pub struct KeptParents {
    /// What must hold.
    pub condition: Condition,
    /// The name by which it reads one record.
    pub name: String,
}

impl ForEach {
    /// The part that is of streams.
    pub fn parents(&self) -> Option<&Parents> {
        self.parts.iter().find_map(|each| match &each.of {
            Of::Parents(parents) => Some(parents),
            Of::Values(_) | Of::Config(_) | Of::Slices { .. } => None,
        })
    }

    /// The same for all records of the parents, whatever `keep_if` says.
    #[must_use]
    pub fn of_all(&self) -> ForEach {
        let mut all = self.clone();
        for part in &mut all.parts {
            if let Of::Parents(parents) = &mut part.of {
                parents.keep_if = None;
            }
        }
        all
    }

    /// The hook that cuts slices, if one does, and the names of what it gives.
    pub fn hook(&self) -> Option<(&NamedHook, &[String])> {
        self.parts.iter().find_map(|each| match &each.of {
            Of::Slices { hook, names } => Some((hook, names.as_slice())),
            _ => None,
        })
    }

    /// Names of the parent streams.
    pub fn streams(&self) -> &[String] {
        self.parents().map_or(&[], |parents| &parents.streams)
    }
}
