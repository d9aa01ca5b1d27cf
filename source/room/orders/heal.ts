import {setTimeout as wait} from 'node:timers/promises';
import {isForeign, isOlder} from '../../core/team/snapshot.ts';
import {proofOf, surplusOf, type Testimony} from '../../core/team/testimony.ts';
import {counted} from '../../core/text/format.ts';
import {readInfo} from '../../redis/requirements.ts';
import {readTestimonies, testify} from '../../redis/testimony.ts';
import {terminate} from '../attempt/end.ts';
import {mover} from '../merge/base.ts';
import {recheckMerges} from '../merge/merged-tasks.ts';
import type {Attempt} from '../parts/attempt.ts';
import type {Room} from '../parts/parts.ts';
import {decideLoss, presentTasks, saveLeases} from '../recovery/rebuild.ts';
import type {RoomRedis} from '../redis/redis.ts';
import type {Healing} from '../redis/watch.ts';
import {share} from '../remote/share.ts';
import {placeOf} from './rebuild.ts';

type Raw = Readonly<Record<string, string>>;
type Raws = ReadonlyMap<string, Raw>;

/** Grace for attempts that the loss has overtaken, as at the end of a room, ms. */
const GRACE_MS = 3000;
/** How long saved work waits for a remote that is away, ms. Then the team continues; only an agent that needs this work waits. */
const SHARE_MS = 10_000;

const HUMAN: Healing = {words: '', isSure: false};
const NOTHING_EARLIER = /^0*$/;

/** What this room knows of the loss, as it tells the others. */
const testimonyOf = async (
	{facts}: Pick<Room, 'facts'>,
	{connection, epoch, journal}: RoomRedis,
	present: Raws,
	saved: Raws | undefined,
): Promise<Testimony> => {
	const events = `${facts.options.namespace}:events`;
	const has = async (id: string): Promise<boolean> => {
		const found = await connection.call('XRANGE', events, id, id);
		return Array.isArray(found) && found.length > 0;
	};
	const {epoch: number, nonce, streamId} = epoch.remembered();
	const found = await journal.read();
	const state = found.kind === 'read' && found.state.head?.nonces.at(-1) === nonce ? found.state : undefined;
	let fork = '';
	for (const id of state?.positions.toReversed() ?? []) {
		if (!(await has(id))) continue;
		fork = id;
		break;
	}
	const lost = surplusOf(state ?? {tasks: new Map(), features: new Map()}, present);
	return {
		...{room: facts.self.name, host: facts.self.host, epoch: number, nonce, seen: streamId},
		isSeenThere: streamId === '0-0' || (await has(streamId)),
		knows: state ? journal.knows() : '0-0',
		fork,
		isWhole: state !== undefined && found.kind === 'read' && found.damaged === 0,
		server: epoch.server(),
		isSaved: saved !== undefined,
		fencing: state?.fencing ?? 0,
		control: state?.control ?? {},
		...lost,
		saved: saved ?? new Map(),
	};
};

/** Whether Redis has lost, or given on, the lease under which an attempt works: also that of an entry that joined its merge. */
const isOvertaken = ({task, token, entries}: Attempt, present: Raws): boolean =>
	[task.id, ...entries.map(entry => entry.task)].some(id => present.get(id)?.token !== token);

/** Ends what the loss has overtaken, and saves it; by task, what the next attempt starts from. All other attempts go on under their leases. */
const saveOvertaken = async (room: Room, redis: RoomRedis, present: Raws, lost: Raws): Promise<Raws> => {
	const {link, slots} = room;
	const atWork = new Set(slots.attempts().map(({task}) => task.id));
	const place = placeOf(room, redis);
	const saved = new Map<string, Raw>();
	const keep = async (task: string, fields: Raw): Promise<void> => {
		if (Object.keys(fields).length === 0) return;
		saved.set(task, fields);
		if (fields.commit) await Promise.race([share(room, task, fields.commit), wait(SHARE_MS, undefined, {ref: false})]);
	};
	await Promise.all(
		slots
			.attempts()
			.filter(attempt => isOvertaken(attempt, present))
			.map(attempt =>
				terminate(room, attempt, {reason: 'Redis lost its lease', graceMs: GRACE_MS}, async fields => {
					const {id} = attempt.task;
					if (present.get(id)?.token !== attempt.token) await keep(id, fields);
					else await link.coordination.release({task: id, token: attempt.token, reason: 'Redis lost its lease', to: '', fields});
				}),
			),
	);
	const left = new Map([...lost].filter(([id]) => !atWork.has(id)));
	for (const [id, fields] of await saveLeases(place, {tasks: left})) await keep(id, fields);
	return saved;
};

const tellProved = (testimonies: readonly Testimony[]): string => {
	const lost = new Set(testimonies.flatMap(({tasks}) => [...tasks.keys()])).size;
	const whose = testimonies.length === 1 ? 'the journal knows' : 'the journals know';
	return `a failover lost what was written last of ${counted(lost, 'task', 'tasks')}; ${whose} it, and the team continues by itself in a moment`;
};

/**
 * What a room does at each look while Redis has lost data: it tells the others what its journal knows. After a failover of which the journals know
 * all, the leader puts that back (`proofOf`). Guarantee: only what was lost is written; whoever works under a lease that Redis has and no journal
 * contradicts goes on; every other attempt has ended and is saved before. Resolves with what is told of it.
 */
export const healing = (room: Room, redis: RoomRedis): ((finding: string) => Promise<Healing>) => {
	const {facts, link, lifecycle} = room;
	const {namespace} = facts.options;
	let about = '';
	/** When this room saw that all have saved, by its own clock. */
	let savedAt: number | undefined;

	const putBack = async (testimonies: readonly Testimony[]): Promise<void> => {
		const saved = new Map(testimonies.flatMap(told => [...told.saved]));
		const result = await decideLoss(placeOf(room, redis), {
			...{from: 'journal', isHealing: true, isTrial: false, base: facts.base},
			endAttempts: async () => saved,
			accept: () => link.acceptData({why: 'the journals know all that the failover lost', isHealed: true}),
		});
		facts.log(result.ok ? result.text : `${result.message} ${result.hint}`);
		if (!result.ok) return;
		lifecycle.requestTick();
		await recheckMerges(room, await facts.guardian.baseHead(), mover(room)).catch(error =>
			facts.log(`the merges after the failover: ${String(error)}`),
		);
	};

	return async finding => {
		if (finding !== about) [about, savedAt] = [finding, undefined];
		// What belongs to others is not written into.
		if (isForeign(finding)) return HUMAN;
		const testimonies = await readTestimonies(redis.connection, namespace);
		const mine = testimonies.find(told => told.room === facts.self.name);
		const tell = async (saved?: Raws): Promise<void> => {
			await testify(redis.connection, namespace, await testimonyOf(room, redis, await presentTasks(redis), saved));
		};
		if (!mine) {
			await tell();
			return HUMAN;
		}
		if (!isOlder(finding)) return HUMAN;
		const info = readInfo(String(await redis.connection.call('INFO')));
		const earlier = info.get('master_replid2') ?? '';
		const server = {name: info.get('master_replid') ?? '', earlier: NOTHING_EARLIER.test(earlier) ? '' : earlier};
		const {rooms, leader} = await redis.coordination.rooms();
		const proof = proofOf(finding, testimonies, rooms, server);
		if (proof.kind === 'unproved') return HUMAN;
		if (proof.kind === 'waits')
			return {...HUMAN, words: `what a failover lost may be in the journal of ${proof.hosts.join(', ')}, which is not here yet`};
		if (!proof.isSaved) {
			if (!mine.isSaved) {
				const present = await presentTasks(redis);
				const lost = new Map(testimonies.flatMap(({tasks}) => [...tasks]));
				await tell(await saveOvertaken(room, redis, present, lost));
			}
			return {words: tellProved(testimonies), isSure: true};
		}
		// The leader first; each other room only if those before it have done nothing for a lease.
		const order = testimonies
			.map(({room: name}) => name)
			.toSorted((a, b) => Number(leader.startsWith(`${b}:`)) - Number(leader.startsWith(`${a}:`)) || (a < b ? -1 : 1));
		savedAt ??= performance.now();
		if (performance.now() - savedAt >= order.indexOf(facts.self.name) * facts.config.lease) {
			savedAt = undefined;
			await putBack(testimonies);
		}
		return {words: tellProved(testimonies), isSure: true};
	};
};
