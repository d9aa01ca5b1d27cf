import {agentName} from '../agent/agent.ts';
import type {Action} from '../protocol/action.ts';
import type {Report, Request} from '../protocol/request.ts';
import type {Stage} from '../task/task.ts';
import {type Refusal, refusal} from '../text/refusal.ts';
import {type Principal, tellPrincipal} from './principal.ts';

/** The kinds of principals that may make a request; all others are refused. */
type May = readonly Principal['kind'][];

const PERSON: May = ['person'];
/** For requests that reveal only that a room exists, which the socket reveals too. */
const ANYBODY: May = ['person', 'intruder', 'external'];

/** Every request, and who may make it. `report` only comes by an attempt's socket; `REPORTS` limits its kinds. */
export const REQUESTS = {
	attach: PERSON,
	dispatch: PERSON,
	status: PERSON,
	hosts: PERSON,
	tasks: PERSON,
	events: PERSON,
	replay: PERSON,
	explain: PERSON,
	plan: PERSON,
	logs: PERSON,
	report: ['agent'],
	ping: ANYBODY,
} as const satisfies Record<Request['op'], May>;

/** Every action, and who may order it. Agents may order none: they report on their own task, and others decide. */
export const ACTIONS = {
	'add-task': PERSON,
	'add-plan': PERSON,
	'pause-agent': PERSON,
	'resume-agent': PERSON,
	'pause-all': PERSON,
	'resume-all': PERSON,
	drain: PERSON,
	freeze: PERSON,
	'take-config': PERSON,
	rebuild: PERSON,
	budget: PERSON,
	'reassign-task': PERSON,
	'unassign-task': PERSON,
	'cancel-task': PERSON,
	'retry-task': PERSON,
	'restart-task': PERSON,
	'move-task': PERSON,
	'set-priority': PERSON,
	comment: PERSON,
	'merge-task': PERSON,
	'rebuild-task': PERSON,
	'revert-task': PERSON,
	'undo-base': PERSON,
	'keep-base': PERSON,
	'unblock-task': PERSON,
	approve: PERSON,
	'request-changes': PERSON,
	replan: PERSON,
	unlock: PERSON,
	'clear-rate-limit': PERSON,
	message: PERSON,
	'fork-session': PERSON,
	'type-line': PERSON,
	'stop-agent': PERSON,
	'kill-all': PERSON,
	'add-agent': PERSON,
	'retire-agent': PERSON,
	'resume-after-freeze': PERSON,
	'interrupt-all': PERSON,
	answer: PERSON,
	'stop-room': PERSON,
	reconnect: PERSON,
	'detach-all': PERSON,
} as const satisfies Record<Action['type'], May>;

const WRITING: readonly Stage[] = ['develop', 'document', 'resolve'];
/** Stages of agents; the room's own programs run the others. */
const OF_AGENTS: readonly Stage[] = [...WRITING, 'plan', 'review', 'audit'];
const EVERY: readonly Stage[] = [...OF_AGENTS, 'test', 'merge'];

/** Every report, and the stages that need it. `room/requests/reports.ts` also checks verdicts: no author judges its own work. */
export const REPORTS = {
	done: OF_AGENTS,
	plan: ['plan'],
	progress: EVERY,
	blocked: EVERY,
	ask: EVERY,
	message: EVERY,
	diff: OF_AGENTS,
	log: OF_AGENTS,
	show: OF_AGENTS,
	commit: WRITING,
	inbox: EVERY,
	queue: EVERY,
	explain: EVERY,
	lock: WRITING,
	unlock: WRITING,
	cost: EVERY,
	hook: EVERY,
	session: EVERY,
	tested: ['test'],
	tried: EVERY,
} as const satisfies Record<Report['kind'], readonly Stage[]>;

/** Returns a request's type for messages: an action, an op or a report kind. */
export const wordOf = (request: Request): string =>
	request.op === 'dispatch' ? request.action.type : request.op === 'report' ? `report ${request.kind}` : request.op;

/** Whether only a human may make a request. An attempt by others is worth an event. */
export const isPersonal = (request: Request): boolean => request.op !== 'report' && request.op !== 'ping';

const ONLY_REPORTS = 'Agents use `agent-room report`; see `agent-room help report`.';

/** Returns the refusal of a human's order that came from someone else. `word` is a command or a request. */
export const notForAgents = (who: string, word: string): Refusal =>
	refusal('refused', `\`${word}\` is for humans only; ${who} is an agent.`, ONLY_REPORTS);

const refuseReport = (principal: Principal, report: Extract<Request, {op: 'report'}>): Refusal | undefined => {
	if (principal.kind !== 'agent')
		return refusal(
			'refused',
			'Only agents send reports, through the socket of their attempt.',
			'The agent finds its path in `AGENT_ROOM_SOCKET`.',
		);
	const {agent, task, token, stage} = principal;
	if (report.agent !== agent)
		return refusal('refused', `${agentName(agent)} cannot report as another agent.`, 'Report under your own name.');
	if (report.task !== task || report.token !== token)
		return refusal(
			'stale',
			`The report does not match the attempt of ${agentName(agent)} on ${task}.`,
			'Stop, or restore the original AGENT_ROOM_* variables.',
		);
	const stages: readonly string[] = REPORTS[report.kind];
	return stages.includes(stage)
		? undefined
		: refusal('refused', `\`report ${report.kind}\` is not available in stage \`${stage}\`.`, 'See `agent-room help report`.');
};

/**
 * Decides who may do what: returns undefined if the principal may, else the refusal. Guarantee: what has no row is refused to all; a new
 * request, action or report without a row does not compile.
 */
export const refuseUnlessAllowed = (principal: Principal, request: Request): Refusal | undefined => {
	if (request.op === 'report') return refuseReport(principal, request);
	const may: May = request.op === 'dispatch' ? ACTIONS[request.action.type] : REQUESTS[request.op];
	if (may.includes(principal.kind) && (REQUESTS[request.op] as May).includes(principal.kind)) return undefined;
	if (principal.kind === 'external')
		return refusal(
			'refused',
			`The room cannot identify the process that requested \`${wordOf(request)}\`.`,
			'Use the same version of `agent-room`, on the machine and in the container of the room.',
		);
	return notForAgents(tellPrincipal(principal), wordOf(request));
};
