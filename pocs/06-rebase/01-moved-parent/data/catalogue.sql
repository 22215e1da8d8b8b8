CREATE TABLE articles (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, price REAL, stock INTEGER NOT NULL);
CREATE TABLE labels (article INTEGER REFERENCES articles (id), label TEXT);
INSERT INTO articles VALUES (1, 'apron', 12.5, 4), (2, 'bowl', 8.0, 0), (3, 'cup', 3.0, 40), (4, 'dish', 6.0, 7);
INSERT INTO labels VALUES (1, 'kitchen'), (2, 'kitchen'), (2, 'kitchen');
