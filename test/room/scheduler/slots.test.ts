import fc from 'fast-check';
import {expect, test, vi} from 'vitest';
import {takeBack} from '../../../source/room/orders/revoke.ts';
import {movesOf} from '../../../source/room/parts/slot-moves.ts';
import {type PlayedRoom, playedRoom} from '../../helpers/model-slots.ts';

const played = vi.hoisted((): {room: PlayedRoom | undefined} => ({room: undefined}));

vi.mock(import('../../../source/room/prepare/workspace.ts'), async original => ({
	...(await original()),
	prepareWorkspace: async () => (played.room as PlayedRoom).prepareWorkspace(),
}));
vi.mock(import('../../../source/room/prepare/guard.ts'), async original => ({
	...(await original()),
	withGitGuard: async (_room, _agent, workspace) => workspace,
}));
vi.mock(import('../../../source/room/attempt/attempt.ts'), async original => ({
	...(await original()),
	startAttempt: async start => (played.room as PlayedRoom).startAttempt(start),
}));

/** All that is due now has run: a step of the model leads to the next one or hangs. */
const settled = (): Promise<void> => new Promise(resolve => setImmediate(() => setImmediate(resolve)));

const at = <T>(from: readonly T[], choice: number): T | undefined => from[choice % Math.max(1, from.length)];

/** What can happen at any moment, `choice` being chance. */
const happenings = (model: PlayedRoom): Readonly<Record<string, (choice: number) => void>> => {
	const {room, pending, holders, live} = model;
	const {slots} = room;
	const moves = movesOf(slots);
	const agents = (): readonly string[] => [...holders.keys()];
	const step = (choice: number): void => {
		const [next] = pending.splice(choice % Math.max(1, pending.length), 1);
		next?.go(Math.floor(choice / 7));
	};
	const one = (
		choice: number,
		act: (agent: string, held: {isWaiting: boolean; isPaused: boolean; status: string; token: string}) => void,
	): void => {
		const agent = at(agents(), choice);
		const held = agent === undefined ? undefined : holders.get(agent);
		if (agent !== undefined && held) act(agent, held);
	};
	return {
		...{step, 'a second step': step, 'a third': step, 'a fourth': step, 'a fifth': step, 'a sixth': step},
		tick: model.tick,
		'a second tick': model.tick,
		fold: model.fold,
		beat: model.beat,
		'something becomes ready for one that waits': choice =>
			one(choice, (agent, held) => void (held.isWaiting && !held.isPaused && model.grant(agent))),
		'a process ends': choice => at([...live.values()], choice)?.(choice % 3 > 0),
		'a person takes a task back, whatever becomes of it just now': choice => {
			const attempt = at(slots.attempts(), choice);
			if (attempt) void takeBack(room, {id: attempt.task.id, token: attempt.token}, {reason: 'unassigned by you'}).catch(() => undefined);
		},
		'a person takes a task away': choice => one(choice, (agent, {token}) => token !== '' && model.release(agent)),
		'a person pauses one, or lets it go on': choice =>
			one(choice, (agent, held) => {
				if (!held.isPaused && choice % 4 > 0) return;
				held.isPaused = !held.isPaused;
				if (held.isPaused) held.isWaiting = false;
				else moves.forgive(agent);
				if (held.token === '') held.status = held.isPaused ? 'paused' : 'idle';
			}),
		'the sweep lets all ask again': () => moves.askAgain(),
		'one retires': choice =>
			one(choice, (agent, held) => {
				// Most of the time there is a team.
				if (choice % 8 > 0) return;
				moves.retire(agent);
				held.isWaiting = false;
			}),
		'one that retires leaves': choice =>
			one(choice, (agent, {token}) => {
				if (slots.get(agent)?.isRetiring && token === '' && room.record.team().agents.get(agent)?.token === '' && moves.remove(agent))
					holders.delete(agent);
			}),
	};
};

/** What holds at every moment. */
const check = ({room, log, holders, told, begun, live}: PlayedRoom): void => {
	const {slots, record, lifecycle} = room;
	expect(log.filter(line => / cannot [\w-]+: it is /.test(line))).toEqual([]);
	// Every lease that the room was told of, and that Redis still says is its agent's, is among those that a beat renews; but for one whose result could not
	// be written: nothing works on it any more, and the next beat hands it back.
	const kept = new Set(slots.leases().map(({token}) => token));
	const isOver = (agent: string, token: string): boolean => {
		const now = slots.get(agent)?.now;
		const lease = now && 'lease' in now ? now.lease?.token : now && 'attempt' in now ? now.attempt.token : undefined;
		return lifecycle.begun.has(token) && lease !== token;
	};
	const unrenewed = [...told].filter(([agent, token]) => {
		const isOurs = holders.get(agent)?.token === token;
		const isOfTheRecord = record.team().agents.get(agent)?.token === token && !lifecycle.begun.has(token);
		return isOurs && !kept.has(token) && !isOfTheRecord && !isOver(agent, token);
	});
	expect(unrenewed).toEqual([]);
	// None begins twice, and no agent has two processes.
	expect(new Set(begun).size).toBe(begun.length);
	const running = slots.attempts().filter(({token}) => live.has(token));
	expect(running.length).toBe(live.size);
};

/** Lets everything come to its end: nothing fails, all go on, and what there is to do is done. */
const comesToRest = async (model: PlayedRoom): Promise<void> => {
	const {room, pending, holders, live} = model;
	model.calm();
	for (const held of holders.values()) held.isPaused = false;
	for (let round = 0; round < 60; round++) {
		for (const {agent} of room.slots.all()) movesOf(room.slots).forgive(agent.id);
		for (const held of holders.values()) if (held.token === '' && held.status !== 'idle') held.status = 'idle';
		model.fold();
		if (round % 3 === 0) model.beat();
		movesOf(room.slots).askAgain();
		model.tick();
		await settled();
		for (const end of [...live.values()]) end(true);
		for (const {go} of pending.splice(0)) go(1);
		await settled();
	}
};

test('whatever Redis answers and whenever an agent ends, pauses or leaves: no move that cannot be, no lease unrenewed, nobody forgotten', async () => {
	await fc.assert(
		fc.asyncProperty(fc.array(fc.noBias(fc.nat({max: 999_999})), {minLength: 50, maxLength: 300, size: 'max'}), async choices => {
			const model = playedRoom();
			played.room = model;
			for (const id of ['agent:rev:001', 'agent:rev:002']) model.join(id);
			model.fold();
			const all = happenings(model);
			const names = Object.keys(all);
			for (const choice of choices) {
				all[names[choice % names.length] ?? '']?.(Math.floor(choice / names.length));
				await settled();
				check(model);
			}
			await comesToRest(model);
			check(model);
			const {slots} = model.room;
			const left = slots.all().filter(({isRetiring}) => !isRetiring);
			expect(left.map(({agent, now}) => [agent.id, now.kind, model.holders.get(agent.id)?.isWaiting])).toEqual(
				left.map(({agent}) => [agent.id, 'waiting', true]),
			);
			expect([...model.holders.values()].filter(({token}) => token !== '')).toEqual([]);
		}),
		{numRuns: Number(process.env.MODEL_RUNS ?? 200), endOnFailure: false},
	);
});
