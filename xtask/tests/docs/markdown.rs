//! As much of Markdown as the documents use: fenced blocks, code spans and links; nothing is rendered.

/// A document with its path in the repository.
pub struct Document {
    /// With forward slashes, from the repository's root.
    pub path: String,
    /// Its Markdown.
    pub text: String,
}

/// A fenced block.
#[derive(Debug)]
pub struct Fence {
    /// Where it opens, counted from 1.
    pub line: usize,
    /// What stands behind the opening backticks.
    pub info: String,
    /// The lines inside.
    pub body: Vec<String>,
}

impl Document {
    /// Every fenced block.
    pub fn fences(&self) -> Vec<Fence> {
        self.split().0
    }

    /// Every code span with its line.
    pub fn spans(&self) -> Vec<(usize, String)> {
        let mut spans = Vec::new();
        for (line, text) in self.prose() {
            let parts: Vec<&str> = text.split('`').collect();
            assert!(
                parts.len() % 2 == 1,
                "{}:{line}: a code span is not closed on its line",
                self.path
            );
            let inside = parts.into_iter().skip(1).step_by(2);
            spans.extend(inside.map(|span| (line, span.to_owned())));
        }
        spans
    }

    /// The target of every link with its line.
    pub fn links(&self) -> Vec<(usize, String)> {
        let mut links = Vec::new();
        for (line, text) in self.prose() {
            let outside: String = text.split('`').step_by(2).collect();
            for rest in outside.split("](").skip(1) {
                let target = rest.split(')').next().unwrap_or_default();
                links.push((line, target.to_owned()));
            }
        }
        links
    }

    fn prose(&self) -> Vec<(usize, &str)> {
        self.split().1
    }

    /// Blocks, and the lines outside of them.
    fn split(&self) -> (Vec<Fence>, Vec<(usize, &str)>) {
        let mut fences: Vec<Fence> = Vec::new();
        let mut prose = Vec::new();
        let mut open = false;
        let mut indent = 0;
        for (line, text) in (1..).zip(self.text.lines()) {
            match text.trim_start().strip_prefix("```") {
                Some(_) if open => open = false,
                Some(info) => {
                    open = true;
                    // A block in a list is indented as a whole.
                    indent = text.len() - text.trim_start().len();
                    fences.push(Fence {
                        line,
                        info: info.trim().to_owned(),
                        body: Vec::new(),
                    });
                }
                None if open => {
                    let body = text.get(indent..).unwrap_or(text.trim_start());
                    fences.last_mut().unwrap().body.push(body.to_owned());
                }
                None => prose.push((line, text)),
            }
        }
        assert!(!open, "{}: a fenced block is not closed", self.path);
        (fences, prose)
    }
}

#[test]
fn spans_links_and_blocks_are_told_apart() {
    let document = Document {
        path: "x.md".into(),
        text: "a `b` [c](d.md) `[e](f)`\n  ```sh\n  g `h`\n    i\n  ```\n".into(),
    };
    let spans = document.spans();
    assert_eq!(spans, [(1, "b".to_owned()), (1, "[e](f)".to_owned())]);
    assert_eq!(document.links(), [(1, "d.md".to_owned())]);
    assert_eq!(document.fences()[0].body, ["g `h`", "  i"]);
}
