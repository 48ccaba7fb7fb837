UPDATE movies SET title = 'Alien 3' WHERE id = 1;
INSERT INTO movies (titel) VALUES ('Cube');
