//! Restoring brings everything back, in one transaction, and touches nothing else.

use crate::playground::Playground;

#[test]
fn a_wrecked_database_is_brought_back() {
    let Some(playground) = Playground::new(
        "CREATE TABLE books (id bigserial PRIMARY KEY, title text NOT NULL, price numeric(10, 2), data bytea, made timestamptz);
         CREATE TABLE loans (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, book bigint REFERENCES books);
         INSERT INTO books (title, price, data, made) VALUES (E'a\\tb\\n\\\\N', 1.10, '\\x00ff', '2020-01-01 12:00+02'), ('', NULL, '', '-infinity');
         INSERT INTO loans (book) VALUES (1), (1), (2);",
    ) else {
        return;
    };
    playground.store("base").unwrap();
    assert!(playground.compare("base").unwrap().is_equal());
    let before = playground.dump();
    playground.sql("DELETE FROM books WHERE id = 1; UPDATE loans SET book = 7; INSERT INTO books (title) VALUES ('z');");
    assert!(!playground.compare("base").unwrap().is_equal());
    playground.restore("base").unwrap();
    assert_eq!(playground.dump(), before);
    assert!(playground.compare("base").unwrap().is_equal());
    assert_eq!(playground.one("SELECT nextval('books_id_seq')"), "3");
}
