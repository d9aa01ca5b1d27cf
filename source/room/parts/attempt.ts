import {join} from 'node:path';
import type {Mode} from '../../core/agent/agent.ts';
import type {Speaker} from '../../core/authority/principal.ts';
import type {Plan} from '../../core/plan/plan.ts';
import type {ActionResult} from '../../core/protocol/action.ts';
import type {MergeGroup, Report} from '../../core/protocol/request.ts';
import type {Session} from '../../core/session/evidence.ts';
import type {Question, Reading} from '../../core/session/reading.ts';
import type {Receipt} from '../../core/session/session.ts';
import type {Outcome} from '../../core/task/stages.ts';
import type {NeededDecision, WholeTask} from '../../core/task/task.ts';
import type {TestRun} from '../../core/task/test-run-schema.ts';
import type {Refusal} from '../../core/text/refusal.ts';
import type {Store} from '../../git/store/store.ts';
import type {Cli} from '../../harnesses/shared/cli.ts';
import type {PlaceholderValues} from '../../harnesses/shared/command.ts';
import type {PaneProcess} from '../../pty/process.ts';
import type {BriefValues} from '../../roles/placeholders.ts';
import type {PlannedAgent} from '../team/team.ts';
import type {RoomPaths, Surrounded} from './sandboxing.ts';

/** What the room has handed to the program of an attempt, and what it told it. */
type DeliveryState = {
	/** What became of each text, oldest first; the last ones. */
	readonly receipts: Receipt[];
	/** What became of the first prompt is known, or a human was asked: from then on the end of a turn is one. */
	isBegun: boolean;
	/** It was told at the end of a turn that the room has not heard of the end; new text from a human makes that due again. */
	isReminded: boolean;
	/** Mail may have come since it was told of any: from the start on, since its brief was written a moment before. */
	hasMail: boolean;
	/** How often mail kept its turn from ending. */
	mailTurns: number;
	/** Since when it waits for a human, or for its account: moment of `performance.now()`. That is not time the attempt takes. */
	waitsSince: number | undefined;
	/** Looks again at whether its turn is over. */
	look: () => void;
	/** Texts go one after the other. */
	last: Promise<unknown>;
};

export const newDeliveryState = (): DeliveryState => ({
	receipts: [],
	isBegun: false,
	isReminded: false,
	hasMail: true,
	mailTurns: 0,
	waitsSince: undefined,
	look: () => undefined,
	last: Promise.resolve(),
});

/** What was told of an attempt last, and what is about to be. */
export type Told = {
	fields: Readonly<Record<string, string>>;
	texts: string[];
	isAgain: boolean;
	writing: Promise<void> | undefined;
};

/** How an agent CLI was started: what runs in the pane, with what, and by which session it can be resumed. */
export type Launched = {
	readonly cli: Cli;
	readonly mode: Mode;
	readonly command: readonly string[];
	readonly environment: Readonly<Record<string, string>>;
	/** The session's own folder; it lives as long as the logs of the attempt. */
	readonly folder: string;
	/** The first prompt. */
	readonly prompt: string;
	/** The session that it continues with, '' if it starts a new one. */
	readonly resumed: string;
};

/** What of the room a launch needs to know. */
export type LaunchPaths = {
	readonly stateFolder: string;
	readonly commandsFolder: string;
	readonly tests: string;
	readonly repository: string;
	/** Node, and the room's own programs. */
	readonly node: string;
	readonly binFile: string;
	readonly programFile: string;
	readonly hookFile: string;
};

/** Folder of a session. */
export const sessionFolder = (stateFolder: string, name: string): string => join(stateFolder, 'sessions', name);

/** In a session's folder, what its agent is given to read. CLIs read nothing outside of their worktree without asking: this they are let. */
export const toldFolder = (session: string): string => join(session, 'told');

/** What the program of a running attempt does, as far as its signs tell. */
export type LiveSession = {
	readonly cli: Cli;
	readonly mode: Mode;
	/** The state at this moment: which sign decided, the question, the session's id, what it said last. */
	now(): Session;
	/** The attempt's own clock, ms, by which the moments of a `Session` are: it stands still while the attempt is paused. */
	clock(): number;
	/** Takes in what was seen, cleaned of what could do harm. */
	take(readings: readonly Reading[]): void;
	/** A hook waits with a question until `letGo`. */
	hold(id: string, question: Question, sign: string): void;
	/** It was answered, or is gone otherwise. */
	letGo(id: string, over: {readonly sign: string; readonly how: 'answered' | 'gone'}): void;
	/** The question on its screen was answered by keys. */
	typed(sign: string): void;
	/** Calls the listener with every batch that was taken in, states or not (receipts, usage); returns the way to stop. */
	onReadings(listener: (readings: readonly Reading[], session: Session) => void): () => void;
	/** Calls the listener whenever the session may have changed; returns the way to stop. */
	onChange(listener: (session: Session, before: Session) => void): () => void;
	/** The attempt is paused: time that passes says nothing until it continues. */
	pause(): void;
	resume(): void;
	/** No timer of it runs, and nobody is called any more. */
	close(): void;
};

/** What an agent reported before its process ended. */
export type Reported = Extract<Report, {kind: 'done' | 'result'}>;

/** A plan as it was written, and what the room found. */
export type PlanAnswer = {readonly text: string; readonly checked: CheckedPlan};

/** `signal` is its name, '' if the process exited by itself. */
export type Ended = {readonly exitCode: number; readonly signal: string};

/** One running attempt: a process in a pane under one lease. */
export type Attempt = {
	readonly agent: PlannedAgent;
	readonly task: WholeTask;
	readonly token: string;
	/** Moment of `performance.now()`, moved forward by what it spent paused: no step of a clock ends it. */
	startedAt: number;
	/** When it last reported, was answered or resumed, as `startedAt`: silence is counted from there. */
	activeAt: number;
	readonly workspace: Workspace;
	readonly pid: number;
	/** The sandbox around its program. */
	readonly surrounded: Surrounded;
	/** Its TMPDIR outside a sandbox. */
	readonly temporary: string;
	readonly logFile: string;
	/** A human ended its turn, and it has not worked since. */
	isInterrupted: boolean;
	isPaused: boolean;
	pausedAt: number;
	wasSeen: boolean;
	/** Its end has started: nobody else ends it, and its reports are refused. Written with the move `end` of its agent's slot. */
	isEnding: boolean;
	reported: Reported | undefined;
	/** Why it cannot continue, as it said last; '' once it said anything else. */
	blocked: string;
	/** What it said on the way, oldest first; the last lines. */
	readonly progress: string[];
	/** The last plan that it reported, and whether it can be used. */
	plan: PlanAnswer | undefined;
	/** Of a test: commit -> its runs, as reported. */
	readonly tested: Map<string, readonly TestRun[]>;
	/** Of a test whose program tests the base besides: the last lines of the candidate's own run. */
	lastLines: readonly string[] | undefined;
	/** Of a merge: what leaves together, this task first; [] before it may. */
	entries: MergeGroup['entries'];
	/** Why the room itself ended it, in words; '' if it ended by itself. */
	endReason: string;
	/** Resolves once, when the process has ended and its output was read to the end. */
	readonly ended: Promise<Ended>;
	/** Resolves when the room has done with it: its result or its release is written, and it is forgotten. */
	readonly over: Promise<void>;
	readonly closeOver: () => void;
	/** Stops the whole tree where it is. */
	stop(): void;
	resume(): void;
	/** Ends the whole tree of processes: asks, waits `graceMs`, then kills. */
	end(graceMs: number): Promise<void>;
	readonly process: PaneProcess;
	/** Answers until its processes are gone, also where its token is superseded: then it says so. */
	readonly socket: AttemptSocket;
	/** Of an agent CLI that the room knows: how it was started. */
	readonly launched: Launched | undefined;
	readonly delivery: DeliveryState;
	/** What its program does, of an agent CLI whose ways the room knows. */
	readonly session: LiveSession | undefined;
	/** The questions it waits with, the one that is shown first; they end with it. */
	questions: readonly OpenQuestion[];
	/** Hooks of its program that wait for a human. */
	readonly pendingPermissions: Set<PendingPermission>;
	/** What the team was told of it last. */
	readonly told: Told;
};

export type AttemptPaths = LaunchPaths & {
	readonly sandbox: RoomPaths;
	/** Opens the socket of an attempt, `name` being that of its files. */
	readonly openSocket: (name: string, speaker: Speaker) => Promise<AttemptSocket>;
	readonly base: string;
	/** The room's own objects, which worktrees borrow. */
	readonly store: Store;
	/** Further names of the environment that the configuration lets through. */
	readonly furtherEnvironment: readonly string[];
	readonly inherited: Readonly<Record<string, string | undefined>>;
};

/**
 * What follows from how the session of an agent CLI ended. `brake`: its account waits. `logged-out`: it takes nothing until a human has
 * logged it in. `new-session`: the work continues where it stands, in a session that restarts.
 */
export type AfterSession = 'throttle' | 'logged-out' | 'new-session';

/** What the end of an attempt means for its task. */
export type Judgement =
	| {
			readonly kind: 'complete';
			readonly outcome: Outcome;
			readonly text: string;
			readonly feedback: string;
			readonly fields: Readonly<Record<string, string>>;
	  }
	/** What an orchestrator made of its feature. */
	| {readonly kind: 'plan'; readonly plan: Plan}
	/** Counts a failure; the agent rests where it died. */
	| {
			readonly kind: 'fail';
			readonly reason: string;
			readonly feedback: string;
			readonly isCrash: boolean;
			/** No further attempt would come to anything else: the task fails. */
			readonly isLast?: boolean;
	  }
	/** The room's fault or nobody's: costs no attempt. */
	| {readonly kind: 'release'; readonly reason: string; readonly isCrash: boolean; readonly after?: AfterSession}
	/** A conflict was resolved and content of a side is missing: back with what it is, or, where that was said before, a human decides. */
	| {
			readonly kind: 'dropped';
			readonly reason: string;
			readonly feedback: string;
			readonly isAgain: boolean;
			readonly fields: Readonly<Record<string, string>>;
	  };

export type CheckedPlan = {readonly ok: true; readonly plan: Plan} | Refusal;

/** A human's answer: the number of a choice, from 1 on, or 0 and a text of their own. */
export type Answer = {readonly choice: number; readonly text: string};

/** A question that an agent waits with. */
export type OpenQuestion = {
	readonly id: string;
	readonly agent: string;
	/** Who asks: the agent by a report, a hook of its program, a dialog on its screen; or the room, what to do with one whose turn is over. */
	readonly by: 'report' | 'hook' | 'screen' | 'turn';
	readonly text: string;
	/** The command, the change or the path that it is about; several lines, '' for none. */
	readonly detail: string;
	readonly choices: readonly string[];
	/** By which sign it is known. */
	readonly evidence: string;
	/** Takes the answer to whoever waits for it; a refusal where it cannot be taken there any more. */
	readonly answer: (answer: Answer) => ActionResult | undefined | Promise<ActionResult | undefined>;
};

/** The socket of one attempt: its agent's way to the room, and no other of the room's. */
export type AttemptSocket = {
	readonly path: string;
	/** Nobody answers there any more, and its folder is gone. */
	close(): Promise<void>;
};

/** Where and with what an attempt works. */
export type Workspace = {
	readonly folder: string;
	readonly branch: string;
	readonly command: (values: PlaceholderValues) => readonly string[];
	readonly environment: Readonly<Record<string, string>>;
	/** What only the preparing knows of the brief's placeholders (a diff, a conflict, the form of a plan). */
	readonly promptValues?: BriefValues;
	/** Fields of the task that became true by preparing. */
	readonly fields: Readonly<Record<string, string>>;
	/** After the attempt: takes away what nobody needs any more. */
	readonly leave: () => Promise<void>;
	/** Instead of an attempt, when nothing has worked here: takes back all that was made for it. */
	readonly discard: () => Promise<void>;
};

/**
 * Preparing showed that there is nothing to run: the stage's outcome is known already. `commit`: of `landed` where it is on the base, of
 * `conflict` what it conflicts with. `ejected`: its failed tests are proven to be its own. `later`: it cannot stand in the merge queue as
 * the merge queue is now. `held`: a human decides whether it may merge, the first line of `text` says why.
 */
export type NothingToRun = {
	readonly outcome: 'conflict' | 'empty' | 'merged' | 'removed' | 'later' | 'held';
	readonly text: string;
	readonly commit: string;
	/** What a human is asked where it is `held`, and what of the task is written with the question; `checks` and nothing by default. */
	readonly decision?: NeededDecision;
	readonly fields?: Readonly<Record<string, string>>;
};

/** A hook that waits for a human's decision. */
export type PendingPermission = {
	readonly id: string;
	/** Which use of a tool it is about, '' if that is not told. */
	readonly subject: string;
	readonly question: Question;
	/** Its dialog was seen: on the screen, or in what the program says of itself. */
	wasShown: boolean;
	wasWaiting: boolean;
	/** It was answered elsewhere: the hook ends without a word. */
	readonly end: (why: string) => void;
};
