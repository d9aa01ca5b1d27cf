import {dirname, join} from 'node:path';
import {expect, test} from 'vitest';
import {APPROVES, DEV_1, DEV_2, type EngineOptions, openEngine} from '../../helpers/engine.ts';
import {outerPid} from '../../helpers/inside.ts';
import {playsCodex} from '../../helpers/plays-codex.ts';

const openWith = (script: string, further: Partial<EngineOptions> & {readonly count?: number} = {}) =>
	openEngine({
		agents: {developer: Array.from({length: further.count ?? 1}, () => playsCodex(script)), 'code-sentinel': APPROVES},
		clis: {developer: {cli: 'codex', account: 'work'}},
		...further,
	});
type Opened = Awaited<ReturnType<typeof openWith>>;

/** Its pid is its own word: in a sandbox it counts from 1. */
const killIt = (room: Opened): void => {
	const words = [`AGENT_ROOM_STATE=${join(dirname(room.folder), 's')}\0`, 'AGENT_ROOM_STAGE=develop\0'];
	process.kill(outerPid(Number(room.read('pid')), ...words), 'SIGKILL');
};

/** Begins, commits once, says by a file that it works, and waits; where it goes on with its session it hands in. */
const CUT_OFF = `begin
if [ -n "$RESUMED" ]; then commit two; agent-room report done; turn_ends done; sleep 60; fi
commit one; echo dirty >dirty.txt; echo $$ >"$D/pid"; sleep 60`;
const started = (room: Opened): readonly string[] => room.read('started').split('\n');
const merged = (room: Opened, id = 't-1') => room.when(`${id} is merged`, () => room.task(id).state === 'merged');
const hasSession = (room: Opened) => room.when('it works in a session', () => room.read('pid') !== '' && room.task('t-1').session !== '');

test('a program that is killed goes on with its session, in its worktree, by its own agent, although another is idle', async () => {
	const room = await openWith(CUT_OFF, {count: 2});
	await room.must({type: 'add-task', title: 'One', id: 't-1'});
	await hasSession(room);
	const {owner, session, worktree} = room.task('t-1');
	killIt(room);
	await merged(room);
	expect(session).toBe('codex s-t-1-1');
	expect(started(room)).toEqual([`${owner} develop new ${worktree}`, `${owner} develop yes ${worktree}`]);
	expect(room.read('prompts').split('\n')[1]).toContain('You continue the same task (killed by SIGKILL');
	expect(room.repository.git(['ls-tree', '--name-only', 'main'])).toContain('dirty.txt');
	expect(room.task('t-1')).toMatchObject({failures: 1, attempt: 1});
});

test('a program that somebody leaves in its pane goes on with its session too', async () => {
	const room = await openWith(`begin
if [ -n "$RESUMED" ]; then commit two; agent-room report done; turn_ends done; sleep 60; fi
commit one; exit 0`);
	await room.must({type: 'add-task', title: 'One', id: 't-1'});
	await merged(room);
	const [first = '', second] = started(room);
	expect(second).toBe(first.replace(' new ', ' yes '));
	expect(room.read('prompts').split('\n')[1]).toContain('ended without reporting a result');
});

test('a room that is stopped, and one that is opened again, goes on with the session, and it costs no attempt', async () => {
	const before = await openWith(CUT_OFF);
	await before.must({type: 'add-task', title: 'One', id: 't-1'});
	await hasSession(before);
	const {worktree} = before.task('t-1');
	await before.room.stop('for a moment');
	const room = await openWith(CUT_OFF, {again: before});
	await merged(room);
	expect(started(room)).toEqual([`${DEV_1} develop new ${worktree}`, `${DEV_1} develop yes ${worktree}`]);
	expect(room.task('t-1')).toMatchObject({failures: 0, attempt: 1});
});

test('who goes on after changes were asked for does so in its session, where it worked', async () => {
	const room = await openWith('begin\ncommit more\nagent-room report done\nturn_ends done\nsleep 60', {
		agents: {
			developer: playsCodex('begin\ncommit more\nagent-room report done\nturn_ends done\nsleep 60'),
			'code-sentinel': `[ "$AGENT_ROOM_ROUND" = 0 ] || exec agent-room report done --verdict approve
echo 'a.txt:1: must-fix: no' >"$D/c"; agent-room report done --verdict changes --comments "$D/c"`,
		},
	});
	await room.must({type: 'add-task', title: 'One', id: 't-1'});
	await merged(room);
	const [first = '', second] = started(room);
	expect(second).toBe(first.replace(' new ', ' yes '));
});

test('a session that is not known any more is left for a new one, in the same worktree, at no cost', async () => {
	const script = `if [ -n "$RESUMED" ]; then echo "No saved session found"; exit 1; fi
begin
if [ -e "$D/pid" ]; then commit two; agent-room report done; turn_ends done; sleep 60; fi
commit one; echo $$ >"$D/pid"; sleep 60`;
	const room = await openWith(script);
	await room.must({type: 'add-task', title: 'One', id: 't-1'});
	await hasSession(room);
	const {worktree} = room.task('t-1');
	killIt(room);
	await merged(room);
	expect(started(room)).toEqual(['new', 'yes', 'new'].map(how => `${DEV_1} develop ${how} ${worktree}`));
	expect(room.task('t-1').failures).toBe(1);
});

test('a reassigned task begins anew: another worktree, no session of somebody else', async () => {
	const room = await openWith(
		`begin\nif [ "$AGENT_ROOM_AGENT" = "${DEV_2}" ]; then commit two; agent-room report done; turn_ends x; fi
commit one; echo $$ >"$D/pid"; sleep 60`,
		{count: 2},
	);
	await room.must({type: 'add-task', title: 'One', id: 't-1'});
	await hasSession(room);
	const {owner, worktree} = room.task('t-1');
	const other = owner === DEV_1 ? DEV_2 : DEV_1;
	await room.must({type: 'reassign-task', task: 't-1', agent: other});
	await merged(room);
	expect(started(room)[1]).toMatch(new RegExp(`^${other} develop new `));
	expect(started(room)[1]).not.toContain(worktree);
});
