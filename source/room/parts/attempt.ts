import {join} from 'node:path';
import type {Mode} from '../../core/agent/agent.ts';
import type {Speaker} from '../../core/authority/principal.ts';
import type {RulesFile} from '../../core/config/rules.ts';
import type {Usage} from '../../core/cost/usage.ts';
import type {Plan} from '../../core/plan/plan.ts';
import type {ActionResult} from '../../core/protocol/action.ts';
import type {Report} from '../../core/protocol/request.ts';
import type {Session} from '../../core/session/evidence.ts';
import type {Question, Reading} from '../../core/session/reading.ts';
import type {Receipt} from '../../core/session/session.ts';
import type {Outcome} from '../../core/task/stages.ts';
import type {NeededDecision, WholeTask} from '../../core/task/task.ts';
import type {TestRun} from '../../core/task/test-run-schema.ts';
import type {Refusal} from '../../core/text/refusal.ts';
import type {QueueEntry} from '../../git/guardian/prefix.ts';
import type {Store} from '../../git/store/store.ts';
import type {Cli} from '../../harnesses/shared/cli.ts';
import type {PlaceholderValues} from '../../harnesses/shared/command.ts';
import type {PaneProcess} from '../../pty/process.ts';
import type {BriefValues} from '../../roles/placeholders.ts';
import type {PlannedAgent} from '../team/team.ts';
import type {RoomPaths, Surrounded} from './sandboxing.ts';

/** Texts that the room delivers to an attempt's program, and their state. */
type DeliveryState = {
	/** The latest receipts, oldest first. */
	readonly receipts: Receipt[];
	/** The first prompt has a receipt, or a human was asked about it: only from then on is the end of a turn one. */
	isBegun: boolean;
	/** Its agent was reminded at the end of a turn to report; new text from a human makes another reminder due. */
	isReminded: boolean;
	/** It may have unseen mail: true from the start, since mail may follow the writing of its brief. */
	hasMail: boolean;
	/** How often mail kept its turn from ending. */
	mailTurns: number;
	/** Since when it waits for a human or for its account, by `performance.now()`. This time does not count against the attempt. */
	waitsSince: number | undefined;
	/** Why its program could not continue, if the room ended it for that: what it does while it ends says nothing. */
	stuck: Session | undefined;
	/** When the room pressed its interrupt key last, by `performance.now()`. */
	interruptedAt: number;
	/** Checks again whether its turn is over. */
	look: () => void;
	/** Delivers one text at a time. */
	last: Promise<unknown>;
};

export const newDeliveryState = (): DeliveryState => ({
	receipts: [],
	isBegun: false,
	isReminded: false,
	hasMail: true,
	mailTurns: 0,
	waitsSince: undefined,
	stuck: undefined,
	interruptedAt: Number.NEGATIVE_INFINITY,
	look: () => undefined,
	last: Promise.resolve(),
});

/** What was last published about an attempt, and what is about to be. */
export type Told = {
	fields: Readonly<Record<string, string>>;
	texts: string[];
	isAgain: boolean;
	writing: Promise<void> | undefined;
};

/** How an agent CLI was started, and the session by which it can resume. */
export type Launched = {
	readonly cli: Cli;
	readonly mode: Mode;
	readonly command: readonly string[];
	readonly environment: Readonly<Record<string, string>>;
	/** The session's own folder; kept as long as the logs of the attempt. */
	readonly folder: string;
	readonly prompt: string;
	/** The session it resumes, '' for a new one. */
	readonly resumed: string;
	/** It continues a copy of a session of the user: since when, epoch ms, 0 if it is resumed; and what the original had used. */
	readonly copied?: {readonly at: number; readonly used: Usage | undefined};
};

/** What a launch needs to know of the room. */
export type LaunchPaths = {
	readonly stateFolder: string;
	readonly commandsFolder: string;
	readonly tests: string;
	/** The user's rules file as it is now. */
	readonly rulesFile: () => RulesFile | undefined;
	readonly repository: string;
	readonly node: string;
	readonly binFile: string;
	readonly programFile: string;
	readonly hookFile: string;
};

export const sessionFolder = (stateFolder: string, name: string): string => join(stateFolder, 'sessions', name);

/** What an agent is given to read, in its session's folder. CLIs ask before they read outside their worktree; this folder is allowed. */
export const toldFolder = (session: string): string => join(session, 'told');

/** The user's files that go with its texts. */
export const filesFolder = (session: string): string => join(toldFolder(session), 'files');

/** What the program of a running attempt does, judged by its signs. */
export type LiveSession = {
	readonly cli: Cli;
	readonly mode: Mode;
	/** The current state: the sign that decided it, the question, the session's id, its last output. */
	now(): Session;
	/** The attempt's own clock, ms, used by the times of a `Session`; it stops while the attempt is paused. */
	clock(): number;
	/** Applies readings, cleaned of anything harmful. */
	take(readings: readonly Reading[]): void;
	/** A hook waits with a question until `letGo`. */
	hold(id: string, question: Question, sign: string): void;
	/** The question was answered, or is gone otherwise. */
	letGo(id: string, over: {readonly sign: string; readonly how: 'answered' | 'gone'}): void;
	/** The question on its screen was answered by keys. */
	typed(sign: string): void;
	/** Calls the listener with every batch applied, whether or not it holds states (receipts, usage); returns the unsubscribe function. */
	onReadings(listener: (readings: readonly Reading[], session: Session) => void): () => void;
	/** Calls the listener whenever the session may have changed; returns the unsubscribe function. */
	onChange(listener: (session: Session, before: Session) => void): () => void;
	/** The attempt is paused: elapsed time means nothing until it resumes. */
	pause(): void;
	resume(): void;
	/** Stops its timers and calls no listener again. */
	close(): void;
};

/**
 * How a merge went. What merged is on the base; the outcome covers the rest, done if there is none. moved: the base moved. held: git or a human
 * blocks it. unsafe: the candidate is not what was tested. `tasks`: those whose files block it, or that must not merge. `isRemote`: the remote
 * blocks it.
 */
export type MergeResult = {
	readonly kind: 'merge';
	readonly outcome: 'done' | 'moved' | 'held' | 'unsafe' | 'failed';
	readonly text: string;
	readonly tasks?: readonly string[];
	readonly files?: readonly string[];
	readonly isRemote?: boolean;
};

export type Reported = Extract<Report, {kind: 'done'}> | MergeResult;

/** A plan as reported, and the result of checking it. */
export type PlanAnswer = {readonly text: string; readonly checked: CheckedPlan};

/** `signal` is its name, '' if the process exited by itself. */
export type Ended = {readonly exitCode: number; readonly signal: string};

/** One running attempt: a process in a pane under one lease, or a merge, which the room does itself. */
export type Attempt = {
	readonly agent: PlannedAgent;
	readonly task: WholeTask;
	readonly token: string;
	/** By `performance.now()`, moved forward by time spent paused: a change of the wall clock cannot end the attempt. */
	startedAt: number;
	/** When it last reported, was answered or resumed, on the clock of `startedAt`: silence counts from here. */
	activeAt: number;
	readonly workspace: Workspace;
	/** 0 for the room's own work. */
	readonly pid: number;
	readonly surrounded: Surrounded;
	/** Its TMPDIR outside a sandbox, '' for none. */
	readonly temporary: string;
	/** Where the user's files are that go with its texts; '' for none. */
	readonly files: string;
	readonly logFile: string;
	/** A human interrupted its turn, and it has not worked since. */
	isInterrupted: boolean;
	isPaused: boolean;
	/** Somebody else stopped its program: in words; '' if not. */
	stopped: string;
	pausedAt: number;
	wasSeen: boolean;
	/** Its end has started: nothing else may end it, and its reports are refused. Written with the move `end` of its slot. */
	isEnding: boolean;
	reported: Reported | undefined;
	/** Why it is blocked, from its last report; '' once it reported anything else. */
	blocked: string;
	/** Its last progress reports, oldest first. */
	readonly progress: string[];
	/** The last plan it reported, and whether it can be used. */
	plan: PlanAnswer | undefined;
	/** Of a test: commit -> its reported runs. */
	readonly tested: Map<string, readonly TestRun[]>;
	/** Of a test whose program also tests the base: the last lines of the candidate's own run. */
	lastLines: readonly string[] | undefined;
	/** Of a merge or a test: the tasks that merge, or are tested, together, this task first; [] for it alone, or before it may merge. */
	entries: readonly QueueEntry[];
	/** Why the room ended it, in words; '' if it ended by itself. */
	endReason: string;
	/** Resolves once, when the process has ended and its output is read to the end. */
	readonly ended: Promise<Ended>;
	/** Resolves when its result or release is written and the room has forgotten it. */
	readonly over: Promise<void>;
	readonly closeOver: () => void;
	/** Those of its processes that a signal has stopped. */
	stoppedPids(): readonly number[];
	/** Stops its whole process tree in place. */
	stop(): void;
	resume(): void;
	/** Ends the whole process tree: asks, waits `graceMs`, then kills. */
	end(graceMs: number): Promise<void>;
	readonly process: PaneProcess;
	/** Answers until its processes are gone. After its token is superseded, it answers that. The room's own work has none. */
	readonly socket: AttemptSocket | undefined;
	/** How a known agent CLI was started; undefined for any other program. */
	readonly launched: Launched | undefined;
	readonly delivery: DeliveryState;
	/** What its program does; undefined unless it is a known agent CLI. */
	readonly session: LiveSession | undefined;
	/** Its open questions, the one on screen first; they end with the attempt. */
	questions: readonly OpenQuestion[];
	/** Hooks of its program that wait for a human. */
	readonly pendingPermissions: Set<PendingPermission>;
	readonly told: Told;
};

export type AttemptPaths = LaunchPaths & {
	readonly sandbox: RoomPaths;
	/** Opens the socket of an attempt; `name` is that of its files. */
	readonly openSocket: (name: string, speaker: Speaker) => Promise<AttemptSocket>;
	readonly base: string;
	/** The room's own objects, which worktrees borrow. */
	readonly store: Store;
	/** Further names of the environment that the configuration lets through. */
	readonly furtherEnvironment: readonly string[];
	readonly inherited: Readonly<Record<string, string | undefined>>;
};

/**
 * The effect of how an agent CLI's session ended. `throttle`: its account is rate-limited. `logged-out`: it starts nothing until a human logs it in.
 * `new-session`: the work continues in a new session.
 */
export type AfterSession = 'throttle' | 'logged-out' | 'not-set-up' | 'new-session';

/** The effect of an attempt's end on its task. */
export type Judgement =
	| {
			readonly kind: 'complete';
			readonly outcome: Outcome;
			readonly text: string;
			readonly feedback: string;
			readonly fields: Readonly<Record<string, string>>;
	  }
	/** The plan of an orchestrator for its feature. */
	| {readonly kind: 'plan'; readonly plan: Plan}
	/** Counts as a failure; the agent rests after a crash. */
	| {
			readonly kind: 'fail';
			readonly reason: string;
			readonly feedback: string;
			readonly isCrash: boolean;
			/** Another attempt would end the same way: the task fails. */
			readonly isLast?: boolean;
	  }
	/** Not the agent's fault: costs no attempt. */
	| {readonly kind: 'release'; readonly reason: string; readonly isCrash: boolean; readonly after?: AfterSession}
	/** It reported a blocker: a human is asked first. Costs no attempt. */
	| {readonly kind: 'blocked'; readonly reason: string; readonly feedback: string}
	/** A resolved conflict lost content of a side: the agent gets the list once, the second time a human decides. */
	| {
			readonly kind: 'dropped';
			readonly reason: string;
			readonly feedback: string;
			readonly isAgain: boolean;
			readonly fields: Readonly<Record<string, string>>;
	  };

export type CheckedPlan = {readonly ok: true; readonly plan: Plan} | Refusal;

/** A human's answer: the number of a choice, from 1, or 0 with a text of their own. */
export type Answer = {readonly choice: number; readonly text: string};

export type OpenQuestion = {
	readonly id: string;
	readonly agent: string;
	/** The source: a report of the agent, a hook of its program, a dialog on its screen, or the room (`turn`: the turn ended without a report). */
	readonly by: 'report' | 'hook' | 'screen' | 'turn';
	readonly text: string;
	/** The command, change or path it is about; may have several lines, '' for none. */
	readonly detail: string;
	readonly choices: readonly string[];
	/** The sign that shows the question is open. */
	readonly evidence: string;
	/** Delivers the answer; returns a refusal if the question can no longer take it. */
	readonly answer: (answer: Answer) => ActionResult | undefined | Promise<ActionResult | undefined>;
};

/** The socket of one attempt: its agent's only way to the room. */
export type AttemptSocket = {
	readonly path: string;
	/** Stops answering and removes its folder. */
	close(): Promise<void>;
};

/** Where and with what an attempt works. */
export type Workspace = {
	readonly folder: string;
	readonly branch: string;
	readonly command: (values: PlaceholderValues) => readonly string[];
	readonly environment: Readonly<Record<string, string>>;
	/** Brief placeholders known only after preparing (a diff, a conflict, the form of a plan). */
	readonly promptValues?: BriefValues;
	/** The tasks that are tested together, this task first, each with its candidate. */
	readonly entries?: readonly QueueEntry[];
	/** Fields of the task that preparing determined. */
	readonly fields: Readonly<Record<string, string>>;
	/** After the attempt: removes what is no longer needed. */
	readonly leave: () => Promise<void>;
	/** If no attempt ran here: removes all that was made for it. */
	readonly discard: () => Promise<void>;
};

/**
 * Preparing found that nothing needs to run: the stage's outcome is known. `commit`: for `merged` the commit on the base, for `conflict` what it
 * conflicts with. `removed`: its failed tests are proven to be its own. `later`: it cannot join the merge queue as that is now. `held`: a human
 * decides whether it may merge; the first line of `text` says why.
 */
export type NothingToRun = {
	readonly outcome: 'conflict' | 'empty' | 'merged' | 'removed' | 'later' | 'wait' | 'held';
	readonly text: string;
	readonly commit: string;
	/** If `held`, what a human is asked, and which fields are written with the question; `checks` and none by default. */
	readonly decision?: NeededDecision;
	readonly fields?: Readonly<Record<string, string>>;
};

/** A hook that waits for a human's decision. */
export type PendingPermission = {
	readonly id: string;
	/** The tool use it is about, '' if unknown. */
	readonly subject: string;
	readonly question: Question;
	/** Its dialog was seen on the screen, or in the program's own data. */
	wasShown: boolean;
	wasWaiting: boolean;
	/** Answered elsewhere: the hook ends without an answer. */
	readonly end: (why: string) => void;
};
