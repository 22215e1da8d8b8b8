//! The marks that git leaves in a file that it could not merge: where they begin, and the text of each side; it decides nothing.

/// Both sides of a file.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Sides {
    /// The file as the current branch has it.
    pub ours: String,
    /// The file as the other branch has it.
    pub theirs: String,
}

#[derive(Clone, Copy, PartialEq)]
enum Within {
    Both,
    Ours,
    Base,
    Theirs,
}

/// The number of the line of the first mark. No line of JSON or TOML that Stillframe writes looks like one.
pub fn first(text: &[u8]) -> Option<usize> {
    let mut lines = text.split(|byte| *byte == b'\n');
    lines.position(|line| is_mark(line, b'<')).map(|at| at + 1)
}

/// The text of both sides, with what git merged in each of them; the common ancestor is left out. `None` without a mark.
pub fn sides(text: &str) -> Option<Sides> {
    first(text.as_bytes())?;
    let mut sides = Sides::default();
    let mut within = Within::Both;
    for line in text.split_inclusive('\n') {
        let bytes = line.trim_end_matches(['\r', '\n']).as_bytes();
        within = match within {
            _ if is_mark(bytes, b'<') => Within::Ours,
            _ if is_mark(bytes, b'>') => Within::Both,
            Within::Ours if is_mark(bytes, b'|') => Within::Base,
            Within::Ours | Within::Base if is_mark(bytes, b'=') => Within::Theirs,
            _ => {
                if matches!(within, Within::Both | Within::Ours) {
                    sides.ours.push_str(line);
                }
                if matches!(within, Within::Both | Within::Theirs) {
                    sides.theirs.push_str(line);
                }
                within
            }
        };
    }
    Some(sides)
}

/// Seven of the same character, and then nothing, or a blank and a name.
fn is_mark(line: &[u8], mark: u8) -> bool {
    let rest = line.strip_prefix(&[mark; 7]);
    rest.is_some_and(|rest| matches!(rest.first(), None | Some(b' ' | b'\r')))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn both(text: &str) -> (String, String) {
        let sides = sides(text).unwrap();
        (sides.ours, sides.theirs)
    }

    #[test]
    fn each_side_is_the_file_of_one_branch_with_or_without_the_ancestor() {
        for base in ["", "||||||| 1234567\nold\n"] {
            for end in ["\n", "\r\n"] {
                let text = format!(
                    "a\n<<<<<<< HEAD\nb\n{base}=======\nc\n>>>>>>> other\nd\n<<<<<<< HEAD\n=======\ne\n>>>>>>> other\n"
                );
                let lines = |text: &str| text.replace('\n', end);
                let expected = (lines("a\nb\nd\n"), lines("a\nc\nd\ne\n"));
                assert_eq!(both(&lines(&text)), expected);
            }
        }
    }

    #[test]
    fn a_file_without_a_mark_has_no_sides() {
        for text in ["", "a\n", "\"<<<<<<< HEAD\"\n", "<<<<<<<x\n", "=======\n"] {
            assert_eq!(sides(text), None, "{text}");
        }
        assert_eq!(first(b"a\n<<<<<<< HEAD\n"), Some(2));
    }
}
