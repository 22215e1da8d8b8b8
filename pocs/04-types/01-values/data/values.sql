CREATE TABLE anything (id INTEGER PRIMARY KEY, value, note TEXT);
INSERT INTO anything VALUES
    (1, NULL, 'null'),
    (2, 0, 'zero'),
    (3, 9223372036854775807, 'the largest integer'),
    (4, -9223372036854775808, 'the smallest integer'),
    (5, 9007199254740993, 'an integer no double holds'),
    (6, 1, 'an integer'),
    (7, 1.0, 'a float'),
    (8, 0.1, 'a float without an exact value'),
    (9, -0.0, 'negative zero'),
    (10, 1e300, 'a large float'),
    (11, 5e-324, 'the smallest float'),
    (12, 9e999, 'infinity'),
    (13, -9e999, 'negative infinity'),
    (14, '', 'empty text'),
    (15, '1', 'text that looks like an integer'),
    (16, 'null', 'text that looks like null'),
    (17, 'quotes " and '' and \ and /', 'quotes and slashes'),
    (18, 'line' || char(10) || 'break' || char(13, 9) || 'tab', 'control characters'),
    (19, 'a' || char(0) || 'b', 'an embedded zero'),
    (20, char(127, 133, 160, 8232, 8233, 65279, 65534, 65535), 'what YAML readers differ on'),
    (21, 'żółw 😀 𝔘 日本', 'Unicode'),
    (22, x'', 'an empty blob'),
    (23, x'00ff10', 'a blob'),
    (24, CAST(x'61ff62' AS TEXT), 'text that is not UTF-8'),
    (25, '{"a": [1, 2.50, null]}', 'JSON text'),
    (26, jsonb('{"a":1}'), 'JSONB');
CREATE TABLE strict_types (
    id INTEGER PRIMARY KEY,
    i  INT NOT NULL,
    r  REAL,
    t  TEXT,
    b  BLOB,
    a  ANY
) STRICT;
INSERT INTO strict_types VALUES (1, 42, 1, '42', x'2a', 42);
