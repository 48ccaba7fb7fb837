// Guided lessons: their statements really run, on a cluster of this page's own.
function lessonPanel() {
  const box = byId('lesson');
  if (DATA || S.place !== 'lesson') { box.hidden = true; return; }
  box.hidden = false;
  if (!S.lesson) {
    box.replaceChildren(h('h2', {}, 'Lessons'), h('p', { class: 'soft small' }, 'They run on a cluster of their own, of this shape and of 2 nodes with 2 slices at least, with blocks of ' + blockSize(S.info.block_bytes) + ' in the place of 1 MB, so that few rows show what many do.'),
      h('div', { class: 'lessons' }, S.info.lessons.map((l) => h('button', { type: 'button', onclick: () => beginLesson(l) }, h('b', {}, l.title), h('span', { class: 'soft small' }, l.about)))));
    return;
  }
  const l = S.lesson, st = l.steps[S.step], last = S.step === l.steps.length - 1;
  box.replaceChildren(
    h('div', { class: 'head' }, h('h2', {}, l.title), h('span', { class: 'progress' }, 'step ' + (S.step + 1) + ' of ' + l.steps.length)),
    h('h3', {}, st.title), h('p', {}, st.text), S.done && st.after ? h('p', {}, h('strong', {}, 'Look: '), st.after) : '',
    h('div', { class: 'bar' },
      h('button', { type: 'button', disabled: S.step === 0, onclick: () => goStep(S.step - 1) }, 'Back'),
      S.done || !st.sql ? h('button', { type: 'button', class: 'main', onclick: () => (last ? leaveLesson() : goStep(S.step + 1)) }, last ? 'Finish' : 'Next') : h('button', { type: 'button', class: 'main', onclick: () => runText(st.sql) }, 'Run this step'),
      h('button', { type: 'button', onclick: leaveLesson }, 'All lessons')));
}

async function beginLesson(l) {
  S.lesson = l;
  S.query = S.blocks = S.whatif = null;
  S.table = '';
  S.before = {};
  await busy('Making the tables of the lesson.', async () => {
    await openTab('lesson', true);
    for (const sql of l.setup) {
      const a = await ask('run', { sql });
      if (a.error) throw new Refused(a.error, 422);
    }
  });
  await goStep(0);
}

async function goStep(n) {
  S.step = n;
  S.done = false;
  const st = S.lesson.steps[n];
  byId('text').value = st.sql || '';
  byId('result').replaceChildren();
  lookAt(st);
  if (!st.sql) S.view = st.view;
  await refresh();
  lessonPanel();
}

// lookAt turns the views to the table and column of a step.
function lookAt(st) {
  if (st.table && st.table !== S.table) { S.table = st.table; S.column = -1; }
  S.wanted = st.column || null;
}

async function leaveLesson() {
  S.lesson = S.wanted = null;
  lessonPanel();
}
