import {readFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';
import {testRule} from '../../core/config/commands.ts';
import {type Config, isPushing} from '../../core/config/config.ts';
import {type Agreed, heartbeatTtl, type Joined, type Merging} from '../../core/team/rooms.ts';
import {cleanText} from '../../terminal/text/clean.ts';
import type {RoomOptions} from '../parts/options.ts';
import {movedAway, type RoomRedis, RoomRefused} from '../redis/redis.ts';
import type {RoomIdentity} from '../team/identity.ts';
import {numbered, type PlannedAgent, slotsOf} from '../team/team.ts';

/** Longest wait for an earlier life to end, ms: less than the starter of a room waits for it. */
const MOST_WATCHED_MS = 20_000;
const LOOK_MS = 200;

const mergingOf = (config: Pick<Config, 'merge'>): Merging => (isPushing(config) ? (config.merge ?? 'push') : 'local');

const versionOf = ({binFile}: Pick<RoomOptions, 'binFile'>): string => {
	const manifest: {version?: unknown} = JSON.parse(readFileSync(join(dirname(dirname(binFile)), 'package.json'), 'utf8'));
	return String(manifest.version ?? '');
};

const WHAT: Readonly<Record<Exclude<Agreed, 'data'>, {readonly name: string; readonly line: string}>> = {
	base: {name: 'base branch', line: 'base'},
	test: {name: 'test command', line: 'test'},
	lease: {name: 'lease', line: 'lease'},
	merge: {name: 'way of merging', line: 'merge'},
};

const valueText = (what: Agreed, text: string): string => {
	if (text === '') return 'none';
	return `\`${cleanText(text, 200)}${what === 'lease' ? 'ms' : ''}\``;
};

const differs = ({what, theirs, ours, host}: Extract<Joined, {code: 'differs'}>): RoomRefused => {
	const whose = cleanText(host, 60);
	if (what === 'data') {
		const isOlder = Number(ours) < Number(theirs);
		return new RoomRefused(
			'not-ready',
			`The room on \`${whose}\` runs ${isOlder ? 'a newer' : 'an older'} agent-room (data version ${cleanText(theirs, 20)}, here ${ours}).`,
			isOlder ? 'Update agent-room here.' : `Update agent-room on \`${whose}\`.`,
		);
	}
	const {name, line} = WHAT[what];
	return new RoomRefused(
		'not-ready',
		`The team's rooms must agree: the ${name} is ${valueText(what, theirs)} on \`${whose}\`, ${valueText(what, ours)} here.`,
		`Make \`${line}:\` in agent-room.yaml the same in both, or use another namespace: --namespace NAME.`,
	);
};

const onlyLocal = ({host}: Extract<Joined, {code: 'local'}>, namespace: string): RoomRefused =>
	new RoomRefused(
		'not-ready',
		`Merges of the namespace \`${namespace}\` stay in the clone${host === '' ? '' : ` on \`${cleanText(host, 60)}\``} (\`merge: local\`), so no second clone can join.`,
		`Set \`merge: push\` in agent-room.yaml of both and restart the first, or give this clone its own team: --namespace NAME. If the first is gone for good: \`agent-room redis-cli HDEL ${namespace}:meta mergeRoom\`.`,
	);

/**
 * Resolves once a life of this room that another boot of this machine, or a copy of it, has started has certainly stopped; throws if it still beats.
 */
const watchUntilDead = async (first: Extract<Joined, {code: 'alive'}>, ask: () => Promise<Joined>): Promise<void> => {
	const file = 'the file `room-…` in its state folder';
	if (first.leaseMs > MOST_WATCHED_MS)
		throw new RoomRefused(
			'not-ready',
			`This room was alive elsewhere a moment ago, and may be for its lease of ${first.leaseMs / 1000} s.`,
			'Try again after that.',
		);
	for (const since = performance.now(); performance.now() - since < first.leaseMs; ) {
		await wait(Math.min(LOOK_MS, first.leaseMs));
		const now = await ask();
		if (now.code !== 'alive') return;
		if (now.life !== first.life || now.beat !== first.beat)
			throw new RoomRefused(
				'not-ready',
				'This room is alive on another machine: two machines have the same identity, as after a disk was copied.',
				`On the copy, remove \`machine-…\` next to the state folder and ${file}.`,
			);
	}
};

/**
 * Joins the rooms of the namespace: this life's identity, with its machine's name in the team. Throws `RoomRefused`, with both values and nothing
 * changed, if it does not fit. The rooms of a private Redis are earlier lives of this one, all ended: the socket is ours.
 */
export const joinTeam = async (
	{coordination}: Pick<RoomRedis, 'coordination'>,
	identity: RoomIdentity,
	{options, base}: {readonly options: Pick<RoomOptions, 'config' | 'namespace' | 'redisUrl' | 'binFile'>; readonly base: string},
): Promise<RoomIdentity> => {
	const {config, namespace} = options;
	const ask = (replaces = ''): Promise<Joined> =>
		coordination.joinTeam({
			...{room: identity.life, machine: identity.machine, boot: identity.boot, host: identity.host},
			...{version: versionOf(options), base, test: testRule(config), leaseMs: config.lease, ttlMs: heartbeatTtl(config.lease)},
			...{merge: mergingOf(config), replaces},
		});
	let joined = await ask();
	if (joined.code === 'alive') {
		if (options.redisUrl !== undefined) await watchUntilDead(joined, ask);
		joined = await ask(joined.life);
	}
	switch (joined.code) {
		case 'ok':
			return {...identity, host: joined.host};
		case 'differs':
			throw differs(joined);
		case 'local':
			throw onlyLocal(joined, namespace);
		case 'moving':
			throw movedAway(joined.to);
		case 'alive':
			throw new RoomRefused('not-ready', 'Another process has just started this room.', 'Try again.');
	}
};

/** The team with the numbers that Redis gives to its slots. */
export const nameTeam = async (
	{coordination}: Pick<RoomRedis, 'coordination'>,
	{name}: RoomIdentity,
	team: readonly PlannedAgent[],
): Promise<readonly PlannedAgent[]> => numbered(team, await coordination.nameAgents(name, slotsOf(team)));
