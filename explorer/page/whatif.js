// (e) The same query with other keys, each on a clone of the cluster.
function whatIfView() {
  const list = S.overview ? S.overview.tables : [], t = list.find((x) => x.schema + '.' + x.name === S.table);
  const columns = S.blocks ? S.blocks.columns.filter((c) => !c.hidden) : [];
  if (DATA) return nothingYet('Comparing needs a cluster: this page is a copy of what one held.');
  if (!t) return nothingYet('There is no table to try keys on.');
  const text = S.query ? S.query.text : '', names = (c) => new RegExp('\\b' + c.name.replace(/[^a-z0-9_]/gi, '.') + '\\b', 'i');
  const kept = S.asked && S.asked.table === S.table && S.asked.of === text ? S.asked : null;
  // What the query names is tried unless the reader has chosen: as DISTKEY anywhere, as SORTKEY behind WHERE.
  const ticked = (kind, c) => (kept ? kept[kind].includes(c.name) : kind === 'dist' ? names(c).test(text) : c.read && /\bwhere\b/i.test(text) && names(c).test(text.split(/\bwhere\b/i).slice(1).join(' ')));
  const pick = (kind) => h('fieldset', { style: { border: '0', padding: '0', margin: '0 0 .5rem' } }, h('legend', { class: 'small soft' }, kind === 'dist' ? 'Try as DISTKEY' : 'Try as SORTKEY'),
    columns.map((c) => h('label', { style: { 'margin-right': '.8rem' } }, h('input', { type: 'checkbox', name: kind, value: c.name, checked: ticked(kind, c) }), ' ' + c.name)));
  return [
    h('h2', {}, 'What if ', h('code', {}, S.table), ' had other keys?'),
    h('p', { class: 'soft small' }, 'Each card is a run of the query on a clone of the cluster where ALTER TABLE has changed the table. The clones share all blocks that they do not change, and end with the comparison: here nothing changes.'),
    tableChoice('whatif'),
    h('label', { for: 'whatsql', class: 'small soft' }, 'Query'), h('textarea', { id: 'whatsql', rows: 3, spellcheck: 'false' }, kept ? kept.sql : text),
    pick('dist'), pick('sort'),
    h('div', { class: 'bar' }, h('button', { class: 'main', type: 'button', onclick: compare }, 'Compare'), h('span', { id: 'comparing', role: 'status', class: 'soft small' })),
    S.whatif && kept ? variantsView(S.whatif) : null,
  ];
}

async function compare() {
  const chosen = (k) => [...document.querySelectorAll('input[name=' + k + ']:checked')].map((x) => x.value);
  byId('comparing').textContent = 'Cloning and running.';
  const sql = byId('whatsql').value, dist = chosen('dist'), sort = chosen('sort');
  S.whatif = null;
  S.asked = { table: S.table, of: S.query ? S.query.text : '', sql, dist, sort };
  try {
    const a = await ask('whatif', { sql, table: S.table, dist, sort });
    S.whatif = a;
    draw();
    byId('view').querySelector('button.main').focus();
  } catch (e) {
    byId('comparing').replaceChildren(e.problem ? problemView(e.problem, sql) : String(e));
  }
}

function variantsView(a) {
  const good = a.variants.filter((v) => !v.error), top = (f) => Math.max(1e-9, most(good, f));
  // A plan with a sort begins at 10^12, which would hide all else.
  const flat = good.length && good.every((v) => v.cost >= 1e12) ? 1e12 : 0;
  const measures = [['cost', flat ? 'cost - 10^12' : 'cost', (v) => v.cost - flat, cost], ['moved', 'bytes moved', (v) => v.moved, bytes], ['blocks', 'blocks read', (v) => v.blocks, whole], ['skew', 'skew', (v) => v.skew, (n) => n.toFixed(2)]];
  const best = good.length > 1 ? good.reduce((x, y) => (y.cost < x.cost || (y.cost === x.cost && y.blocks < x.blocks) ? y : x)) : null;
  return [flat ? h('p', { class: 'small soft' }, 'Every one of these plans has a sort, for which the planner adds 10^12: it is left out here.') : null, h('div', { class: 'cards' }, a.variants.map((v) => h('div', { class: 'card' + (v === best ? ' best' : '') },
    h('h3', {}, v.name, v === best ? h('span', { class: 'badge good', style: { 'margin-left': '.4rem' } }, 'least cost') : null),
    v.error ? problemView(v.error) : [
      measures.map(([, name, f, show]) => h('div', { class: 'meter' }, h('span', { class: 'soft' }, name), h('span', { class: 'track' }, h('i', { style: { width: 100 * f(v) / top(f) + '%' } })), h('span', { class: 'num' }, show(f(v))))),
      h('p', { class: 'small soft' }, v.joins.length ? v.joins.join(', ') + '. ' : '', whole(v.skipped) + ' blocks skipped. ', 'The table takes ' + whole(v.size) + ' blocks.'),
      v.parts ? h('div', { class: 'bars', role: 'img', 'aria-label': 'rows of the table by slice: ' + v.parts.join(', ') }, v.parts.map((n, i) => h('span', { style: { height: Math.max(3, 100 * n / Math.max(1, ...v.parts)) + '%' }, title: 'slice ' + i + ': ' + whole(n) + ' rows' }))) : null,
    ],
    v.alter ? h('pre', { class: 'small wrap' }, v.alter) : null)))];
}
