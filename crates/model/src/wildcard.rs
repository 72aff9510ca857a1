//! Patterns with wildcards, as IAM has them.

/// Whether a pattern with `*`, for any characters, and `?`, for one, means a text.
///
/// It takes as long as the product of both lengths at most.
#[must_use]
pub fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut at, mut read) = (0, 0);
    // Behind the last `*`, and what it has been tried to stand for.
    let mut star = None;
    while read < text.len() {
        match pattern.get(at) {
            Some(b'*') => {
                at += 1;
                if at == pattern.len() {
                    return true;
                }
                star = Some((at, read));
            }
            Some(wanted) if *wanted == b'?' || *wanted == text[read] => {
                at += 1;
                read += 1;
            }
            Some(_) | None => {
                let Some((behind, tried)) = star else { return false };
                star = Some((behind, tried + 1));
                (at, read) = (behind, tried + 1);
            }
        }
    }
    pattern[at..].iter().all(|rest| *rest == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_mean_texts() {
        for (pattern, expected) in [
            ("arn:aws:s3:::uploads", true),
            ("arn:aws:s3:::up*", true),
            ("arn:aws:s3:::*ads", true),
            ("arn:*", true),
            ("arn:aws:s3:::upload?", true),
            ("arn:aws:s3:::upload", false),
            ("arn:aws:s3:::uploads?", false),
            ("arn:aws:s3:::other*", false),
            ("arn:*:s3:*load*", true),
            ("*s", true),
            ("*d", false),
        ] {
            assert_eq!(matches(pattern, "arn:aws:s3:::uploads"), expected, "{pattern}");
        }
    }
}
