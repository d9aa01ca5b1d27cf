import {expect, test} from 'vitest';
import {statusLine} from '../../../source/core/protocol/output.ts';
import type {Coordination} from '../../../source/core/team/coordination.ts';
import type {TeamSnapshot} from '../../../source/core/team/snapshot.ts';
import {reduce} from '../../../source/core/team/snapshot.ts';
import type {RoomSnapshot} from '../../../source/store/room.ts';
import {boardColumns} from '../../../source/ui/model/board.ts';
import {coordinationOn} from '../../helpers/coordination.ts';
import {externalWorkerIn} from '../../helpers/external-worker.ts';
import {createHistory} from '../../helpers/history.ts';
import {serverOfFile} from '../../helpers/server-of-file.ts';
import {createDrawer, type Drawn, drawingOf} from '../fixtures/drawn.ts';
import {type Driver, drive} from '../fixtures/driver.ts';
import {type Dice, diceOf, pick} from '../fixtures/monkey.ts';
import {readRaw, type Truth, truthOf} from '../fixtures/oracle.ts';
import {room} from '../fixtures/room.ts';

const server = serverOfFile();

const roomOf = (team: TeamSnapshot): RoomSnapshot => {
	const empty = room();
	return {...empty, team, panes: new Map(), beats: new Map([...team.agents.keys()].map(id => [id, team.at]))};
};

/** High enough for every row of the Agents panel. */
const SIZE = {columns: 160, rows: 100};

/** The rows of a panel without its frame, and its title. */
const panelOf = ({parts}: Drawn, id: string): {readonly title: string; readonly rows: readonly string[]} => {
	const [title = '', ...rows] = parts.find(part => part.id === id)?.rows ?? [];
	return {title, rows: rows.slice(0, -1).map(row => row.slice(1, -1))};
};
const numberIn = (text: string, pattern: RegExp): number => Number(pattern.exec(text)?.[1] ?? 0);

/** The groups of the Agents panel: what a heading counts, and the rows under it. */
const groupsIn = (rows: readonly string[]) => {
	const groups: {heading: string; counted: number; rows: string[]}[] = [];
	for (const row of rows) {
		const [, heading = '', count = ''] = /^ ([A-Z/ ]+) (\d+) ─/.exec(row) ?? [];
		if (heading) groups.push({heading, counted: Number(count), rows: []});
		// A reason may go on below its row, under the name.
		else if (row.trim() !== '' && !/^ {8}/.test(row)) groups.at(-1)?.rows.push(row);
	}
	return groups;
};
/** `dev-1 t-4`, or the name or id alone of what is no agent. */
const namesIn = (row: string): readonly [string, string] => {
	const [, name = '', task = ''] = /^.?[▸ *]?\S\S (\S+) +(\S+)/.exec(row.trimStart().startsWith('▸') ? row.trimStart() : row) ?? [];
	return [name, task];
};

const holds = (driver: Driver, drawn: Drawn, truth: Truth): void => {
	const panel = (id: string) => panelOf(drawn, id);
	const {title: header} = panel('header');
	const {team} = driver.snapshot;
	expect(numberIn(header, / ▲(\d+)/)).toBe(truth.needs.length);
	expect(numberIn(header, / merging (\d+)/)).toBe(truth.merging);
	expect(numberIn(header, / queued (\d+)/)).toBe(truth.queued);
	if (truth.order) expect(header).toContain(truth.order);
	else expect(header).not.toMatch(/FROZEN|DRAINED|MOVED/);

	const agents = panel('panel-1');
	const groups = groupsIn(agents.rows);
	expect(numberIn(agents.title, /Agents (\d+)/)).toBe(team.agents.size);
	for (const group of groups) expect([group.heading, group.counted]).toEqual([group.heading, group.rows.length]);
	const rows = groups.flatMap(group => group.rows.map(namesIn));
	expect(
		rows
			.filter(([name]) => /-\d+$/.test(name))
			.map(([name, task]) => `${name} ${task}`)
			.toSorted(),
	).toEqual(truth.team);
	const needing = groups.find(({heading}) => heading === 'NEEDS YOU')?.rows.map(namesIn) ?? [];
	expect(needing.map(([name, task]) => (name === '—' ? task : name)).toSorted()).toEqual(truth.needs);

	const bar = panel('attention').title;
	expect(numberIn(bar, /\+(\d+) more/)).toBe(Math.max(0, truth.needs.length - 1));

	const queue = panel('panel-2');
	expect(numberIn(queue.title, /Queue (\d+)/)).toBe(truth.queue.length);
	const shown = queue.rows.flatMap(row => /^.[ *]?P\d (\S+)/.exec(row)?.[1] ?? []);
	expect([shown.length, truth.queue]).toEqual([Math.min(queue.rows.length, truth.queue.length), expect.arrayContaining(shown)]);
	expect(numberIn(queue.title, /⊘(\d+)/)).toBe(truth.states.blocked ?? 0);
	expect(numberIn(queue.title, /ready (\d+)/)).toBeLessThanOrEqual(truth.states.ready ?? 0);

	const board = Object.fromEntries(
		boardColumns(driver.snapshot, team.at, {filter: '', sort: 'order'}).map(({name, all}) => [name === 'working' ? 'running' : name, all]),
	);
	for (const [column, count] of Object.entries(board)) expect([column, count]).toEqual([column, truth.columns[column] ?? 0]);

	const status = statusLine(driver.snapshot, team.at);
	for (const [state, count] of Object.entries(status.counts)) expect([state, count]).toEqual([state, truth.states[state] ?? 0]);
	expect(status.agents.map(({name, task}) => `${name} ${task || '—'}`).toSorted()).toEqual(truth.team);
};

/** Pushed and taken by an external worker. */
const external = async (namespace: string, next: Dice, round: number): Promise<void> => {
	const beside = externalWorkerIn(server.connection, namespace);
	if (next(2) === 0) await beside.types('LPUSH', 'tasks:pending', `task:outside:o${round}`);
	await beside.sweeps();
	if (next(2) === 0) await beside.types('RPOP', 'tasks:pending');
	await beside.sweeps();
};

const STATUSES = ['needs-input', 'waiting', 'logged-out', 'unknown', 'crashed', 'unreachable', 'stalled', 'working', 'idle', 'stopped'];
/** What is rare in a history, and what a screen must say at once. */
const rare = async (team: Coordination, next: Dice): Promise<void> => {
	const [agent = ''] = [...(await team.snapshot()).team.agents.keys()].slice(next(8));
	await team.updateAgent(agent, {status: pick(next, STATUSES), question: 'Which?', reason: 'why'}, '');
	await team.control({drained: next(3) === 0, frozen: next(4) === 0, failingBase: next(3) === 0 ? 'c1' : ''}, 'ordered');
};

const SEEDS = process.env.TRUTH_SEED ? [Number(process.env.TRUTH_SEED)] : [1, 2];
const ROUNDS = Number(process.env.TRUTH_ROUNDS ?? 20);

test('whatever happens in whatever order, the screen says of it what Redis says', {
	timeout: 60_000 + SEEDS.length * ROUNDS * 2000,
}, async () => {
	const seen = {needs: 0, orders: 0, delayed: 0};
	for (const seed of SEEDS) {
		const namespace = server.newNamespace();
		const team = coordinationOn(server.connection, namespace);
		const history = await createHistory(team, server.connection, namespace, seed);
		const next = diceOf(seed);
		let {team: folded} = await team.snapshot();
		const driver = drive(roomOf(folded), SIZE);
		const drawer = createDrawer();
		for (let round = 0; round < ROUNDS; round++) {
			await history.work(5 + next(20));
			if (next(2) === 0) await external(namespace, next, round);
			if (next(3) === 0) await rare(team, next);
			folded = reduce(folded, await team.events(folded.streamId, 10_000));
			const truth = truthOf(await readRaw(server.connection, namespace));
			driver.snapshot = roomOf(folded);
			driver.now = folded.at;
			// A row keeps its place for a while; its heading must be true all the same.
			driver.send({type: 'snapshot'});
			const drawn = drawer.draw(drawingOf(driver));
			seen.needs += truth.needs.length;
			seen.orders += Number(truth.order !== '');
			seen.delayed += truth.states.delayed ?? 0;
			try {
				holds(driver, drawn, truth);
			} catch (error) {
				const shown = drawn.rows.filter(row => row.trim() !== '').join('\n');
				throw new Error(`seed ${seed}, round ${round}\n${shown}\n${String(error)}`, {cause: error});
			}
		}
		drawer.close();
	}
	// It came about at all.
	for (const [what, count] of Object.entries(seen)) expect([what, count > 5]).toEqual([what, true]);
});
