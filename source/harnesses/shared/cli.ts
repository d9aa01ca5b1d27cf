import type {CliName, Mode, Permissions} from '../../core/agent/agent.ts';
import type {Reading} from '../../core/session/reading.ts';
import type {Stage} from '../../core/task/task.ts';
import type {HomeFolder} from './home.ts';
import type {LoginSigns} from './logins.ts';
import type {Probe} from './probe.ts';
import type {SessionStore} from './sessions.ts';

export type LaunchContext = {
	readonly mode: Mode;
	readonly permissions: Permissions;
	readonly stage: Stage;
	/** False for roles whose commits are discarded: they get no right to change files. */
	readonly writes: boolean;
	/** First prompt, one line. */
	readonly prompt: string;
	/** UUID for a new session, for programs that accept one. */
	readonly newSession: string;
	/** Session to resume, '' for a new one. */
	readonly resume: string;
	/** Session of the user to continue in a copy, '' for none; never with `resume`. */
	readonly fork: string;
	/** The file of that session; '' if there is none. */
	readonly forkFile: string;
	/** Its kept export, for a CLI that keeps its sessions in no files; '' for others. */
	readonly forkText: string;
	/** Program and arguments from the configuration. */
	readonly program: readonly string[];
	/** The session's own folder, which holds the launch's `files`. */
	readonly folder: string;
	/** Subfolder with the brief and later long texts: read without asking, never written by the agent. */
	readonly told: string;
	readonly worktree: string;
	readonly repository: string;
	/** Git folder of the worktree, which is a repository of its own. */
	readonly gitDir: string;
	/** Hook command. The event name is its next argument, the payload comes on stdin. */
	readonly hook: readonly string[];
	/** Command of the room's MCP server, and the environment it needs if the CLI does not pass its own on. */
	readonly mcp: readonly string[];
	readonly mcpEnvironment: Readonly<Record<string, string>>;
	/** Shell commands that never ask, each matched whole: a prefix rule would allow whatever its program can do. */
	readonly allowed: readonly string[];
	/** Command prefixes that never ask: only the room's `agent-room report`, which writes no file. */
	readonly reports: readonly string[];
	/** True in the room's sandbox: what stays inside needs no question, unless you chose `ask`; a nested sandbox does not work. */
	readonly isSandboxed: boolean;
	readonly environment: Readonly<Record<string, string>>;
	readonly isRoot: boolean;
	/** Existing `settingsOfRepository` paths, in the worktree or in the user's checkout. */
	readonly foundSettings?: readonly string[];
	/** SHA-256 of UTF-8 text in hex. Injected, since this folder uses no Node modules. */
	sha256(text: string): string;
	/** Text of the first existing one of the CLI's `userSettings`. */
	readonly userSettings?: string;
	/** JSON schema of the wanted answer, '' for none; also in the session folder as `answer-schema.json`. */
	readonly answerSchema: string;
};

export type Launch = {
	readonly command: readonly string[];
	/** Overrides `LaunchContext.environment`. */
	readonly environment: Readonly<Record<string, string>>;
	/** Written to the session's folder, mode 0600. Names may have folders. */
	readonly files: ReadonlyArray<{readonly name: string; readonly text: string}>;
	/** Created before the files. */
	readonly overlays?: readonly Overlay[];
};

/**
 * A session folder of links to each entry of a user folder: login and settings are used in place, nothing is copied. For programs that read
 * additions only from their own folder.
 */
export type Overlay = {
	/** Path below the session's folder. */
	readonly name: string;
	/** The user's folder; may be missing. */
	readonly of: string;
	/** Entries to omit, because the session has its own. */
	readonly except: readonly string[];
	/** Folders to create in the user's folder: their content must outlive the session. */
	readonly keep: readonly string[];
};

/** Answer to a hook. `go-on`: the turn continues with this text as its next prompt. `tell`: adds this text to the context. */
export type HookDecision =
	| {readonly kind: 'none'}
	| {readonly kind: 'allow' | 'always'}
	| {readonly kind: 'deny'; readonly text: string}
	| {readonly kind: 'go-on' | 'tell'; readonly text: string};

/** A message to the terminal outside the screen. */
export type Notice = {readonly kind: 'title' | 'bell' | 'osc9' | 'osc777' | 'osc99'; readonly text: string};

/**
 * One line of a headless program's stream. `text`: for the pane, maybe several lines, '' for none. `isPart`: the next part continues the
 * same line.
 */
export type StreamLine = {readonly readings: readonly Reading[]; readonly text: string; readonly isPart?: boolean};

/** What a line of a log says, and when that was, epoch ms: it may be written late. */
export type Logged = {readonly at: number; readonly readings: readonly Reading[]};

/** An agent CLI as data: launch, hooks, stream, notices, screen, keys. All pure. */
export type Cli = {
	readonly name: CliName;
	readonly title: string;
	readonly package: string;
	/** Version that all this was verified with; '' if never run. */
	readonly verified: string;
	readonly modes: readonly Mode[];
	/** Files of the user's settings that a launch must know (`filesMeant`). */
	readonly userSettings?: readonly string[];
	/** Its flag for a model; without one a task's model is not passed on. */
	readonly modelFlag?: '--model';
	/** It reports its cost, so its tokens are not priced. */
	readonly tellsMoney?: true;
	/** It reports no usage: no budget sees it. */
	readonly tellsNoUsage?: true;
	/** It reports its last totals a moment after the end of its turn. */
	readonly totalsLate?: true;
	/** What the user does when it is logged out. */
	readonly login: string;
	/** Parts of the user's home that it needs in a sandbox. */
	readonly home: readonly HomeFolder[];
	/**
	 * Hosts it connects to: model and login. `*.` covers all subdomains, so no domain may be listed where anyone can get a subdomain (such as
	 * a bucket): that would be a way out.
	 */
	readonly hosts: readonly string[];
	/** Variables that may hold its login. An agent gets only those of its own CLI. */
	readonly loginEnvironment: readonly string[];
	readonly loginSigns?: LoginSigns;
	/** Variables that its settings make it read; `settings` are texts of `loginSigns.settled.files`. */
	neededVariables?(settings: string): readonly string[];
	/** The variable that it says it misses, in the last lines of a program that never took up a prompt; '' for none. */
	missingVariable?(lines: readonly string[]): string;
	readonly probe?: Probe;
	/** The user's sessions on disk, if a task can continue one in a copy. */
	readonly sessions?: SessionStore;
	/** Known quirks, for the agent's brief; they apply below `full`. */
	readonly notes?: readonly string[];
	/** How long it may take to be ready, and from then on to take up its first prompt, ms: for one that takes far longer than others. */
	readonly start?: {readonly readyMs: number; readonly takenMs: number};
	/** Its dialog is drawn only once its question's hook has ended. */
	readonly asksAfterHook?: true;
	/** Whether this hook reports a prompt that the program wrote to itself to continue a turn. */
	isOwnPrompt?(event: string, payload: unknown): boolean;
	/** Its turn-end hook also comes for an interrupted turn, and does not tell it from one that ended by itself. */
	readonly endsCutOffs?: true;
	/** It commits without asking. */
	readonly commitsFreely?: true;
	/** Paths in a repository whose settings run code by themselves (hooks, plugins, MCP servers) once the folder is trusted. */
	readonly settingsOfRepository?: readonly string[];
	/** Headless it can answer by `LaunchContext.answerSchema`; the stream gives it as `answer`. */
	readonly hasAnswers?: boolean;
	launch(context: LaunchContext): Launch;
	/** Reads a hook's event and payload; [] if it says nothing. Never throws: payloads change with versions. */
	readHook(event: string, payload: unknown): readonly Reading[];
	/** Returns what the hook prints for a decision; '' if hooks cannot express it (then keys are typed, or nothing is done). */
	replyHook(event: string, decision: HookDecision, payload: unknown): string;
	isQuestion(event: string): boolean;
	/** Whether this hook says that a tool ran or was refused. Its payload names tool and input like the question's. */
	isToolEnd?(event: string): boolean;
	/** `now` is for times by the clock (`try again at 5:05 AM`). */
	readLine(line: string, now?: Date): StreamLine;
	/** Reads a line appended to the session file (`Reading.transcript`), for what no hook reports. */
	readTranscript?(line: string): readonly Reading[];
	/**
	 * Files of the session's folder to which it appends what each reply of a model used, those of side requests included, and which failed. Made
	 * for each session; `read` takes the lines of its file in order.
	 */
	logs?(): readonly {readonly name: string; read(line: string): Logged}[];
	/** A state file: its path by environment and pid, and its meaning (source `stream`). */
	readonly stateFile?: {
		path(environment: Readonly<Record<string, string>>, pid: number): string;
		read(text: string): readonly Reading[];
	};
	readNotice(notice: Notice): Reading | undefined;
	/** Reads the visible rows, top first. Undefined if no sign is known: never a guess. */
	readScreen(rows: readonly string[]): Reading | undefined;
	/** Key bytes. `interrupt` ends the turn, `clear` empties the input, `quit` exits (typed one after the other). */
	readonly keys: {readonly interrupt: string; readonly clear: string; readonly quit: readonly string[]};
	/**
	 * Text input: ms between paste and Enter, most bytes of a text, and what proves arrival. `mark` goes before texts that would be a command
	 * (`asTypedText`).
	 */
	readonly paste: {readonly gapMs: number; readonly most: number; readonly proof: 'hook' | 'notice' | 'screen'; readonly mark: string};
};

/** Characters that some program treats specially at the start of its input: shell, command, mention, mode. */
const COMMANDING = /^\s*[!/#@&?$:;%^|~\\]/;

/** Makes a text safe to type into a program's input: it stays a text whatever it starts with. */
export const asTypedText = ({paste}: Pick<Cli, 'paste'>, text: string): string =>
	COMMANDING.test(text) ? `${paste.mark}${text.trimStart()}` : text;
