import {isAsking} from '../../core/agent/agent.ts';
import type {RoomEvent} from '../../core/event/event.ts';
import type {RoomSnapshot} from '../../store/room.ts';
import {cleanText} from '../../terminal/text/clean.ts';
import {type Need, needs} from '../model/attention.ts';
import {events} from '../model/events.ts';
import {serverNow} from '../model/time.ts';

/** Signs dropped from speech: the words next to them suffice. */
const SIGNS = /[▲✗◌◆»●‖○✓⊘▸▶↵·•│─━]/g;

const MOST = 400;

/** A text as one line of speech: no control characters or signs, single blanks, bounded. */
export const spoken = (text: string, most = MOST): string => {
	const line = cleanText(text.slice(0, most * 4))
		.replaceAll('…', '...')
		.replaceAll('×', ' and ')
		.replaceAll('→', ' to ')
		.replaceAll(SIGNS, ' ')
		.replaceAll(/\s+/g, ' ')
		.trim();
	return line.length > most ? `${line.slice(0, most)}, and more` : line;
};

/** `1 yes, 2 no`: what can be typed. */
export const numbered = (words: readonly string[]): string => words.map((word, index) => `${index + 1} ${spoken(word, 80)}`).join(', ');

/** `3 tasks`, `1 task`. */
export const many = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;

/** One item to read. `kind` groups several. */
export type News = {readonly kind: string; readonly text: string; readonly isUrgent: boolean};

/** Spoken events: label, and whether it is urgent. Others are skipped. */
const TOLD: Readonly<Record<string, readonly [label: string, isUrgent: boolean]>> = {
	task_merged: ['merged', false],
	task_failed: ['failed', true],
	attempt_failed: ['failed', false],
	task_submitted: ['queued', false],
	task_planned: ['planned', false],
	task_cancelled: ['cancelled', false],
	task_claimed: ['started', false],
	task_wait_reason: ['waiting', false],
	feature_ended: ['feature ended', true],
	base_failing: ['base', true],
	base_tested: ['base', false],
	base_moved: ['base', false],
	merges_go_to: ['base', false],
	base_strayed: ['base', true],
	base_decided: ['base', false],
	pull_request_opened: ['pull request', false],
	pull_request_changed: ['pull request', false],
	task_unmerged: ['no longer merged', true],
	task_remerged: ['merged again', false],
	entry_removed: ['removed from merge queue', false],
	conflict_predicted: ['predicted conflict', false],
	account_throttled: ['limit', false],
	control_changed: ['room', true],
	budget_reached: ['budget', true],
	agent_left: ['left', false],
	room_joined: ['team', false],
	room_left: ['team', true],
	leader_changed: ['team', false],
	lock_forced: ['unlocked', false],
};

const newsOf = (event: RoomEvent, text: string): News | undefined => {
	const [label, isUrgent] = TOLD[event.type] ?? [];
	if (label === undefined || isUrgent === undefined) return undefined;
	return {kind: label, text: `${text.includes(label) ? '' : `${label}: `}${spoken(text)}.`, isUrgent};
};

/** From so many of a kind on, one line covers them. */
const ALIKE = 3;

/** `queued 8: readme-status, slugify, truncate, and 5 more.` replaces the first of them. */
const gathered = (events: readonly {readonly event: RoomEvent; readonly text: string}[]): readonly News[] => {
	const told = events.flatMap(({event, text}) => {
		const news = newsOf(event, text);
		return news ? [{news, task: event.task}] : [];
	});
	const alike = (kind: string) => told.filter(({news}) => news.kind === kind && !news.isUrgent);
	return told.flatMap(({news}, index) => {
		const all = alike(news.kind);
		if (news.isUrgent || all.length < ALIKE) return [news];
		if (told.findIndex(one => one.news.kind === news.kind) !== index) return [];
		const names = [...new Set(all.map(({task}) => spoken(task)).filter(Boolean))];
		const more = names.length > ALIKE ? `, and ${names.length - ALIKE} more` : '';
		return [{...news, text: `${news.kind} ${all.length}: ${names.slice(0, ALIKE).join(', ')}${more}.`}];
	});
};

/** What was read already, so that nothing repeats. */
export type Heard = {readonly eventId: string; readonly needs: ReadonlySet<string>; readonly isConnected: boolean};

export const heardOf = (snapshot: RoomSnapshot, now: number): Heard => ({
	eventId: snapshot.team.events.at(-1)?.id ?? '',
	needs: new Set(needs(snapshot, serverNow(snapshot, now)).map(({id}) => id)),
	isConnected: snapshot.redis.isConnected,
});

const isLater = (id: string, than: string): boolean => {
	const [ms = 0, n = 0] = id.split('-').map(Number);
	const [otherMs = 0, otherN = 0] = than.split('-').map(Number);
	return ms > otherMs || (ms === otherMs && n > otherN);
};

/** Text of something that needs you: `needs you: dev-3 asks Bash npm i decimal.js. Type 1 yes, 2 no.` */
export const needText = (need: Need, snapshot: RoomSnapshot, canAnswer: boolean): string => {
	const agent = [...snapshot.team.agents.values()].find(one => need.id.startsWith(`${one.id} `) && isAsking(one));
	const text = spoken(need.text)
		.replace(/^(needs input|needs approval|turn ended): /, '$1 ')
		.replace(/[.:]$/, '');
	const said = `needs you: ${spoken(need.who)} ${text}${/[?!]$/.test(text) ? '' : '.'}`;
	if (!agent || agent.choices.length === 0) return `${said} Type 1 to hear who needs you.`;
	const about = agent.detail.trim() === '' ? '' : ` About: ${spoken(agent.detail, 200)}.`;
	return canAnswer
		? `${said}${about} Type ${numbered(agent.choices)}; r and words to reply; 0 for later.`
		: `${said}${about} Type 1 at the menu to answer.`;
};

/** What is new since `heard`; needs are separate, since each may be answered. */
export const newsSince = (
	heard: Heard,
	snapshot: RoomSnapshot,
	now: number,
): {readonly needs: readonly Need[]; readonly news: readonly News[]} => {
	const {redis, banners} = snapshot;
	const lost = banners.find(({severity}) => severity === 'error')?.text ?? 'agents keep running; queue and locks are frozen';
	return {
		needs: needs(snapshot, serverNow(snapshot, now)).filter(({id}) => !heard.needs.has(id)),
		news: [
			...(heard.isConnected && !redis.isConnected
				? [{kind: 'room', text: `room: Redis disconnected, ${spoken(lost)}.`, isUrgent: true}]
				: []),
			...(!heard.isConnected && redis.isConnected ? [{kind: 'room', text: 'room: Redis is connected again.', isUrgent: true}] : []),
			...gathered(events(snapshot).filter(({event}) => isLater(event.id, heard.eventId))),
		],
	};
};
