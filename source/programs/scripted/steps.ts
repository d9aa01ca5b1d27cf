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
	readonly prompt: string;
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

/** How a conflict is ended: both sides stay, one is thrown away, the markers are committed as they are, or nothing is done about it. */
export const RESOLUTIONS = ['both', 'ours', 'theirs', 'markers', 'nothing'] as const;
export type Resolution = (typeof RESOLUTIONS)[number];

/** What no agent may do. What refuses it is shown on the agent's screen, and it continues. */
export const MISDEEDS = ['approve-itself', 'move-base', 'delete-branch', 'leave-branch'] as const;
export type Misdeed = (typeof MISDEEDS)[number];
