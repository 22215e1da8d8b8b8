//! Line and column of a place in a stream that is forgotten as it is read; it knows nothing of JSON.

/// How many lines were passed, and where the current one began.
#[derive(Debug, Clone, Default)]
pub struct Lines {
    passed: u64,
    /// Bytes of the current line that are no longer in the window.
    before: u64,
}

impl Lines {
    /// Takes note of bytes that leave the window.
    pub fn pass(&mut self, bytes: &[u8]) {
        let breaks = count_breaks(bytes);
        if breaks == 0 {
            self.before += bytes.len() as u64;
        } else {
            self.passed += breaks;
            let last = bytes.iter().rposition(|&byte| byte == b'\n').unwrap_or(0);
            self.before = (bytes.len() - last - 1) as u64;
        }
    }

    /// Line and column, both from 1, of the place that follows `bytes` in the window.
    pub fn locate(&self, bytes: &[u8]) -> (u64, u64) {
        let mut here = self.clone();
        here.pass(bytes);
        (here.passed + 1, here.before + 1)
    }
}

/// Counts line breaks in blocks short enough for a byte-wide sum, which compilers turn into vector code; the length of a
/// block is a multiple of every vector's.
fn count_breaks(bytes: &[u8]) -> u64 {
    bytes
        .chunks(192)
        .map(|block| {
            u64::from(
                block
                    .iter()
                    .map(|&byte| u8::from(byte == b'\n'))
                    .sum::<u8>(),
            )
        })
        .sum()
}
