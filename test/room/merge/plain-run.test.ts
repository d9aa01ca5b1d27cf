import {readFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {expect, test} from 'vitest';
import {hasProc} from '../../../source/os/proc.ts';
import {isRunning} from '../../helpers/cleanup.ts';
import {type EngineOptions, openEngine, type TestRoom, WRITES} from '../../helpers/engine.ts';

const TESTER = 'agent:test:001';
/** The tests of the task alone: the base passes. */
const OF_TASK = '[ -e one.txt ] || exit 0;';

const openTests = async (test: string, config: Partial<EngineOptions['config']> = {}): Promise<TestRoom> => {
	const room = await openEngine({
		agents: {developer: [WRITES], 'test-orchestrator': ['']},
		config: {review: 'off', sandbox: 'off', test: `${OF_TASK} ${test}`, ...config},
	});
	await room.must({type: 'add-plan', tasks: [{title: 'one', id: 'one'}]});
	return room;
};
const isMerged = (room: TestRoom): boolean => room.team().tasks.get('one')?.state === 'merged';
const logOf = (room: TestRoom): string =>
	readFileSync(join(dirname(room.folder), 's', 'logs', room.task('one').testLog), 'utf8').replaceAll('\r', '');
const has = (room: TestRoom, name: string) => (): boolean => room.read(name) !== '';

test('tests that pass run in the pane by themselves: no program of the room, no secrets, nothing that they started is left', async () => {
	const room = await openTests('echo $PPID >"$D/parent"; env >"$D/env"; echo a line; sleep 600 & echo $! >"$D/left"');
	await room.when('it is merged', () => isMerged(room));
	expect(Number(room.read('parent'))).toBe(process.pid);
	expect(room.read('env')).toContain('AGENT_ROOM_WORKTREE=');
	expect(room.read('env')).toMatch(/^GIT_TERMINAL_PROMPT=0$/m);
	expect(room.read('env')).toMatch(/^SSH_ASKPASS_REQUIRE=force$/m);
	expect(room.read('env')).not.toMatch(/AGENT_ROOM_(TOKEN|SOCKET|TEST|CLONE|REPOSITORY|SANDBOX)/);
	expect(isRunning(Number(room.read('left')))).toBe(false);
	expect(logOf(room)).toMatch(/^Testing one at [0-9a-f]{9} on [0-9a-f]{9}: \[ -e .*\na line\n✓ passed in \d+\.\d s\n$/);
	expect(room.task('one')).toMatchObject({testExit: 0, flaky: 0});
});

test('tests that fail go on in the room’s program with this run as the first: one log, and what they had started is gone before', async () => {
	const again = 'if [ -e "$D/left" ]; then grep -qs "^State:.[RSD]" "/proc/$(cat "$D/left")/status" && echo leaked; exit 0; fi;';
	const room = await openTests(`${again} sleep 600 & echo $! >"$D/left"; echo first; exit 3`);
	await room.when('it is merged', () => isMerged(room));
	expect(logOf(room)).toMatch(/^Testing one .*\nfirst\n✗ exit 3 after .*\nRunning again .*\n✓ passed in \d+\.\d s\n$/);
	expect(room.task('one')).toMatchObject({flaky: 1, removals: 0});
});

test('tests that are killed or interrupted in their pane say nothing about the task, and run again', async () => {
	const room = await openTests('if [ -e "$D/go" ]; then exit 0; fi; echo $$ >"$D/pid-$(ls "$D" | grep -c pid)"; exec sleep 600');
	await room.when('the first run', has(room, 'pid-0'));
	process.kill(Number(room.read('pid-0')), 'SIGKILL');
	await room.when('the second run', has(room, 'pid-1'));
	room.touch('go');
	room.store.pane(TESTER)?.write(Buffer.from('\u0003'));
	await room.when('it is merged', () => isMerged(room));
	expect(room.task('one')).toMatchObject({failures: 0, removals: 0, flaky: 0});
});

test('tests print to a terminal, but no one answers them: what asks for input gets the end of it, in every run', async () => {
	const room = await openTests(
		'[ -t 1 ] && echo prints; [ -t 0 ] && echo asks; read line && echo answered; [ -e "$D/again" ] || { touch "$D/again"; exit 3; }',
	);
	await room.when('it is merged', () => isMerged(room));
	expect(logOf(room)).toMatch(/^Testing one .*\nprints\n✗ exit 3 after .*\nRunning again .*\nprints\n✓ passed in .*\n$/);
});

test.skipIf(process.platform !== 'linux')(
	'in the sandbox tests have no terminal to ask at, and Ctrl-C in their pane ends them nevertheless',
	async () => {
		const once = '[ -e "$D/began" ] && exit 0; touch "$D/began"; exec sleep 600';
		const room = await openTests(`(: </dev/tty) 2>/dev/null && echo asks; ${once}`, {sandbox: 'auto'});
		await room.when('the first run', () => room.has('began'));
		room.store.pane(TESTER)?.write(Buffer.from('\u0003'));
		await room.when('it is merged', () => isMerged(room));
		expect(room.task('one')).toMatchObject({failures: 0, removals: 0, flaky: 0});
		expect(logOf(room)).not.toMatch(/^asks$/m);
	},
);

test.runIf(hasProc)('a run that fails while everything is frozen is repeated once that has ended, and not before', async () => {
	const room = await openTests('if [ -e "$D/pid" ]; then touch "$D/again"; exit 0; fi; echo $$ >"$D/pid"; sleep 600');
	await room.when('they run', () => room.read('pid') !== '');
	await room.must({type: 'freeze', on: true});
	await room.when('they are stopped', () => /^State:\s+T/m.test(readFileSync(`/proc/${room.read('pid')}/status`, 'utf8')));
	process.kill(Number(room.read('pid')), 'SIGKILL');
	await room.when('they have ended', () => !isRunning(Number(room.read('pid'))));
	const endedAt = performance.now();
	const printed = (): string => {
		const {rows = 0, textOf = () => ''} = room.store.pane(TESTER)?.screen ?? {};
		return Array.from({length: rows}, (_, row) => textOf(row)).join('\n');
	};
	const goesOn = (): boolean => room.has('again') || printed().includes('✗');
	await room.when('some time has passed', () => performance.now() - endedAt > 1500 || goesOn());
	expect(goesOn()).toBe(false);
	await room.must({type: 'freeze', on: false});
	await room.when('it is merged', () => isMerged(room));
});

test.runIf(hasProc)('the time limit of tests rests while they are paused', async () => {
	const room = await openTests('echo x >"$D/began"; while [ ! -e "$D/go" ]; do sleep 0.02; done', {testTimeout: '2s', attempts: 1});
	await room.when('they run', has(room, 'began'));
	await room.must({type: 'pause-agent', agent: TESTER});
	const pausedAt = performance.now();
	await room.when('the limit is over', () => performance.now() - pausedAt > 2200);
	room.touch('go');
	await room.must({type: 'resume-agent', agent: TESTER});
	await room.when('it is merged', () => isMerged(room));
	expect(logOf(room)).not.toContain('timed out');
});
