//! Queries, taken apart.

use std::collections::BTreeMap;

use crate::percent;

/// The parameters of a query in their order, decoded. One without a value has an empty one.
pub fn pairs(query: &str) -> impl Iterator<Item = (String, String)> {
    query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decode(name), decode(value))
    })
}

/// The parameters of a query, decoded; several of one name are joined with commas.
#[must_use]
pub fn parameters(query: &str) -> BTreeMap<String, String> {
    let mut parameters: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in pairs(query) {
        parameters
            .entry(name)
            .and_modify(|values| {
                values.push(',');
                values.push_str(&value);
            })
            .or_insert(value);
    }
    parameters
}

/// All values of each name, in their order.
pub(crate) fn grouped<K: Ord, V>(pairs: impl Iterator<Item = (K, V)>) -> BTreeMap<K, Vec<V>> {
    let mut grouped: BTreeMap<K, Vec<V>> = BTreeMap::new();
    for (name, value) in pairs {
        grouped.entry(name).or_default().push(value);
    }
    grouped
}

/// Decodes `%XX` and `+`, which is a space.
fn decode(text: &str) -> String {
    percent::decode(&text.replace('+', " ")).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_come_in_their_order() {
        let read: Vec<_> = pairs("b=1&a=+%2B&&b=%26&c&=d").collect();
        let expected = [("b", "1"), ("a", " +"), ("b", "&"), ("c", ""), ("", "d")];
        assert_eq!(read, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }
}
