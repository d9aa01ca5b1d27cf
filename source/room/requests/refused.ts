import {agentName} from '../../core/agent/agent.ts';
import {type Principal, tellPrincipal} from '../../core/authority/principal.ts';
import {cleanText} from '../../terminal/text/clean.ts';
import type {Facts, Link, Refusals, Room, Tried} from '../parts/parts.ts';

/** Repeats within this time are counted in one line, ms. */
const WINDOW_MS = 60_000;
/** How long the last refusal stays on the screen, ms. */
const SHOWN_MS = 10 * 60_000;
/** Different refusals listed for one agent within the window; all others count as one more. */
const MOST = 50;

const DOORS = {
	attempt: 'through the socket of its attempt',
	command: 'with a command',
	person: 'through your socket',
} as const;

/** Something else used an order of the human's. `door`: how it came. */
export const triedAsYou = (principal: Exclude<Principal, {kind: 'person'}>, word: string, door: keyof typeof DOORS): Tried => ({
	agent: 'agent' in principal ? principal.agent : '',
	who: tellPrincipal(principal),
	what: `tried to act as you: \`${word}\` ${DOORS[door]}${'pid' in principal && principal.pid > 0 ? `, pid ${principal.pid}` : ''}`,
	key: `${principal.kind} ${word} ${door}`,
});

/** An agent acted in a way it may not: in another's name, or as the judge of its own work. */
export const triedAsOther = (agent: string, what: string): Tried => ({agent, who: agentName(agent), what: cleanText(what, 200), key: what});

type Run = {count: number; end: NodeJS.Timeout};

/**
 * Records and shows refused attempts. Guarantee: the first of each kind is reported at once; repeats and excess within a minute make one line with a
 * count. So an agent causes at most fifty lines a minute, and one if it repeats one thing ten thousand times.
 */
export const createRefusals = (
	{
		facts,
		link,
		record,
		slots,
	}: Pick<Room, 'record' | 'slots'> & {readonly facts: Pick<Facts, 'log'>; readonly link: {readonly coordination: Link['coordination']}},
	{windowMs = WINDOW_MS}: {readonly windowMs?: number} = {},
): Refusals => {
	const runs = new Map<string, Map<string, Run>>();
	const shown = new Map<string, NodeJS.Timeout>();

	const write = ({agent, who, what}: Tried, times: number): void => {
		const told = times === 1 ? `${what}: refused` : `${what}: refused, ${times} more times in a minute`;
		facts.log(`${who} ${told}`);
		slots.pane(agent)?.say(`refused: ${what}`);
		link.coordination
			.appendEvent({type: 'order_refused', task: '', agent, text: agent === '' ? `${who} ${told}` : told})
			.catch(error => facts.log(`cannot record a refusal: ${String(error)}`));
	};
	const show = ({agent, who, what}: Tried): void => {
		const id = `alarm:${agent}`;
		clearTimeout(shown.get(id));
		const hide = (): void => {
			shown.delete(id);
			record.setBanner(id, undefined);
		};
		shown.set(id, setTimeout(hide, SHOWN_MS).unref());
		// A warning, no error: an agent must not be able to hide real errors behind its alarms.
		record.setBanner(id, {severity: 'warning', text: `${who} ${what}: refused.`});
	};
	/** A window with repeats is followed by another; after a quiet one the attempt is new again. */
	const begin = (mine: Map<string, Run>, key: string, tried: Tried): void => {
		const over = (): void => {
			const count = mine.get(key)?.count ?? 0;
			mine.delete(key);
			if (count === 0) return;
			write(tried, count);
			begin(mine, key, tried);
		};
		mine.set(key, {count: 0, end: setTimeout(over, windowMs).unref()});
	};
	return {
		tell: tried => {
			const mine = runs.get(tried.agent) ?? new Map<string, Run>();
			runs.set(tried.agent, mine);
			const known = mine.has(tried.key) || mine.size < MOST;
			const given = known ? tried : {...tried, what: 'tried something that it may not do', key: ''};
			const run = mine.get(given.key);
			show(given);
			if (run) {
				run.count++;
				return;
			}
			write(given, 1);
			begin(mine, given.key, given);
		},
		close: () => {
			for (const mine of runs.values()) for (const {end} of mine.values()) clearTimeout(end);
			for (const timer of shown.values()) clearTimeout(timer);
			runs.clear();
			shown.clear();
		},
	};
};
