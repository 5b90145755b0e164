//! What parsed expressions mean for an item. Reads see the item as it was before the update.

use std::cmp::Ordering;

use serde_json::{Map, Value, json};

use super::expression::{Comparator, Condition, Operand, Path, Step, Update};
use super::value::{self, Item, invalid};
use crate::AwsError;

/// The value at a path, if there is one.
pub(super) fn get<'a>(item: &'a Item, path: &Path) -> Option<&'a Value> {
    let (first, rest) = path.split_first()?;
    let Step::Name(name) = first else { return None };
    rest.iter()
        .try_fold(item.get(name)?, |value, step| match step {
            Step::Name(name) => value.get("M")?.get(name),
            Step::Index(index) => value.get("L")?.get(index),
        })
}

impl Operand {
    fn value(&self, item: &Item) -> Option<Value> {
        match self {
            Self::Path(path) => get(item, path).cloned(),
            Self::Value(value) => Some(value.clone()),
            Self::Size(path) => value::length(get(item, path)?),
            Self::IfNotExists(path, other) => {
                get(item, path).cloned().or_else(|| other.value(item))
            }
            Self::ListAppend(..) | Self::Sum(..) => None,
        }
    }

    /// The value an update writes.
    fn computed(&self, item: &Item) -> Result<Value, AwsError> {
        match self {
            Self::Sum(left, right, minus) => {
                value::sum(&left.computed(item)?, &right.computed(item)?, *minus)
            }
            Self::ListAppend(left, right) => {
                let (left, right) = (left.computed(item)?, right.computed(item)?);
                let lists = (left["L"].as_array(), right["L"].as_array());
                let (Some(left), Some(right)) = lists else {
                    return Err(invalid(
                        "An operand in the update expression has an incorrect data type",
                    ));
                };
                let members: Vec<&Value> = left.iter().chain(right).collect();
                Ok(json!({ "L": members }))
            }
            Self::IfNotExists(path, other) => match get(item, path) {
                Some(value) => Ok(value.clone()),
                None => other.computed(item),
            },
            Self::Path(_) | Self::Value(_) | Self::Size(_) => self.value(item).ok_or_else(|| {
                invalid(
                    "The provided expression refers to an attribute that does not exist in the item",
                )
            }),
        }
    }
}

impl Condition {
    /// Whether the condition holds for an item; a missing item is an empty one.
    pub(super) fn holds(&self, item: &Item) -> bool {
        let order = |left: &Operand, right: &Operand| {
            value::compare(&left.value(item)?, &right.value(item)?)
        };
        match self {
            Self::And(left, right) => left.holds(item) && right.holds(item),
            Self::Or(left, right) => left.holds(item) || right.holds(item),
            Self::Not(inner) => !inner.holds(item),
            Self::Exists(path) => get(item, path).is_some(),
            Self::Missing(path) => get(item, path).is_none(),
            Self::Between(operand, low, high) => {
                order(operand, low).is_some_and(Ordering::is_ge)
                    && order(operand, high).is_some_and(Ordering::is_le)
            }
            Self::In(operand, members) => members.iter().any(|member| same(operand, member, item)),
            Self::Compare(left, Comparator::Equal, right) => same(left, right, item),
            Self::Compare(left, Comparator::NotEqual, right) => !same(left, right, item),
            Self::Compare(left, comparator, right) => {
                order(left, right).is_some_and(|order| match comparator {
                    Comparator::Less => order.is_lt(),
                    Comparator::LessEqual => order.is_le(),
                    Comparator::Greater => order.is_gt(),
                    Comparator::GreaterEqual => order.is_ge(),
                    Comparator::Equal | Comparator::NotEqual => false,
                })
            }
            Self::Type(path, tag) => {
                let tag = tag.value(item);
                let tag = tag.as_ref().and_then(value::text);
                let typed = get(item, path).and_then(value::typed);
                typed.is_some_and(|(found, _)| Some(found) == tag)
            }
            Self::BeginsWith(path, prefix) => {
                let prefix = prefix.value(item);
                let pair = (
                    get(item, path).and_then(value::text),
                    prefix.as_ref().and_then(value::text),
                );
                matches!(pair, (Some(text), Some(prefix)) if text.starts_with(prefix))
            }
            Self::Contains(path, part) => match (get(item, path), part.value(item)) {
                (Some(whole), Some(part)) => value::contains(whole, &part),
                _ => false,
            },
        }
    }
}

fn same(left: &Operand, right: &Operand, item: &Item) -> bool {
    match (left.value(item), right.value(item)) {
        (Some(left), Some(right)) => value::equal(&left, &right),
        _ => false,
    }
}

impl Update {
    /// The item after the update; `before` is what every operand sees.
    pub(super) fn apply(&self, before: &Item) -> Result<Item, AwsError> {
        let mut after = before.clone();
        for (path, operand) in &self.set {
            put(&mut after, path, operand.computed(before)?)?;
        }
        for path in &self.remove {
            take(&mut after, path);
        }
        for (path, value) in &self.add {
            let sum = match (get(before, path), value::typed(value)) {
                (old, Some(("N", _))) => {
                    let zero = json!({ "N": "0" });
                    value::sum(old.unwrap_or(&zero), value, false)?
                }
                (old, Some((tag @ ("SS" | "NS" | "BS"), members))) => {
                    let old = old.map_or(json!([]), |old| old[tag].clone());
                    merge(tag, &old, members)?
                }
                _ => return Err(operand_type("ADD")),
            };
            put(&mut after, path, sum)?;
        }
        for (path, value) in &self.delete {
            let Some((tag @ ("SS" | "NS" | "BS"), members)) = value::typed(value) else {
                return Err(operand_type("DELETE"));
            };
            let Some(old) = get(before, path) else {
                continue;
            };
            let gone = members.as_array().map_or(&[][..], Vec::as_slice);
            let kept: Vec<Value> = old[tag]
                .as_array()
                .ok_or_else(|| operand_type("DELETE"))?
                .iter()
                .filter(|member| !gone.contains(member))
                .cloned()
                .collect();
            if kept.is_empty() {
                take(&mut after, path);
            } else {
                put(&mut after, path, json!({ tag: kept }))?;
            }
        }
        Ok(after)
    }
}

fn operand_type(operator: &str) -> AwsError {
    invalid(format!(
        "Invalid UpdateExpression: Incorrect operand type for operator or function; operator: {operator}"
    ))
}

fn merge(tag: &str, old: &Value, new: &Value) -> Result<Value, AwsError> {
    let (Some(old), Some(new)) = (old.as_array(), new.as_array()) else {
        return Err(invalid(
            "An operand in the update expression has an incorrect data type",
        ));
    };
    let fresh = new.iter().filter(|member| !old.contains(member));
    let members: Vec<&Value> = old.iter().chain(fresh).collect();
    Ok(json!({ tag: members }))
}

fn bad_path() -> AwsError {
    invalid("The document path provided in the update expression is invalid for update")
}

fn put(item: &mut Item, path: &Path, value: Value) -> Result<(), AwsError> {
    let Some((Step::Name(last), parents)) = path.split_last() else {
        return Err(bad_path());
    };
    let map = parent(item, parents).ok_or_else(bad_path)?;
    map.insert(last.clone(), value);
    Ok(())
}

fn take(item: &mut Item, path: &Path) {
    if let Some((Step::Name(last), parents)) = path.split_last()
        && let Some(map) = parent(item, parents)
    {
        map.remove(last);
    }
}

/// The map that the last step of a path is in.
fn parent<'a>(item: &'a mut Item, steps: &[Step]) -> Option<&'a mut Map<String, Value>> {
    steps.iter().try_fold(item, |map, step| match step {
        Step::Name(name) => map.get_mut(name)?.get_mut("M")?.as_object_mut(),
        Step::Index(_) => None,
    })
}

/// Keeps only these paths of an item.
pub(super) fn project(item: &Item, paths: &[Path]) -> Item {
    let mut kept = Item::new();
    for path in paths {
        let Some(value) = get(item, path) else {
            continue;
        };
        let mut map = &mut kept;
        for (at, step) in path.iter().enumerate() {
            let Step::Name(name) = step else { break };
            if at + 1 == path.len() {
                map.insert(name.clone(), value.clone());
                break;
            }
            let nested = map
                .entry(name.clone())
                .or_insert_with(|| json!({ "M": {} }));
            let Some(inner) = nested.get_mut("M").and_then(Value::as_object_mut) else {
                break;
            };
            map = inner;
        }
    }
    kept
}
