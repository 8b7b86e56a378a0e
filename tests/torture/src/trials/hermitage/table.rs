//! What was found, as tables by engine: printed, compared with what is published, and with each other; plays nothing.

use comfy_table::Table;

use super::expected::{Form, Outcome, Setting};
use super::scripts;

/// What one adapter showed on an engine as it is set.
#[derive(Clone, Debug)]
pub struct Found {
    subject: String,
    setting: Setting,
    /// One for each of the setting's forms: each script's outcome, if it was played.
    pub columns: Vec<Vec<Option<Outcome>>>,
}

impl Found {
    pub fn new(subject: String, setting: Setting) -> Self {
        Self {
            subject,
            setting,
            columns: Vec::new(),
        }
    }

    /// The same from another adapter, which in one cell does not agree.
    pub fn dissenting(&self) -> Self {
        let mut other = self.clone();
        other.subject += " (a dissenter)";
        let cell = &mut other.columns[0][0];
        *cell = match cell {
            Some(Outcome::Observed) => Some(Outcome::Unseen),
            _ => Some(Outcome::Observed),
        };
        other
    }

    /// Forms and scripts, and what became of them.
    fn cells(&self) -> impl Iterator<Item = (Form, &'static str, Option<Outcome>)> {
        let forms = self.setting.forms().into_iter().zip(&self.columns);
        forms.flat_map(|(form, column)| {
            let cells = scripts::ALL.iter().zip(column);
            cells.map(move |(script, cell)| (form, script.name, *cell))
        })
    }
}

/// Where two adapters on the same engine do not agree.
pub fn differences(found: &[Found]) -> Vec<String> {
    let mut differences = Vec::new();
    for (at, one) in found.iter().enumerate() {
        let first = found[..at]
            .iter()
            .find(|other| other.setting == one.setting);
        let Some(first) = first else { continue };
        let pairs = first.cells().zip(one.cells());
        for ((form, script, before), (_, _, now)) in pairs {
            if before != now {
                differences.push(format!(
                    "{}, {}: {script}: {} found {before:?}, {} {now:?}",
                    one.setting.name(),
                    form.name(),
                    first.subject,
                    one.subject
                ));
            }
        }
    }
    differences
}

/// Prints a table for each engine: of the first adapter, and of those that differ from it.
pub fn print(found: &[Found]) {
    for setting in Setting::ALL {
        let mut left: Vec<&Found> = found.iter().filter(|one| one.setting == setting).collect();
        while let Some(first) = left.first().copied() {
            let is_same = |other: &&Found| other.columns == first.columns;
            let (same, others): (Vec<_>, Vec<_>) = left.into_iter().partition(is_same);
            let names: Vec<_> = same.iter().map(|one| one.subject.as_str()).collect();
            eprintln!("== {} through {}", setting.name(), names.join(", "));
            eprintln!("{}", drawn(first));
            eprintln!("{}", compared(first));
            left = others;
        }
    }
}

fn drawn(found: &Found) -> Table {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::ASCII_MARKDOWN);
    let forms = found.setting.forms();
    let names = forms.iter().map(|form| form.name());
    table.set_header(["anomaly"].into_iter().chain(names));
    for (row, script) in scripts::ALL.iter().enumerate() {
        let cells = forms.iter().zip(&found.columns);
        let cells =
            cells.map(|(form, column)| cell(found.setting, script.name, *form, column[row]));
        table.add_row([script.name.to_owned()].into_iter().chain(cells));
    }
    table
}

/// With a star where something else is published.
fn cell(setting: Setting, script: &str, form: Form, outcome: Option<Outcome>) -> String {
    let Some(outcome) = outcome else {
        return "not played".to_owned();
    };
    let published = setting.is_published_as_prevented(script, form);
    let differs = published.is_some_and(|prevented| prevented == outcome.is_observed());
    format!("{}{}", outcome.name(), if differs { " *" } else { "" })
}

/// How it compares with what is published.
fn compared(found: &Found) -> String {
    let (mut published, mut stronger, mut weaker) = (0, 0, 0);
    for (form, script, outcome) in found.cells() {
        let prevented = found.setting.is_published_as_prevented(script, form);
        let (Some(prevented), Some(outcome)) = (prevented, outcome) else {
            continue;
        };
        published += 1;
        stronger += u32::from(!prevented && !outcome.is_observed());
        weaker += u32::from(prevented && outcome.is_observed());
    }
    match published {
        0 => "   nothing is published of it".to_owned(),
        _ => format!(
            "   {published} cells are published; here {stronger} are stronger (*), {weaker} weaker"
        ),
    }
}
