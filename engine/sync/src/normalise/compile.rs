//! A stream's fields -> its tables and the plan by which records are read.

use tapwright_spec::model::{Deleted, Field, FieldType, ID, Member, Naming, Pairs, SchemaPolicy, Take, Unlisted};
use tapwright_spec::path::{Path, Segment};
use tapwright_spec::time::TimeFormat;

use super::convert::Leaf;
use super::mark::Mark;
use super::plan::{Action, Elsewhere, Node, Plan, ROOT, Unknown};
use super::policy::Only;
use super::table::{ColumnType, NameFault, Tables};

/// What a table is made of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Source<'s> {
    pub(super) name: &'s str,
    pub(super) fields: &'s [Field],
    pub(super) primary_key: &'s [String],
    pub(super) replication_key: Option<&'s str>,
    pub(super) unlisted: Unlisted,
    pub(super) deleted: Option<&'s Deleted>,
    pub(super) append_only: bool,
    pub(super) policy: SchemaPolicy,
    pub(super) naming: Naming,
    /// The columns that may be, if not all.
    pub(super) only: Option<&'s Only>,
}

impl<'s> Source<'s> {
    /// Of some fields, and no more.
    pub(super) fn of_fields(name: &'s str, fields: &'s [Field]) -> Source<'s> {
        Source {
            name,
            fields,
            primary_key: &[],
            replication_key: None,
            unlisted: Unlisted::Drop,
            deleted: None,
            append_only: false,
            policy: SchemaPolicy::Evolve,
            naming: Naming::default(),
            only: None,
        }
    }
}

/// Tables and plan.
#[derive(Debug, Default)]
pub(super) struct Compiled<'s> {
    pub(super) tables: Tables,
    pub(super) plan: Plan,
    only: Option<&'s Only>,
}

/// Compiles a stream.
pub(super) fn compile(source: Source<'_>) -> Result<Compiled<'_>, NameFault> {
    let mut made = Compiled { only: source.only, ..Compiled::default() };
    let naming = source.naming;
    made.plan.policy.says = source.policy;
    (made.plan.naming, made.tables.naming) = (naming, naming);
    made.tables.add(source.name, None)?;
    if naming.makes_id() {
        made.tables.id = Some(made.tables.all[0].add_ours(ID, ColumnType::Text)?);
    }
    let unknown = match source.unlisted {
        Unlisted::Add => Unknown::Infer { table: 0, prefix: String::new() },
        Unlisted::Json => Unknown::Extra,
        Unlisted::Drop | Unlisted::Fail => Unknown::Tell,
    };
    made.plan.nodes.push(Node::new(String::new(), unknown));
    for field in source.fields {
        made.field(field)?;
    }
    if source.unlisted == Unlisted::Json {
        made.plan.extra = Some(made.tables.all[0].add_ours(naming.mode.extra(), ColumnType::Json)?);
    }
    if let Some(deleted) = source.deleted {
        made.deleted(deleted)?;
    }
    let column = |name: &str| {
        let single = source.fields.iter().find(|field| field.name == name);
        single
            .filter(|field| column_type(&field.kind).is_some())
            .and_then(|_| made.tables.all[0].column(&naming.column(name)))
            .ok_or_else(|| NameFault::NoColumn(name.to_owned()))
    };
    let key = source.primary_key.iter().map(|name| column(name)).collect::<Result<_, _>>()?;
    let replication_key = source.replication_key.map(column).transpose()?;
    let required = source.fields.iter().filter(|field| field.required);
    let required = required.map(|field| column(&field.name)).collect::<Result<_, _>>()?;
    made.tables.required = required;
    made.tables.key = key;
    made.tables.replication_key = replication_key;
    made.tables.append_only = source.append_only;
    for table in &mut made.tables.all {
        table.fixed = table.columns.len();
    }
    made.plan.name_columns(&made.tables.all[0]);
    Ok(made)
}

/// Where a value goes and how it is written.
#[derive(Debug, Clone, Copy)]
struct Place<'s> {
    table: usize,
    name: &'s str,
    format: &'s TimeFormat,
    take: Option<Take>,
}

fn column_type(kind: &FieldType) -> Option<ColumnType> {
    Some(match kind {
        FieldType::String => ColumnType::Text,
        FieldType::Integer => ColumnType::Integer,
        FieldType::Number => ColumnType::Number,
        FieldType::Decimal => ColumnType::Decimal,
        FieldType::Boolean => ColumnType::Boolean,
        FieldType::Timestamp => ColumnType::Timestamp,
        FieldType::Date => ColumnType::Date,
        FieldType::Time => ColumnType::Time,
        FieldType::Json | FieldType::AsJson(_) => ColumnType::Json,
        FieldType::List(_) | FieldType::Object(_) | FieldType::Pairs(_) => return None,
    })
}

impl Compiled<'_> {
    fn field(&mut self, field: &Field) -> Result<(), NameFault> {
        let place = Place { table: 0, name: &field.name, format: &field.format, take: field.take };
        let action = self.value(place, &field.kind)?;
        self.plan.added.push(None);
        if field.added {
            return self.added(field, action);
        }
        match &field.from {
            Some(path) => self.at(path, &field.name, action),
            None => self.attach(ROOT, &field.name, action),
        }
        Ok(())
    }

    fn at(&mut self, path: &Path, name: &str, action: Action) {
        match path.plain() {
            Some([]) => self.plan.whole.push(action),
            Some(steps) if steps.iter().all(|step| matches!(step, Segment::Key(_))) => {
                self.follow(steps, action);
            }
            _ => self.plan.elsewhere.push(Elsewhere { path: path.clone(), name: name.to_owned(), action }),
        }
    }

    /// The mark of a deleted record, and its column. A member that the mark alone reads is still one that no field
    /// reads.
    fn deleted(&mut self, deleted: &Deleted) -> Result<(), NameFault> {
        let name = self.tables.naming.mode.deleted();
        let column = self.tables.all[0].add_ours(name, ColumnType::Timestamp)?;
        self.tables.deleted = Some(column);
        self.plan.mark = Some(Mark::new(deleted, column));
        let keeps = matches!(self.plan.nodes[ROOT].unknown, Unknown::Infer { .. } | Unknown::Extra);
        if let Some([Segment::Key(first), ..]) = deleted.from.plain()
            && keeps
            && self.plan.nodes[ROOT].position(first).is_none()
        {
            self.plan.meet(ROOT, first);
        }
        self.at(&deleted.from, "deleted", Action::Mark);
        Ok(())
    }

    fn added(&mut self, field: &Field, action: Action) -> Result<(), NameFault> {
        if let Action::Lacking(_) = action {
            return Ok(());
        }
        let (Action::Leaf(leaf) | Action::Json(leaf)) = action else {
            return Err(NameFault::AddedNested(field.name.clone()));
        };
        if let Some(slot) = self.plan.added.last_mut() {
            *slot = Some(leaf);
        }
        Ok(())
    }

    fn follow(&mut self, steps: &[Segment], action: Action) {
        let mut node = ROOT;
        for (at, step) in steps.iter().enumerate() {
            let Segment::Key(key) = step else { return };
            match at + 1 == steps.len() {
                true => self.attach(node, key, action),
                false => node = self.through(node, key),
            }
        }
    }

    /// The node of the object under a key, through which a path leads.
    fn through(&mut self, node: usize, key: &str) -> usize {
        let inner = |action: &Action| match action {
            Action::Through(inner) => Some(*inner),
            _ => None,
        };
        let known = self.plan.nodes[node].position(key).and_then(|position| {
            match self.plan.nodes[node].entries[position as usize].action {
                Action::Several(several) => self.plan.several[several].iter().find_map(inner),
                action => inner(&action),
            }
        });
        known.unwrap_or_else(|| {
            let made = self.plan.node(key, Unknown::Skip);
            self.attach(node, key, Action::Through(made));
            made
        })
    }

    fn attach(&mut self, node: usize, key: &str, action: Action) {
        let Some(position) = self.plan.nodes[node].position(key) else {
            self.plan.nodes[node].entry(key, action);
            return;
        };
        let entry = &mut self.plan.nodes[node].entries[position as usize];
        match entry.action {
            Action::Several(several) => self.plan.several[several].push(action),
            first => {
                entry.action = Action::Several(self.plan.several.len());
                self.plan.several.push(vec![first, action]);
            }
        }
    }

    fn value(&mut self, place: Place<'_>, kind: &FieldType) -> Result<Action, NameFault> {
        match kind {
            FieldType::Object(Some(members)) => self.object(place, members),
            FieldType::Object(None) => {
                let prefix = self.tables.naming.prefix(place.name);
                let unknown = Unknown::Infer { table: place.table, prefix };
                Ok(Action::Object(self.plan.node(place.name, unknown)))
            }
            FieldType::List(_) if self.tables.naming.keeps_lists() => Ok(match self.leaf(place, ColumnType::Text)? {
                Some(leaf) => Action::Listed(leaf),
                None => self.lacking(place.name),
            }),
            FieldType::List(element) => self.list(place, element),
            FieldType::Pairs(pairs) => Ok(self.pairs(place, pairs)),
            single => self.single(place, single),
        }
    }

    fn single(&mut self, place: Place<'_>, kind: &FieldType) -> Result<Action, NameFault> {
        let kind = column_type(kind).unwrap_or(ColumnType::Json);
        Ok(match (self.leaf(place, kind)?, kind) {
            (None, _) => self.lacking(place.name),
            (Some(leaf), ColumnType::Json) => Action::Json(leaf),
            (Some(leaf), _) => Action::Leaf(leaf),
        })
    }

    /// The column of a single value; none if the tables get none for it.
    fn leaf(&mut self, place: Place<'_>, kind: ColumnType) -> Result<Option<usize>, NameFault> {
        let name = self.tables.naming.column(place.name);
        if self.only.is_some_and(|only| !only.has(&self.tables.all[place.table].name, &name)) {
            return Ok(None);
        }
        let column = self.tables.add_column(place.table, place.name, kind)?;
        Ok(Some(self.plan.leaf(Leaf {
            table: place.table,
            column,
            name: place.name.to_owned(),
            kind,
            format: place.format.clone(),
            take: place.take,
        })))
    }

    /// Nothing is done with the value: the tables have no column for it, and get none.
    fn lacking(&mut self, name: &str) -> Action {
        self.plan.lacking.push(name.to_owned());
        Action::Lacking(self.plan.lacking.len() - 1)
    }

    fn pairs(&mut self, place: Place<'_>, pairs: &Pairs) -> Action {
        let unknown = Unknown::Infer { table: place.table, prefix: self.tables.naming.prefix(place.name) };
        let steps = |names: &[String]| names.iter().cloned().map(Segment::Key).collect();
        let (key, value) = (steps(&pairs.key), steps(&pairs.value));
        let node = self.plan.node(place.name, unknown);
        self.plan.pairs.push(super::plan::Pairs { key, value, node });
        Action::Pairs(self.plan.pairs.len() - 1)
    }

    fn object(&mut self, place: Place<'_>, members: &[Member]) -> Result<Action, NameFault> {
        let node = self.plan.node(place.name, Unknown::Skip);
        for member in members {
            let name = self.tables.naming.member(place.name, &member.name);
            let action = self.value(Place { name: &name, take: None, ..place }, &member.kind)?;
            self.attach(node, &member.name, action);
        }
        Ok(Action::Object(node))
    }

    fn list(&mut self, place: Place<'_>, element: &FieldType) -> Result<Action, NameFault> {
        let name = format!("{}__{}", self.tables.all[place.table].name, place.name);
        if self.only.is_some_and(|only| !only.has_table(&name)) {
            return Ok(self.lacking(place.name));
        }
        let table = self.tables.add(&name, Some(place.table))?;
        let inner = Place { table, name: "value", take: place.take, ..place };
        let element = match element {
            FieldType::Object(Some(members)) => self.row(inner, place.name, members)?,
            FieldType::Object(None) => {
                let unknown = Unknown::Infer { table, prefix: String::new() };
                Action::Object(self.plan.node(place.name, unknown))
            }
            other => self.value(inner, other)?,
        };
        let list = super::plan::List { table, name: place.name.to_owned(), element };
        self.plan.lists.push(list);
        Ok(Action::List(self.plan.lists.len() - 1))
    }

    /// The objects of a list: their members are columns without a prefix.
    fn row(&mut self, place: Place<'_>, label: &str, members: &[Member]) -> Result<Action, NameFault> {
        let node = self.plan.node(label, Unknown::Skip);
        for member in members {
            let place = Place { name: &member.name, take: None, ..place };
            let action = self.value(place, &member.kind)?;
            self.attach(node, &member.name, action);
        }
        Ok(Action::Object(node))
    }
}
