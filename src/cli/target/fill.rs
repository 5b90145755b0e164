//! A template and what belongs into its marks, `<<like_this>>`.
//!
//! A few lines of our own, because a template language would be able to do more than the templates may.

/// The template with every mark replaced. A mark that stands alone gives way to as many lines as there are,
/// each as deep as the mark, or to none.
pub(super) fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::new();
    let mut push = |depth: &str, line: &str| {
        filled.push_str(if line.is_empty() { "" } else { depth });
        filled.push_str(line);
        filled.push('\n');
    };
    for line in template.lines() {
        let text = line.trim_start();
        let depth = line.strip_suffix(text).unwrap_or_default();
        let block = text
            .strip_prefix("<<")
            .and_then(|mark| mark.strip_suffix(">>"));
        match values.iter().find(|(mark, _)| block == Some(*mark)) {
            Some((_, lines)) => lines.lines().for_each(|line| push(depth, line)),
            None => {
                let fill = |text: String, (mark, value): &(&str, &str)| {
                    text.replace(&format!("<<{mark}>>"), value)
                };
                push(depth, &values.iter().fold(text.to_owned(), fill));
            }
        }
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::fill;

    #[test]
    fn a_mark_alone_gives_way_to_lines_as_deep_as_it_is() {
        let template = "a: <<one>>, <<one>>\nb:\n  <<many>>\n  <<none>>\nc: 1\n";
        let filled = fill(
            template,
            &[("one", "x"), ("many", "- y\n\n- z"), ("none", "")],
        );
        assert_eq!(filled, "a: x, x\nb:\n  - y\n\n  - z\nc: 1\n");
    }

    #[test]
    fn what_is_filled_in_is_text_wherever_it_has_a_mark_of_its_own() {
        assert_eq!(
            fill("<<a>>\n<<b>>\n", &[("a", "<<b>>"), ("b", "c")]),
            "<<b>>\nc\n"
        );
    }
}
