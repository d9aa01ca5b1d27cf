import type {Action} from './action.ts';
import type {Moment} from './replay.ts';
import type {Reading} from './session.ts';
import type {TestRun} from './test-run.ts';

/**
 * The room's unix socket. A client sends one JSON line, a `Request`; the room answers with JSON lines, each a `Reply`, and closes
 * after the last one (`follow` never ends by itself). `attach` is different: after the room's first line `{"ok":true}` (with `data`
 * `lines` where no screen is drawn) both sides send frames (`socket/frames.ts`).
 */
export type Request =
	| {readonly op: 'attach'; readonly columns: number; readonly rows: number; readonly environment: Readonly<Record<string, string>>}
	| {readonly op: 'dispatch'; readonly action: Action}
	| {readonly op: 'status'}
	/** Every task, in lines of some hundred: `data` is a `TasksPage` (`output.ts`). */
	| {readonly op: 'tasks'}
	| {readonly op: 'events'; readonly since: string; readonly follow: boolean; readonly type?: string}
	/** Without `at`: from when to when the room can be shown again. */
	| {readonly op: 'replay'; readonly at?: Moment}
	| {readonly op: 'explain'; readonly id: string}
	/** The plan of a feature: what waits for a person, and the tasks there are; `data` is a `PlanLine` (`output.ts`). */
	| {readonly op: 'plan'; readonly id: string}
	| {readonly op: 'logs'; readonly id: string}
	| ({readonly op: 'report'; readonly agent: string; readonly task: string; readonly token: string} & Report)
	| {readonly op: 'ping'};

/** What an agent says about its task; every report carries the fencing token of the attempt. */
export type Report =
	| {readonly kind: 'done'; readonly verdict?: 'approve' | 'changes'; readonly comments?: string; readonly text?: string}
	/** Of an orchestrator: its plan as YAML or JSON, answered at once with what is wrong with it. */
	| {readonly kind: 'plan'; readonly text: string}
	| {readonly kind: 'progress'; readonly text: string}
	| {readonly kind: 'blocked'; readonly text: string}
	| {readonly kind: 'ask'; readonly text: string; readonly choices: readonly string[]}
	| {readonly kind: 'message'; readonly to: string; readonly text: string}
	/** Unread mail, as lines and as `data.mails`; then it counts as read. */
	| {readonly kind: 'inbox'}
	/** Its own task, and the others that are open, in lines. */
	| {readonly kind: 'queue'}
	/** Why a task or an agent is where it is, in lines. */
	| {readonly kind: 'explain'; readonly id: string}
	/** With `waitMs` it stands in the queue that long; hanging up leaves it. */
	| {readonly kind: 'lock'; readonly name: string; readonly waitMs?: number}
	| {readonly kind: 'unlock'; readonly name: string}
	/** Used up since the last such report; millionths of a dollar. */
	| {readonly kind: 'cost'; readonly micros: number; readonly tokensIn: number; readonly tokensOut: number; readonly tokensCached: number}
	/**
	 * Of the hook of an agent CLI: its event, and its payload as JSON text. The answer's `data` is `{output}`: what the hook prints, '' for nothing. One
	 * that asks for a permission is answered when a person has decided.
	 */
	| {readonly kind: 'hook'; readonly event: string; readonly payload: string}
	/** Of the program that runs a headless CLI: what its stream said. */
	| {readonly kind: 'session'; readonly readings: readonly Reading[]}
	/** Of the room's own programs: how the tests of a commit went, the last run counts. Where `data.testBase` names a commit, its tests are to be run too. */
	| {readonly kind: 'tested'; readonly commit: string; readonly runs: readonly TestRun[]}
	/**
	 * Of the room's own programs: how a landing went. What landed is on the base; the outcome is of the rest, done where there is none.
	 * `tasks`: whose files are in the way of it, or who must not land.
	 */
	| {
			readonly kind: 'result';
			readonly outcome: LandingOutcome;
			readonly text: string;
			readonly tasks?: readonly string[];
			readonly files?: readonly string[];
	  }
	/**
	 * May the guardian move the base now? Answered 'ok' only while its token, the lock and the reviews still hold, with `data`: a `Departure`.
	 */
	| {readonly kind: 'may-land'; readonly commit: string};

/** moved: the base is elsewhere. held: git, or a person, does not let it. unsafe: a candidate is not what it has to be. */
export const LANDING_OUTCOMES = ['done', 'moved', 'held', 'unsafe', 'failed'] as const;
export type LandingOutcome = (typeof LANDING_OUTCOMES)[number];

/** What leaves together: the head of the train and what has passed behind it. The base is to move from `from` to the last candidate. */
export type Departure = {readonly from: string; readonly cars: ReadonlyArray<{readonly task: string; readonly candidate: string}>};

/** `code` is 'ok', or a word such as 'stale', 'gone', 'refused', 'bad-request'; the command line turns it into an exit code. */
export type Reply = {
	readonly ok: boolean;
	readonly code: string;
	readonly message?: string;
	readonly hint?: string;
	readonly data?: unknown;
	/** False on the lines of a stream before its end. */
	readonly last?: boolean;
};
