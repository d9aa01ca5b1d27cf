import {expect, test} from 'vitest';
import {APPROVES, DEV_1, type EngineOptions, openEngine} from '../../helpers/engine.ts';
import {playsCodex} from '../../helpers/plays-codex.ts';

const openWith = (script: string, further: Partial<EngineOptions> & {readonly count?: number} = {}) =>
	openEngine({
		agents: {developer: Array.from({length: further.count ?? 1}, () => playsCodex(script)), 'code-sentinel': APPROVES},
		clis: {developer: {cli: 'codex', account: 'work'}},
		...further,
	});
type Opened = Awaited<ReturnType<typeof openWith>>;
const merged = (room: Opened, id = 't-1') => room.when(`${id} is merged`, () => room.task(id).state === 'merged');
const starts = (room: Opened): number => room.read('started').split('\n').filter(Boolean).length;

const LIMITED = JSON.stringify({message: 'Rate limit reached. Please try again in 4s.', codex_error_info: 'usage_limit_exceeded'});
const LOGGED_OUT = JSON.stringify({message: 'unexpected status 401 Unauthorized', codex_error_info: 'unauthorized'});
const FULL = JSON.stringify({message: 'ran out of room', codex_error_info: 'context_window_exceeded'});
/** Fails once in this way, then works. */
const once = (error: string, before = ''): string => `begin
if [ ! -e "$D/failed" ]; then ${before} : >"$D/failed"; fails '${error}'; sleep 60; fi
commit one; agent-room report done; turn_ends done; sleep 60`;

test('one that is told to wait holds back its whole account, at no cost to any task, and they go on by themselves', async () => {
	const room = await openWith(once(LIMITED), {count: 2});
	await room.must({type: 'add-task', title: 'One', id: 't-1'});
	await room.when('the account waits', () => room.team().control.rateLimits.length > 0);
	const before = starts(room);
	await room.must({type: 'add-task', title: 'Two', id: 't-2'});
	expect(room.task('t-2').state).toBe('ready');
	expect(before).toBe(1);
	await merged(room, 't-1');
	await merged(room, 't-2');
	expect(room.task('t-1')).toMatchObject({failures: 0, attempt: 1});
	expect(
		room
			.read('started')
			.split('\n')
			.map(line => line.split(' ')[2]),
	).toContain('yes');
});

test('one that is logged out gives its task back at no cost, and takes none until a person lets it go on', async () => {
	const room = await openWith(once(LOGGED_OUT));
	await room.must({type: 'add-task', title: 'One', id: 't-1'});
	await room.when(
		'it is logged out',
		() => room.agent(DEV_1).status === 'logged-out' && room.agent(DEV_1).reason.startsWith('logged out: '),
	);
	expect(room.agent(DEV_1).reason).toContain('codex login');
	await room.must({type: 'add-task', title: 'Two', id: 't-2'});
	await room.must({type: 'resume-agent', agent: DEV_1});
	await merged(room, 't-1');
	await merged(room, 't-2');
	const told = room.events.filter(({agent}) => agent === DEV_1).map(({type, text}) => (type === 'task_claimed' ? 'claimed' : text));
	const out = told.findIndex(text => text.startsWith('logged out: '));
	expect(told.slice(out, told.indexOf('claimed', out)).filter(text => text === 'resumed by you')).toHaveLength(1);
	expect(room.task('t-1').failures).toBe(0);
});

test('a full context costs nothing as long as the work came further, and the next session is a new one in the same worktree', async () => {
	const room = await openWith(once(FULL, 'commit zero;'));
	await room.must({type: 'add-task', title: 'One', id: 't-1'});
	await merged(room);
	const [first = '', second] = room.read('started').split('\n');
	expect(second).toBe(first);
	expect(room.task('t-1')).toMatchObject({failures: 0, attempt: 1});
});

test('a full context that brought nothing counts, so that no task goes round for ever', async () => {
	const room = await openWith(`begin\nfails '${FULL}'\nsleep 60`, {config: {attempts: 2}});
	await room.must({type: 'add-task', title: 'One', id: 't-1'});
	await room.when('it is given up', () => room.task('t-1').state === 'failed');
	expect(room.task('t-1').reason).toContain('context full');
});

test('a limit that only the screen tells of ends nothing: a person is shown it', async () => {
	const room = await openWith(`begin
printf '\\033[2J\\033[H■ You have hit your usage limit. Try again later.\\n\\n› Ask\\n\\n  ? for shortcuts\\n'; sleep 60`);
	await room.must({type: 'add-task', title: 'One', id: 't-1'});
	await room.when('a card', () => room.agent(DEV_1).question.startsWith('It is rate-limited'));
	expect(room.task('t-1')).toMatchObject({state: 'leased', failures: 0});
	expect(room.team().control.rateLimits).toEqual([]);
});
