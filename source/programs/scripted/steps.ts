import type {Reply, Report} from '../../core/protocol/request.ts';
import {callRoom} from '../call-room.ts';

/** The agent ends here with this exit code: a step said so, a command it ran failed, or the room took its task away. */
export class AgentEnds extends Error {
	override readonly name = 'AgentEnds';
	readonly exitCode: number;

	constructor(exitCode: number, message: string) {
		super(message);
		this.exitCode = exitCode;
	}
}

/** Where this run of the agent stands, from its environment and its brief. */
export type Situation = {
	readonly agent: string;
	readonly role: string;
	readonly task: string;
	readonly title: string;
	readonly stage: string;
	readonly attempt: number;
	readonly round: number;
	readonly worktree: string;
	readonly branch: string;
	readonly base: string;
	readonly brief: string;
	/** Where a plan is left; '' for none. */
	readonly planFile: string;
};

/** The agent's line to its room. Outside a room everything is accepted and nothing is sent. */
export type RoomLine = {
	/** Sends a report. Throws `AgentEnds` where the room took the task away (`stale`, `gone`); an unreachable room is only told about. */
	report(report: Report): Promise<void>;
	/** Speaks in another agent's name, with this one's task and token; what the room answers is said. */
	forge(agent: string, report: Report): Promise<void>;
	/** Asks, and waits for the choice (from 1). Hanging up (`signal`) withdraws the question. Undefined: withdrawn, or no room answers. */
	ask(question: {readonly text: string; readonly choices: readonly string[]}, signal: AbortSignal): Promise<number | undefined>;
};

const REPORT_TIMEOUT_MS = 10_000;

/** Opens the line from the environment of an attempt; `say` prints on the agent's screen. */
export const createRoomLine = (environment: NodeJS.ProcessEnv, say: (text: string) => void): RoomLine => {
	const isAlone = !environment.AGENT_ROOM_SOCKET;
	const refuseStale = (reply: Reply): void => {
		if (reply.code === 'stale' || reply.code === 'gone') throw new AgentEnds(1, reply.message ?? 'The task was taken over.');
	};
	return {
		report: async report => {
			if (isAlone) return;
			const reply = await callRoom(environment, report, AbortSignal.timeout(REPORT_TIMEOUT_MS)).catch((error: Error) => {
				say(`(the room was not reached: ${error.message})`);
				return undefined;
			});
			if (reply) refuseStale(reply);
		},
		forge: async (agent, report) => {
			if (isAlone) return;
			const timeout = AbortSignal.timeout(REPORT_TIMEOUT_MS);
			const reply = await callRoom({...environment, AGENT_ROOM_AGENT: agent}, report, timeout).catch(() => undefined);
			say(`● As ${agent}: ${reply?.code ?? 'no answer'}`);
		},
		ask: async ({text, choices}, signal) => {
			if (isAlone) return undefined;
			const reply = await callRoom(environment, {kind: 'ask', text, choices}, signal).catch(() => undefined);
			if (!reply) return undefined;
			refuseStale(reply);
			const {choice} = (reply.data ?? {}) as {choice?: unknown};
			return typeof choice === 'number' && choice >= 1 && choice <= choices.length ? choice : undefined;
		},
	};
};

/** A condition on where an agent stands; every field given must hold, a list means one of them. */
export type When = {
	readonly role?: string | readonly string[];
	readonly task?: string | readonly string[];
	readonly stage?: string | readonly string[];
	/** From 1. */
	readonly attempt?: number | readonly number[];
	/** Review rounds that asked for changes so far. */
	readonly round?: number | readonly number[];
	readonly briefHas?: string;
	/** A merge is in progress in the worktree, or the brief says that one would conflict. */
	readonly hasConflict?: boolean;
	/** About `git diff base...HEAD` of the worktree. */
	readonly diffHas?: string;
	readonly diffLacks?: string;
};

export type Edit = {
	readonly file: string;
	readonly write?: string;
	readonly append?: string;
	readonly replace?: {readonly from: string; readonly to: string};
};

export type Ask = {
	readonly question: string;
	/** What it is about, such as the command. */
	readonly detail?: string;
	readonly choices: readonly string[];
	/** Goes on with `otherwise` when nobody answered for so long; without it, it waits for ever. */
	readonly waitMs?: number;
	/** Number of the choice, from 1. */
	readonly otherwise?: number;
	/** Steps by the number of the choice, from 1. */
	readonly answers?: Readonly<Record<string, readonly Step[]>>;
};

/** A reviewer's comment at a place. */
export type Comment = {readonly file: string; readonly line: number; readonly severity: 'must-fix' | 'nit'; readonly text: string};

/** What an orchestrator answers: a plan in the form that plans have, or any text, which need not be one. */
export type PlanAnswer = {
	readonly tasks?: ReadonlyArray<Readonly<Record<string, unknown>>>;
	/** Tasks of the feature that a new plan takes back. */
	readonly cancel?: readonly string[];
	readonly text?: string;
	/** Reported, which is answered at once with what is wrong, instead of left in the file that the room reads at the end. */
	readonly isReported?: boolean;
};

/** How a conflict is ended: both sides stay, one is thrown away, the markers are committed as they are, or nothing is done about it. */
export const RESOLUTIONS = ['both', 'ours', 'theirs', 'markers', 'nothing'] as const;
export type Resolution = (typeof RESOLUTIONS)[number];

/** What no agent may do. What refuses it is shown on the agent's screen, and it goes on. */
export const MISDEEDS = ['approve-itself', 'move-base', 'delete-branch', 'leave-branch'] as const;
export type Misdeed = (typeof MISDEEDS)[number];

/** One thing that the agent does: exactly one of these beside `when`. Times in ms. */
export type Step = {
	readonly when?: When;
	readonly say?: string;
	readonly think?: number;
	readonly edit?: Edit;
	readonly run?: readonly string[];
	readonly progress?: string;
	readonly ask?: Ask;
	/** Commits everything with this message. */
	readonly commit?: string;
	/** Ends the merge that is in progress; where none is, merges the base branch into its own. */
	readonly resolve?: Resolution;
	readonly plan?: PlanAnswer;
	readonly readDiff?: true;
	/** Dies without a word: of the signal, or with the exit code. */
	readonly crash?: {readonly signal?: 'SIGKILL' | 'SIGSEGV' | 'SIGABRT' | 'SIGTERM'; readonly exit?: number};
	readonly rateLimit?: {readonly ms: number; readonly exit?: number};
	/** Does nothing any more; deaf, it does not even answer SIGTERM. */
	readonly hang?: {readonly isDeaf: boolean};
	/** Bytes of output at once. */
	readonly flood?: number;
	/** Writes a file of so many bytes, or as many as the disk takes. */
	readonly fillDisk?: number;
	readonly misbehave?: Misdeed;
	readonly done?: {readonly verdict?: 'approve' | 'changes'; readonly comments?: string | readonly Comment[]; readonly text?: string};
	readonly exit?: number;
};

/** The first entry whose condition holds is what the agent does. */
export type Script = {readonly scripts: ReadonlyArray<{readonly when?: When; readonly steps: readonly Step[]}>};
