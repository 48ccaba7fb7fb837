INSERT INTO users VALUES (1, 'Ada', 'GB') ON CONFLICT (id) DO NOTHING;

SELECT u.name, count(*)
FROM users u
JOIN visits v ON v.user_id = u.id
WHERE date_trunc('day', v.at) = '2024-05-01'
GROUP BY u.nmae;

SELECT name, count(*)
FROM users u
JOIN visits v ON v.user_id = u.id
WHERE date_trunc('day', v.at) = '2024-05-01'
GROUP BY name;

VACUUM visits;
