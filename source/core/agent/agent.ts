/**
 * What an agent does now. `stalled`: beats, but nothing moves; `lost`: no heartbeat; `dead`: its process ended badly; `waiting`: its turn is over
 * and it has not said that its task is done; `unknown`: nothing reliable says what its program does.
 */
export const AGENT_STATUSES = [
	'idle',
	'starting',
	'working',
	'needs-input',
	'waiting',
	'finished',
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

/** One running member of the team as `agents:status:<id>` holds it; times are epoch ms of the Redis server, 0 where unset. */
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
	/** The exact question while `asks`, with its choices and an id that changes with every question. */
	readonly question: string;
	readonly choices: readonly string[];
	readonly questionId: string;
	/** The command, the change or the path that the question is about; several lines, '' for none. */
	readonly detail: string;
	/** Which sign its status follows from, in words. */
	readonly evidence: string;
	/** Whose limits it shares. */
	readonly account: string;
	/** The task in whose session it was cut off, and which it takes first. */
	readonly resumes: string;
	/** What it does, in one line, as it said last. */
	readonly doing: string;
	/** Why it is dead, paused or lost, in words. */
	readonly reason: string;
	readonly paused: boolean;
	readonly statusAt: number;
	readonly beatAt: number;
	/** What was used up by it, in millionths of a dollar, and tokens. */
	readonly spent: number;
	readonly tokensIn: number;
	readonly tokensOut: number;
	/** Of `tokensIn`, what the provider's cache gave. */
	readonly tokensCached: number;
};

/** Whether a person is asked something that can be answered: by the agent, or what to do with one whose turn is over. */
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

/** Reads an agent from flat fields; `choices` is a JSON array, `capabilities` a comma list. Never throws: outsiders write here too. */
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
	paused: fields.paused === '1',
	statusAt: Number(fields.statusAt) || 0,
	beatAt: Number(fields.beatAt) || 0,
	spent: Number(fields.spent) || 0,
	tokensIn: Number(fields.tokensIn) || 0,
	tokensOut: Number(fields.tokensOut) || 0,
	tokensCached: Number(fields.tokensCached) || 0,
});

/** `agent:dev:001` as a person reads and types it: `dev-1`. Other forms come back without their `agent:` prefix. */
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

/** The id of the n-th agent of a role's short name: `agentId('dev', 1)` is `agent:dev:001`. */
export const agentId = (short: string, number: number): string => `agent:${short}:${String(number).padStart(3, '0')}`;

/** The number in an id of ours, 0 where there is none. */
export const numberOf = (id: string): number => Number(/^agent:[a-z]+:(\d+)$/.exec(id)?.[1] ?? 0);

/** What a person typed (`dev-1`, `dev-1@big-1`, `dev:001`, `agent:dev:001`) as an id. */
export const parseAgentId = (text: string): string => {
	const match = /^(?:agent:)?([a-z]+)[-:]0*(\d+)(?:@[A-Za-z0-9_-]+)?$/.exec(text.trim());
	return match?.[1] && match[2] ? agentId(match[1], Number(match[2])) : text.startsWith('agent:') ? text : `agent:${text}`;
};

/** An agent CLI whose ways the room knows: its name in the table of `harnesses/clis`. */
export type CliName = string;

/** `interactive`: its own screen in the pane; `headless`: one prompt, and it ends when that is done. */
export const MODES = ['interactive', 'headless'] as const;
export type Mode = (typeof MODES)[number];

/**
 * What a program may do without asking. `ask`: read. `edit`: also change files in its worktree, and run the commands of `allowed`.
 * `full`: everything, by the program's own switch for that.
 */
export const PERMISSIONS = ['ask', 'edit', 'full'] as const;
export type Permissions = (typeof PERMISSIONS)[number];
