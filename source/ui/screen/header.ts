import {agentName} from '../../core/agent/agent.ts';
import {paceOf} from '../../core/cost/spending.ts';
import type {Control} from '../../core/team/snapshot.ts';
import {dollars} from '../../core/text/format.ts';
import {type Drawing, moneyText, teamNow} from '../draw/context.ts';
import {keyOf} from '../keymap/keymap.ts';
import {runningAgents, teamRows} from '../model/agents.ts';
import {needsYou} from '../model/attention.ts';
import {counts} from '../model/queue.ts';
import {standstill} from '../model/standstill.ts';
import {type Look, STATUS_STYLES} from '../model/status-styles.ts';
import {age, clock, remember} from '../model/time.ts';
import {needsYouLine} from '../panels/pane.ts';
import {cut, dropRight, type Line, lineWidth, said, span, spread, type Tone} from '../text/text.ts';

const RESTING: readonly Look[] = ['idle', 'rate-limited', 'paused'];
const HEADER_ORDER: readonly Look[] = [...(['working', 'review', 'merging'] as const), ...RESTING];
/** Looks that the header counts together. */
const AS_ONE: Readonly<Partial<Record<Look, readonly Look[]>>> = {
	working: ['working', 'starting', 'finished', 'out-of-context'],
	merging: ['testing', 'merging'],
};
/** Statuses shown with their letter: their glyph alone is ambiguous. */
const LETTERED: readonly Look[] = ['rate-limited'];

/** What needs a human, then agents by status, with words if there is room: `▲2 for you`. */
const lookCounts = (drawing: Drawing, hasWords: boolean, looks = HEADER_ORDER): readonly Line[] => {
	// An agent that has left is still in the list, but not idle.
	const rows = teamRows(drawing.snapshot, teamNow(drawing)).filter(({agent}) => agent?.status !== 'stopped');
	const count = (look: Look): number => rows.filter(row => (AS_ONE[look] ?? [look]).includes(row.look)).length;
	const needs = needsYou(drawing.snapshot, teamNow(drawing));
	return [
		...(needs > 0 ? [needsYouLine(needs, hasWords)] : []),
		...looks
			.filter(look => count(look) > 0)
			.map(look => {
				const {badge, tone, word} = STATUS_STYLES[look];
				const words = hasWords ? [span(` ${word}`)] : [];
				return [span(`${LETTERED.includes(look) ? badge : badge.slice(0, 1)}${count(look)}`, tone), ...words];
			}),
	];
};

/** Rate-limited accounts, and when the first limit ends. */
const rateLimitBanner = (drawing: Drawing): Line => {
	const now = teamNow(drawing);
	const [first, ...more] = drawing.snapshot.team.control.rateLimits.filter(
		({at, until, probe}) => probe === '' && now >= at && now < until,
	);
	if (!first) return [];
	const soonest = Math.min(...[first, ...more].map(({until}) => until));
	const {columns} = drawing.layout;
	const name = `${columns < 100 ? '' : 'account '}${said(first.account, 24)}`;
	const who = more.length === 0 ? name : `${more.length + 1} accounts`;
	return [span(` ‖ ${columns < 60 ? '' : `${who} `}LIMITED ${age(soonest - now)} `, 'frozen')];
};

const frozenBanner = ({snapshot, layout, keymap, isAscii}: Drawing): Line => {
	const key = keyOf(keymap, 'freeze', isAscii);
	if (snapshot.team.control.recovery !== '') return [span(' ‖ DATA LOST ‖ ', 'frozen'), span(` ${key} decide…`)];
	const held = runningAgents(snapshot.team).length;
	const count = layout.columns < 60 || held === 0 ? '' : ` ${held} ${held === 1 ? 'agent' : 'agents'}`;
	return [span(` ‖ FROZEN${count} ‖ `, 'frozen'), span(layout.columns < 100 ? ` ${key} resume…` : ` ${key} resume or kill…`)];
};

/** An agent moved the base: who, and the key that reverts it. */
const strayBanner = ({snapshot, layout, keymap, isAscii}: Drawing): Line => {
	const {control} = snapshot.team;
	if (control.stray === '') return [];
	const who = layout.columns < 80 || control.strayAgent === '' ? '' : ` by ${said(agentName(control.strayAgent))}`;
	const name = said(snapshot.repository.base, 20);
	return [
		span(` ${name} MOVED${who} `, 'badge'),
		span(` ${keyOf(keymap, 'undo-base', isAscii)} ${layout.columns < 100 ? 'undo' : 'reverts it'}`),
	];
};

/** Why nothing moves, and the key that changes it. */
const standstillBanner = (drawing: Drawing): Line => {
	const {snapshot, layout, keymap, isAscii} = drawing;
	const still = standstill(snapshot, teamNow(drawing));
	if (!still) return [];
	const [key] = still.keys?.actions ?? [];
	const way: Line = key && layout.columns >= 100 ? [span(` ${keyOf(keymap, key, isAscii)} ${still.keys?.does.replace(/\.$/, '')}`)] : [];
	return [span(` ‖ ${still.word} `, 'frozen'), ...way];
};

const banner = (drawing: Drawing): Line => {
	const {snapshot, now, keymap, isAscii} = drawing;
	const {redis, team} = snapshot;
	if (!redis.isConnected) {
		const frozen = !team.control.frozen
			? []
			: drawing.layout.columns < 80
				? [span(' ‖ ', 'frozen')]
				: [span(' '), ...frozenBanner(drawing)];
		return [span(` REDIS DISCONNECTED ${age(now - redis.lostAt)} `, 'badge'), ...frozen];
	}
	if (team.control.frozen) return frozenBanner(drawing);
	const stray = strayBanner(drawing);
	if (stray.length > 0) return stray;
	if (team.control.paused) return [span(' ‖ ALL PAUSED ‖ ', 'frozen')];
	const waits = rateLimitBanner(drawing);
	if (waits.length > 0 && !team.control.drained) return waits;
	if (snapshot.banners.some(({id}) => id === 'stop-when-idle'))
		return [span(' ‖ STOPPING after current turns ', 'frozen'), span(' P  resume')];
	if (team.control.drained) return [span(' ‖ DRAINED ', 'frozen'), span(` ${keyOf(keymap, 'drain', isAscii)}  resume`)];
	return standstillBanner(drawing);
};

const unprotected = ({snapshot, layout}: Drawing): readonly Line[] =>
	layout.columns < 60 ? [] : (snapshot.unprotected ?? []).map(words => [span(words, 'warning')]);

/** From 80% of a budget on its colour changes; at 100% it also gets a sign. */
const moneyTone = ({spent, budget}: Control): Tone =>
	budget === 0 || spent < budget * 0.8 ? 'plain' : spent < budget ? 'warning' : 'danger';

const HOUR_MS = 3_600_000;
/** From these columns on, what the last hour brought and costs. */
const WITH_RATES = 120;

/** `  3/h` merged, and `, $2.10/h`; '' for nothing in the last hour. */
const rates = remember((snapshot, now): {readonly merged: string; readonly pace: string} => {
	const merged = [...snapshot.team.tasks.values()].filter(({state, doneAt}) => state === 'merged' && doneAt > now - HOUR_MS).length;
	const {perHour} = paceOf(snapshot.team.spending, now);
	return {merged: merged > 0 ? `  merged ${merged}/h` : '', pace: perHour > 0 ? `, ${dollars(perHour)}/h` : ''};
});

/** Where merges go, where that is not only here: ` push`, or ` pr` where the forge's checks decide. */
const mergingMark = ({merging = 'local'}: Drawing['snapshot']): Line => (merging === 'local' ? [] : [span(` ${merging}`, 'dim')]);

/**
 * The top row: room, counts, queue and merges, what the last hour brought, clock. Dropped in this order: words, the last hour, repository, idle agents, cents and budget, merges,
 * money, clock; never a lost Redis or a freeze.
 */
export const headerLine = (drawing: Drawing): Line => {
	const {snapshot, layout, now} = drawing;
	const {columns} = layout;
	const {queued, merging} = counts(snapshot);
	const isLong = columns >= 100;
	const isWide = columns >= 140;
	const [gap, wide] = isLong ? ['  ', '   '] : [' ', '  '];
	const name: Line = [span(isLong ? ' agent-room' : ' room', 'strong')];
	const place: Line = [
		span(cut(`${snapshot.repository.name}@${snapshot.repository.base}`, Math.max(10, Math.floor(columns / 5)))),
		...mergingMark(snapshot),
	];
	const loud = banner(drawing);
	const must = [...(loud.length > 0 ? [loud] : []), ...unprotected(drawing)];
	const {spent, budget} = snapshot.team.control;
	const money = moneyText(drawing);
	const short = spent > 0 || budget > 0 ? `$${Math.round(spent / 1_000_000)}${budget > 0 && spent >= budget ? '!' : ''}` : '';
	const hour = rates(snapshot, teamNow(drawing));
	const end = (sum: string, hasMerges: boolean, hasClock: boolean, more = ''): Line => [
		span(
			isWide
				? ` queued ${queued}${hasMerges ? `  merging ${merging}` : ''}${more}`
				: ` q${queued}${hasMerges ? `${gap}m${merging}` : ''}${more}`,
		),
		...(sum ? [span(hasMerges ? wide : gap), span(sum, moneyTone(snapshot.team.control))] : []),
		...(hasClock ? [span(`${hasMerges ? wide : gap}${clock(now)} `)] : [span(' ')]),
	];
	const few = [
		...must,
		...lookCounts(
			drawing,
			false,
			HEADER_ORDER.filter(look => !RESTING.includes(look)),
		),
	];
	const full = end(money || short, true, true);
	const rated = end(money === '' ? '' : `${money}${hour.pace}`, true, true, hour.merged);
	const variants: readonly (readonly [parts: readonly Line[], right: Line])[] = [
		...(columns >= WITH_RATES
			? [
					[[place, ...must, ...lookCounts(drawing, true)], rated] as const,
					[[place, ...must, ...lookCounts(drawing, false)], rated] as const,
				]
			: []),
		[[place, ...must, ...lookCounts(drawing, true)], full],
		[[place, ...must, ...lookCounts(drawing, false)], full],
		[[...must, ...lookCounts(drawing, false)], full],
		[few, full],
		[few, end(short, true, true)],
		[few, end(short, false, true)],
		[few, end('', false, true)],
		[few, end('', false, false)],
	];
	const freeOf = (right: Line): number => columns - lineWidth(right) - lineWidth(name) - 2;
	const widthOfAll = (parts: readonly Line[]): number => parts.reduce((sum, part) => sum + lineWidth(part) + gap.length, 0);
	const [parts, right] = variants.find(([all, end]) => widthOfAll(all) <= freeOf(end)) ?? [few, end('', false, false)];
	return spread([...name, span('  '), ...dropRight(parts, freeOf(right), gap)], right, columns);
};
