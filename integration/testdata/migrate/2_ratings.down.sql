DROP VIEW good_movies;
ALTER TABLE movies DROP COLUMN rating;
