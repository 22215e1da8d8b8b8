//! The keys that Rails derives from the label of a fixture, by the type of the key; it knows no tables.

use crate::column::Takes;
use fixpoints_core::cell::Cell;
use uuid::Uuid;

/// The key of the row with a label, in a column that Rails gives such keys.
pub(crate) fn key(label: &str, takes: Takes) -> Option<Cell> {
    const MOST: u32 = (1 << 30) - 1;
    match takes {
        Takes::Integer => {
            let number = crc32fast::hash(label.as_bytes()) % MOST;
            Some(Cell::Integer(number.into()))
        }
        Takes::Uuid => {
            let uuid = Uuid::new_v5(&Uuid::NAMESPACE_OID, label.as_bytes());
            Some(Cell::Text(uuid.to_string().into_bytes()))
        }
        _ => None,
    }
}

/// A UUID without braces, hyphens and capitals.
pub(crate) fn plain_uuid(text: &str) -> Option<String> {
    Uuid::try_parse(text)
        .ok()
        .map(|uuid| uuid.simple().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_become_the_keys_that_rails_gives_them() {
        // As `ActiveRecord::FixtureSet.identify("george")` says, and with `:uuid`.
        assert_eq!(
            key("george", Takes::Integer),
            Some(Cell::Integer(380_982_691))
        );
        let uuid = b"cd6a9e3b-1b93-5f18-b25c-a4218d3f5849".to_vec();
        assert_eq!(key("george", Takes::Uuid), Some(Cell::Text(uuid)));
        assert_eq!(key("george", Takes::Text), None);
    }
}
