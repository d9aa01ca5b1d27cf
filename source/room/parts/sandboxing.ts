import type {CliName} from '../../core/agent/agent.ts';
import type {NetworkChoice, SandboxChoice} from '../../core/agent/sandbox.ts';
import type {Config} from '../../core/config/config.ts';
import type {HomeFolder} from '../../harnesses/shared/home.ts';
import type {Groups} from '../../sandbox/limits.ts';
import type {Sandbox} from '../../sandbox/sandbox.ts';

type Environment = Readonly<Record<string, string>>;

/** What a room needs to know to sandbox programs. */
export type RoomPaths = {
	/** The sandbox of this machine. */
	readonly found: Sandbox;
	/** A sandbox recently failed to run: the next start checks it first. */
	readonly health: {isBroken: boolean};
	readonly config: Pick<Config, 'sandbox' | 'network' | 'hosts' | 'readable' | 'writable' | 'limits'>;
	readonly inherited: Readonly<Record<string, string | undefined>>;
	readonly stateFolder: string;
	/** Root of the user's repository: hidden inside. */
	readonly repository: string;
	readonly node: string;
	readonly binFile: string;
	/** `dist/forward.js`: the inner end of the way to the network. */
	readonly forwardFile: string;
	/** Where process groups can be made, if anywhere. */
	readonly groups: Groups | undefined;
	/** Reports a host that a sandbox's network refused, once each. */
	readonly onRefused: (who: {readonly agent: string; readonly task: string}, host: string) => void;
	/** A git configuration file with only the user's name and address for commits. */
	readonly identity: string;
};

/** Whom a sandbox is for. */
export type Inmate = {
	/** Name of its home below the state folder: the same name is the same home. '' for a home inside its writable folder. */
	readonly home: string;
	readonly agent: string;
	readonly task: string;
	/** Unique name for its files: that of the attempt. */
	readonly name: string;
	readonly cwd: string;
	/** Program and arguments as they will run. */
	readonly command: readonly string[];
	readonly environment: Environment;
	readonly cli?: CliName | undefined;
	/** Further files of the user that its private home gets as copies. */
	readonly copies?: readonly HomeFolder[];
	readonly writable: readonly string[];
	readonly readable: readonly string[];
	/** Parts of what is writable that are not. */
	readonly readOnly?: readonly string[];
	readonly sandbox?: SandboxChoice | undefined;
	readonly network?: NetworkChoice | undefined;
	/** It gets no terminal where the sandbox can see to that: no one answers it. */
	readonly isAlone?: boolean;
};

type PaneEnd = {readonly exitCode: number; readonly signal: string};

/** How a program is started in its sandbox. */
export type Surrounded = {
	readonly isSandboxed: boolean;
	/** Goes before the command; [] without a sandbox. */
	readonly prefix: readonly string[];
	readonly environment: Environment;
	/** The folder of its own home, '' if it has none. */
	readonly home: string;
	/** Where a path inside the sandbox is for the room. */
	readonly outside: (path: string) => string;
	/** The program's process id inside the sandbox; undefined if it is the one the room sees. */
	readonly innerPid: number | undefined;
	/** Opens its way to the network before the start. Throws an Error with a sentence while the sandbox does not run. */
	readonly enter: () => Promise<void>;
	/** Called after the end of its last process. */
	readonly leave: () => Promise<void>;
	/** The end of the program, computed from that of the sandbox around it. */
	readonly ended: (end: PaneEnd) => PaneEnd;
	/** Which limit it has exceeded, in words; '' for none. */
	readonly exceeded: () => string;
	/** Called after a failed run: why the sandbox itself does not run any more, '' if it does. A program inside cannot forge this. */
	readonly problem: () => Promise<string>;
};
