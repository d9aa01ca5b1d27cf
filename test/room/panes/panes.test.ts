import {expect, onTestFinished, test} from 'vitest';
import type {PaneHandle} from '../../../source/store/room.ts';
import {coordinationOn} from '../../helpers/coordination.ts';
import {type TestRoom, WAITS} from '../../helpers/engine.ts';
import {createHub, type Hub} from '../../helpers/hosts.ts';
import {until} from '../../helpers/wait.ts';

/** Shows what it reads, and the first line on the screen over and over while there is `$D/flood`. */
const ECHOES = [
	'printf "ready for keys\\r\\n"',
	'while [ ! -e "$D/go-$AGENT_ROOM_TASK" ] && read -r line; do echo "got <$line>" | tee -a "$D/typed"; done',
].join('\n');

const DEV_2 = 'agent:dev:002';

/** Frames that were given to Redis since it started: no other script of ours calls this command. */
const framesOf = async (room: TestRoom): Promise<number> =>
	Number(/cmdstat_zremrangebyscore:calls=(\d+)/.exec(String(await room.redis('INFO', 'commandstats')))?.[1] ?? 0);

/** True once a beat has come after now. */
const beaten = (room: TestRoom): (() => boolean) => {
	const beatOf = (): number => room.store.getSnapshot().beats.get(DEV_2) ?? 0;
	const first = beatOf();
	return () => beatOf() > first;
};

const textOf = ({screen}: PaneHandle): string => Array.from({length: screen.rows}, (_, row) => screen.textOf(row)).join('\n');

/** A room whose agent works, and another room that knows of it. */
const openTwo = async (config: Parameters<Hub['open']>[0]['config'] = {}) => {
	const hub = await createHub();
	const watcher = await hub.open({agents: {developer: WAITS}, config: {review: 'off'}});
	await watcher.must({type: 'pause-agent', agent: 'agent:dev:001'});
	const owner = await hub.open({agents: {developer: ECHOES}, config: {review: 'off', ...config}});
	await owner.must({type: 'add-task', title: 'one', id: 'one'});
	await watcher.when('the task is at work there', () => watcher.task('one').owner === DEV_2);
	const pane = watcher.store.pane(DEV_2);
	if (!pane) throw new Error('the pane of an agent elsewhere is not there');
	return {watcher, owner, pane, away: watcher.store.getSnapshot().room.id};
};

const shows = (pane: PaneHandle, text: string): Promise<unknown> =>
	until(() => textOf(pane).includes(text), {what: () => `${text} in\n${textOf(pane)}`});

test('a pane of another room is shown while somebody looks at it, and costs nothing otherwise', async () => {
	const {watcher, owner, pane} = await openTwo();
	const own = owner.store.pane(DEV_2);
	if (!own) throw new Error('no pane');
	await shows(own, 'ready for keys');
	await watcher.when('the pane is known', () => watcher.store.getSnapshot().panes.get(DEV_2)?.elsewhere?.isShown === false);
	const channels = async (): Promise<unknown> => owner.redis('EXISTS', `workflow:panes:watchers:${DEV_2}`);
	expect([await channels(), await framesOf(owner)]).toEqual([0, 0]);

	const stop = pane.onChange(() => undefined);
	onTestFinished(stop);
	await shows(pane, 'ready for keys');
	expect(pane.screen.columns).toBe(own.screen.columns);
	own.write(Buffer.from('typed at home\r'));
	await shows(pane, 'got <typed at home>');
	expect(textOf(pane)).toBe(textOf(own));
	await watcher.when('it is known to be shown', () => watcher.store.getSnapshot().panes.get(DEV_2)?.elsewhere?.isShown);

	stop();
	await until(async () => (await channels()) === 0, {what: () => 'the end of the watch'});
	await until(() => !textOf(pane).includes('got'), {what: () => `an empty pane\n${textOf(pane)}`});
	// The room learns of it by the next frame, which is sent to nobody.
	own.write(Buffer.from('the last\r'));
	await shows(own, 'got <the last>');
	await owner.when('its room has beaten', beaten(owner));
	const before = await framesOf(owner);
	expect(before).toBeGreaterThan(1);
	own.write(Buffer.from('nobody sees this\r'));
	await shows(own, 'got <nobody sees this>');
	await owner.when('its room has beaten again', beaten(owner));
	expect(await framesOf(owner)).toBe(before);
});

test('keys of a person at another room reach the program once and in order, and take the size of that screen with them', async () => {
	const {owner, pane} = await openTwo();
	onTestFinished(pane.onChange(() => undefined));
	await shows(pane, 'ready for keys');
	pane.resize(72, 20);
	for (const key of 'hello from afar') pane.write(Buffer.from(key));
	pane.write(Buffer.from('\r'));
	await shows(pane, 'got <hello from afar>');
	expect([pane.screen.columns, pane.screen.rows]).toEqual([72, 20]);
	pane.write(Buffer.from(`${'x'.repeat(900)}\r`));
	await until(() => owner.read('typed').includes(`<${'x'.repeat(900)}>`), {what: () => owner.read('typed')});
	expect(owner.read('typed').trim().split('\n')).toHaveLength(2);
});

test('a line for an agent elsewhere is typed by its own room, which knows who types there, and says at the pane why not', async () => {
	const {watcher, owner, pane, away} = await openTwo();
	const line = (text: string) => watcher.store.dispatch({type: 'type-line', agent: DEV_2, text});
	expect(await line('not shown yet')).toMatchObject({ok: false, message: 'Not typed: the pane is not shown yet.'});
	onTestFinished(pane.onChange(() => undefined));
	await shows(pane, 'ready for keys');
	expect(await line('to all')).toMatchObject({ok: true, text: 'typed to dev-2'});
	await shows(pane, 'got <to all>');
	owner.store.pane(DEV_2)?.write(Buffer.from('from home\r'));
	await shows(pane, 'got <from home>');
	const why = 'Nothing was typed to dev-2: somebody types into its pane.';
	expect(await line('too soon')).toMatchObject({ok: false, code: 'not-typed', message: why});
	await watcher.when('the pane says it', () => watcher.store.getSnapshot().panes.get(DEV_2)?.elsewhere?.problem === why);
	expect(textOf(pane)).not.toContain('too soon');
	// No room answers for the agent of another.
	const [mine, others] = [owner, watcher].map(({store}) => store.getSnapshot().room.id);
	const answers = (room = '') => coordinationOn(connection).answerTyped(DEV_2, {room, to: away, number: 1, why: ''});
	const connection = await owner.connects();
	expect([await answers(mine), await answers(others)]).toEqual(['ok', 'gone']);
});

test('nothing is typed where the machine says `remoteTyping: off`, whatever is sent, and the pane is shown all the same', async () => {
	const {watcher, owner, pane, away} = await openTwo({remoteTyping: 'off'});
	onTestFinished(pane.onChange(() => undefined));
	await shows(pane, 'ready for keys');
	await watcher.when('it is known', () => watcher.store.getSnapshot().panes.get(DEV_2)?.elsewhere?.isTypingOff);
	pane.write(Buffer.from('not for you\r'));
	await watcher.when('the person is told', () =>
		watcher.store.getSnapshot().panes.get(DEV_2)?.elsewhere?.problem.includes('allows no typing'),
	);
	pane.resize(60, 15);
	const stream = `workflow:panes:typed:${owner.store.getSnapshot().room.id}`;
	await owner.redis('XADD', stream, '*', 'agent', DEV_2, 'room', away, 'person', 'x', 'run', '1', 'seen', '1', 'keys', 'ka2V5cw0=');
	await owner.redis('PUBLISH', `workflow:panes:${owner.store.getSnapshot().room.id}`, 'typed');
	await until(async () => (await owner.redis('EXISTS', stream)) === 0, {what: () => 'the keys were fetched'});
	expect([owner.read('typed'), owner.store.pane(DEV_2)?.screen.columns]).toEqual(['', 120]);
});

test('keys for a room that fetches none are refused after a few seconds, and those before them are not typed late', async () => {
	const {watcher, owner, pane} = await openTwo();
	onTestFinished(pane.onChange(() => undefined));
	await shows(pane, 'ready for keys');
	const stream = `workflow:panes:typed:${owner.store.getSnapshot().room.id}`;
	const old = Date.now() - 6000;
	// Of a third room: it is that one that hears that they came too late, which would take the place of what this person is told.
	await owner.redis(
		'XADD',
		stream,
		`${old}-0`,
		'agent',
		DEV_2,
		'room',
		'room:third',
		'person',
		'x',
		'run',
		'1',
		'seen',
		'1',
		'keys',
		'kb2xkDQ==',
	);
	pane.write(Buffer.from('new\r'));
	await watcher.when('the person is told', () =>
		watcher.store.getSnapshot().panes.get(DEV_2)?.elsewhere?.problem.includes('does not answer'),
	);
	await until(async () => (await owner.redis('EXISTS', stream)) === 0, {what: () => 'they were fetched'});
	pane.write(Buffer.from('again\r'));
	await shows(pane, 'got <again>');
	expect(owner.read('typed')).toBe('got <again>');
});
