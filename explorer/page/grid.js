// (a) Tables by slices: how many rows each slice has, and how even that is.
function tablesView() {
  const o = S.overview;
  if (!o) return nothingYet('Reading the cluster.');
  if (o.hidden) return nothingYet('The sizes of tables are for superusers, as on Redshift: ' + o.hidden + '. Plans and runs of your own queries are shown all the same.');
  if (!o.tables.length) return nothingYet('There is no table yet. CREATE one in the SQL box, or take a lesson.');
  const n = o.nodes * o.slices;
  const head1 = h('tr', {}, h('td', {}), Array.from({ length: o.nodes }, (_, i) => h('th', { class: 'node', colspan: o.slices, scope: 'colgroup' }, 'node ' + i)), h('td', { colspan: 4 }));
  const head2 = h('tr', {}, h('th', { scope: 'col' }, 'table, its keys'),
    Array.from({ length: n }, (_, i) => h('th', { class: 'num', scope: 'col' }, 'slice ' + i)),
    ['rows', 'size', 'skew', 'unsorted'].map((t) => h('th', { class: 'num', scope: 'col' }, t)));
  return [
    h('h2', {}, 'Where the rows lie'),
    h('p', { class: 'soft small' }, 'A table is cut over the slices by its distribution style. A query is as fast as its fullest slice. Each column of each slice takes at least one block of ' +
      blockSize(o.block_bytes) + ', and every table has three hidden columns.'),
    h('div', { class: 'scroll' }, h('table', { class: 'heat' }, h('thead', {}, head1, head2), h('tbody', {}, o.tables.map((t) => tableRow(t, o))))),
  ];
}

function tableRow(t, o) {
  const top = most(t.parts, (p) => p.rows), name = t.schema + '.' + t.name;
  const copies = /ALL/.test(t.style);
  const mean = sum(t.parts, (p) => p.rows) / t.parts.length, skew = mean && !copies ? top / mean : 0;
  return h('tr', {},
    h('th', { scope: 'row' }, h('button', { type: 'button', onclick: () => chooseTable(name, 'blocks'), 'aria-label': 'Blocks of ' + name }, t.schema === 'public' ? t.name : name),
      h('div', {}, h('span', { class: 'badge key' }, t.style || 'no rows yet'), t.sort_key && t.sort_key !== 'AUTO(SORTKEY)' ? h('span', { class: 'badge' }, 'SORTKEY ' + t.sort_key) : null)),
    t.parts.map((p) => h('td', { class: 'cell', style: heatColour(top ? p.rows / top : 0) }, whole(p.rows), h('small', {}, p.blocks ? mega(p.blocks * o.block_bytes) : ''))),
    h('td', { class: 'num' }, whole(t.rows)),
    h('td', { class: 'num' }, mega(t.blocks * o.block_bytes)),
    h('td', { class: 'num' }, copies ? h('span', { class: 'soft' }, 'copies') : skewBadge(skew, t.parts.length, top)),
    h('td', { class: 'num' }, t.unsorted === null ? h('span', { class: 'soft' }, '-') : t.unsorted > 0 ? h('span', { class: 'badge warn' }, t.unsorted.toFixed(0) + ' %') : '0 %'));
}

const mega = (n) => (n >= 1 << 20 ? (n / (1 << 20)).toFixed(n < 10 << 20 ? 1 : 0) + ' MB' : Math.round(n / 1024) + ' KB');

// skewBadge tells the fullest slice against the mean: 1 is even.
function skewBadge(skew, slices, top) {
  if (!top) return h('span', { class: 'soft' }, '-');
  const warn = skew > 1.3 && slices > 1;
  return h('span', { class: 'badge ' + (warn ? 'warn' : 'good'), title: 'the fullest slice over the mean of the slices' }, skew.toFixed(2) + (warn ? ' skewed' : ''));
}
