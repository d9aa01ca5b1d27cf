import {describe, expect, test} from 'vitest';
import {openPlanned, PLANS, TWO_TASKS} from '../../helpers/planning.ts';

const FEATURE = {type: 'add-task', title: 'Add login', id: 'login', description: 'With a form.', feature: true} as const;
const AUTO = {plan: 'auto'} as const;
const BAD = 'tasks:\n  - title: One\n    aftr: [two]\n';

/** Each try answers with the next of these, the last one again and again. */
const answers = (...plans: readonly string[]): string =>
	[
		'n=$(($(ls "$D" | grep -c "^brief-") + 1)); cp "$AGENT_ROOM_BRIEF_FILE" "$D/brief-$n"',
		`[ "$n" -gt ${plans.length} ] && n=${plans.length}`,
		`case "$n" in ${plans.map((plan, index) => `${index + 1}) cat >"$AGENT_ROOM_PLAN_FILE" <<'END'\n${plan.trimEnd()}\nEND\n;;`).join('\n')}\nesac`,
	].join('\n');

describe('a plan that cannot be used', () => {
	test('goes back with line and key, and counts no failure; the next one is taken', async () => {
		const room = await openPlanned({plan: '', config: AUTO, agents: {orchestrator: answers(BAD, BAD.replace('aftr', 'after'), TWO_TASKS)}});
		await room.must(FEATURE);
		await room.when('it is planned', () => room.task('login').state === 'planned');
		expect(room.read('brief-2')).toContain('line 3: unknown key `aftr`. Did you mean `after`?');
		expect(room.read('brief-2')).toContain('aftr: [two]');
		expect(room.read('brief-3')).toContain('line 3: dependency `two` does not exist, in the plan or elsewhere.');
		expect(room.read('brief-3')).not.toContain('aftr');
		expect(room.task('login')).toMatchObject({rounds: 2, failures: 0});
		await room.when('all of it is merged', () => room.team().tasks.get('form')?.state === 'merged');
	});

	test.each(['auto', 'ask'] as const)('three times over makes the feature one task as it stands (plan: %s)', async plan => {
		const room = await openPlanned({plan: '', config: {plan}, agents: {orchestrator: answers(BAD)}});
		await room.must(FEATURE);
		await room.must({type: 'add-task', title: 'Afterwards', id: 'after', after: ['login']});
		await room.when('all is merged', () => room.task('after').state === 'merged');
		expect(room.read('brief-4')).toBe('');
		expect(room.task('login')).toMatchObject({state: 'merged', firstStage: 'develop', failures: 0, rounds: 0, attempt: 1});
		expect(room.events.map(({text}) => text)).toContainEqual(
			expect.stringMatching(/^not split, becomes one task: invalid plan: line 3: unknown key `aftr`/),
		);
		expect(room.mergedCommit()).toEqual(['after', 'login']);
		expect(room.team().features.get('login')).toMatchObject({total: 1, merged: 1, open: 0});
	});
});

describe('an orchestrator', () => {
	test.each([
		['crashes', 'echo "no login"; exit 3', /^not split, becomes one task: exit 3: no login/],
		['ends without a plan', 'exit 0', /^not split, becomes one task: the Planner ended without a plan/],
	])('that %s each time leaves the feature as one task, not dead', async (_what, orchestrator, words) => {
		const room = await openPlanned({plan: '', config: {...AUTO, attempts: 2}, agents: {orchestrator: [orchestrator, orchestrator]}});
		await room.must(FEATURE);
		await room.when('it is merged', () => room.task('login').state === 'merged');
		expect(room.events.filter(event => event.type === 'attempt_failed' && event.task === 'login')).toHaveLength(1);
		expect(room.events.map(({text}) => text)).toContainEqual(expect.stringMatching(words));
		expect(room.events.some(({type}) => type === 'task_failed')).toBe(false);
	});

	test('that takes too long has failed, and its plan counts all the same where it had reported a good one', async () => {
		const reports = 'cp "$D/plan.yaml" p.yaml; agent-room report plan p.yaml && touch "$D/said"; sleep 600';
		const room = await openPlanned({plan: TWO_TASKS, config: {...AUTO, timeout: '2s'}, agents: {orchestrator: reports}});
		await room.must(FEATURE);
		await room.when('it is planned', () => room.task('login').state === 'planned', 60_000);
		expect(room.events.filter(event => event.type === 'attempt_failed' && event.task === 'login')).toEqual([]);
	});

	test('is told at once what is wrong with its plan, and may mend it', async () => {
		const mends = [
			`printf '${BAD.replaceAll('\n', '\\n')}' >p.yaml`,
			'agent-room report plan p.yaml >"$D/out" 2>"$D/err"; echo $? >"$D/code"',
			'cp "$D/plan.yaml" p.yaml; agent-room report plan - <p.yaml >"$D/out-2"; echo $? >"$D/code-2"',
			`printf '${BAD.replaceAll('\n', '\\n')}' | agent-room report plan - || :`,
		].join('\n');
		const room = await openPlanned({plan: TWO_TASKS, config: AUTO, agents: {orchestrator: mends}});
		await room.must(FEATURE);
		await room.when('it is planned', () => room.task('login').state === 'planned');
		expect(room.read('err')).toContain('line 3: unknown key `aftr`. Did you mean `after`?');
		expect([room.read('code'), room.read('code-2')]).toEqual(['1', '0']);
		expect(room.read('out-2')).toContain('valid plan: 2 tasks. End now.');
		expect(room.task('login')).toMatchObject({rounds: 0, failures: 0});
	});

	test('whose plan file leads elsewhere, or is a pipe that nobody writes to, has no plan', async () => {
		const links =
			'n=$(ls "$D" | grep -c "^try-"); touch "$D/try-$n"; if [ "$n" = 0 ]; then ln -s "$D/plan.yaml" "$AGENT_ROOM_PLAN_FILE"; else mkfifo "$AGENT_ROOM_PLAN_FILE"; fi';
		const room = await openPlanned({plan: TWO_TASKS, config: {...AUTO, attempts: 2}, agents: {orchestrator: [links, links]}});
		await room.must(FEATURE);
		await room.when('it is merged', () => room.task('login').state === 'merged');
		expect(room.team().tasks.size).toBe(1);
	});

	test('alone reports a plan: a developer who does is refused', async () => {
		const developer = 'echo "- X" | agent-room report plan - 2>"$D/err"; echo $? >"$D/code"; echo x >x.txt';
		const room = await openPlanned({plan: '', config: {plan: 'off'}, agents: {developer, orchestrator: PLANS}});
		await room.must({type: 'add-task', title: 'one', id: 'one'});
		await room.when('it is merged', () => room.task('one').state === 'merged');
		expect(room.read('code')).toBe('1');
		expect(room.read('err')).toContain('`report plan` is not available in stage `develop`.');
	});
});
