//! How far a pattern reads in a text to find all its matches; it counts the bytes and changes nothing.
//!
//! Each single search takes time in proportion to the text. But a pattern such as `a*b|a` reads to the end of the text
//! before it knows that the first `a` is the match, and then does so again from the second: in a text of two megabytes
//! that is a trillion bytes. An automaton that finds the same matches tells how many they are, and gives up early.

use regex::Regex;
use regex_automata::Input;
use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::nfa::thompson::Compiler;
use regex_syntax::hir::{Capture, Hir, HirKind, Look, Repetition};

/// Shorter texts cost nothing worth counting.
const SHORT: usize = 256;
/// As often as each byte may be read, on the average.
const READINGS: usize = 16;
/// As many bytes as may be read besides.
const ANYWAY: usize = 1 << 16;

/// A pattern whose reading is counted; compiled for the first text that is long enough.
#[derive(Debug, Default)]
pub(super) struct Gauge(Option<Option<Automaton>>);

#[derive(Debug)]
struct Automaton {
    dfa: DFA,
    cache: Cache,
}

impl Gauge {
    /// Whether finding all matches takes time in proportion to the text.
    pub(super) fn is_affordable(&mut self, regex: &Regex, text: &str) -> bool {
        if text.len() <= SHORT {
            return true;
        }
        let automaton = self.0.get_or_insert_with(|| Automaton::new(regex.as_str()));
        let budget = text.len().saturating_mul(READINGS).saturating_add(ANYWAY);
        match automaton {
            Some(automaton) => automaton.reads_within(text.as_bytes(), budget),
            // Only of patterns that are too large for an automaton, and then for a match as well.
            None => true,
        }
    }
}

impl Automaton {
    fn new(pattern: &str) -> Option<Automaton> {
        let hir = with_ascii_words(&regex_syntax::parse(pattern).ok()?);
        let nfa = Compiler::new().build_from_hir(&hir).ok()?;
        let config = DFA::config().skip_cache_capacity_check(true);
        let dfa = DFA::builder().configure(config).build_from_nfa(nfa).ok()?;
        let cache = dfa.create_cache();
        Some(Automaton { dfa, cache })
    }

    fn reads_within(&mut self, text: &[u8], mut budget: usize) -> bool {
        let mut from = 0;
        while from < text.len() {
            match self.search(text, from, budget) {
                Reading::Exhausted => return false,
                Reading::Done { end: None, .. } => return true,
                Reading::Done {
                    end: Some(end),
                    read,
                } => {
                    budget -= read;
                    from = end.max(from + 1);
                }
            }
        }
        true
    }

    /// Finds the end of the next match, as the pattern's own engine does.
    fn search(&mut self, text: &[u8], from: usize, budget: usize) -> Reading {
        let Automaton { dfa, cache } = self;
        let nothing = Reading::Done { end: None, read: 0 };
        let input = Input::new(text).range(from..);
        let Ok(mut state) = dfa.start_state_forward(cache, &input) else {
            return nothing;
        };
        let mut end = None;
        for (read, &byte) in text[from..].iter().enumerate() {
            if read >= budget {
                return Reading::Exhausted;
            }
            state = match dfa.next_state(cache, state, byte) {
                Ok(next) => next,
                Err(_) => return nothing,
            };
            if state.is_match() {
                // An automaton knows of a match one byte later.
                end = Some(from + read);
            } else if state.is_dead() || state.is_quit() {
                return Reading::Done { end, read };
            }
        }
        if dfa
            .next_eoi_state(cache, state)
            .is_ok_and(|last| last.is_match())
        {
            end = Some(text.len());
        }
        let read = text.len() - from;
        Reading::Done { end, read }
    }
}

enum Reading {
    Done { end: Option<usize>, read: usize },
    Exhausted,
}

/// The same pattern with boundaries of ASCII words: an automaton has no others, and how far it reads is about the same.
fn with_ascii_words(hir: &Hir) -> Hir {
    match hir.kind() {
        HirKind::Look(look) => Hir::look(match look {
            Look::WordUnicode => Look::WordAscii,
            Look::WordUnicodeNegate => Look::WordAsciiNegate,
            Look::WordStartUnicode => Look::WordStartAscii,
            Look::WordEndUnicode => Look::WordEndAscii,
            Look::WordStartHalfUnicode => Look::WordStartHalfAscii,
            Look::WordEndHalfUnicode => Look::WordEndHalfAscii,
            other => *other,
        }),
        HirKind::Repetition(repetition) => Hir::repetition(Repetition {
            sub: Box::new(with_ascii_words(&repetition.sub)),
            ..repetition.clone()
        }),
        HirKind::Capture(capture) => Hir::capture(Capture {
            sub: Box::new(with_ascii_words(&capture.sub)),
            ..capture.clone()
        }),
        HirKind::Concat(parts) => Hir::concat(parts.iter().map(with_ascii_words).collect()),
        HirKind::Alternation(parts) => {
            Hir::alternation(parts.iter().map(with_ascii_words).collect())
        }
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) => hir.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn affordable(pattern: &str, text: &str) -> bool {
        Gauge::default().is_affordable(&Regex::new(pattern).unwrap(), text)
    }

    #[test]
    fn what_reads_to_the_end_for_each_match_is_not_affordable() {
        let text = "a".repeat(100_000) + "!";
        for pattern in [
            "a*b|a",
            "(a+)+b|a",
            r"a+\b€|a",
            "a(?s:.*)b|a",
            "(?:a|é)*b|a",
        ] {
            assert!(!affordable(pattern, &text), "{pattern}");
        }
        assert!(!affordable(r"é*\bx|é", &"é".repeat(50_000)));
        assert!(!affordable("<[^>]*>|<", &"<".repeat(50_000)));
    }

    #[test]
    fn what_reads_the_text_once_is_affordable_however_many_its_matches() {
        let text = "2026-11-26T22:59:37Z took 12.5 ms in /tmp/a1b2 é\n".repeat(10_000);
        for pattern in [
            r"\d+",
            r"\d{4}-\d\d-\d\dT[0-9:]+Z",
            r"\b[0-9]+(\.[0-9]+)* ms\b",
            r"/tmp/\S+",
            "(?m)^.*$",
            "nothing",
            "[a-z]",
            "é",
        ] {
            assert!(affordable(pattern, &text), "{pattern}");
        }
        assert!(affordable("a+", &"a".repeat(1_000_000)));
        assert!(affordable("a", &"a".repeat(100_000)));
    }

    #[test]
    fn the_automaton_finds_the_matches_of_the_pattern() {
        for (pattern, text) in [
            ("a|ab", "abab"),
            ("ab|a", "abaab"),
            ("a+?b?", "aab aab"),
            (r"\bfoo\b", "foo food foo"),
            ("(?m)^x$", "x\nx\nxx\nx"),
            ("é+", "ééaé"),
        ] {
            let regex = Regex::new(pattern).unwrap();
            let mut automaton = Automaton::new(pattern).unwrap();
            let mut ends = Vec::new();
            let mut from = 0;
            while let Reading::Done { end: Some(end), .. } =
                automaton.search(text.as_bytes(), from, usize::MAX)
            {
                ends.push(end);
                from = end;
            }
            let expected: Vec<usize> = regex.find_iter(text).map(|found| found.end()).collect();
            assert_eq!(ends, expected, "{pattern}");
        }
    }
}
