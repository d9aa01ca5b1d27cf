import {readdirSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {readPlan} from '../../../source/core/plan/read.ts';
import {openRepository} from '../../../source/git/repository/repository.ts';
import {openStore} from '../../../source/git/store/store.ts';
import {createDetachedWorktree} from '../../../source/git/worktree/create.ts';
import {WRITES} from '../../helpers/engine.ts';
import {openPlanned, PLANS, TWO_TASKS} from '../../helpers/planning.ts';

const FEATURE = {type: 'add-task', title: 'Add login', id: 'login', description: 'With a form, please.', feature: true} as const;
const AUTO = {plan: 'auto'} as const;

describe('a feature', () => {
	test('becomes the tasks of its plan, which are worked on in their order and end it', async () => {
		const room = await openPlanned({plan: TWO_TASKS, config: AUTO, files: {'src/db/a.ts': '', 'src/b.ts': ''}});
		await room.must(FEATURE);
		await room.must({type: 'add-task', title: 'Afterwards', id: 'after', after: ['login']});
		await room.when('all of it is merged', () => room.task('after').state === 'merged');
		expect(room.task('login')).toMatchObject({state: 'planned', feature: 'login', owner: '', token: '', decision: ''});
		expect(room.task('table')).toMatchObject({
			state: 'merged',
			feature: 'login',
			priority: 50,
			paths: ['src/db/**'],
			firstStage: 'develop',
		});
		expect(room.task('form')).toMatchObject({state: 'merged', after: ['table'], priority: 80});
		expect(room.mergedCommit()).toEqual(['after', 'form', 'table']);
		expect(room.team().features.get('login')).toMatchObject({total: 2, merged: 2, open: 0});
		expect(await room.store.whole('table')).toMatchObject({description: 'Use one table.', acceptance: ['A session survives a restart.']});
		const description = room.read('brief-1');
		for (const told of ['Add login', 'With a form, please.', 'hello', '`src/`', '2 developer', 'agent-room report plan FILE', '.yaml'])
			expect(description).toContain(told);
		const [, example = ''] = /```yaml\n([\s\S]*?)\n```/.exec(description) ?? [];
		expect(readPlan(example)).toMatchObject({ok: true, plan: {tasks: [{id: 'session-table'}, {after: ['session-table']}]}});
	});

	test('is a single task where planning is off', async () => {
		const room = await openPlanned({plan: '', config: {plan: 'off'}});
		await room.must(FEATURE);
		await room.when('it is merged', () => room.task('login').state === 'merged');
		expect(room.mergedCommit()).toEqual(['login']);
	});

	test('ends with a task that documents it, where the team has a writer', async () => {
		const writer = 'cp "$AGENT_ROOM_BRIEF_FILE" "$D/docs-brief"; mkdir -p docs; echo "$AGENT_ROOM_STAGE" >docs/login.md';
		const room = await openPlanned({plan: TWO_TASKS, config: AUTO, agents: {'documentation-writer': writer}});
		await room.must(FEATURE);
		await room.when('it is documented', () => room.team().tasks.get('login-docs')?.state === 'merged');
		expect(room.task('login-docs')).toMatchObject({after: ['form'], firstStage: 'document', feature: 'login'});
		expect(room.mergedCommit()).toEqual(['login-docs', 'form', 'table']);
		expect(room.read('docs-brief')).toContain('table: Keep sessions in a table');
	});

	test('is planned in a tree for reading: commits, files and branches made there go nowhere', async () => {
		const spoils = 'echo x >README.md; echo y >new.txt; git add -A; git commit -qm mine; echo z >left.txt; git branch -f main HEAD || :';
		const room = await openPlanned({plan: TWO_TASKS, config: AUTO, agents: {orchestrator: `${spoils}\n${PLANS}`}});
		const killed = join(room.folder, '..', 's', 'worktrees', 'login-plan-99');
		const store = await openStore(await openRepository(room.repository.root), join(room.folder, '..', 's', 'guardian.git'), 'main');
		await createDetachedWorktree({store, folder: killed, commit: room.repository.head()});
		await room.must(FEATURE);
		await room.when('all of it is merged', () => room.team().tasks.get('form')?.state === 'merged');
		expect(room.repository.git(['ls-tree', '--name-only', 'main']).split('\n')).toEqual(['README.md', 'form.txt', 'table.txt']);
		expect(room.repository.git(['show', 'main:README.md'])).toBe('hello');
		const left = (): readonly string[] => readdirSync(join(room.folder, '..', 's', 'worktrees')).filter(name => name.includes('-plan-'));
		await room.when('its tree is gone, and that of one that was killed', () => left().length === 0);
	});
});

describe('a plan that a person is asked about', () => {
	test('creates nothing before it is accepted, and its tasks once, however many accept at once', async () => {
		const room = await openPlanned({plan: TWO_TASKS});
		await room.must(FEATURE);
		await room.when('the plan waits', () => room.task('login').decision === 'plan');
		expect(room.task('login')).toMatchObject({state: 'blocked', stage: 'plan', owner: '', waitReason: 'the plan needs your approval'});
		expect(room.team().tasks.size).toBe(1);
		const seen = await room.call({op: 'plan', id: 'LOGIN'});
		expect(seen).toMatchObject({ok: true, data: {feature: 'login', planTask: 'login', state: 'needs-decision', tasks: []}});
		expect(seen.data).toMatchObject({
			proposal: {
				tasks: [
					{id: 'table', after: []},
					{id: 'form', after: ['table']},
				],
				cancel: [],
			},
		});

		const answers = await Promise.all(Array.from({length: 5}, () => room.ask({type: 'approve', task: 'login'})));
		expect(answers.filter(({ok}) => ok)).toHaveLength(1);
		expect(answers.filter(answer => !answer.ok && answer.code === 'changed')).toHaveLength(4);
		await room.when('it is merged', () => room.team().tasks.get('form')?.state === 'merged');
		expect(room.team().features.get('login')).toMatchObject({total: 2, merged: 2});
		expect(await room.ask({type: 'approve', task: 'login'})).toMatchObject({ok: false, code: 'changed'});
		expect(await room.ask({type: 'request-changes', task: 'login', reason: 'late'})).toMatchObject({ok: false, code: 'gone'});
		expect(await room.ask({type: 'approve', task: 'nothing'})).toMatchObject({ok: false, code: 'gone'});
	});

	test('goes back with the words of whoever rejects it, and the next one may be accepted as it was edited', async () => {
		const room = await openPlanned({plan: TWO_TASKS});
		await room.must(FEATURE);
		await room.when('the plan waits', () => room.task('login').decision === 'plan');
		expect(await room.ask({type: 'request-changes', task: 'login', reason: ' '})).toMatchObject({ok: false});
		room.write('plan.yaml', TWO_TASKS.replace('Keep sessions in a table', 'Keep sessions in a file'));
		await room.must({type: 'request-changes', task: 'login', reason: 'No table for sessions, please.'});
		await room.when('the next plan waits', () => room.task('login').decision === 'plan' && room.read('brief-2') !== '');
		expect(room.read('brief-2')).toContain('No table for sessions, please.');
		expect(room.read('brief-2')).toContain('title: Keep sessions in a table');
		expect(room.task('login')).toMatchObject({failures: 0});

		const wrong = await room.ask({
			type: 'approve',
			task: 'login',
			plan: 'tasks:\n  - title: One\n    after: [nowhere]\n    needs: [rust]\n',
		});
		expect(wrong).toMatchObject({
			ok: false,
			code: 'bad-plan',
			message: expect.stringMatching(/^line 3: .*`nowhere`.*\nline 4: no developer .*`rust`/),
		});
		expect(room.task('login').decision).toBe('plan');
		await room.must({type: 'approve', task: 'login', plan: 'tasks:\n  - {id: one, title: Only this}\n'});
		await room.when('it is merged', () => room.team().tasks.get('one')?.state === 'merged');
		expect(room.mergedCommit()).toEqual(['one']);
	});

	test('keeps apart from what got its ids while it waited', async () => {
		const room = await openPlanned({plan: TWO_TASKS});
		await room.must(FEATURE);
		await room.when('the plan waits', () => room.task('login').decision === 'plan');
		await room.must({type: 'add-task', title: 'A table of somebody else', id: 'table'});
		expect(await room.must({type: 'approve', task: 'login'})).toMatchObject({ids: ['login-table', 'form']});
		expect(room.task('form').after).toEqual(['login-table']);
		expect(room.task('table').feature).toBe('');
	});

	test('can be cancelled, which ends the feature with nothing made', async () => {
		const room = await openPlanned({plan: TWO_TASKS});
		await room.must(FEATURE);
		await room.when('the plan waits', () => room.task('login').decision === 'plan');
		await room.must({type: 'cancel-task', task: 'login'});
		await room.when('it is cancelled', () => room.task('login').state === 'cancelled');
		expect(await room.ask({type: 'approve', task: 'login'})).toMatchObject({ok: false});
		expect(room.team().tasks.size).toBe(1);
	});

	test('outlives its room: the next life of it shows the same plan', async () => {
		const first = await openPlanned({plan: TWO_TASKS});
		await first.must(FEATURE);
		await first.when('the plan waits', () => first.task('login').decision === 'plan');
		const before = await first.call({op: 'plan', id: 'login'});
		await first.room.stop('over');
		const room = await openPlanned({plan: TWO_TASKS, again: first});
		await room.when('the plan is known again', () => room.team().tasks.get('login')?.decision === 'plan');
		expect((await room.call({op: 'plan', id: 'login'})).data).toMatchObject({proposal: (before.data as {proposal: object}).proposal});
		await room.must({type: 'approve', task: 'login'});
		await room.when('it is merged', () => room.team().tasks.get('form')?.state === 'merged');
	});
});

test('ids that are taken get the one of the feature before them, and a plan may come after other features', async () => {
	const room = await openPlanned({
		plan: '- {id: table, title: T, after: [other]}\n- {id: form, title: F, after: [table]}\n',
		config: AUTO,
		agents: {developer: WRITES},
	});
	await room.must({type: 'add-task', title: 'Another table', id: 'table'});
	await room.must({type: 'add-task', title: 'Another feature', id: 'o-1', of: 'other'});
	await room.must(FEATURE);
	await room.when('all is merged', () => room.team().tasks.get('form')?.state === 'merged');
	expect(room.task('login-table')).toMatchObject({state: 'merged', after: ['other']});
	expect(room.task('form').after).toEqual(['login-table']);
});
