import {expect, test} from 'vitest';
import {type EngineOptions, openEngine, type TestRoom} from '../../helpers/engine.ts';

const TOKEN = `ghp_${'a1B2'.repeat(9)}`;
/** Tasks that begin with `leak` bring a token until their brief tells of it; all write a file of their own. */
const LEAKS = [
	`case "$AGENT_ROOM_TASK" in leak*) if ! grep -q "take it out" "$AGENT_ROOM_BRIEF_FILE"; then printf 'first\\nkey = ${TOKEN}\\n' >"$AGENT_ROOM_TASK.key"; else rm -f "$AGENT_ROOM_TASK.key"; fi ;; esac`,
	'echo "$AGENT_ROOM_ATTEMPT $AGENT_ROOM_STAGE" >>"$AGENT_ROOM_TASK.txt"',
].join('\n');

const open = ({config = {}, ...options}: Partial<EngineOptions> = {}): Promise<TestRoom> =>
	openEngine({agents: {developer: [LEAKS, LEAKS], 'test-orchestrator': ['', '']}, ...options, config: {review: 'off', ...config}});

const decision = (room: TestRoom, id: string): boolean => room.team().tasks.get(id)?.decision === 'checks';
const isMerged = (room: TestRoom, id: string): boolean => room.team().tasks.get(id)?.state === 'merged';
const SECRET = 'NOT READY: possible secret in leak.key:2 (GitHub token)';

test('a merge with a secret in it waits for a person and keeps nobody else from landing; let land, it is tested as any other', async () => {
	const room = await open({config: {test: 'ls >>"$D/tests"'}});
	await room.must({
		type: 'add-plan',
		tasks: [
			{title: 'leak', id: 'leak', priority: 90},
			{title: 'after', id: 'after'},
			{title: 'last', id: 'last'},
		],
	});
	await room.when('the others are merged and it asks', () => decision(room, 'leak') && isMerged(room, 'after') && isMerged(room, 'last'));
	const task = room.task('leak');
	expect(task).toMatchObject({state: 'blocked', stage: 'test', candidate: '', testExit: -1, failures: 0, waitReason: SECRET});
	expect(room.repository.git(['log', '-p', 'main'])).not.toContain(TOKEN);
	// Neither the record nor what is told anywhere has the secret itself.
	expect(JSON.stringify([room.events, task, await room.store.whole('leak'), await room.store.look('facts', 'leak')])).not.toContain(TOKEN);
	expect(await room.call({op: 'explain', id: 'leak'})).toMatchObject({
		data: {merge: {verdict: 'NOT YET', reason: expect.stringContaining('leak.key:2')}, moves: expect.stringContaining('approve leak')},
	});
	expect(await room.ask({type: 'merge-task', task: 'leak'})).toMatchObject({
		ok: false,
		code: 'needs-decision',
		message: expect.stringContaining('leak.key:2'),
	});
	const {commit} = task;
	expect(room.read('tests')).not.toContain('leak.key');
	expect(await room.must({type: 'approve', task: 'leak'})).toMatchObject({text: 'approved leak; its tests run next'});
	await room.when('it is merged', () => isMerged(room, 'leak'));
	expect(room.task('leak')).toMatchObject({commit, cleared: commit, testExit: 0});
	expect(room.read('tests')).toContain('leak.key');
	expect(room.events.find(({type}) => type === 'task_decided')).toMatchObject({text: `approved by you: ${SECRET}`});
	expect(await room.ask({type: 'approve', task: 'leak'})).toMatchObject({ok: false});
});

test('sent back, its author gets the words and the places at no cost, and what comes then is searched anew', async () => {
	const room = await open();
	await room.must({type: 'add-task', title: 'leak', id: 'leak'});
	await room.when('it asks', () => decision(room, 'leak'));
	expect(await room.ask({type: 'request-changes', task: 'leak', reason: ' '})).toMatchObject({ok: false, code: 'bad-reason'});
	await room.must({type: 'request-changes', task: 'leak', reason: 'again, and leave it'});
	await room.when(
		'it asks again',
		() => decision(room, 'leak') && room.events.filter(({type}) => type === 'task_needs_decision').length === 2,
	);
	expect((await room.store.whole('leak'))?.reviews.at(-1)).toMatchObject({
		reviewer: 'person',
		comments: [{severity: 'must-fix', text: 'again, and leave it'}],
	});
	await room.must({type: 'request-changes', task: 'leak', reason: 'take it out'});
	await room.when('it is merged', () => isMerged(room, 'leak'));
	expect(room.task('leak')).toMatchObject({failures: 0, cleared: '', attempt: 1});
	expect(room.repository.git(['ls-tree', '--name-only', 'main'])).not.toContain('leak.key');
});

test('it may be dropped, and the question outlives the room', async () => {
	const first = await open();
	await first.must({
		type: 'add-plan',
		tasks: [
			{title: 'leak', id: 'leak'},
			{title: 'two', id: 'leak-two'},
		],
	});
	await first.when('both ask', () => decision(first, 'leak') && decision(first, 'leak-two'));
	await first.room.stop('it is restarted');
	const second = await open({again: first});
	await second.when('both still ask', () => decision(second, 'leak') && decision(second, 'leak-two'));
	expect(second.task('leak')).toMatchObject({waitReason: SECRET});
	await second.must({type: 'cancel-task', task: 'leak-two'});
	await second.must({type: 'approve', task: 'leak'});
	await second.when('one is merged, the other over', () => isMerged(second, 'leak') && second.task('leak-two').state === 'cancelled');
	expect(second.mergedCommit()).toEqual(['leak']);
});

test('what holds is what the repository says, and nothing is a secret where it says that', async () => {
	const room = await open({config: {requireApproval: ['scope'], secretAllowlist: []}});
	await room.must({type: 'add-task', title: 'leak', id: 'leak', paths: ['*.txt']});
	await room.when('it asks', () => decision(room, 'leak'));
	expect(room.task('leak').waitReason).toBe('NOT READY: outside its paths: leak.key');
	const allowed = await open({config: {secretAllowlist: ['*.key']}});
	await allowed.must({type: 'add-task', title: 'leak', id: 'leak'});
	await allowed.when('it is merged', () => isMerged(allowed, 'leak'));
});

test('a change to what the tests run waits for a person before it is tested; one to the configuration is named and counts once it is trusted', async () => {
	const CHEATS = 'case "$AGENT_ROOM_TASK" in cheat) echo "exit 0" >check.sh ;; *) echo "attempts: 9" >agent-room.yaml ;; esac';
	const room = await openEngine({
		agents: {developer: [CHEATS, CHEATS], 'test-orchestrator': ['']},
		config: {review: 'off', test: 'echo run >>"$D/tests"; sh check.sh'},
		files: {'check.sh': 'test -e README.md\n', 'README.md': 'x\n'},
		options: {configFiles: ['agent-room.yaml']},
	});
	await room.must({type: 'add-task', title: 'cheat', id: 'cheat'});
	await room.when('it asks', () => decision(room, 'cheat'));
	expect(room.task('cheat').waitReason).toBe('NOT READY: changes check.sh, which `test` runs');
	// Its own tests were never run.
	expect(room.read('tests')).toBe('');
	await room.must({type: 'add-task', title: 'settings', id: 'settings'});
	await room.when('it is merged', () => isMerged(room, 'settings'));
	expect(await room.store.look('facts', 'settings')).toMatchObject({configures: ['agent-room.yaml'], runs: []});
	expect(await room.call({op: 'explain', id: 'settings'})).toMatchObject({
		data: {
			merge: {
				checks: expect.arrayContaining([
					expect.objectContaining({
						name: 'scope',
						state: 'warn',
						text: expect.stringContaining('agent-room.yaml, which takes effect once you trust it'),
					}),
				]),
			},
		},
	});
});
