import type {Lease} from '../../source/core/team/coordination.ts';
import {type BenchRedis, call, fill, LEASE_MS, ROOM, withBenchRedis} from './bench-redis.ts';
import {createPeer} from './bullmq.ts';
import {figure, verdict} from './stats.ts';

const BEATS = 20;
const IDLE_MS = 6000;
/** As a room with the default lease of 15 s does. */
const BEAT_EVERY_MS = 5000;
const SWEEP_EVERY_MS = 1000;
const TTL_MS = 30_000;

const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms));

/** µs of Redis for one agent and one beat: `command` is what the beats are made of. */
const costOf = async (redis: BenchRedis, command: string, agents: number, beat: () => Promise<unknown>): Promise<number> => {
	await beat();
	const spent = await redis.spentIn(async () => {
		for (let index = 0; index < BEATS; index++) await beat();
	});
	return (spent.get(command)?.usec ?? Number.NaN) / BEATS / agents;
};

const beats = async (redis: BenchRedis, count: number): Promise<{zadd: number; idle: number; held: number; bull: number}> => {
	const {team, agents, namespace} = await redis.enrol(count);
	const beat = (held: readonly Lease[]) => () => team.heartbeat({room: ROOM, leaseMs: LEASE_MS, ttlMs: TTL_MS, agents, held});
	let score = 0;
	const zadd = await costOf(redis, 'zadd', count, () => {
		score++;
		return redis.connection.call('ZADD', `${namespace}:all`, ...agents.flatMap(agent => [score, agent]));
	});
	const idle = await costOf(redis, 'fcall', count, beat([]));
	await fill(team, count);
	const held: Lease[] = [];
	for (const agent of agents) {
		const claimed = await team.claim(call(agent));
		if (claimed.code === 'ok') held.push({agent, task: claimed.task.id, token: claimed.token});
	}
	const holding = await costOf(redis, 'fcall', count, beat(held));
	const peer = createPeer(redis.address);
	await peer.fill(count);
	const {worker, jobs} = await peer.waitReason(count);
	const ids = jobs.map(job => job.id ?? '');
	const tokens = jobs.map(job => job.token ?? '');
	const bull = await costOf(redis, 'evalsha', count, () => worker.extendJobLocks(ids, tokens, LEASE_MS));
	await peer.close();
	return {zadd, idle, held: holding, bull};
};

/** CPU of this process and of Redis while `work` goes on, as a share of one core, %. */
const shareOf = async (redis: BenchRedis, work: () => Promise<unknown>): Promise<{node: number; redis: number}> => {
	const before = {node: process.cpuUsage(), redis: await redis.cpu(), at: performance.now()};
	await work();
	const {user, system} = process.cpuUsage(before.node);
	const ms = performance.now() - before.at;
	return {node: (user + system) / ms / 10, redis: ((await redis.cpu()) - before.redis) / ms / 10};
};

/** What fifty agents cost who have nothing to do: the beats, the sweeps and the following of the record, in real time. */
const idleTeam = async (redis: BenchRedis): Promise<void> => {
	const {team, agents} = await redis.enrol(50);
	const streamId = (await team.snapshot()).team.streamId;
	const end = performance.now() + IDLE_MS;
	const every = async (ms: number, work: () => Promise<unknown>): Promise<void> => {
		for (let at = performance.now(); at < end; at += ms) {
			await work();
			await pause(Math.max(0, at + ms - performance.now()));
		}
	};
	await Promise.all([
		every(BEAT_EVERY_MS, () => team.heartbeat({room: ROOM, leaseMs: LEASE_MS, ttlMs: TTL_MS, agents, held: []})),
		every(SWEEP_EVERY_MS, () => team.sweep()),
		every(BEAT_EVERY_MS, () => team.tail(streamId, BEAT_EVERY_MS)),
	]);
};

/** Heartbeats of whole rooms in one call, beside one variadic ZADD and beside BullMQ's renewal of as many locks; and an idle team's share of a core. */
export const benchHeartbeats = (print: (text: string) => void): Promise<void> =>
	withBenchRedis(async redis => {
		print(`\nHeartbeats, µs of Redis for each agent and beat (commandstats, ${BEATS} beats)${''.padEnd(8)}of BullMQ`);
		for (const agents of [50, 500, 5000]) {
			const {zadd, idle, held, bull} = await beats(redis, agents);
			print(figure(`${agents} agents: one variadic ZADD`, zadd, 'µs', bull));
			print(figure(`${agents} agents: BullMQ renews as many locks`, bull, 'µs', bull));
			print(figure(`${agents} agents: beat, all idle`, idle, 'µs', bull));
			print(figure(`${agents} agents: beat, all with a lease`, held, 'µs', bull));
		}
		const nothing = await shareOf(redis, () => pause(IDLE_MS));
		const team = await shareOf(redis, () => idleTeam(redis));
		print(`\nAn idle team of 50 over ${IDLE_MS / 1000} s, beat every 5 s, sweep every second, % of a core`);
		print(figure('nothing at all: Node', nothing.node, '%'));
		print(figure('nothing at all: Redis', nothing.redis, '%'));
		print(figure('above that: Node', team.node - nothing.node, '%'));
		print(figure('above that: Redis', team.redis - nothing.redis, '%'));
		const above = team.node - nothing.node + team.redis - nothing.redis;
		print(`${figure('above that: together', above, '% of a core')}   ${verdict(above, {atMost: 0.5, unit: ' %'})}`);
	});
