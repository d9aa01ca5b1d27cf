import type {Reply, Report} from '../../core/protocol/request.ts';
import {callRoom} from '../call-room.ts';

/** Ends the agent with this exit code: by a step, a failed command, or because the room reassigned its task. */
export class AgentEnds extends Error {
	override readonly name = 'AgentEnds';
	readonly exitCode: number;

	constructor(exitCode: number, message: string) {
		super(message);
		this.exitCode = exitCode;
	}
}

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
	readonly prompt: string;
	/** Where to write a plan; '' for none. */
	readonly planFile: string;
};

/** The agent's connection to its room. Outside a room everything is accepted and nothing sent. */
export type RoomLine = {
	/** Sends a report. Throws `AgentEnds` if the task was reassigned (`stale`, `gone`); an unreachable room is only printed. */
	report(report: Report): Promise<void>;
	/** Reports in another agent's name, with its own task and token; prints the reply. */
	forge(agent: string, report: Report): Promise<void>;
	/** Asks and waits for the choice (from 1). `signal` withdraws the question. Undefined: withdrawn, or no room. */
	ask(question: {readonly text: string; readonly choices: readonly string[]}, signal: AbortSignal): Promise<number | undefined>;
};

const REPORT_TIMEOUT_MS = 10_000;

/** Opens the connection from an attempt's environment; `say` prints on the agent's screen. */
export const createRoomLine = (environment: NodeJS.ProcessEnv, say: (text: string) => void): RoomLine => {
	const isAlone = !environment.AGENT_ROOM_SOCKET;
	const refuseStale = (reply: Reply): void => {
		if (reply.code === 'stale' || reply.code === 'gone') throw new AgentEnds(1, reply.message ?? 'The task was reassigned.');
	};
	return {
		report: async report => {
			if (isAlone) return;
			const reply = await callRoom(environment, report, AbortSignal.timeout(REPORT_TIMEOUT_MS)).catch((error: Error) => {
				say(`(cannot reach the room: ${error.message})`);
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

/** How to resolve a conflict: keep both sides or one, commit the markers, or do nothing. */
export const RESOLUTIONS = ['both', 'ours', 'theirs', 'markers', 'nothing'] as const;
export type Resolution = (typeof RESOLUTIONS)[number];

/** What no agent may do. The refusal is shown on the agent's screen, and it continues. */
export const MISDEEDS = ['approve-itself', 'move-base', 'delete-branch', 'leave-branch'] as const;
export type Misdeed = (typeof MISDEEDS)[number];
