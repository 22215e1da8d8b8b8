UPDATE anything SET value = 1.0 WHERE id = 6;
UPDATE anything SET value = 1 WHERE id = 7;
UPDATE anything SET value = 0.0 WHERE id = 9;
UPDATE anything SET value = 1 WHERE id = 15;
UPDATE anything SET value = NULL WHERE id = 16;
UPDATE anything SET value = 'a' WHERE id = 19;
UPDATE anything SET value = '' WHERE id = 22;
UPDATE anything SET value = x'61ff62' WHERE id = 24;
UPDATE strict_types SET a = '42';
