UPDATE articles SET stock = 100 WHERE id = 3;
INSERT INTO labels VALUES (3, 'winter');
