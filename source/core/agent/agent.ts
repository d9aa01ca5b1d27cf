/**
 * What an agent does now. `stalled`: it has heartbeats but no output; `unreachable`: no heartbeat; `crashed`: its process failed;
 * `waiting`: its turn ended without a result; `retrying`: its model did not answer, and it asks again by itself; `unknown`: no reliable sign.
 */
export const AGENT_STATUSES = [
	'idle',
	'starting',
	'working',
	'needs-input',
	'waiting',
	'finished',
	'retrying',
	'rate-limited',
	'out-of-context',
	'logged-out',
	'unknown',
	'paused',
	'stalled',
	'crashed',
	'unreachable',
	'stopped',
] as const;
export type AgentStatus = (typeof AGENT_STATUSES)[number];

/** One running member of the team, as in `agents:status:<id>`. Times are epoch ms of the Redis server, 0 where unset. */
export type Agent = {
	/** `agent:<short>:<number>`, such as `agent:dev:001`. */
	readonly id: string;
	readonly role: string;
	readonly capabilities: readonly string[];
	readonly room: string;
	readonly harness: string;
	readonly host: string;
	readonly pid: number;
	readonly status: AgentStatus;
	readonly task: string;
	readonly stage: string;
	readonly token: string;
	/** The exact question while `needs-input`. Its choices carry an id that changes with every question. */
	readonly question: string;
	readonly choices: readonly string[];
	readonly questionId: string;
	/** The command, change or path in question; several lines, '' for none. */
	readonly detail: string;
	/** The sign that decided the status, in words. */
	readonly evidence: string;
	/** Agents of one account share its rate limit. */
	readonly account: string;
	/** The task whose session was interrupted; the agent claims it first. */
	readonly resumes: string;
	/** Last reported progress, in one line. */
	readonly doing: string;
	/** Why it crashed, is paused or is unreachable. */
	readonly reason: string;
	/** When its program asks its model again, epoch ms of its machine; 0 if unknown. */
	readonly retryAt: number;
	readonly paused: boolean;
	readonly statusAt: number;
	readonly beatAt: number;
	/** Millionths of a dollar. */
	readonly spent: number;
	readonly tokensIn: number;
	readonly tokensOut: number;
	/** Part of `tokensIn` that came from the provider's cache. */
	readonly tokensCached: number;
	/** Requests to a model that were cut off before they said what they cost. */
	readonly cancelledCalls: number;
	/** The model that it last used, as its program names it; '' if unknown. */
	readonly model: string;
};

/** Whether the agent waits for an answer: to its question, or about a turn that ended. */
export const isAsking = ({status, questionId}: Pick<Agent, 'status' | 'questionId'>): boolean =>
	status === 'needs-input' || (status === 'waiting' && questionId !== '');

const parseList = (value: string | undefined): readonly string[] => {
	if (!value) return [];
	try {
		const parsed: unknown = JSON.parse(value);
		return Array.isArray(parsed) ? parsed.map(String) : [];
	} catch {
		return [];
	}
};

/**
 * Reads an agent from flat fields; `choices` is a JSON array, `capabilities` a comma list. Never throws: external workers write here too.
 */
export const parseAgent = (id: string, fields: Readonly<Record<string, string>>): Agent => ({
	id,
	role: fields.role ?? 'developer',
	capabilities: fields.capabilities ? fields.capabilities.split(',') : [],
	room: fields.room ?? '',
	harness: fields.harness ?? '',
	host: fields.host ?? '',
	pid: Number(fields.pid) || 0,
	status: AGENT_STATUSES.find(status => status === fields.status) ?? 'idle',
	task: fields.task ?? '',
	stage: fields.stage ?? '',
	token: fields.token ?? '',
	question: fields.question ?? '',
	choices: parseList(fields.choices),
	questionId: fields.questionId ?? '',
	detail: fields.detail ?? '',
	evidence: fields.evidence ?? '',
	account: fields.account ?? '',
	resumes: fields.resumes ?? '',
	doing: fields.doing ?? '',
	reason: fields.reason ?? '',
	retryAt: Number(fields.retryAt) || 0,
	paused: fields.paused === '1',
	statusAt: Number(fields.statusAt) || 0,
	beatAt: Number(fields.beatAt) || 0,
	spent: Number(fields.spent) || 0,
	tokensIn: Number(fields.tokensIn) || 0,
	tokensOut: Number(fields.tokensOut) || 0,
	tokensCached: Number(fields.tokensCached) || 0,
	cancelledCalls: Number(fields.cancelledCalls) || 0,
	model: isModel(fields.model ?? '') ? (fields.model ?? '') : '',
});

/** Returns the display name of an id (`agent:dev:001` -> `dev-1`). Other forms only lose their `agent:` prefix. */
export const agentName = (id: string): string => {
	const match = /^agent:([a-z]+):(\d+)$/.exec(id);
	return match ? `${match[1]}-${Number(match[2])}` : id.replace(/^agent:/, '');
};

/** Whether the team has agents on several machines. */
export const isSpread = (agents: Iterable<Pick<Agent, 'host' | 'status'>>): boolean => {
	let first = '';
	for (const {host, status} of agents) {
		if (host === '' || status === 'stopped') continue;
		if (first !== '' && host !== first) return true;
		first = host;
	}
	return false;
};

/** The name of an agent, with its machine where the team is spread over several: `dev-3@big-1`. */
export const placedName = ({id, host}: Pick<Agent, 'id' | 'host'>, isTeamSpread: boolean): string => {
	const place = isTeamSpread ? host.replace(/[^A-Za-z0-9_-]/g, '').slice(0, 40) : '';
	return place === '' ? agentName(id) : `${agentName(id)}@${place}`;
};

/** The name of the agent with that id as people read it in this team; of one that is not in it, the bare name. */
export const nameIn = (id: string, agents: ReadonlyMap<string, Pick<Agent, 'id' | 'host' | 'status'>>): string => {
	const agent = agents.get(id);
	return agent ? placedName(agent, isSpread(agents.values())) : agentName(id);
};

/** Returns the id of the n-th agent of a role's prefix: `agentId('dev', 1)` is `agent:dev:001`. */
export const agentId = (short: string, number: number): string => `agent:${short}:${String(number).padStart(3, '0')}`;

/** The number in an id of ours, 0 where there is none. */
export const numberOf = (id: string): number => Number(/^agent:[a-z]+:(\d+)$/.exec(id)?.[1] ?? 0);

/** What a person typed (`dev-1`, `dev-1@big-1`, `dev:001`, `agent:dev:001`) as an id. */
export const parseAgentId = (text: string): string => {
	const match = /^(?:agent:)?([a-z]+)[-:]0*(\d+)(?:@[A-Za-z0-9_-]+)?$/.exec(text.trim());
	return match?.[1] && match[2] ? agentId(match[1], Number(match[2])) : text.startsWith('agent:') ? text : `agent:${text}`;
};

/** An agent CLI that the room supports: its name in the table of `harnesses/clis`. */
export type CliName = string;

/** `interactive`: draws a screen in the pane; `headless`: answers one prompt and exits. */
export const MODES = ['interactive', 'headless'] as const;
export type Mode = (typeof MODES)[number];

/**
 * What a program may do without asking. `ask`: read. `edit`: also change files in its worktree and run the commands of `allowed`. `full`:
 * everything, by the program's own switch.
 */
export const PERMISSIONS = ['ask', 'edit', 'full'] as const;
export type Permissions = (typeof PERMISSIONS)[number];

/** The stricter of what an agent may and what its task asks for: a task never allows more than its agent may. */
export const stricter = (agent: Permissions, task: Permissions | ''): Permissions =>
	task !== '' && PERMISSIONS.indexOf(task) < PERMISSIONS.indexOf(agent) ? task : agent;

/** Whether a text may be the name of a model: it becomes an argument of a CLI, never a flag. */
export const isModel = (text: string): boolean => /^[A-Za-z0-9][A-Za-z0-9._:@/[\]-]{0,79}$/.test(text);
