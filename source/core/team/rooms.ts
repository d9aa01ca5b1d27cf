/** Rises whenever rooms with older scripts could not work on the same data. */
export const DATA_VERSION = 3;

/** A heartbeat lives this long at least, ms. */
const HEARTBEAT_TTL_MS = 30_000;

/** So long lives a heartbeat that is not renewed: far longer than a lease, since whether it moves decides. */
export const heartbeatTtl = (leaseMs: number): number => Math.max(HEARTBEAT_TTL_MS, leaseMs * 2);

/** Where merges go: into the clone of the one room that there is, to the remote that all clones share, or there as pull requests. */
export type Merging = 'local' | 'push' | 'pr';

/** What a room tells when it joins. */
export type Joining = {
	/** Its life: `room:<id>:<life>`. */
	readonly room: string;
	readonly machine: string;
	readonly boot: string;
	readonly host: string;
	readonly version: string;
	readonly base: string;
	readonly test: string;
	readonly leaseMs: number;
	readonly ttlMs: number;
	readonly merge: Merging;
	/** A life that is known to be dead, '' for none. */
	readonly replaces: string;
};

/** In what rooms of a team must agree. `data`: the version of what their scripts write. */
export const AGREED = ['data', 'base', 'test', 'lease', 'merge'] as const;
export type Agreed = (typeof AGREED)[number];

export type Joined =
	/** `host`: what its machine is called in this team. */
	| {readonly code: 'ok'; readonly host: string}
	/** Its queue goes, or went, to another Redis. */
	| {readonly code: 'moving'; readonly to: string}
	/** Another life of this very room beats, and it is not known to be dead. */
	| {readonly code: 'alive'; readonly life: string; readonly beat: string; readonly leaseMs: number}
	| {readonly code: 'differs'; readonly what: Agreed; readonly theirs: string; readonly ours: string; readonly host: string}
	/** Merges go into the clone of another room. */
	| {readonly code: 'local'; readonly room: string; readonly host: string};

export type Lead =
	| {readonly code: 'ok'; readonly token: string}
	| {readonly code: 'other'; readonly stands: string; readonly room: string}
	| {readonly code: 'gone'};

/** One agent of a room that needs a number: the short name of its role, its slot among those of the room from 1 on, the number it has, 0 for none. */
export type AgentSlot = {readonly short: string; readonly slot: number; readonly number: number};

/** A room of the team as its card tells; times are epoch ms of the server, 0 where unset. Nothing of it is to be trusted: any room may write it. */
export type RoomCard = {
	/** `room:<id>`. */
	readonly room: string;
	readonly life: string;
	readonly machine: string;
	/** Name of its machine in this team. */
	readonly host: string;
	readonly version: string;
	readonly merge: string;
	readonly leaseMs: number;
	/** Of its machine: percent of its cores, and free bytes. */
	readonly load: number;
	readonly memory: number;
	/** It takes no more tasks and ends once those that run have ended. */
	readonly draining: boolean;
	/** The team's remote answers it, as far as it knows. */
	readonly reaches: boolean;
	readonly joinedAt: number;
	readonly beatAt: number;
	readonly endedAt: number;
	/** How it ended: `stopped`, `gone`. */
	readonly ended: string;
	/** Its heartbeat, 0 where there is none. */
	readonly beat: number;
};

const count = (text: string | undefined): number => Math.max(0, Number(text) || 0);

/** Reads a card from flat fields. Never throws. */
export const parseCard = (room: string, fields: Readonly<Record<string, string>>, beat: number): RoomCard => ({
	room,
	life: fields.life ?? '',
	machine: fields.machine ?? '',
	host: fields.host ?? '',
	version: fields.version ?? '',
	merge: fields.merge ?? '',
	leaseMs: count(fields.lease),
	load: count(fields.load),
	memory: count(fields.memory),
	draining: fields.draining === '1',
	reaches: fields.reaches !== '0',
	joinedAt: count(fields.joinedAt),
	beatAt: count(fields.beatAt),
	endedAt: count(fields.endedAt),
	ended: fields.ended ?? '',
	beat,
});

/** The steps about the rooms of a team. */
export interface Rooms {
	/** Nothing is written unless the answer is `ok`. */
	joinTeam(joining: Joining): Promise<Joined>;
	/**
	 * Renews the lead of this life (`token`), or takes it where nobody has it or `seen` still stands where it did. `other`: what to name as `seen` once it has stood
	 * still for a whole lease.
	 */
	leadTeam(life: string, lead: {readonly token: string; readonly nonce: string; readonly seen: string}): Promise<Lead>;
	/** Gives up the lead that it holds with this token. */
	resignLead(life: string, token: string): Promise<void>;
	/** It ends in order: nobody has to agree with it any more. */
	leaveTeam(life: string): Promise<void>;
	/** The number of each slot of this room (`room:<id>`), kept over restarts and given to nobody else, ever. */
	nameAgents(room: string, slots: readonly AgentSlot[]): Promise<readonly number[]>;
	/** All rooms of the team, also those that are gone, and the life that leads, '' for none; `now` is server time, epoch ms. */
	rooms(): Promise<{readonly now: number; readonly rooms: readonly RoomCard[]; readonly leader: string}>;
}
