//! Attribute values as the wire carries them (`{"S": "text"}`): validity, size, order, arithmetic.

use std::cmp::Ordering;

use serde_json::{Map, Value, json};

use crate::AwsError;

/// An item: attribute names to typed values.
pub type Item = Map<String, Value>;

/// The largest item, names included.
pub(super) const ITEM_LIMIT: usize = 400 * 1024;

/// The error for a request that is wrong in itself.
pub(super) fn invalid(message: impl Into<String>) -> AwsError {
    AwsError::new("ValidationException", message)
}

/// The single type tag of a value and what is under it.
pub(super) fn typed(value: &Value) -> Option<(&str, &Value)> {
    let object = value.as_object().filter(|object| object.len() == 1)?;
    object
        .iter()
        .next()
        .map(|(tag, inner)| (tag.as_str(), inner))
}

/// A string value's text.
pub(super) fn text(value: &Value) -> Option<&str> {
    value.get("S").and_then(Value::as_str)
}

/// Checks one value and everything inside it.
pub(super) fn check(value: &Value) -> Result<(), AwsError> {
    let Some((tag, inner)) = typed(value) else {
        return Err(invalid(
            "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes",
        ));
    };
    let set = |numbers: bool| {
        let members = inner.as_array().map_or(&[][..], Vec::as_slice);
        let mut texts: Vec<&str> = members.iter().filter_map(Value::as_str).collect();
        texts.sort_unstable();
        let unique = texts.windows(2).all(|pair| pair[0] != pair[1]);
        let valid = !numbers || texts.iter().all(|text| number(text).is_some());
        !texts.is_empty() && texts.len() == members.len() && unique && valid
    };
    let valid = match tag {
        "S" | "B" => inner.is_string(),
        "N" => inner.as_str().and_then(number).is_some(),
        "BOOL" => inner.is_boolean(),
        "NULL" => *inner == Value::Bool(true),
        "SS" | "BS" => set(false),
        "NS" => set(true),
        "L" => {
            let members = inner.as_array().ok_or_else(|| invalid("L is not a list"))?;
            return members.iter().try_for_each(check);
        }
        "M" => {
            let members = inner.as_object().ok_or_else(|| invalid("M is not a map"))?;
            return members.values().try_for_each(check);
        }
        _ => false,
    };
    if valid {
        return Ok(());
    }
    Err(invalid(format!(
        "One or more parameter values were invalid: not a valid {tag}"
    )))
}

/// Size of a whole item in bytes, as DynamoDB counts it (numbers approximately).
pub(super) fn size(item: &Item) -> usize {
    item.iter()
        .map(|(name, value)| name.len() + size_of(value))
        .sum()
}

fn size_of(value: &Value) -> usize {
    let strings = |inner: &Value| -> usize {
        let members = inner.as_array().map_or(&[][..], Vec::as_slice);
        members.iter().filter_map(Value::as_str).map(str::len).sum()
    };
    match typed(value) {
        Some(("S", inner)) => inner.as_str().map_or(0, str::len),
        Some(("B", inner)) => inner.as_str().map_or(0, |text| text.len() / 4 * 3),
        Some(("N", inner)) => inner.as_str().map_or(0, |text| text.len().div_ceil(2) + 1),
        Some(("SS" | "NS" | "BS", inner)) => strings(inner),
        Some(("L", inner)) => {
            let members = inner.as_array().map_or(&[][..], Vec::as_slice);
            3 + members
                .iter()
                .map(|value| 1 + size_of(value))
                .sum::<usize>()
        }
        Some(("M", inner)) => 3 + inner.as_object().map_or(0, |map| map.len() + size(map)),
        _ => 1,
    }
}

/// What `size()` in an expression gives: bytes of a text, members of a collection.
pub(super) fn length(value: &Value) -> Option<Value> {
    let length = match typed(value)? {
        ("S", inner) => inner.as_str()?.len(),
        ("B", _) => size_of(value),
        ("L" | "SS" | "NS" | "BS", inner) => inner.as_array()?.len(),
        ("M", inner) => inner.as_object()?.len(),
        _ => return None,
    };
    Some(json!({ "N": length.to_string() }))
}

/// A number: integers exactly, anything else as a float, which is closer than our use needs.
#[derive(Clone, Copy, Debug)]
pub(super) enum Number {
    Whole(i128),
    Float(f64),
}

pub(super) fn number(text: &str) -> Option<Number> {
    if let Ok(whole) = text.parse::<i128>() {
        return Some(Number::Whole(whole));
    }
    let float = text.parse::<f64>().ok()?;
    float.is_finite().then_some(Number::Float(float))
}

fn float(number: Number) -> f64 {
    match number {
        #[expect(
            clippy::cast_precision_loss,
            reason = "a mixed comparison needs no exactness"
        )]
        Number::Whole(whole) => whole as f64,
        Number::Float(float) => float,
    }
}

/// The order of two values of one scalar type; `None` where DynamoDB has none.
pub(super) fn compare(left: &Value, right: &Value) -> Option<Ordering> {
    match (typed(left)?, typed(right)?) {
        (("S", a), ("S", b)) | (("B", a), ("B", b)) => Some(a.as_str()?.cmp(b.as_str()?)),
        (("N", a), ("N", b)) => match (number(a.as_str()?)?, number(b.as_str()?)?) {
            (Number::Whole(a), Number::Whole(b)) => Some(a.cmp(&b)),
            (a, b) => float(a).partial_cmp(&float(b)),
        },
        _ => None,
    }
}

/// Equality: numbers by value, sets in any order, the rest as written.
pub(super) fn equal(left: &Value, right: &Value) -> bool {
    let sorted = |value: &Value| {
        let members = value.as_array().map_or(&[][..], Vec::as_slice);
        let mut texts: Vec<String> = members.iter().map(Value::to_string).collect();
        texts.sort();
        texts
    };
    match (typed(left), typed(right)) {
        (Some(("N", _)), Some(("N", _))) => compare(left, right) == Some(Ordering::Equal),
        (Some((a @ ("SS" | "NS" | "BS"), x)), Some((b, y))) => a == b && sorted(x) == sorted(y),
        _ => left == right,
    }
}

/// Whether `whole` holds `part`: a substring, or a member of a set or list.
pub(super) fn contains(whole: &Value, part: &Value) -> bool {
    match (typed(whole), typed(part)) {
        (Some(("S", a)), Some(("S", b))) => match (a.as_str(), b.as_str()) {
            (Some(a), Some(b)) => a.contains(b),
            _ => false,
        },
        (Some(("L", list)), _) => {
            let members = list.as_array().map_or(&[][..], Vec::as_slice);
            members.iter().any(|member| equal(member, part))
        }
        (Some((set @ ("SS" | "NS" | "BS"), members)), Some((scalar, inner))) => {
            let members = members.as_array().map_or(&[][..], Vec::as_slice);
            set.starts_with(scalar)
                && members
                    .iter()
                    .any(|member| equal(&json!({ scalar: member }), &json!({ scalar: inner })))
        }
        _ => false,
    }
}

/// Adds two numbers, or subtracts the second.
pub(super) fn sum(left: &Value, right: &Value, minus: bool) -> Result<Value, AwsError> {
    let parse = |value: &Value| value.get("N").and_then(Value::as_str).and_then(number);
    let (Some(left), Some(right)) = (parse(left), parse(right)) else {
        return Err(invalid(
            "An operand in the update expression has an incorrect data type",
        ));
    };
    let text = match (left, right) {
        (Number::Whole(a), Number::Whole(b)) if minus => (a - b).to_string(),
        (Number::Whole(a), Number::Whole(b)) => (a + b).to_string(),
        (a, b) if minus => (float(a) - float(b)).to_string(),
        (a, b) => (float(a) + float(b)).to_string(),
    };
    Ok(json!({ "N": text }))
}
