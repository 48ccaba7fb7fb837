// The page as a whole: tabs, the SQL box, the log.
const views = [
  ['tables', 'Tables', tablesView], ['blocks', 'Blocks', blocksView], ['plan', 'Plan', planView], ['moves', 'Moves', movesView],
  ['time', 'Timeline', timeView], ['regions', 'Deleted, unsorted', regionsView], ['whatif', 'What if', whatIfView],
];

function draw() {
  const list = DATA ? views.filter((v) => v[0] !== 'whatif') : views, at = list.find((v) => v[0] === S.view) || list[0];
  const focus = document.activeElement && document.activeElement.getAttribute('role') === 'tab';
  fill('tabs', list.map(([id, name]) => h('button', { type: 'button', role: 'tab', id: 'tab-' + id, 'aria-selected': String(id === at[0]), 'aria-controls': 'view', tabindex: id === at[0] ? 0 : -1, onclick: () => chooseView(id) }, name)));
  byId('view').setAttribute('aria-labelledby', 'tab-' + at[0]);
  fill('view', at[2]());
  if (focus) byId('tab-' + at[0]).focus();
  header();
  logPanel();
}

function chooseView(id) { S.view = id; draw(); }

byId('tabs').addEventListener('keydown', (e) => {
  const tabs = [...byId('tabs').children], at = tabs.indexOf(document.activeElement);
  const to = { ArrowRight: (at + 1) % tabs.length, ArrowLeft: (at + tabs.length - 1) % tabs.length, Home: 0, End: tabs.length - 1 }[e.key];
  if (to === undefined) return;
  e.preventDefault();
  tabs[to].focus();
  tabs[to].click();
});

function header() {
  const o = S.overview;
  if (!o) return;
  byId('shape').textContent = o.nodes + (o.nodes === 1 ? ' node' : ' nodes') + ' of ' + o.slices + (o.slices === 1 ? ' slice' : ' slices') + ', blocks of ' + blockSize(o.block_bytes) +
    (DATA ? ', a copy' : ', user ' + S.info.user + ', database ' + S.info.database);
  if (DATA) return;
  fill('examples', S.place === 'cluster' && S.info.examples ? S.info.examples.map((x) => h('button', { type: 'button', title: x.sql, onclick: () => { byId('text').value = x.sql; if (x.view) S.view = x.view; runText(x.sql); } }, x.name)) : null);
  byId('mode').replaceChildren(S.info.read_only ? h('span', { class: 'badge', title: 'statements that change something are refused' }, 'read only') : S.place === 'lesson' ? h('span', { class: 'badge key' }, 'the lesson\'s cluster') : '');
  fill('places', [['cluster', 'Cluster'], ['lesson', 'Lessons']].map(([p, name]) => h('button', { type: 'button', 'aria-pressed': String(S.place === p), onclick: () => goPlace(p) }, name)));
}

function logPanel() {
  const list = S.overview ? S.overview.queries : [];
  if (!list.length) { fill('log'); return; }
  fill('log', h('div', { class: 'head' }, h('h2', {}, 'Queries of the log'), DATA ? null : h('button', { type: 'button', onclick: () => refresh() }, 'Refresh')),
    h('ul', { class: 'past' }, list.map((q) => h('li', {}, h('button', { type: 'button', class: 'mono', 'aria-current': String(Boolean(S.query && S.query.query === q.query)), disabled: Boolean(DATA) && !(S.query && S.query.query === q.query), title: q.text, onclick: () => chooseQuery(q.query) }, q.query + (q.aborted ? ' failed ' : ' ') + q.text.replace(/\s+/g, ' ').slice(0, 120))))));
}

async function goPlace(p) {
  Object.assign(S, { query: null, blocks: null, whatif: null, table: '', before: {}, view: 'tables', lesson: null, wanted: null });
  byId('result').replaceChildren();
  await busy('Opening.', async () => { await openTab(p); await refresh(); });
  lessonPanel();
}

// busy shows what is going on, and what went wrong.
async function busy(text, f) {
  byId('status').textContent = text;
  try {
    await f();
    byId('status').textContent = '';
  } catch (e) {
    if (e.name === 'AbortError') byId('status').textContent = 'Stopped.';
    else byId('status').replaceChildren(e.problem ? problemView(e.problem) : h('span', { class: 'error' }, String(e.message || e)));
  }
}

async function runText(sql) {
  if (!sql.trim() || S.running) return;
  const step = S.lesson ? S.lesson.steps[S.step] : null, old = S.blocks;
  S.running = new AbortController();
  byId('run').disabled = true;
  byId('stop').hidden = false;
  await busy('Running.', async () => {
    const a = await ask('run', { sql }, S.running.signal);
    resultPanel(a, sql);
    if (old) S.before[old.table] = old;
    if (a.query && !step) S.view = await likelyView(a.query);
    if (a.query) S.query = await ask('query', { query: a.query });
    if (step) {
      S.done = !a.error || Boolean(step.fails);
      lookAt(step);
      S.view = step.view;
    }
    await refresh();
    if (a.block !== 'I') byId('status').textContent = a.block === 'T' ? 'A transaction is open: COMMIT or ROLLBACK ends it.' : 'The transaction has failed: ROLLBACK ends it.';
  });
  byId('run').disabled = false;
  byId('stop').hidden = true;
  S.running = null;
  lessonPanel();
}

// likelyView is where a query is best looked at first: what asked for tables, or another view of a query, stays.
async function likelyView() { return ['blocks', 'plan', 'moves', 'time', 'regions'].includes(S.view) ? S.view : 'plan'; }

function resultPanel(a, sql) {
  fill('result', a.statements.map((st) => h('div', {},
    st.columns ? [h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Rows' }, h('table', {},
      h('thead', {}, h('tr', {}, st.columns.map((c) => h('th', { scope: 'col', title: c.type }, c.name)))),
      h('tbody', {}, (st.rows || []).map((r) => h('tr', {}, r.map((v, i) => h('td', { class: v === null ? 'null' : /int|numeric|real|double/.test(st.columns[i].type) ? 'num' : null }, v === null ? 'NULL' : v))))))),
    h('p', { class: 'small soft' }, whole(st.count) + (st.count === 1 ? ' row' : ' rows') + (st.count > 500 ? ', the first 500 shown' : '') + ', ' + st.millis.toFixed(1) + ' ms' + (st.query ? ', query ' + st.query : ''))]
      : st.tag ? h('p', { class: 'small' }, h('strong', {}, st.tag), h('span', { class: 'soft' }, ' ' + st.millis.toFixed(1) + ' ms')) : null,
    (st.notices || []).map((n) => h('p', { class: 'notice' }, n)))),
  a.error ? problemView(a.error, sql) : null);
}

async function chooseQuery(n) {
  await busy('Reading the log.', async () => {
    S.query = await ask('query', { query: n });
    if (S.view === 'tables' || S.view === 'whatif') S.view = 'plan';
    await readBlocks();
    draw();
  });
}

async function chooseTable(name, view) {
  S.table = name;
  S.column = -1;
  S.view = view;
  await busy('', readBlocks);
  draw();
  const again = byId('which');
  if (again) again.focus();
}

// readBlocks reads the chosen table, with what the chosen query made of its blocks.
async function readBlocks() {
  S.blocks = null;
  const t = S.overview && S.overview.tables.find((x) => x.schema + '.' + x.name === S.table);
  if (!t) return;
  S.blocks = DATA ? DATA.blocks[S.table] || null : await ask('blocks', { table: S.table, query: S.query ? S.query.query : 0 });
  if (!S.blocks) return;
  S.blocks.hasKey = S.blocks.columns.some((c) => c.sort_key);
  if (S.wanted) S.column = S.blocks.columns.findIndex((c) => c.name === S.wanted);
}

// refresh reads the cluster again. The table at hand is that of the query, if it scans one that is not at hand yet.
async function refresh() {
  if (!DATA) S.overview = await ask('overview');
  const names = S.overview.tables.map((t) => t.schema + '.' + t.name);
  const scanned = S.query ? [...S.query.scans].sort((a, b) => b.skipped - a.skipped).map((s) => names.find((n) => n.endsWith('.' + s.table))).find(Boolean) : null;
  if (!S.lesson && scanned && !S.query.scans.some((s) => S.table.endsWith('.' + s.table))) { S.table = scanned; S.column = -1; }
  if (!names.includes(S.table)) { S.table = names.find((n) => S.overview.tables[names.indexOf(n)].rows) || names[0] || ''; S.column = -1; }
  await readBlocks();
  draw();
}

function theme(to) {
  document.documentElement.dataset.theme = to;
  byId('theme').textContent = to === 'dark' ? 'Light' : 'Dark';
}
theme(matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');
byId('theme').addEventListener('click', () => theme(document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark'));

byId('run').addEventListener('click', () => runText(byId('text').value));
byId('stop').addEventListener('click', () => S.running && S.running.abort());
byId('text').addEventListener('keydown', (e) => { if (e.key === 'Enter' && (e.ctrlKey || e.metaKey)) { e.preventDefault(); runText(byId('text').value); } });

// A page that goes ends its sessions, and what they have locked; one that comes back opens others.
if (!DATA) addEventListener('pagehide', () => {
  for (const t of Object.values(S.tabs)) fetch('api/close', { method: 'POST', keepalive: true, headers: { 'Content-Type': 'application/json', 'X-Redshiftsim-Tab': t.tab }, body: '{}' });
});

if (DATA) {
  byId('sql').hidden = true;
  S.overview = DATA.overview;
  S.query = DATA.query;
  S.view = S.query ? 'plan' : 'tables';
  refresh();
} else {
  busy('Opening.', async () => { await openTab('cluster'); await refresh(); }).then(lessonPanel);
}
