import {findValkey, type Need} from './needs.ts';

type Print = (text: string) => void;
type Run = (print: Print, isLong: boolean) => Promise<void> | void;

export type Bench = {
	/** In the guide. */
	readonly title: string;
	readonly group: 'room' | 'screen' | 'long';
	readonly needs: readonly Need[];
	/** Loads it only when it is run: what another one needs may be missing. */
	readonly load: () => Promise<Run>;
};

/** The same bench on Valkey, which it finds as a person would choose it. */
const onValkey =
	(load: () => Promise<Run>): (() => Promise<Run>) =>
	async () => {
		const run = await load();
		return async (print, isLong) => {
			const before = process.env.AGENT_ROOM_REDIS_SERVER;
			process.env.AGENT_ROOM_REDIS_SERVER = findValkey(process.env) ?? '';
			try {
				await run(print, isLong);
			} finally {
				if (before === undefined) delete process.env.AGENT_ROOM_REDIS_SERVER;
				else process.env.AGENT_ROOM_REDIS_SERVER = before;
			}
		};
	};

const loadClaims = async (): Promise<Run> => (await import('./claims.ts')).benchClaims;
const loadThroughput = async (): Promise<Run> => (await import('./throughput.ts')).benchThroughput;
const loadHandOff = async (): Promise<Run> => (await import('./hand-off.ts')).benchHandOff;

const REDIS = ['redis-server'] as const;
const QUEUES = ['redis-server', 'bullmq'] as const;
const VALKEY_QUEUES = ['valkey-server', 'bullmq'] as const;
const PANES = ['redis-server', 'tmux'] as const;

/** Every benchmark by its name, in the order of the guide. */
export const BENCHES: Readonly<Record<string, Bench>> = {
	claims: {title: 'Claims', group: 'room', needs: REDIS, load: loadClaims},
	throughput: {title: 'Throughput', group: 'room', needs: QUEUES, load: loadThroughput},
	'hand-off': {title: 'Hand-off', group: 'room', needs: QUEUES, load: loadHandOff},
	heartbeats: {title: 'Heartbeats', group: 'room', needs: QUEUES, load: async () => (await import('./heartbeats.ts')).benchHeartbeats},
	growth: {title: 'Growth', group: 'room', needs: REDIS, load: async () => (await import('./growth.ts')).benchGrowth},
	'claims-valkey': {title: 'Claims on Valkey', group: 'long', needs: ['valkey-server'], load: onValkey(loadClaims)},
	'throughput-valkey': {title: 'Throughput on Valkey', group: 'long', needs: VALKEY_QUEUES, load: onValkey(loadThroughput)},
	'hand-off-valkey': {title: 'Hand-off on Valkey', group: 'long', needs: VALKEY_QUEUES, load: onValkey(loadHandOff)},
	soak: {title: 'Soak', group: 'long', needs: REDIS, load: async () => (await import('./soak.ts')).benchSoak},
	team: {title: 'Makespan of a team', group: 'long', needs: REDIS, load: async () => (await import('./team.ts')).benchTeam},
	mergeQueue: {title: 'Merge queue', group: 'long', needs: REDIS, load: async () => (await import('./merge-queue.ts')).benchMergeQueue},
	batches: {title: 'Batches', group: 'long', needs: REDIS, load: async () => (await import('./batches.ts')).benchBatches},
	hosts: {title: 'Several hosts', group: 'long', needs: REDIS, load: async () => (await import('./hosts.ts')).benchHosts},
	sandbox: {title: 'Sandbox', group: 'room', needs: ['bubblewrap'], load: async () => (await import('./sandbox.ts')).benchSandbox},
	git: {title: 'Git', group: 'long', needs: [], load: async () => (await import('./git.ts')).benchGit},
	conflicts: {title: 'Conflicts', group: 'room', needs: [], load: async () => (await import('./conflicts.ts')).benchConflicts},
	paint: {title: 'Painting', group: 'screen', needs: [], load: async () => (await import('./terminal.ts')).benchPaint},
	echo: {title: 'Key to echo', group: 'screen', needs: PANES, load: async () => (await import('./echo.ts')).benchEcho},
	keys: {title: 'Key to paint', group: 'screen', needs: REDIS, load: async () => (await import('./keys.ts')).benchKeys},
	wall: {title: 'The wall', group: 'screen', needs: PANES, load: async () => (await import('./wall.ts')).benchWall},
	bytes: {title: 'Bytes to the terminal', group: 'screen', needs: PANES, load: async () => (await import('./bytes.ts')).benchBytes},
	fifty: {title: 'Fifty agents', group: 'screen', needs: PANES, load: async () => (await import('./fifty.ts')).benchFifty},
	'first-frame': {title: 'Start', group: 'screen', needs: REDIS, load: async () => (await import('./first-frame.ts')).benchFirstFrame},
};

export const GROUPS: readonly string[] = ['room', 'screen', 'long'];

/** Those that print no target have no place in the guide. */
export const WITHOUT_TARGETS: readonly string[] = ['batches', 'paint'];
