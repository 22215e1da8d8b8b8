UPDATE pupils SET class = '4c' WHERE id = 2;
