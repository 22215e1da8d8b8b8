//! Which means of hiding a definition names.

use anyhow::{Context, Result, bail};

#[cfg(feature = "postgres")]
use super::policy;
use super::{Hiding, files, hook, keys, paired, plan, variable};
use crate::definition::{Definition, Fixtures, Tables};
use crate::place::Place;

/// Every means that a definition names, in its order.
///
/// # Errors
///
/// When fixtures cannot be found, or two have the same name.
pub fn all(definition: &Definition, place: &Place) -> Result<Vec<Box<dyn Hiding>>> {
    hook::show_what_is_left(place)?;
    let mut all: Vec<Box<dyn Hiding>> = Vec::new();
    for (number, fixtures) in definition.written.fixtures.iter().enumerate() {
        let means = of(definition, fixtures, place);
        all.push(means.with_context(|| format!("[[fixtures]] number {}", number + 1))?);
    }
    Ok(all)
}

fn of_tables(definition: &Definition, tables: &Tables) -> Result<Box<dyn Hiding>> {
    Ok(match tables.hide.as_str() {
        "plan" => Box::new(plan::Plan::new(definition, tables)?),
        #[cfg(feature = "postgres")]
        "policy" => Box::new(policy::Policy::new(definition, tables)?),
        #[cfg(not(feature = "postgres"))]
        "policy" => bail!(
            "this stillframe was installed without a client of PostgreSQL, which hide = \"policy\" needs; install it with one: cargo install --path crates/stillframe-cli --features postgres"
        ),
        _ => Box::new(variable::Variable::new(definition, tables)?),
    })
}

fn of(definition: &Definition, fixtures: &Fixtures, place: &Place) -> Result<Box<dyn Hiding>> {
    let means: Box<dyn Hiding> = if let Some(patterns) = &fixtures.files {
        Box::new(files::FilesByPattern::new(definition, patterns)?)
    } else if let Some(keys) = &fixtures.keys {
        keys::all(definition, keys)?
    } else if let Some(tables) = &fixtures.tables {
        of_tables(definition, tables)?
    } else if let (Some(command), Some(list)) = (&fixtures.hook, &fixtures.list) {
        Box::new(hook::Hook::new(command, list, place)?)
    } else {
        bail!("name exactly one of files, tables, keys and hook");
    };
    match &fixtures.mapping {
        Some(_) if fixtures.tables.is_none() => {
            bail!("mapping gives the files of tables; write it beside tables, or remove it")
        }
        Some(mapping) => Ok(Box::new(paired::Paired::new(definition, mapping, means)?)),
        None => Ok(means),
    }
}
