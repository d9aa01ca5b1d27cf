import {type Agent, agentName} from '../../core/agent.ts';
import {whyBraked} from '../../core/brake-words.ts';
import {tellWait} from '../../core/lock-words.ts';
import type {Task} from '../../core/task.ts';
import {age, ageOf} from './ages.ts';
import {askText} from './asks.ts';
import {GROUPS, type Group, LOOK_ORDER, LOOKS, type Look, lookNow} from './looks.ts';
import {remember} from './remember.ts';

/** One row of the Agents panel: an agent, or a task that is dead or asks, which needs a person as much as an agent does. */
export type RosterRow = {
	/** The agent's id, or `task:<id>`: what the selection sticks to. */
	readonly id: string;
	readonly name: string;
	readonly look: Look;
	readonly agent: Agent | undefined;
	readonly task: Task | undefined;
	readonly text: string;
	/** Since when it looks so, server time. */
	readonly since: number;
};

const textOf = (agent: Agent, look: Look, task: Task | undefined, lastLine: string, now: number): string => {
	if (look === 'asks') return `asks: ${agent.question || 'see its pane'}`;
	if (look === 'waiting') return `waits: ${agent.question || agent.reason || 'see its pane'}`;
	if (look === 'logged-out') return agent.reason || 'logged out';
	if (look === 'unknown') return agent.reason || agent.evidence || 'nothing reliable says what it does';
	if (agent.status === 'lost') return agent.reason || `no heartbeat ${ageOf(agent.beatAt, now)}`;
	if (look === 'dead') return agent.reason || 'its process ended';
	if (look === 'stalled') return agent.reason || `no output ${age(now - agent.statusAt)}, heartbeat ok`;
	if (look === 'starting') return 'starting';
	if (look === 'paused') return agent.reason || 'paused by you';
	if (look === 'idle') return agent.status === 'stopped' ? agent.reason || 'stopped' : 'ready';
	if (look === 'rate-limited' || look === 'out-of-context') return agent.reason || LOOKS[look].word;
	// A prompt or a rule is no sentence.
	const line = /[\p{L}\p{N}]/u.test(lastLine) ? lastLine : '';
	return agent.doing || task?.progress || line || (agent.stage === 'test' ? 'testing' : LOOKS[look].word);
};

/** All rows, most urgent first, oldest first among equals. */
export const roster = remember((snapshot, now): readonly RosterRow[] => {
	const {team, panes} = snapshot;
	const agents = [...team.agents.values()].map((agent): RosterRow => {
		const look = lookNow(agent, team, now);
		const task = team.tasks.get(agent.task);
		const isHeld = look === 'working' || look === 'stalled' || look === 'unknown';
		const waits = isHeld ? tellWait(agent.id, team, now) : look === 'rate-limited' ? whyBraked(agent, team.control, now) : '';
		const text = waits || textOf(agent, look, task, panes.get(agent.id)?.lastLine ?? '', now);
		return {id: agent.id, name: agentName(agent.id), look, agent, task, text, since: agent.statusAt};
	});
	const dead = [...team.tasks.values()]
		.filter(task => task.state === 'dead')
		.map((task): RosterRow => {
			const text = `out of attempts: ${task.reason || 'no reason given'}`;
			return {id: `task:${task.id}`, name: '—', look: 'dead', agent: undefined, task, text, since: task.updatedAt};
		});
	const asking = [...team.tasks.values()]
		.filter(task => task.asks)
		.map((task): RosterRow => {
			const text = `asks: ${askText(task)}`;
			return {id: `task:${task.id}`, name: '—', look: 'asks', agent: undefined, task, text, since: task.stageAt || task.updatedAt};
		});
	return [...agents, ...asking, ...dead].sort(byUrgency);
});

/** Made once: `localeCompare` makes one for each comparison. */
const byName = new Intl.Collator('en', {numeric: true});

const byUrgency = (a: RosterRow, b: RosterRow): number =>
	LOOK_ORDER.indexOf(a.look) - LOOK_ORDER.indexOf(b.look) ||
	(LOOKS[a.look].group === 'needs' ? a.since - b.since : 0) ||
	byName.compare(a.id, b.id);

/** Where each row stands: kept while a person moves, so that no row jumps under a key. */
export type Arrangement = readonly {readonly group: Group; readonly id: string}[];

export const arrangementOf = (rows: readonly RosterRow[]): Arrangement => rows.map(({id, look}) => ({group: LOOKS[look].group, id}));

/** The old places, without what is gone; what is new stands at the end of its group. */
export const keepPlaces = (before: Arrangement, rows: readonly RosterRow[]): Arrangement => {
	const alive = new Set(rows.map(row => row.id));
	const known = new Set(before.map(place => place.id));
	const kept = before.filter(place => alive.has(place.id));
	const fresh = arrangementOf(rows.filter(row => !known.has(row.id)));
	return GROUPS.flatMap(group => [...kept, ...fresh].filter(place => place.group === group));
};

/** Rows in the order of an arrangement; `group` is where the row stands, which may lag behind its look for two seconds. */
export const placed = (arrangement: Arrangement, rows: readonly RosterRow[]): readonly (RosterRow & {readonly group: Group})[] => {
	const byId = new Map(rows.map(row => [row.id, row]));
	return arrangement.flatMap(({group, id}) => {
		const row = byId.get(id);
		return row ? [{...row, group}] : [];
	});
};
