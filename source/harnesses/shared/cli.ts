import type {CliName, Mode, Permissions} from '../../core/agent/agent.ts';
import type {Reading} from '../../core/session/reading.ts';
import type {Stage} from '../../core/task/task.ts';
import type {HomeFolder} from './home.ts';
import type {LoginSigns} from './logins.ts';
import type {Probe} from './probe.ts';

/** What a launch is made of. Paths are absolute. */
export type LaunchContext = {
	readonly mode: Mode;
	readonly permissions: Permissions;
	readonly stage: Stage;
	/** Its role's commits travel; one that only reads gets no right to change files. */
	readonly writes: boolean;
	/** The first prompt, one line. */
	readonly prompt: string;
	/** Id for a new session (a UUID), where the program lets one be chosen. */
	readonly newSession: string;
	/** The session to continue with, '' for a new one. */
	readonly resume: string;
	/** The program and the arguments of the configuration. */
	readonly program: readonly string[];
	/** This session's own folder: what the launch's `files` lie in. */
	readonly folder: string;
	/** In it, what the agent is given to read: its brief, and long texts later. It may read there without asking, and write nothing. */
	readonly told: string;
	readonly worktree: string;
	/** Root of the user's repository. */
	readonly repository: string;
	/** The git folder of the worktree, a repository of its own. */
	readonly gitDir: string;
	/** Command of a hook; the event's name is the next argument, its payload comes on stdin. */
	readonly hook: readonly string[];
	/** Command of the room's MCP server, and what its environment needs where the program passes none of its own on. */
	readonly mcp: readonly string[];
	readonly mcpEnvironment: Readonly<Record<string, string>>;
	/** Shell commands that never ask, each whole and with nothing more behind it: a rule for a beginning lets through whatever its program can do. */
	readonly allowed: readonly string[];
	/** Beginnings of commands that never ask, whatever stands behind them: of the room's own `agent-room report` alone, which writes no file. */
	readonly reports: readonly string[];
	/**
	 * Its process runs in the room's sandbox: what stays in there needs no question of its own, but where the user chose `ask`; a sandbox of
	 * its own does not work in it.
	 */
	readonly isSandboxed: boolean;
	/** The environment that the program will have. */
	readonly environment: Readonly<Record<string, string>>;
	readonly isRoot: boolean;
	/** Those of `settingsOfRepository` that there are, in the worktree or in the user's own checkout. */
	readonly foundSettings?: readonly string[];
	/** SHA-256 of a text in UTF-8, in hex: submitted, since nothing here knows a Node module. */
	sha256(text: string): string;
	/** JSON schema of the answer that is wanted, '' for none; also in the session folder as `answer-schema.json`. */
	readonly answerSchema: string;
};

export type Launch = {
	readonly command: readonly string[];
	/** Set over `LaunchContext.environment`. */
	readonly environment: Readonly<Record<string, string>>;
	/** Written into the session's folder, mode 0600; names without a path separator or with folders below it. */
	readonly files: ReadonlyArray<{readonly name: string; readonly text: string}>;
	/** Made before the files. */
	readonly overlays?: readonly Overlay[];
};

/**
 * A folder of the session's that shows a folder of the user's: one link to each of its entries, so that login and settings are used where
 * they lie and nothing is copied. For programs that take additions from no other place than their own folder.
 */
export type Overlay = {
	/** Below the session's folder. */
	readonly name: string;
	/** The user's folder; it need not be there. */
	readonly of: string;
	/** Entries that are not shown, because the session has its own. */
	readonly except: readonly string[];
	/** Folders that are made in the user's where they are not: what the program keeps there has to outlive the session's folder. */
	readonly keep: readonly string[];
};

/**
 * What a hook is answered with. `go-on`: the turn does not end, this text is its next prompt. `tell`: it continues as it would have, and
 * knows this text besides.
 */
export type HookDecision =
	| {readonly kind: 'none'}
	| {readonly kind: 'allow' | 'always'}
	| {readonly kind: 'deny'; readonly text: string}
	| {readonly kind: 'go-on' | 'tell'; readonly text: string};

/** What a program told its terminal next to its screen. */
export type Notice = {readonly kind: 'title' | 'bell' | 'osc9' | 'osc777' | 'osc99'; readonly text: string};

/**
 * One line of a headless program's stream: what it says, and how a human reads it (several lines, '' for nothing to show). `isPart`: a
 * piece of what it is saying; the next piece continues in the same line.
 */
export type StreamLine = {readonly readings: readonly Reading[]; readonly text: string; readonly isPart?: boolean};

/** An agent CLI as data: how it starts, what its hooks, stream, notices and screen say, which keys it takes. All pure. */
export type Cli = {
	readonly name: CliName;
	readonly title: string;
	/** Its npm package. */
	readonly package: string;
	/** The version with which all this was seen to hold; '' if it was never run. */
	readonly verified: string;
	readonly modes: readonly Mode[];
	/** It tells what it has cost: then its tokens are never given a price besides. */
	readonly tellsMoney?: true;
	/** What a human does when it is logged out. */
	readonly login: string;
	/** What it needs of the user's home in a sandbox. */
	readonly home: readonly HomeFolder[];
	/**
	 * Hosts that it speaks to itself: its model and its login. `*.` stands for every host below; none is below a name at which anybody can have a host of
	 * their own (a bucket, say), for that would be a way out.
	 */
	readonly hosts: readonly string[];
	/** Names of the environment that its login may come from next to its folder. An agent gets those of its own CLI and no other's. */
	readonly loginEnvironment: readonly string[];
	readonly loginSigns?: LoginSigns;
	/** How it is tried whether its hooks reach the room. */
	readonly probe?: Probe;
	/** What was seen of it, where it matters to whoever works in it; all of it holds for rights that are not `full`. */
	readonly notes?: readonly string[];
	/** It asks for no permission to commit. */
	readonly commitsFreely?: true;
	/** Paths in a repository in which it finds settings that run something by themselves (hooks, plugins, MCP servers), once it trusts the folder. */
	readonly settingsOfRepository?: readonly string[];
	/** Headless it can be made to end with an answer of the form of `LaunchContext.answerSchema`, which its stream gives as `answer`. */
	readonly hasAnswers?: boolean;
	launch(context: LaunchContext): Launch;
	/** A hook's event and payload; [] if it says nothing. Never throws: payloads change with versions. */
	readHook(event: string, payload: unknown): readonly Reading[];
	/** What the hook prints to tell the decision; '' if it has no word for it (then keys are typed, or nothing is done). */
	replyHook(event: string, decision: HookDecision, payload: unknown): string;
	/** Does this hook wait for a human's decision? */
	isQuestion(event: string): boolean;
	/** Does this hook say that a tool has run, or was not let? Its payload names tool and input as the one that asked did. */
	isToolEnd?(event: string): boolean;
	/** `now`: for moments that are told by the clock (`try again at 5:05 AM`). */
	readLine(line: string, now?: Date): StreamLine;
	/** A line that is added to the file in which it keeps its session (`Reading.transcript`), where that tells what no hook does. */
	readTranscript?(line: string): readonly Reading[];
	/** A small file that says at every moment what it does: where it lies, by its environment and process, and what it says (source `stream`). */
	readonly stateFile?: {
		path(environment: Readonly<Record<string, string>>, pid: number): string;
		read(text: string): readonly Reading[];
	};
	readNotice(notice: Notice): Reading | undefined;
	/** The visible rows of its screen, top first. Undefined if no sign is known: never a guess. */
	readScreen(rows: readonly string[]): Reading | undefined;
	/** Bytes of keys. `interrupt` ends the turn, `clear` empties the input, `quit` ends the program (typed one after the other). */
	readonly keys: {readonly interrupt: string; readonly clear: string; readonly quit: readonly string[]};
	/**
	 * Handing over text: the wait between paste and Enter, ms, the longest text, bytes, and whether a hook proves that it arrived. `mark` stands before a
	 * text that would else be taken for a command (`asTypedText`).
	 */
	readonly paste: {readonly gapMs: number; readonly most: number; readonly proof: 'hook' | 'notice' | 'screen'; readonly mark: string};
};

/** Characters that a program may take for its own at the beginning of its input: a shell command, a command of its own, a mention, a mode. */
const COMMANDING = /^\s*[!/#@&?$:;%^|~\\]/;

/** A text as it is typed into the input of a program, so that it is a text there whatever it starts with. */
export const asTypedText = ({paste}: Pick<Cli, 'paste'>, text: string): string =>
	COMMANDING.test(text) ? `${paste.mark}${text.trimStart()}` : text;
