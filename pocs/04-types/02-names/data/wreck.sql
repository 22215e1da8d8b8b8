UPDATE "select" SET "null" = NULL;
DELETE FROM "he said ""hi""";
UPDATE "my.table" SET "a.b" = 2;
UPDATE "x; DROP TABLE yes; --" SET "- # &a *a" = '&a';
INSERT INTO "größe 😀" VALUES ('ß', NULL);
