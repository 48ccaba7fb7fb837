\set ON_ERROR_STOP on
BEGIN;
CREATE TABLE movies (id BIGINT NOT NULL, title VARCHAR(80) DEFAULT 'untitled', year INT, PRIMARY KEY (id));
INSERT INTO movies VALUES (1, 'Alien', 1979), (2, 'Brazil', 1985), (3, NULL, 1997);
COMMIT;
CREATE VIEW good AS SELECT title FROM movies WHERE year < 1990;
CREATE SCHEMA sales;
SELECT count(*) AS n, count(*) > 0 AS some FROM movies \gset
\if :some
\echo loaded :n into :DBNAME
\endif
