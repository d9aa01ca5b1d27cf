import type {CliName} from '../../core/agent/agent.ts';
import type {NetworkChoice, SandboxChoice} from '../../core/agent/sandbox.ts';
import type {Config} from '../../core/config/config.ts';
import type {Groups} from '../../sandbox/limits.ts';
import type {Sandbox} from '../../sandbox/sandbox.ts';

type Environment = Readonly<Record<string, string>>;

/** What a room knows when it surrounds programs. */
export type RoomPaths = {
	/** What this machine has. */
	readonly found: Sandbox;
	/** A sandbox did not run lately: the next start looks first whether it does again. */
	readonly health: {isBroken: boolean};
	readonly config: Pick<Config, 'sandbox' | 'network' | 'hosts' | 'readable' | 'writable' | 'limits'>;
	readonly inherited: Readonly<Record<string, string | undefined>>;
	readonly stateFolder: string;
	/** Root of the user's repository: it is not seen. */
	readonly repository: string;
	readonly node: string;
	readonly binFile: string;
	/** `dist/forward.js`: the inner end of the way out. */
	readonly forwardFile: string;
	/** Where groups of processes can be made, if anywhere. */
	readonly groups: Groups | undefined;
	/** A host that the network of a sandbox did not let through, told once each. */
	readonly onRefused: (who: {readonly agent: string; readonly task: string}, host: string) => void;
	/** The user's name and address for commits, as a file of git's configuration; nothing else of theirs is in it. */
	readonly identity: string;
};

/** Whom or what a sandbox is for. */
export type Inmate = {
	/** What its home is called below the state folder: as long as the name is the same, so is the home. '' for one that lies in what it may write. */
	readonly home: string;
	readonly agent: string;
	readonly task: string;
	/** Of its files, no two at a time: the attempt's own. */
	readonly name: string;
	readonly cwd: string;
	/** Program and arguments as they will be run. */
	readonly command: readonly string[];
	readonly environment: Environment;
	readonly cli?: CliName | undefined;
	readonly writable: readonly string[];
	readonly readable: readonly string[];
	readonly sandbox?: SandboxChoice | undefined;
	readonly network?: NetworkChoice | undefined;
};

type PaneEnd = {readonly exitCode: number; readonly signal: string};

/** How a program is started so that it is surrounded. */
export type Surrounded = {
	readonly isSandboxed: boolean;
	/** Goes before the command; [] if nothing surrounds it. */
	readonly prefix: readonly string[];
	readonly environment: Environment;
	/** The folder of its own home, '' if it has none. */
	readonly home: string;
	/** Where a path that the program tells lies for the room. */
	readonly outside: (path: string) => string;
	/** The process id of the program, as it knows itself; undefined if it is the one that the room sees. */
	readonly innerPid: number | undefined;
	/** Before the start: its way out is opened. Throws an Error with a sentence while the sandbox does not run. */
	readonly enter: () => Promise<void>;
	/** After the end of its last process. */
	readonly leave: () => Promise<void>;
	/** How the program ended, of how what surrounds it did. */
	readonly ended: (end: PaneEnd) => PaneEnd;
	/** Which limit it has met, in words; '' for none. */
	readonly exceeded: () => string;
	/** Asked after a bad end: why the sandbox itself does not run any more, '' if it does. No program inside can make this up. */
	readonly problem: () => Promise<string>;
};
