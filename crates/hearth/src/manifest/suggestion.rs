//! "Did you mean …?"

/// What a user who wrote `given` probably meant.
///
/// Either few letters differ, or one is the beginning of the other: `memory` for `memory_mib`.
pub(super) fn closest<'a>(given: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let given = given.to_ascii_lowercase();
    let distance = |candidate: &str| {
        let shares_beginning =
            given.len() >= 3 && (candidate.starts_with(&given) || given.starts_with(candidate));
        if shares_beginning { 1 } else { strsim::damerau_levenshtein(&given, candidate) }
    };
    candidates
        .into_iter()
        .map(|candidate| (distance(candidate), candidate))
        .filter(|(distance, candidate)| *distance <= (candidate.len() / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// `did you mean …?` if something is close, otherwise the whole choice.
pub(super) fn help<'a>(given: &str, candidates: impl IntoIterator<Item = &'a str> + Clone) -> String {
    match closest(given, candidates.clone()) {
        Some(candidate) => format!("did you mean `{candidate}`?"),
        None => {
            let all: Vec<String> = candidates.into_iter().map(|candidate| format!("`{candidate}`")).collect();
            format!("there are {}", all.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closest_is_found_unless_all_are_far() {
        let keys = ["code", "memory_mib", "timeout_s", "environment"];
        let check = |given: &str, expect: Option<&str>| assert_eq!(closest(given, keys), expect, "{given}");
        check("memroy_mib", Some("memory_mib"));
        check("memory", Some("memory_mib"));
        check("Timeout", Some("timeout_s"));
        check("env", Some("environment"));
        check("cod", Some("code"));
        check("colour", None);
        check("x", None);
    }
}
