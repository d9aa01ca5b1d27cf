import {randomUUID} from 'node:crypto';
import {chmodSync, mkdirSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {NO_SETTINGS} from '../../core/config/config.ts';
import {heartbeatTtl} from '../../core/team/rooms.ts';
import {quote} from '../../core/text/quote.ts';
import type {Guardian} from '../../git/guardian/guardian.ts';
import {listFiles} from '../../git/repository/files.ts';
import type {Repository} from '../../git/repository/repository.ts';
import {openForPerson} from '../../git/worktree/person.ts';
import {cleanText} from '../../terminal/text/clean.ts';
import {createTeamPanes} from '../panes/panes.ts';
import type {AttemptPaths} from '../parts/attempt.ts';
import {createMergeQueueMemo} from '../parts/merge-queue.ts';
import {openMoves} from '../parts/moves.ts';
import type {RoomOptions} from '../parts/options.ts';
import type {Facts} from '../parts/parts.ts';
import {baseName, createRemoteMemory} from '../parts/remote.ts';
import type {RoomPaths} from '../parts/sandboxing.ts';
import {createSlots, movesOf} from '../parts/slot-moves.ts';
import {createRoomState, type LiveFacts, type RoomState} from '../parts/state.ts';
import type {RoomRedis} from '../redis/redis.ts';
import {createPast} from '../requests/history.ts';
import {createRefusals} from '../requests/refused.ts';
import {keepFile} from '../session/attached.ts';
import type {RoomIdentity} from '../team/identity.ts';
import {createPane} from '../team/pane.ts';
import type {PlannedAgent} from '../team/team.ts';
import type {Beginning} from './lifecycle.ts';
import {formatUnprotected, unprotectedIn} from './sandbox.ts';

export type Found = {
	readonly options: RoomOptions;
	/** This room's identity in the team. */
	readonly self: RoomIdentity;
	readonly team: readonly PlannedAgent[];
	/** Sentences shown to the user from the start. */
	readonly missing: readonly string[];
	readonly log: (line: string) => void;
	readonly redis: RoomRedis;
	readonly sandbox: Omit<RoomPaths, 'identity' | 'onRefused'>;
	readonly identity: RoomPaths['identity'];
	readonly repository: Repository;
	readonly base: string;
	readonly guardian: Guardian;
	readonly openSocket: AttemptPaths['openSocket'];
	readonly terminals: () => number;
	/** What a screen asks of the running room. */
	readonly asked: Pick<LiveFacts, 'dispatch' | 'look'>;
};

/**
 * The `agent-room` on agents' PATH runs on the room's own Node, whatever theirs is. Reports come many times a minute: they start a program of their
 * own that loads nothing else.
 */
const writeCommands = ({stateFolder, node, binFile}: RoomOptions): string => {
	const folder = join(stateFolder, 'bin');
	mkdirSync(folder, {recursive: true, mode: 0o700});
	const file = join(folder, 'agent-room');
	const reportFile = join(dirname(dirname(binFile)), 'dist', 'report.js');
	const starts = (program: string): string => `exec ${quote(node)} ${quote(program)} "$@"`;
	writeFileSync(file, `#!/bin/sh\n[ "$1" != report ] || ${starts(reportFile)}\n${starts(binFile)}\n`);
	chmodSync(file, 0o755);
	return folder;
};

/** The sandbox of every attempt; a refused host goes into the record. `current`: the options in effect. */
const pathsOf = (
	{options, redis, sandbox, identity, repository, base, guardian, openSocket, log}: Found,
	current: () => RoomOptions,
): AttemptPaths => ({
	sandbox: {
		...sandbox,
		identity,
		onRefused: ({agent, task}, host) =>
			void redis.coordination
				.appendEvent({
					type: 'network_refused',
					agent,
					task,
					text: `requested ${cleanText(host, 200)}, blocked by \`network: models\``,
				})
				.catch(error => log(`cannot report a blocked host: ${String(error)}`)),
	},
	store: guardian.store,
	stateFolder: options.stateFolder,
	openSocket,
	commandsFolder: writeCommands(options),
	base,
	get tests() {
		return current().config.test ?? '';
	},
	repository: repository.root,
	node: options.node,
	binFile: options.binFile,
	programFile: options.programFile,
	rulesFile: () => current().rules,
	hookFile: join(dirname(dirname(options.binFile)), 'dist', 'hook.js'),
	get furtherEnvironment() {
		return current().config.env;
	},
	inherited: process.env,
});

/** The most banners about what is missing. */
const MOST_MISSING = 20;

/** Shows what a room lacks, as sentences, instead of what it showed before. */
export const showMissing = (record: Pick<RoomState, 'setBanner'>, texts: readonly string[]): void => {
	for (let index = 0; index < MOST_MISSING; index++) {
		const text = texts[index];
		record.setBanner(
			`missing-${index}`,
			text === undefined ? undefined : {severity: 'warning', text: `${text[0]?.toUpperCase()}${text.slice(1).replace(/\.$/, '')}.`},
		);
	}
};

/** Makes the parts of a room, with its team in its slots: nothing runs yet. */
export const makeParts = async (found: Found): Promise<Beginning> => {
	const {options, self, team, missing, log, redis, sandbox, repository, base, guardian, terminals, asked} = found;
	const {config, stateFolder} = options;
	const {coordination} = redis;
	const slots = createSlots(log);
	const roomId = self.life;
	const record = createRoomState(
		{
			repository: {name: repository.name, root: repository.root, base, baseCommit: await guardian.baseHead()},
			merging: guardian.store.remote ? (config.merge ?? 'push') : 'local',
			room: {id: roomId, pid: process.pid, startedAt: Date.now(), terminals: 0},
			heartbeatTtlMs: heartbeatTtl(config.lease),
			leaseMs: config.lease,
			hasTestCommand: config.test !== undefined,
			isTrusted: options.isTrusted,
			unprotected: unprotectedIn(config, sandbox),
			settings: options.settings ?? NO_SETTINGS,
		},
		{
			...asked,
			panes: () =>
				new Map([...slots.all().map(({pane}) => pane.info()), ...(teamPanes?.infos() ?? [])].map(info => [info.agent, info] as const)),
			pane: id => slots.pane(id)?.handle ?? teamPanes?.pane(id),
			whole: task => coordination.task(task),
			files: () => listFiles(repository.root),
			keepFile: path => keepFile(options.stateFolder, path),
			personGit: path => openForPerson(guardian.store, path),
			terminals,
			past: createPast(coordination.record, log),
		},
	);
	const moves = movesOf(slots);
	for (const agent of team) moves.add(agent, createPane(agent.id, record.touchPane, config));
	showMissing(record, [...missing, ...formatUnprotected(config, sandbox), ...options.notes]);
	let settled = options;
	const facts: Facts = {
		...{self, roomId, base, repository, guardian, log},
		get options() {
			return settled;
		},
		get config() {
			return settled.config;
		},
		take: next => {
			settled = next;
		},
		paths: pathsOf(found, () => settled),
		newNonce: () => randomUUID().slice(0, 8),
		refusals: createRefusals({facts: {log}, link: {coordination}, record, slots}),
	};
	// On a private Redis a room is alone.
	const teamPanes = options.redisUrl === undefined ? undefined : createTeamPanes({facts, record, slots, coordination});
	return {
		...(teamPanes ? {teamPanes} : {}),
		facts,
		record,
		slots,
		merges: {
			mergeQueue: createMergeQueueMemo(),
			mergeBackoff: new Map(),
			failedStarts: new Map(),
			notBefore: new Map(),
			moves: openMoves(stateFolder, baseName({facts: {guardian, base}})),
			remote: createRemoteMemory(),
		},
	};
};
