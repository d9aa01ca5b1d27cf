import {expect, test} from 'vitest';
import {openEngine, type TestRoom} from '../../helpers/engine.ts';

/** Says with which token it works, and becomes a program that prints without end. */
const flood = (program: string): string => `echo "$AGENT_ROOM_TOKEN" >"$D/at-$AGENT_ROOM_TASK-$AGENT_ROOM_ATTEMPT"\n${program}`;
const FLOODS: readonly string[] = [
	flood('exec yes "a line of a flood that somebody might have wanted to read"'),
	flood('exec yes "$(printf \'\\033[31mred\\033[m \\033[5;5H\\033[2Kx\\033[99999999b\\033[99999999L 漢字 👍\')"'),
	flood('exec cat /dev/urandom'),
];
/** What is typed comes back. */
const ECHO = flood('exec cat');
const LEASE_MS = 3000;
const TASKS = ['t-1', 't-2', 't-3', 't-4'];

/** Until when each task is its agent's, epoch ms of the server. */
const leases = async (room: TestRoom): Promise<readonly number[]> =>
	((await room.redis('ZMSCORE', 'workflow:leases', ...TASKS)) as readonly (string | null)[]).map(Number);
const beats = async (room: TestRoom, agents: readonly string[]): Promise<readonly number[]> =>
	((await room.redis('MGET', ...agents.map(id => `workflow:heartbeat:${id}`))) as readonly (string | null)[]).map(Number);
const grew = (before: readonly number[], after: readonly number[], by: number): boolean =>
	after.every((value, at) => value > (before[at] ?? 0) + by);

const shown = (pane: ReturnType<TestRoom['store']['pane']>): string =>
	pane ? Array.from({length: pane.screen.rows}, (_, row) => pane.screen.textOf(row)).join('\n') : '';

test('panes that print without end hold up no heartbeat, no lease and no key', async () => {
	const room = await openEngine({agents: {developer: [...FLOODS, ECHO]}, config: {review: 'off', lease: `${LEASE_MS}ms`}});
	for (const id of TASKS) await room.must({type: 'add-task', title: id, id});
	const tokens: string[] = [];
	for (const id of TASKS) tokens.push((await room.atWork(id, 1)).token);
	const agents = [...room.team().agents.values()].filter(({role}) => role === 'developer').map(({id}) => id);
	expect(agents).toHaveLength(4);
	const [echo, ...floods] = agents.map(id => room.store.pane(id)).toReversed();
	const versions = (): readonly number[] => floods.map(pane => pane?.screen.version ?? 0);
	await room.when('every flood is on its screen', () => versions().every(version => version > 20));

	// Longer than a lease lasts: one that is not renewed meanwhile has expired, and its task is another attempt's.
	const [held, beaten, printed] = [await leases(room), await beats(room, agents), versions()];
	for (let round = 1; round <= 4; round++) {
		echo?.write(Buffer.from(`key ${round}\r`));
		await room.when(`key ${round} is shown`, () => shown(echo).includes(`key ${round}`));
		const before = await leases(room);
		await room.when('every lease is renewed', async () => grew(before, await leases(room), 0));
	}
	await room.when('no lease is the first one', async () => grew(held, await leases(room), LEASE_MS));
	await room.when('every agent has beaten meanwhile', async () => grew(beaten, await beats(room, agents), LEASE_MS));
	expect(grew(printed, versions(), 20)).toBe(true);
	expect(TASKS.map(id => room.task(id)).map(({attempt, token, state}) => ({attempt, token, state}))).toEqual(
		tokens.map(token => ({attempt: 1, token, state: 'leased'})),
	);
	expect(room.events.filter(({type}) => /expired|lost|reclaim/.test(type))).toEqual([]);
});
