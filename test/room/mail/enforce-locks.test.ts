import {expect, test} from 'vitest';
import {openEngine, type TestRoom} from '../../helpers/engine.ts';

const HOLDS = [
	'agent-room report lock "src/db/**" >>"$D/said" 2>&1; : >"$D/locked"',
	'while [ ! -e "$D/go" ]; do sleep 0.05; done',
	'echo held >src/db/held.txt',
].join('\n');
/** Starts while the lock is held, and tries to write in every way; then does its work elsewhere. */
const TRIES = [
	'for try in "echo x >src/db/a.txt" "echo x >src/db/new.txt" "rm src/db/a.txt" "mv src/db src/other"; do sh -c "$try" 2>/dev/null && echo "$try" >>"$D/fell"; done',
	'cp "$AGENT_ROOM_BRIEF_FILE" "$D/brief"; echo free >src/free.txt',
].join('\n');
/** Has changed the file before it is locked, and says that it is done after that; then it undoes its change. */
const LATE = [
	'echo late >src/db/a.txt; : >"$D/written"; while [ ! -e "$D/locked" ]; do sleep 0.05; done',
	'agent-room report done >"$D/refused" 2>&1 && exit 1',
	'git checkout -q -- src/db/a.txt; echo late >late.txt; agent-room report done >"$D/done" 2>&1',
].join('\n');
/** Says nothing: what it leaves is taken at its end. */
const SILENT = 'echo silent >src/db/b.txt; : >"$D/silent"; while [ ! -e "$D/locked" ]; do sleep 0.05; done';
const PLAYS = `case "$AGENT_ROOM_TASK" in holder)\n${HOLDS}\n;; late)\n${LATE}\n;; silent)\n${SILENT}\n;; *)\n${TRIES}\n;; esac`;

const open = (): Promise<TestRoom> =>
	openEngine({
		agents: {developer: [PLAYS, PLAYS, PLAYS, PLAYS]},
		files: {'src/db/a.txt': 'a\n', 'src/db/b.txt': 'b\n'},
		config: {enforceLocks: true, review: 'off', sandbox: 'on'},
	});
const isMerged = (room: TestRoom, id: string): boolean => room.task(id).state === 'merged';

test('what another task has locked is read-only in a sandbox, is refused where it was changed before, and merges once it is free', async () => {
	const room = await open();
	for (const id of ['late', 'silent']) await room.must({type: 'add-task', title: id, id});
	await room.when('both have changed what will be locked', () => room.has('written') && room.has('silent'));
	await room.must({type: 'add-task', title: 'holder', id: 'holder'});
	await room.when('it is locked', () => room.has('locked') && room.team().locks.size > 0);
	await room.must({type: 'add-task', title: 'tries', id: 'tries'});

	await room.when('work beside it merges', () => isMerged(room, 'tries') && isMerged(room, 'late'));
	expect(room.read('fell')).toBe('');
	expect(room.read('brief')).toContain('Other agents have locked these paths: src/db/**.');
	expect(room.read('refused')).toMatch(
		/Task late changes `src\/db\/a\.txt`, which is under the lock src\/db\/\*\* of dev-\d\.\n.*Undo that change, or wait/,
	);
	await room.when('the silent one waits', () => /^waits for the lock src\/db\/\*\* of dev-\d/.test(room.task('silent').waitReason));
	expect(room.task('silent')).toMatchObject({stage: 'test', failures: 0, removals: 0});
	room.touch('go');
	await room.when('all are merged', () => isMerged(room, 'silent') && isMerged(room, 'holder'));
	const base = (file: string): string => room.repository.git(['show', `main:${file}`]);
	expect([base('src/db/a.txt'), base('src/db/b.txt'), base('src/db/held.txt'), base('late.txt')]).toEqual(['a', 'silent', 'held', 'late']);
});
