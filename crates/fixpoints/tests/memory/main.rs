//! An engine that the library has never heard of: it is a file of its own and a line here, and everything that holds for
//! every engine holds for it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "../claims/claims.rs"]
mod claims;
mod engine;

#[test]
fn what_holds_for_every_engine_holds_for_one_in_memory() {
    claims::hold(&|claim| {
        claim(&mut engine::Memory::new(&[
            ("books", &["id"], &["id", "title"]),
            ("log", &[], &["at", "line"]),
        ]));
    });
}
