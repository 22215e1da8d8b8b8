//! COPY's text format: rows out of it as cells and cells into it; which rows is decided elsewhere.

use std::io::BufRead as _;
use std::ops::Range;

use postgres::SimpleQueryRow;

use super::fault;
use super::relation::Kind;
use super::spoken::{spoken, unread};
use super::wire::Wire;
use fixpoints_core::cell::CellRef;
use fixpoints_core::database::EachRow;
use fixpoints_core::error::{Error, Fault, Result};
use fixpoints_core::table::Table;

/// Calls `each` with what a query gives.
pub(super) fn scan(
    wire: &mut dyn Wire,
    select: &str,
    kinds: &[Kind],
    table: &Table,
    each: &mut EachRow<'_>,
) -> Result<()> {
    let act = || format!("cannot read table {}", table.name);
    let mut reader = wire
        .copy_out(&format!("COPY ({select}) TO STDOUT"))
        .map_err(unread(act()))?;
    let mut row = RowBuffer::default();
    while row
        .read(&mut reader)
        .map_err(|error| interrupted(act(), &error, fault::of_reading))?
    {
        if each(&row.cells(kinds, table)?)?.is_break() {
            break;
        }
    }
    Ok(())
}

/// What went wrong under a reader or writer of COPY.
pub(super) fn interrupted(
    act: String,
    error: &std::io::Error,
    fault: fn(&postgres::Error) -> Fault,
) -> Error {
    let server = cause(error);
    Error::Database {
        act,
        message: server.map_or_else(|| error.to_string(), spoken),
        fault: server.map(fault).unwrap_or_default(),
    }
}

/// The server's refusal inside an error of reading or writing.
pub(super) fn cause(error: &std::io::Error) -> Option<&postgres::Error> {
    error.get_ref()?.downcast_ref()
}

/// The fields of one row, and the bytes they are in.
#[derive(Debug, Default)]
pub(super) struct RowBuffer {
    bytes: Vec<u8>,
    fields: Vec<Option<Range<usize>>>,
}

impl RowBuffer {
    /// Reads a line of COPY; false at the end.
    fn read(&mut self, reader: &mut postgres::CopyOutReader<'_>) -> std::io::Result<bool> {
        self.bytes.clear();
        if reader.read_until(b'\n', &mut self.bytes)? == 0 {
            return Ok(false);
        }
        self.bytes.pop();
        self.split();
        Ok(true)
    }

    /// Takes the fields of a row that came another way.
    pub fn take(&mut self, row: &SimpleQueryRow) -> Result<(), postgres::Error> {
        self.bytes.clear();
        self.fields.clear();
        for at in 0..row.len() {
            let start = self.bytes.len();
            let field = row.try_get(at)?;
            self.bytes
                .extend_from_slice(field.unwrap_or_default().as_bytes());
            self.fields.push(field.map(|_| start..self.bytes.len()));
        }
        Ok(())
    }

    /// Finds the fields of a line and undoes its escapes in place.
    fn split(&mut self) {
        self.fields.clear();
        let bytes = &mut self.bytes;
        let (mut read, mut write, mut start, mut is_null) = (0, 0, 0, false);
        while read < bytes.len() {
            let byte = bytes[read];
            read += 1;
            match byte {
                b'\t' => {
                    self.fields.push((!is_null).then_some(start..write));
                    (start, is_null) = (write, false);
                    continue;
                }
                b'\\' => {
                    let escaped = bytes.get(read).copied().unwrap_or(b'\\');
                    read += 1;
                    is_null |= escaped == b'N';
                    bytes[write] = unescaped(escaped);
                }
                other => bytes[write] = other,
            }
            write += 1;
        }
        self.fields.push((!is_null).then_some(start..write));
    }

    /// The row as cells.
    pub fn cells(&mut self, kinds: &[Kind], table: &Table) -> Result<Vec<CellRef<'_>>> {
        for (field, kind) in self.fields.iter_mut().zip(kinds) {
            if let (Kind::Bytes, Some(range)) = (kind, field) {
                let length = from_hex(&mut self.bytes[range.clone()]);
                range.end = range.start + length;
            }
        }
        let cells = self.fields.iter().zip(kinds).enumerate();
        cells
            .map(|(at, (field, kind))| {
                let Some(range) = field else {
                    return Ok(CellRef::Null);
                };
                readable(*kind, &self.bytes[range.clone()], table, at)
            })
            .collect()
    }
}

fn readable<'b>(kind: Kind, bytes: &'b [u8], table: &Table, at: usize) -> Result<CellRef<'b>> {
    cell(kind, bytes).ok_or_else(|| Error::Database {
        act: format!("cannot read column {}.{}", table.name, table.column(at)),
        message: format!("it holds {:?}", String::from_utf8_lossy(bytes)),
        fault: Fault::Unknown,
    })
}

fn unescaped(byte: u8) -> u8 {
    match byte {
        b'b' => 8,
        b'f' => 12,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'v' => 11,
        other => other,
    }
}

fn cell(kind: Kind, bytes: &[u8]) -> Option<CellRef<'_>> {
    let text = || std::str::from_utf8(bytes).ok();
    Some(match kind {
        Kind::Bool => CellRef::Bool(bytes == b"t"),
        Kind::Integer => CellRef::Integer(text()?.parse().ok()?),
        Kind::Real => CellRef::Real(text()?.parse().ok()?),
        Kind::Bytes => CellRef::Bytes(bytes),
        Kind::Text | Kind::Other => CellRef::Text(bytes),
    })
}

/// Turns `\x6162` into `ab` in place, and says how long that is.
fn from_hex(bytes: &mut [u8]) -> usize {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => byte - b'0',
        _ => (byte | 0x20).wrapping_sub(b'a' - 10),
    };
    let length = bytes.len().saturating_sub(2) / 2;
    for at in 0..length {
        bytes[at] = digit(bytes[2 + 2 * at]) << 4 | digit(bytes[3 + 2 * at]) & 15;
    }
    length
}

/// Appends a cell as a field of a line that COPY reads.
pub(super) fn encode(out: &mut Vec<u8>, cell: CellRef<'_>) {
    match cell {
        CellRef::Null => out.extend_from_slice(b"\\N"),
        CellRef::Text(text) => escape(out, text),
        CellRef::Bytes(bytes) => {
            out.push(b'\\');
            hex(out, bytes);
        }
        other => out.extend_from_slice(plain(other).as_bytes()),
    }
}

/// The text of a cell as the type's input reads it; `None` for NULL.
pub(super) fn spelled(cell: CellRef<'_>) -> Option<String> {
    match cell {
        CellRef::Null => None,
        CellRef::Text(text) => Some(String::from_utf8_lossy(text).into_owned()),
        CellRef::Bytes(bytes) => {
            let mut out = Vec::new();
            hex(&mut out, bytes);
            Some(String::from_utf8_lossy(&out).into_owned())
        }
        other => Some(plain(other)),
    }
}

fn plain(cell: CellRef<'_>) -> String {
    match cell {
        CellRef::Bool(true) => "t".to_owned(),
        CellRef::Bool(false) => "f".to_owned(),
        CellRef::Integer(value) => value.to_string(),
        CellRef::Real(value) if value.is_infinite() => {
            if value > 0.0 { "Infinity" } else { "-Infinity" }.to_owned()
        }
        CellRef::Real(value) => format!("{value:?}"),
        CellRef::Null | CellRef::Text(_) | CellRef::Bytes(_) => String::new(),
    }
}

fn escape(out: &mut Vec<u8>, text: &[u8]) {
    for &byte in text {
        match byte {
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            other => out.push(other),
        }
    }
}

fn hex(out: &mut Vec<u8>, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    out.extend_from_slice(b"\\x");
    for byte in bytes {
        out.push(DIGITS[usize::from(byte >> 4)]);
        out.push(DIGITS[usize::from(byte & 15)]);
    }
}

/// Calls `each` with rows that were read ahead.
pub(super) fn hand_on(
    rows: &[SimpleQueryRow],
    kinds: &[Kind],
    table: &Table,
    each: &mut EachRow<'_>,
) -> Result<()> {
    // Bytes come as text that has to be decoded somewhere; everything else is taken from where it is.
    let has_bytes = kinds.contains(&Kind::Bytes);
    let (mut buffer, mut cells) = (RowBuffer::default(), Vec::new());
    for row in rows {
        let unread = |error| unread(format!("cannot read table {}", table.name))(error);
        let flow = if has_bytes {
            buffer.take(row).map_err(unread)?;
            each(&buffer.cells(kinds, table)?)?
        } else {
            cells.clear();
            for (at, kind) in kinds.iter().enumerate() {
                let field = row.try_get(at).map_err(unread)?;
                cells.push(match field {
                    Some(text) => readable(*kind, text.as_bytes(), table, at)?,
                    None => CellRef::Null,
                });
            }
            each(&cells)?
        };
        if flow.is_break() {
            break;
        }
    }
    Ok(())
}
