-- The first statement is undone with the second.
DELETE FROM shelves;

INSERT INTO shelfs VALUES (3, 'sugar', 100);
