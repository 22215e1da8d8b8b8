UPDATE accounts SET balance = 99.99, last_login = '2026-05-05T05:05:05Z' WHERE id = 1;
UPDATE accounts SET plan = 'team', last_login = '2026-05-06T06:06:06Z' WHERE id = 2;
DELETE FROM accounts WHERE id = 3;
INSERT INTO accounts (email, plan) VALUES ('edsger@example.com', 'free');
UPDATE roles SET role = 'owner' WHERE account_id = 1 AND role = 'admin';
DELETE FROM events WHERE rowid = 2;
INSERT INTO events VALUES ('stopped', NULL);
