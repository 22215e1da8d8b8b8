INSERT INTO marks VALUES (1, 1, 2), (2, 2, 1);
