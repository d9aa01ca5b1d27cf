import type {Socket} from 'node:net';
import type {Config, Settings} from '../../core/config/config.ts';
import type {RoomEvent} from '../../core/event/event.ts';
import type {Harness} from '../../harnesses/shared/harness.ts';
import type {RedisAccess} from '../../redis/address.ts';
import type {AttachRequest} from '../../socket/server.ts';
import type {RoomStore} from '../../store/room.ts';

/** All that a room needs to start; the terminal end writes it as JSON to `<stateFolder>/room.json` (0600) for `dist/room.js`. */
export type RoomOptions = {
	/** Top of the user's main worktree, real path. */
	readonly repository: string;
	/** Private folder of this repository's room (0700). */
	readonly stateFolder: string;
	/** The configuration as it was read and trusted; durations in ms. */
	readonly config: Config;
	/** Where its values came from, for the user who looks at them. */
	readonly settings?: Settings;
	/** Where in the repository its configuration lies, with the briefs that it names: paths from its top. */
	readonly configFiles?: readonly string[];
	/** False: the repository's configuration was not trusted, so nothing of it is in `config`. */
	readonly isTrusted: boolean;
	/** Every harness that the team names, by its name; built-in ones included. */
	readonly harnesses: Readonly<Record<string, Harness>>;
	/** Sentences about what was chosen for the user (a team fitted to what is installed), shown as banners. */
	readonly notes: readonly string[];
	readonly namespace: string;
	/** Another server than the embedded one. */
	readonly redisUrl?: string;
	/** How that server is reached, and what is asked of it. */
	readonly redisAccess?: Omit<RedisAccess, 'namespace'> & {
		/** A human knows that it keeps nothing on disk. */
		readonly isVolatile?: boolean;
	};
	/** `agent-room run`: no terminal needed; ends by itself when `untilEmpty`. */
	readonly isForeground: boolean;
	readonly untilEmpty: boolean;
	/** One machine of a team: the roles that it lacks others have. */
	readonly isWorker?: boolean;
	/** The package that the room was started from: it keeps a copy, and this may be updated meanwhile. */
	readonly installed?: string;
	/** Node that runs the room's own programs, `bin/agent-room.js` and `dist/program.js`, absolute. */
	readonly node: string;
	readonly binFile: string;
	readonly programFile: string;
};

export type Tally = {readonly merged: number; readonly failed: number; readonly cancelled: number; readonly open: number};

/** A question that no one answered in time; `agent` is '' for a decision about the task. */
export type Unanswered = {readonly task: string; readonly agent: string; readonly question: string};

export type RoomEnd = Tally & {readonly exitCode: number; readonly reason: string; readonly unanswered: readonly Unanswered[]};

/** A room that has started, as whoever started it sees it. */
export type OpenRoom = {
	readonly store: RoomStore;
	/** What its machine is called in the team. */
	readonly host: string;
	readonly socketPath: string;
	/** Resolves when the room has ended, whatever ended it. */
	readonly ended: Promise<RoomEnd>;
	/** Every entry of the record from now on, each once and in order. */
	readonly onEvent: (listener: (event: RoomEvent) => void) => void;
	/**
	 * Takes no further task, lets what runs finish for at most `graceMs`, then stops. What has not finished by then is saved and goes back to the team. A `stop`
	 * meanwhile cuts it short.
	 */
	drain(reason: string, graceMs: number): Promise<RoomEnd>;
	/** Ends it in order: agents are asked to stop, their work is saved, tasks are released; bounded in time. */
	stop(reason: string): Promise<RoomEnd>;
};

/** Terminals that come and go are served from above: `room/` does not know how they are drawn. */
export type Terminals = {
	readonly attach: (connection: Socket, request: AttachRequest, store: RoomStore, onChange: () => void) => void;
	readonly count: () => number;
	readonly sendHome: (reason: string) => void;
};
