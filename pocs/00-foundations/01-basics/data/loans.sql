-- One book changes, one goes, one comes.
UPDATE books SET price = 8.0, updated_at = '2026-02-01T09:30:00Z' WHERE title = 'Solaris';
DELETE FROM books WHERE title = 'The Cyberiad';
INSERT INTO books (author_id, title, price) VALUES (1, 'The Lathe of Heaven', 6.0);
