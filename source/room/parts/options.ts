import type {Socket} from 'node:net';
import type {Config, Settings} from '../../core/config/config.ts';
import type {RulesFile} from '../../core/config/rules.ts';
import type {RoomEvent} from '../../core/event/event.ts';
import type {Repository} from '../../git/repository/repository.ts';
import type {Harness} from '../../harnesses/shared/harness.ts';
import type {RedisAccess} from '../../redis/address.ts';
import type {AttachRequest} from '../../socket/server.ts';
import type {RoomStore} from '../../store/room.ts';

/** All that a room needs to start; the terminal side writes it as JSON to `<stateFolder>/room.json` (0600) for `dist/room.js`. */
export type RoomOptions = {
	/** Top of the user's main worktree, real path. */
	readonly repository: string;
	/** What the starter has just found out about it, so that git is not asked twice. */
	readonly found?: Pick<Repository, 'commonDir' | 'name'>;
	/** Private folder of this repository's room (0700). */
	readonly stateFolder: string;
	/** The configuration as it was read and trusted; durations in ms. */
	readonly config: Config;
	/** Where its values came from, shown to the user. */
	readonly settings?: Settings;
	/** Paths from the top of the repository: its configuration file, and the prompts it names. */
	readonly configFiles?: readonly string[];
	/** False: the repository's configuration was not trusted, so nothing of it is in `config`. */
	readonly isTrusted: boolean;
	/** Every harness that the team names, by name; includes built-in ones. */
	readonly harnesses: Readonly<Record<string, Harness>>;
	/** The user's rules file. */
	readonly rules?: RulesFile;
	/** Sentences about choices made for the user (a team fitted to what is installed), shown as banners. */
	readonly notes: readonly string[];
	readonly namespace: string;
	/** Another server than the embedded one. */
	readonly redisUrl?: string;
	/** How that server is reached, and what it must provide. */
	readonly redisAccess?: Omit<RedisAccess, 'namespace'> & {
		/** A human accepted that it keeps nothing on disk. */
		readonly isVolatile?: boolean;
	};
	/** `agent-room run`: needs no terminal; ends by itself when `untilEmpty`. */
	readonly isForeground: boolean;
	readonly untilEmpty: boolean;
	/** One machine of a team: roles that it lacks may be on others. */
	readonly isWorker?: boolean;
	/** The package that the room was started from. The room keeps a copy, so this may be updated meanwhile. */
	readonly installed?: string;
	/** Node that runs the room's own programs, `bin/agent-room.js` and `dist/program.js`, absolute. */
	readonly node: string;
	readonly binFile: string;
	readonly programFile: string;
};

/** The configuration as its files have it now. */
export type Reread = {
	/** Stands for exactly these contents: a yes to it is a yes to nothing else. */
	readonly print: string;
	readonly isTrusted: boolean;
	/** The options of a room that trusts all of it. */
	readonly options: RoomOptions;
};

/** Reads the configuration again for a room that runs; serves it from above, as `Terminals` does. */
export type ConfigSource = {
	/** Whether a file has changed since `read`. */
	hasChanged(): boolean;
	/** Throws with one sentence what is wrong in a file. */
	read(): Promise<Reread>;
	/** Remembers your trust in what `read` last returned. */
	trust(): void;
	/** The user's rules file, none if it is gone, when it has changed since the start or this was last asked; throws as `read`. */
	newRules(): Promise<{readonly rules: RulesFile | undefined} | undefined>;
};

export type Tally = {readonly merged: number; readonly failed: number; readonly cancelled: number; readonly open: number};

/** A question with no answer in time; `agent` is '' for a decision about the task. */
export type Unanswered = {readonly task: string; readonly agent: string; readonly question: string};

export type RoomEnd = Tally & {readonly exitCode: number; readonly reason: string; readonly unanswered: readonly Unanswered[]};

/** A started room, as seen by its starter. */
export type OpenRoom = {
	readonly store: RoomStore;
	/** The name of its machine in the team. */
	readonly host: string;
	readonly socketPath: string;
	/** Resolves when the room has ended, for any reason. */
	readonly ended: Promise<RoomEnd>;
	/** Every further entry of the event log, each once and in order. */
	readonly onEvent: (listener: (event: RoomEvent) => void) => void;
	/**
	 * Starts no further task, waits at most `graceMs` for running ones, then stops. Unfinished work is saved and returns to the team. A `stop`
	 * meanwhile ends the wait.
	 */
	drain(reason: string, graceMs: number): Promise<RoomEnd>;
	/** Stops in order: agents are asked to stop, their work is saved, tasks are released; bounded in time. */
	stop(reason: string): Promise<RoomEnd>;
};

/** Serves attached terminals from above: `room/` does not know how they are drawn. */
export type Terminals = {
	readonly attach: (connection: Socket, request: AttachRequest, store: RoomStore, onChange: () => void) => void;
	readonly count: () => number;
	readonly sendHome: (reason: string) => void;
	/** Terminals that attach from then on have these keys and this look. */
	readonly configure?: (config: Config) => void;
	/** Called while a start waits for Redis and git: loads what the first terminal and the first agent need. */
	readonly prepare?: () => void;
};
