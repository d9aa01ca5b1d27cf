import {expect, test} from 'vitest';
import {parseAgent} from '../../source/core/agent/agent.ts';
import {parseFeature} from '../../source/core/plan/feature.ts';
import {whatMoves} from '../../source/core/queue/unblock.ts';
import {type RoomFacts, whyHere, whyNotRunning} from '../../source/core/queue/why.ts';
import {parseTask} from '../../source/core/task/task.ts';
import {type Control, emptySnapshot, type TeamSnapshot} from '../../source/core/team/snapshot.ts';

export type Fields = Readonly<Record<string, string>>;
/** Everything else than the task `t-9` itself. */
export type Around = {
	readonly tasks?: Readonly<Record<string, Fields>>;
	readonly agents?: Readonly<Record<string, Fields>>;
	readonly features?: Readonly<Record<string, Fields>>;
	readonly locks?: Readonly<Record<string, string>>;
	readonly control?: Partial<Control>;
	readonly room?: RoomFacts;
};

export const NOW = 600_000;
export const MAIN: RoomFacts = {hasTestCommand: true, repository: {base: 'main', baseCommit: 'b0'}};

const teamOf = ({tasks = {}, agents = {}, features = {}, locks = {}, control = {}}: Around): TeamSnapshot => ({
	...emptySnapshot,
	at: NOW,
	tasks: new Map(Object.entries(tasks).map(([id, fields]) => [id, parseTask(id, {...fields})])),
	agents: new Map(Object.entries(agents).map(([id, fields]) => [id, parseAgent(id, {...fields})])),
	features: new Map(Object.entries(features).map(([id, fields]) => [id, parseFeature(id, {...fields})])),
	locks: new Map(Object.entries(locks).map(([name, owner]) => [name, {name, owner, until: 0, takenAt: NOW - 180_000}])),
	control: {...emptySnapshot.control, ...control},
});

export const tell = (fields: Fields, around: Around) => {
	const team = teamOf({...around, tasks: {...around.tasks, 't-9': fields}});
	const task = parseTask('t-9', {...fields});
	const room = around.room ?? MAIN;
	return {why: whyNotRunning(task, team, NOW, room), here: whyHere(task, team, NOW, room), moves: whatMoves(task, team, room)};
};

export const dev = (fields: Fields): Fields => ({role: 'developer', statusAt: String(NOW - 240_000), ...fields});
export const DEV_1 = 'agent:dev:001';
export const develop = {stage: 'develop', role: 'developer', attempts: '3'};
export const review = {stage: 'review', role: 'code-sentinel', author: DEV_1, authors: DEV_1};
export const tests = {stage: 'test', role: 'test-orchestrator'};
export const isMerging = {stage: 'merge', role: 'repository-guardian', state: 'ready'};
/** A car whose tests run. */
export const testing = (base: string, candidate: string, owner = 'agent:test:001'): Fields => ({
	...tests,
	state: 'leased',
	owner,
	token: `1:${candidate}`,
	candidate,
	candidateBase: base,
});
export const guardian = {'agent:merge:001': {role: 'repository-guardian', status: 'idle'}};
export const tester = {'agent:test:001': {role: 'test-orchestrator', status: 'working', task: 't-1', statusAt: String(NOW - 120_000)}};

/** Name, the task `t-9`, what is around it, why it is not running, and what would move it. */
export type WhyRow = readonly [string, Fields, Around, string, string];

/** Holds every row to its words; for what runs, the one sentence says where it is instead. */
export const expectWhys = (rows: readonly WhyRow[]): void => {
	test.each(rows)('%s', (_name, fields, around, why, moves) => {
		expect(tell(fields, around)).toEqual({why, here: why, moves});
	});
};
