INSERT INTO movies VALUES (4, 'Dune', 1984);
INSERT INTO movies (titel) VALUES ('Eraserhead');
INSERT INTO movies VALUES (5, 'Fargo', 1996);
