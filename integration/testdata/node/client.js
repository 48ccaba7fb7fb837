// A program on node's pg: what it prints, TestNode expects.
const { Client, Pool } = require('pg')

const config = { host: '127.0.0.1', port: Number(process.argv[2]), user: 'awsuser', password: 'Secret123', database: 'dev', ssl: { rejectUnauthorized: false } }
const say = (what, value) => console.log(what + ': ' + JSON.stringify(value))

async function fails(what, promise) {
  try {
    await promise
    say(what, 'went well')
  } catch (e) {
    say(what, [e.severity, e.code, e.message, e.position === undefined ? null : e.position])
  }
}

async function main() {
  const client = new Client(config)
  const notices = []
  client.on('notice', (n) => notices.push(n.message))
  await client.connect()

  // Statements without parameters are the simple protocol's, those with some the extended one's.
  const made = await client.query("CREATE TABLE movies (id BIGINT, title VARCHAR(80), year INT, price NUMERIC(8, 2), seen BOOLEAN, day DATE, at TIMESTAMP); INSERT INTO movies VALUES (1, 'Alien', 1979, 12.5, true, '1979-05-25', '1979-05-25 20:15:00')")
  say('results', made.map((r) => [r.command, r.rowCount]))
  const inserted = await client.query('INSERT INTO movies (id, title, year, seen) VALUES ($1, $2, $3, $4), ($5, $6, $7, $8)', [2, 'Brazil', 1985, false, '9007199254740993', null, null, null])
  say('inserted', inserted.rowCount)
  const row = (await client.query('SELECT id, title, year, price, seen, day::varchar AS day, at FROM movies WHERE id = $1', [1])).rows[0]
  row.at = row.at.getHours()
  say('row', row)
  say('types', (await client.query('SELECT * FROM movies LIMIT 0')).fields.map((f) => [f.name, f.dataTypeID, f.dataTypeModifier]))
  for (const id of [2, 1]) {
    const r = await client.query({ name: 'by id', text: 'SELECT title FROM movies WHERE id = $1', values: [id], rowMode: 'array' })
    say('named', r.rows)
  }
  say('big', (await client.query('SELECT id, title FROM movies WHERE year IS NULL')).rows)
  // One row with each Execute of a portal.
  say('portal', (await client.query({ text: 'SELECT title FROM movies WHERE year > $1 ORDER BY id', values: [1900], rows: 1, rowMode: 'array' })).rows)

  await client.query('BEGIN')
  await client.query('DELETE FROM movies')
  await fails('in a transaction', client.query('SELECT 1 / (count(*) - count(*)) FROM movies'))
  await fails('after an error', client.query('SELECT 1'))
  await client.query('ROLLBACK')
  say('rolled back', (await client.query('SELECT count(*) AS n FROM movies')).rows)

  await fails('column', client.query('SELECT titel FROM movies'))
  await fails('parameter', client.query('SELECT title FROM movies WHERE id = $1', ['one']))
  await fails('returning', client.query('INSERT INTO movies (id) VALUES ($1) RETURNING id', [4]))
  await fails('listen', client.query('LISTEN changes'))
  await client.query('DROP TABLE IF EXISTS nothing')
  say('notices', notices)
  await client.end()

  const pool = new Pool({ ...config, max: 3 })
  const counts = await Promise.all([1, 2, 3, 4, 5].map((n) => pool.query('SELECT count(*) + $1 AS n FROM movies', [n])))
  say('pool', counts.map((r) => r.rows[0].n))
  await pool.end()
  await fails('password', new Client({ ...config, password: 'wrong' }).connect())
}

main().catch((e) => {
  console.error(e)
  process.exitCode = 1
})
