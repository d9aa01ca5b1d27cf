import process from 'node:process';
import {setTimeout as wait} from 'node:timers/promises';
import {Redis} from 'ioredis';
import {writeLine} from './ledger.ts';
import {filesOf, type Plan, type Rates, ROLES} from './plan.ts';
import {createRandom} from './random.ts';
import {keepServer, keepVictim, signalGroup, type Victim} from './victims.ts';

/**
 * The driver: starts the server, the submitter and the rooms, each behind a proxy, and breaks them at random until nothing is left to do. It
 * ends only what it started. Says `settled` to its parent, and ends at the next message, so that the stream can be read to its end before.
 */
const plan = JSON.parse(process.argv[2] ?? '') as Plan;
const files = filesOf(plan.folder);
const random = createRandom(plan.seed);
const {leaseMs} = plan;
const fault = (kind: string): void => writeLine(files.ledger, 'fault', kind);

const server = await keepServer(plan.folder, random);
const state = {hasSubmitted: false, isOver: false};
// In the seed's design one process more watches the heartbeats.
const slots = plan.rooms + (plan.design === 'seed' ? 2 : 1);
const kept = await Promise.all(
	Array.from({length: slots}, (_, slot) =>
		keepVictim(
			plan,
			slot,
			random,
			code => fault(`crash-${code}`),
			() => {
				state.hasSubmitted = true;
			},
		),
	),
);
const victims = kept.map(({victim}) => victim);
/** The submitter keeps its process: what was never acknowledged cannot be lost. Its connection is broken like any other. */
const processes = victims.filter(({slot}) => slot > 0);
const rooms = processes.filter(({slot}) => slot <= plan.rooms);

const withOne = async (among: readonly Victim[], work: (victim: Victim) => Promise<void>): Promise<void> => {
	const victim = random.pick(among.filter(({isBusy, child}) => !isBusy && child()));
	if (!victim) return;
	victim.isBusy = true;
	await work(victim).finally(() => {
		victim.isBusy = false;
	});
};
const disturb = (kind: string, set: (victim: Victim) => void, least: number, most: number) => () =>
	withOne(victims, async victim => {
		fault(kind);
		set(victim);
		await wait(random.between(least, most));
		victim.proxy.restore();
	});
const orderAgent = (kind: string, order: (index: number) => object) => () =>
	withOne(rooms, async victim => {
		fault(kind);
		victim.child()?.send(order(Math.floor(random.between(0, ROLES.length))), () => undefined);
	});

let isRestarting = false;
const FAULTS: Readonly<Record<keyof Rates, () => Promise<void>>> = {
	killAgent: orderAgent('kill-agent', index => ({kill: index})),
	killRoom: () =>
		withOne(processes, async victim => {
			fault('kill-room');
			victim.child()?.kill('SIGKILL');
		}),
	stopRoom: () =>
		withOne(processes, async victim => {
			const child = victim.child();
			if (!child) return;
			const isWhole = random.next() < 0.3;
			fault(isWhole ? 'stop-room-and-agents' : 'stop-room');
			if (isWhole) signalGroup(child, 'SIGSTOP');
			else child.kill('SIGSTOP');
			// Past its lease, and past the time in which others see that its heartbeat does not move.
			await wait(random.between(1.2, 4) * leaseMs);
			signalGroup(child, 'SIGCONT');
		}),
	stopAgent: orderAgent('stop-agent', index => ({stop: index, ms: random.between(0.5, 2.5) * leaseMs})),
	killRedis: async () => {
		if (isRestarting) return;
		isRestarting = true;
		fault('kill-redis');
		await server.kill();
		isRestarting = false;
	},
	cut: disturb('cut', ({proxy}) => proxy.cut(), 0, 0),
	mute: disturb('mute', ({proxy}) => proxy.mute(), 50, 1000),
	hang: disturb('hang', ({proxy}) => proxy.hang(), 50, 1500),
};

const strike = async (kind: keyof Rates): Promise<void> => {
	const perSecond = plan.rates[kind];
	while (perSecond > 0) {
		// The gaps of a Poisson process: no two runs of faults have a rhythm in common.
		await wait((-Math.log(1 - random.next()) / perSecond) * 1000);
		if (state.isOver) return;
		void FAULTS[kind]();
	}
};

/** After so long without any event nothing will happen any more, ms. */
const QUIET_MS = 20_000;
const watcher = new Redis({path: files.redis, maxRetriesPerRequest: null, retryStrategy: () => 50, maxLoadingRetryTime: 50});
watcher.on('error', () => undefined);
/** What is not done yet: of the room the index of unfinished tasks, of the seed's design the list; tasks that it has lost stand nowhere. */
const left = async (): Promise<number> =>
	plan.design === 'seed' ? await watcher.llen('workflow:tasks:pending') : await watcher.zcard('workflow:tasks:live');
const lastEntry = async (): Promise<string> => (await watcher.xrevrange('workflow:events', '+', '-', 'COUNT', 1))[0]?.[0] ?? '';

/** Waits until nothing is left, or nothing has happened for so long that nothing will, or the time is over. */
const untilQuiet = async (quietMs: number, mayEndWhenEmpty: boolean, endsAt: number): Promise<void> => {
	let last = {id: '', at: performance.now()};
	while (performance.now() < endsAt) {
		await wait(200);
		const id = await lastEntry();
		if (id !== last.id) last = {id, at: performance.now()};
		if (performance.now() - last.at > quietMs) return;
		if (state.hasSubmitted && mayEndWhenEmpty && (await left()) === 0) return;
	}
};

const end = async (): Promise<void> => {
	watcher.disconnect();
	await Promise.all(kept.map(one => one.end()));
	await server.stop();
	process.exit(0);
};
process.once('disconnect', () => void end());
process.once('message', () => void end());
for (const kind of Object.keys(FAULTS) as (keyof Rates)[]) void strike(kind);
await untilQuiet(QUIET_MS, true, plan.chaosMs);
state.isOver = true;
for (const {proxy, child} of victims) {
	proxy.restore();
	const running = child();
	if (running) signalGroup(running, 'SIGCONT');
}
// In peace the room ends what is left, however slow the machine is; the seed's design gets several leases to find what it can still find.
const endsAt = performance.now() + plan.peaceMs;
if (plan.design === 'seed') await untilQuiet(Math.max(6 * leaseMs, 4000), false, endsAt);
else if ((await left()) > 0) await untilQuiet(QUIET_MS, true, endsAt);
process.send?.('settled');
