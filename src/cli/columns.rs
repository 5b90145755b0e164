//! Rows below each other: each column as wide as its widest cell, nothing after the last one, so that
//! lines can be cut and compared.

use std::io::{self, Write};

use crate::names::is_invisible;

/// Between two columns.
const GAP: &str = "  ";

/// Writes rows of the same number of cells, the headings first. An empty cell is a dash, so that other
/// programs count the same columns in every line.
pub(super) fn write<const N: usize>(
    out: &mut dyn Write,
    headings: [&str; N],
    rows: &[[String; N]],
) -> io::Result<()> {
    let shown = |cell: &str| match visible(cell).trim() {
        "" => "-".to_owned(),
        cell => cell.to_owned(),
    };
    let headings = headings.map(str::to_owned);
    let rows: Vec<[String; N]> = std::iter::once(&headings)
        .chain(rows)
        .map(|row| std::array::from_fn(|at| shown(&row[at])))
        .collect();
    let width = |at: usize| {
        let cells = rows.iter().map(|row| row[at].chars().count());
        cells.max().unwrap_or_default()
    };
    let widths: [usize; N] = std::array::from_fn(width);
    for row in &rows {
        let cells = row.iter().zip(widths).map(|(cell, width)| {
            let missing = width - cell.chars().count();
            format!("{cell}{}", " ".repeat(missing))
        });
        let line = cells.collect::<Vec<_>>().join(GAP);
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

/// A cell on one line, without what would steer the terminal.
fn visible(cell: &str) -> String {
    let seen = cell.chars().filter(|c| !is_invisible(*c));
    seen.map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_cell_steers_no_terminal() {
        let mut out = Vec::new();
        let rows = [["a\u{1b}[31mb\nc\u{202e}d".to_owned()]];
        super::write(&mut out, ["X"], &rows).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "X\na [31mb cd\n");
    }

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let mut out = Vec::new();
        let rows = [
            ["webapp".to_owned(), String::new(), "1".to_owned()],
            ["übung".to_owned(), "x".to_owned(), String::new()],
        ];
        super::write(&mut out, ["NAME", "WHAT", "N"], &rows).unwrap();
        insta::assert_snapshot!(String::from_utf8(out).unwrap(), @r"
        NAME    WHAT  N
        webapp  -     1
        übung   x     -
        ");
    }
}
