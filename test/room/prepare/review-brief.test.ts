import {describe, expect, test} from 'vitest';
import {APPROVES, DEV_1, openEngine, type TestRoom, WRITES} from '../../helpers/engine.ts';

/** Keeps its brief as `$D/brief-<stage>-<n>`, n from 1. */
const READS = 'n=$(ls "$D" | grep -c "^brief-$AGENT_ROOM_STAGE-"); cp "$AGENT_ROOM_BRIEF_FILE" "$D/brief-$AGENT_ROOM_STAGE-$((n+1))"';
const whole = async (room: TestRoom, id: string) => {
	const task = await room.store.whole(id);
	if (!task) throw new Error(`No task \${id}.`);
	return task;
};
const texts = (room: TestRoom, id: string): readonly string[] => room.events.filter(event => event.task === id).map(({text}) => text);

describe('a review', () => {
	test('shows change and acceptance; its comments reach the developer in the same worktree, and the next reviewer with what became of them', async () => {
		const developer = [
			READS,
			'pwd >>"$D/places"',
			'if [ "$AGENT_ROOM_ROUND" = 0 ]; then seq 20 >a.txt; else sed -i s/^3$/three/ a.txt; fi',
		].join('\n');
		const reviewer = [
			READS,
			'if grep -q "^+three" "$AGENT_ROOM_BRIEF_FILE"; then agent-room report done "Good now." --verdict approve; exit; fi',
			'printf "%s\\n" "Nearly." "a.txt:3: must-fix: spell it" "a.txt:19: must-fix: and this" "b.txt: nit: missing" | agent-room report done --verdict changes --comments -',
		].join('\n');
		const room = await openEngine({agents: {developer, 'code-sentinel': reviewer}});
		await room.must({type: 'add-task', title: 'Count', id: 'one', description: 'Count to twenty.', acceptance: ['All are there.']});
		await room.when('it is merged', () => room.task('one').state === 'merged');
		const first = room.read('brief-review-1');
		for (const part of [
			'Count to twenty.',
			'- All are there.',
			'```diff\ndiff --git a/a.txt',
			'+19',
			'1 file, +20 −0',
			'agent-room report diff',
		])
			expect(first).toContain(part);
		expect(first).not.toContain('Earlier rounds');
		const back = room.read('brief-develop-2');
		expect(back).toContain('Round 1, review: rev-1 requested changes on');
		expect(back).toContain('Nearly.\na.txt:3: must-fix: spell it\na.txt:19: must-fix: and this\nb.txt: nit: missing\n```');
		expect(back).not.toContain('Why the task came back');
		const [place, again] = room.read('places').split('\n');
		expect(again).toBe(place);
		const second = room.read('brief-review-2');
		expect(second).toContain('a.txt:3: must-fix: spell it [changed there since]');
		expect(second).toContain('a.txt:19: must-fix: and this [the file has changed since, but not there]');
		const {reviews, commit, rounds} = await whole(room, 'one');
		expect(rounds).toBe(1);
		expect(reviews).toMatchObject([
			{
				round: 1,
				stage: 'review',
				verdict: 'changes',
				text: 'Nearly.',
				comments: [{file: 'a.txt', line: 3}, {line: 19}, {file: 'b.txt', severity: 'nit'}],
			},
			{round: 2, verdict: 'approve', text: 'Good now.', comments: [], commit, reviewer: 'agent:rev:001'},
		]);
		expect(reviews[0]?.at).toBeGreaterThan(1e12);
		expect(texts(room, 'one')).toContain('changes requested (2 must-fix, 1 nit)');
	});

	test('that is ended without a verdict is asked for one', async () => {
		const reviewer = 'agent-room report done "looks fine" 2>"$D/told" || agent-room report done --verdict approve';
		const room = await openEngine({agents: {developer: WRITES, 'code-sentinel': reviewer}});
		await room.must({type: 'add-task', title: 'one', id: 'one'});
		await room.when('it is merged', () => room.task('one').state === 'merged');
		expect(room.read('told')).toContain('The review of one needs a verdict.');
		expect((await whole(room, 'one')).reviews).toMatchObject([{verdict: 'approve', text: ''}]);
	});

	test('that approves and names something that must be fixed asks for changes, and says so', async () => {
		const reviewer =
			'[ "$AGENT_ROOM_ROUND" = 1 ] && exec agent-room report done --verdict approve; echo "a.txt: must-fix: no" | agent-room report done --verdict approve --comments -';
		const room = await openEngine({agents: {developer: 'date +%N >>a.txt', 'code-sentinel': reviewer}});
		await room.must({type: 'add-task', title: 'one', id: 'one'});
		await room.when('it is merged', () => room.task('one').state === 'merged');
		expect(texts(room, 'one')).toContain('changes requested (1 must-fix), although the verdict was approve');
		expect((await whole(room, 'one')).reviews.map(({verdict}) => verdict)).toEqual(['changes', 'approve']);
	});

	test('in which files are changed lets nothing of them travel, and says so', async () => {
		const reviewer = [
			'echo mine >README.md; git -c user.name=r -c user.email=r@x commit --quiet --all --message sneaked; echo more >more.txt; git add more.txt',
			APPROVES,
		].join('\n');
		const room = await openEngine({agents: {developer: WRITES, 'code-sentinel': reviewer}});
		await room.must({type: 'add-task', title: 'one', id: 'one'});
		await room.when('it is merged', () => room.task('one').state === 'merged');
		expect(texts(room, 'one')).toContain('approved; its own changes to the worktree were discarded');
		expect(room.repository.git(['log', '--format=%s', 'main'])).not.toContain('sneaked');
		expect(room.repository.git(['ls-tree', '--name-only', 'main'])).toBe('README.md\none.txt');
		expect(room.repository.git(['show', 'main:README.md'])).toBe('hello');
	});

	test('after failed tests shows what they said', async () => {
		const developer = 'if grep -q wrong a.txt; then echo "right again" >a.txt; else echo wrong >a.txt; fi';
		const room = await openEngine({
			files: {'a.txt': 'right\n'},
			agents: {developer, 'code-sentinel': `${READS}\n${APPROVES}`},
			config: {test: 'echo "line 7: this is $(cat a.txt)"; grep -q right a.txt'},
		});
		await room.must({type: 'add-task', title: 'one', id: 'one'});
		await room.when('it is merged', () => room.task('one').state === 'merged');
		expect(room.read('brief-review-1')).not.toContain('Why the tests failed');
		expect(room.read('brief-review-2')).toMatch(/## Why the tests failed\n\n```text\n[^#]*line 7: this is wrong/);
	});
});

describe('rounds of review', () => {
	const changes = 'echo "a.txt: must-fix: again" | agent-room report done --verdict changes --comments -';
	const open = () =>
		openEngine({agents: {developer: `${READS}\ndate +%N >>a.txt`, 'code-sentinel': changes}, config: {maxReviewRounds: 2}});

	test('that are used up ask a person, who approves the very commit', async () => {
		const room = await open();
		await room.must({type: 'add-task', title: 'one', id: 'one'});
		await room.when('it asks', () => room.task('one').decision === 'rounds');
		const asking = room.task('one');
		expect(asking).toMatchObject({state: 'blocked', stage: 'review', waits: 0, failures: 0, owner: '', rounds: 2});
		expect(asking.waitReason).toBe('2 rounds of review requested changes. Approve it as it is?');
		expect(await room.ask({type: 'request-changes', task: 'one', reason: ' '})).toMatchObject({ok: false, code: 'bad-reason'});
		await room.must({type: 'approve', task: 'one'});
		expect(await room.ask({type: 'approve', task: 'one'})).toMatchObject({ok: false, code: 'changed'});
		await room.when('it is merged', () => room.task('one').state === 'merged');
		const {reviews, reviewer, reviewedCommit, commit} = await whole(room, 'one');
		expect({reviewer, reviewedCommit}).toEqual({reviewer: 'person', reviewedCommit: commit});
		expect(reviews.map(({reviewer: who, verdict}) => `${who} ${verdict}`)).toEqual([
			'agent:rev:001 changes',
			'agent:rev:001 changes',
			'person approve',
		]);
		expect(reviews.at(-1)?.commit).toBe(commit);
	});

	test('begin anew with the words of a person who rejects it', async () => {
		const room = await open();
		await room.must({type: 'add-task', title: 'one', id: 'one'});
		await room.when('it asks', () => room.task('one').decision === 'rounds');
		await room.must({type: 'request-changes', task: 'one', reason: 'a.txt:1: must-fix: no dates, please'});
		await room.when('it asks again', () => room.events.filter(({taskFields}) => taskFields.decision === 'rounds').length === 2);
		expect(room.read('brief-develop-3')).toContain('Round 3, review: a human requested changes on');
		expect(room.read('brief-develop-3')).toContain('a.txt:1: must-fix: no dates, please');
		expect(room.read('brief-develop-5')).toBe('');
		expect(room.task('one')).toMatchObject({failures: 0, decision: 'rounds'});
		expect((await whole(room, 'one')).reviews).toHaveLength(5);
	});
});

describe('an audit', () => {
	const agents = {
		developer: 'mkdir -p src/auth; echo x >"src/$AGENT_ROOM_TASK"; [ "$AGENT_ROOM_TASK" != guarded ] || mv src/guarded src/auth/',
		'code-sentinel': APPROVES,
	};

	test('is of what touches guarded paths or asks for it, by another agent, with what it touches in its brief', async () => {
		const auditor = `${READS}\ncp "$AGENT_ROOM_BRIEF_FILE" "$D/audit-$AGENT_ROOM_TASK"\n${APPROVES}`;
		const room = await openEngine({agents: {...agents, 'security-auditor': auditor}, config: {protectedPaths: ['src/auth/**']}});
		for (const id of ['plain', 'guarded', 'asked']) await room.must({type: 'add-task', title: id, id, audit: id === 'asked'});
		await room.when('all are merged', () => ['plain', 'guarded', 'asked'].every(id => room.task(id).state === 'merged'));
		expect(room.read('audit-plain')).toBe('');
		expect(room.read('audit-guarded')).toContain('## Protected paths it changes\n\n- `src/auth/guarded`');
		expect(room.read('audit-asked')).toContain('# Security review: `asked`');
		expect(room.read('audit-asked')).not.toContain('## Guarded paths');
		expect(texts(room, 'guarded')).toContain('passed its security review');
		const {reviews, reviewer, audit} = await whole(room, 'guarded');
		expect(audit).toBe(true);
		expect(reviewer).toBe('agent:rev:001');
		expect(reviews.map(({stage, reviewer: who}) => `${stage} ${who}`)).toEqual(['review agent:rev:001', 'audit agent:sec:001']);
	});

	test('sends back what it finds, is not skipped with the review, and waits where nobody audits', async () => {
		const auditor =
			'if [ "$AGENT_ROOM_ROUND" = 1 ]; then exec agent-room report done --verdict approve; fi; echo "must-fix: leaks" | agent-room report done --verdict changes --comments -';
		const developer = `${READS}\n${agents.developer}; date +%N >>src/auth/guarded`;
		const room = await openEngine({
			agents: {developer, 'security-auditor': auditor},
			config: {protectedPaths: ['src/auth'], review: 'off'},
		});
		await room.must({type: 'add-task', title: 'guarded', id: 'guarded'});
		await room.when('it is merged', () => room.task('guarded').state === 'merged');
		expect(room.read('brief-develop-2')).toContain('Round 1, audit: sec-1 requested changes');
		const without = await openEngine({agents, config: {protectedPaths: ['src/auth']}, options: {isForeground: false}});
		expect(without.store.getSnapshot().banners.map(({text}) => text)).toEqual([
			'The team has no security-auditor, so changes to `protectedPaths` wait.',
		]);
		await without.must({type: 'add-task', title: 'guarded', id: 'guarded'});
		await without.when('it waits', () => without.task('guarded').stage === 'audit');
		expect(await without.call({op: 'explain', id: 'guarded'})).toMatchObject({data: {why: 'no security reviewer in the team'}});
	});
});

test('an author that judges its own work, under its own token or in another name, is refused and named; a reviewer does it', async () => {
	const developer = [
		WRITES,
		'agent-room report done --verdict approve 2>"$D/own"; echo $? >>"$D/own"',
		'AGENT_ROOM_AGENT=agent:rev:001 agent-room report done --verdict approve 2>"$D/forged"; echo $? >>"$D/forged"',
	].join('\n');
	const room = await openEngine({agents: {developer, 'code-sentinel': APPROVES}});
	await room.must({type: 'add-task', title: 'one', id: 'one'});
	await room.when('it is merged', () => room.task('one').state === 'merged');
	expect(room.read('own')).toMatch(/dev-1 is an author of one and cannot review it\.[\s\S]*\n1$/);
	expect(room.read('forged')).toMatch(/dev-1 cannot report as another agent[\s\S]*\n1$/);
	const said = room.events.filter(({type, agent}) => type === 'order_refused' && agent === DEV_1).map(({text}) => text);
	expect(said).toContain('tried to review its own work on one: refused');
	expect(said).toContain('reported as rev-1: refused');
	expect((await whole(room, 'one')).reviews).toMatchObject([{reviewer: 'agent:rev:001', verdict: 'approve'}]);
	expect(texts(room, 'one').filter(text => text === 'approved')).toHaveLength(1);
});
