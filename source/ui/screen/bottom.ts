import {agentName} from '../../core/agent/agent.ts';
import {answersAtOnce} from '../dialogs/card.ts';
import {type Drawing, teamNow} from '../draw/context.ts';
import {hintRows, inOneOrder, joinHints, keyLabel, keyOf} from '../keymap/keymap.ts';
import type {BaseScope, KeyRow} from '../keymap/row.ts';
import {hasProgram} from '../model/agents.ts';
import {attention} from '../model/attention.ts';
import {decisionWords} from '../model/decision-words.ts';
import {standstill} from '../model/standstill.ts';
import {STATUS_STYLES} from '../model/status-styles.ts';
import {age, ageOf} from '../model/time.ts';
import type {Page} from '../state/pages.ts';
import {asksHere, needsMet, selectionOf} from '../state/selection.ts';
import {isTextScope, pageOf, scopeOf, scopesOf, type ViewState} from '../state/state.ts';
import {fieldSpans} from '../text/blocks.ts';
import {cell, cut, dropRight, fill, type Line, lineWidth, said, span, spread} from '../text/text.ts';
import {redisLost, toastLines} from './notice.ts';
import {kindOf, pageKindOf} from './registry.ts';

const nothing = (drawing: Drawing): Line => {
	const {snapshot} = drawing;
	const now = teamNow(drawing);
	const delayed = [...snapshot.team.tasks.values()].filter(task => task.state === 'delayed').sort((a, b) => a.readyAt - b.readyAt)[0];
	const [banner, ...others] = snapshot.banners;
	if (banner) {
		const more = others.length > 0 ? `   +${others.length} more` : '';
		const text = cut(` ! ${banner.text}`, drawing.layout.columns - more.length);
		return [span(text, banner.severity === 'error' ? 'danger' : 'warning'), span(more, 'dim')];
	}
	const still = standstill(snapshot, now);
	if (still) {
		const keys = still.keys ? ` ${still.keys.actions.map(action => keyOf(drawing.keymap, action, drawing.isAscii)).join(', then ')} ` : '';
		const text = `${still.text}${keys}${still.keys?.does ?? ''}`;
		return [span(cut(` ‖ ${text}`, drawing.layout.columns), 'warning')];
	}
	return [span(` nothing needs you${delayed ? ` · ${delayed.id} retries in ${age(delayed.readyAt - now)}` : ''}`, 'dim')];
};

/** The attention bar: last answer, else a lost Redis, else what needs a human, oldest first. One or two rows. */
export const attentionLines = (drawing: Drawing, rows: number): readonly Line[] => {
	const {state, snapshot, layout, keymap, isAscii} = drawing;
	const {columns} = layout;
	const pad = (line: Line): readonly Line[] => (rows > 1 ? [line, fill([], columns)] : [line]);
	if (state.toast) return toastLines(state.toast, columns, rows);
	if (!snapshot.redis.isConnected) return pad(fill(redisLost(drawing, columns), columns));
	if (state.dialog?.kind === 'peek' && state.dialog.questionId) {
		const name = agentName(state.dialog.row);
		return pad(fill([span(` ▲ answering ${name}.`, 'strong'), span(' Earlier key presses are ignored.', 'dim')], columns));
	}
	const items = attention(snapshot, teamNow(drawing));
	const first = items[0];
	if (!first) return pad(fill(nothing(drawing), columns));
	const {badge, tone} = STATUS_STYLES[first.kind];
	const glyph = badge.slice(0, 1);
	const more = items.length > 1 ? `   +${items.length - 1}${columns >= 60 ? ' more' : ''}` : '';
	const waits = ageOf(first.since, teamNow(drawing));
	// While typing the key alone would go to the agent.
	const leader = state.typing ? `${keyLabel(keymap.leader, isAscii)} ` : '';
	const key = `${leader}${keyOf(keymap, 'next-attention', isAscii)}`;
	const look: Line = [span(`  ${key}`, 'strong'), span(' answer ')];
	const task = first.task && first.task !== first.name && first.kind !== 'stray' && columns >= 100 ? ` ${said(first.task)}` : '';
	const end: Line = [span(`${waits ? `   ${columns >= 100 ? 'waiting ' : ''}${waits}` : ''}${rows > 1 ? '' : more}`, 'dim')];
	const text: Line = [span(' '), span(glyph, tone), span(` ${said(first.name)}${task} `, 'strong')];
	const room = columns - (rows > 1 ? 0 : lineWidth(look)) - lineWidth(text) - lineWidth(end) - 1;
	const left: Line = [...text, span(cut(first.text, room)), ...end];
	return rows > 1 ? [fill(left, columns), spread([span(more)], look, columns)] : [spread(left, look, columns)];
};

const ON_PAGES = [
	'open',
	'peek',
	'next-attention',
	'new-task',
	'board',
	'merges',
	'task',
	'reassign',
	'stop',
	'retry',
	'log',
	'cancel',
	'copy',
	'web',
	'shell',
	'worktree',
	'replan',
	'comment',
	'merge',
	'unlock',
	'freeze',
];

/** The same in scrollback. */
const ON_SCROLL = ['zoom', 'next-attention', 'type', 'freeze'];
/** Replay only allows this. */
const hintedOn = ({kind}: Page): readonly string[] => (kind === 'replay' ? ['freeze'] : ON_PAGES);

/** Hints of a scope; text fields say first that they take text. */
const hints = (drawing: Drawing, scope: BaseScope): readonly Line[] => {
	const {state, keymap, isAscii, snapshot} = drawing;
	const met = needsMet(state, drawing);
	// On an agent Enter and i do the same: one hint.
	const isAsked = scope === 'room' && asksHere(state, drawing);
	const isPane = scope === 'room' && !pageOf(state) && state.focus < 2 && met.has('program') && !isAsked;
	const opens = isPane ? hintRows(keymap, 'room', new Set(['row'])).find(row => row.action === 'open') : undefined;
	const page = scope === 'room' ? pageOf(state) : undefined;
	const decision = scope === 'room' && selectionOf(state, drawing).task?.decision;
	const own = scopesOf(state)
		.slice(0, -1)
		.flatMap(over => hintRows(keymap, over, met));
	const isScroll = scope === 'room' && !page && state.scroll !== undefined;
	// No hint for a key that the page redefines.
	const taken = new Set(own.flatMap(({keys}) => keys));
	const rows = [...own, ...hintRows(keymap, scope, met).filter(({keys: [key = '']}) => !taken.has(key))]
		.filter(row => !isScroll || row.scope === 'scroll' || ON_SCROLL.includes(row.action))
		.filter(row => row !== opens && (!page || row.scope === page.kind || (hintedOn(page).includes(row.action) && row.action !== page.kind)))
		// A task's page opens its agent's pane.
		.filter(row => page?.kind !== 'task' || row.action !== 'open' || met.has('agent'));
	const asked =
		scope === 'decide' && state.dialog?.kind === 'decide' ? decisionWords(snapshot.team.tasks.get(state.dialog.task)) : undefined;
	const labelOf = (row: KeyRow | undefined): string =>
		(asked && row?.action === 'approve' ? asked.yes : asked && row?.action === 'request-changes' ? `${asked.no}…` : undefined) ??
		(row?.action === 'peek' && decision ? 'decide' : row?.action === 'open' && isAsked ? 'answer' : (row?.label ?? ''));
	const lines = joinHints(page?.kind === 'board' ? inOneOrder(rows) : rows).map((joined): Line => {
		const [row] = joined;
		const keys = [...(row?.action === 'type' && opens ? [opens] : []), ...joined]
			.map(({keys: [key = '']}) => keyLabel(key, isAscii))
			.join('/');
		return [span(keys, row?.isDanger ? 'danger' : 'strong'), span(` ${labelOf(row)}`)];
	});
	if (page) return [[span(keyLabel('esc', isAscii), 'strong'), span(' back')], ...lines];
	if (state.dialog?.kind === 'peek') {
		const agent = snapshot.team.agents.get(state.dialog.row);
		const choices = state.dialog.questionId ? (agent?.choices.length ?? 0) : 0;
		if (choices > 0)
			return [
				[span(choices > 1 ? `1-${choices}` : '1', 'strong'), span(agent && !answersAtOnce(agent) ? ' ↵ answer' : ' answer')],
				[span('text + ', 'plain'), ...(lines[0] ?? [])],
				...lines.slice(1),
			];
		if (!state.dialog.questionId) return [...passedHints(drawing), ...lines];
	}
	const {dialog} = state;
	const typed = dialog && scope === dialog.kind ? kindOf(dialog).typed?.(dialog) : undefined;
	if (typed) return [[span('type', 'strong'), span(` ${typed}`)], ...lines];
	return lines;
};

/** Room keys that work in a dialog without a question. */
const passedHints = (drawing: Drawing): readonly Line[] => {
	const {dialog} = drawing.state;
	const met = needsMet({...drawing.state, dialog: undefined}, drawing);
	const isStuck = dialog?.kind === 'peek' && dialog.row.startsWith('hold:') && met.has('lock');
	const passedThrough = isStuck ? ['unlock', 'cancel', 'log'] : ['retry', 'reassign', 'stop', 'zoom', 'log'];
	return hintRows(drawing.keymap, 'room', met)
		.filter(row => passedThrough.includes(row.action))
		.map(
			(row): Line => [
				span(keyLabel(row.keys[0] ?? '', drawing.isAscii), 'strong'),
				span(` ${{zoom: 'open pane', unlock: 'unblock'}[row.action] ?? row.label}`),
			],
		);
};

export const modeWord = (state: ViewState): string => {
	const scope = scopeOf(state);
	const {dialog} = state;
	// Writing to the author is a mode over the decision.
	if (scope === 'words') return 'COMMENT';
	if (dialog) return kindOf(dialog).mode;
	if (scope === 'type') return 'TYPE';
	const page = pageOf(state);
	if (page) return pageKindOf(page).word;
	return state.scroll ? 'SCROLL' : 'ROOM';
};

/** The last row: mode, then hints; they drop from the right, `? keys` never does. */
export const hintLine = (drawing: Drawing): Line => {
	const {state, layout} = drawing;
	const {columns} = layout;
	const scope = scopeOf(state);
	if (scope === 'type') return typeLine(drawing);
	const {dialog} = state;
	const mode: Line = [span(` ${modeWord(state)} `, scope === 'frozen' ? 'frozen' : 'strong'), span('│ ', 'dim')];
	const help = isTextScope(state) ? [] : menuHints(drawing);
	// A zoomed pane has no attention bar: shows the last answer here.
	const {toast} = state;
	if (layout.kind === 'zoom' && toast && scope === 'room')
		return spread([...mode, span(`${toast.isBad ? '!' : '✓'} ${said(toast.text)}`, toast.isBad ? 'warning' : 'good')], help, columns);
	const lead = dialog && kindOf(dialog).prompt;
	const prompt: Line =
		dialog && 'text' in dialog && lead !== undefined
			? [...fieldSpans(lead, dialog.text, Math.floor((columns * (dialog.kind === 'ask' ? 2 : 1)) / 3)), span('  ')]
			: [];
	const room = columns - lineWidth(mode) - lineWidth(prompt) - lineWidth(help);
	return spread([...mode, ...prompt, ...dropRight(hints(drawing, scope), room, '  ')], help, columns);
};

/** `? keys  : commands` at the right, wherever these keys work. */
const menuHints = ({layout, keymap, isAscii}: Drawing): Line =>
	['help', 'palette'].flatMap((action, index): Line => {
		const row = keymap.rows.find(candidate => candidate.scope === 'room' && candidate.action === action);
		const key = row?.keys[0];
		if (!row || key === undefined || (index > 0 && layout.columns < 80)) return [];
		return [span('  '), span(keyLabel(key, isAscii), 'strong'), span(` ${row.label}${index > 0 || layout.columns < 80 ? ' ' : ''}`)];
	});

const waitingLines = (drawing: Drawing): readonly Line[] =>
	attention(drawing.snapshot, teamNow(drawing))
		.filter(item => item.kind === 'needs-input' && item.name !== agentName(drawing.state.typing))
		.slice(0, 2)
		.map(item => [span(' '), span('▲', 'badge'), span(` ${said(item.name)} needs you ${ageOf(item.since, teamNow(drawing))} `)]);

const typeLine = (drawing: Drawing): Line => {
	const {state, layout, keymap, isAscii} = drawing;
	const leader = keyLabel(keymap.leader, isAscii);
	const mode: Line = [span(` TYPE ${cell(agentName(state.typing), Math.min(12, said(agentName(state.typing)).length))} │`, 'typing')];
	const back: Line = [span(` ${leader} room`, 'strong')];
	// Mode and leader are never dropped for those that wait.
	const waiting = dropRight(waitingLines(drawing), layout.columns - lineWidth(mode) - lineWidth(back), '');
	const room = layout.columns - lineWidth(mode) - lineWidth(waiting);
	const end: Line = [span('the program has exited', 'warning')];
	if (!hasProgram(state.typing, drawing.snapshot))
		return spread([...mode, ...dropRight([back, end], room, '   ')], waiting, layout.columns);
	const parts: readonly Line[] = [
		back,
		[span(layout.columns >= 100 ? 'every key goes to the agent' : 'all keys go to the agent')],
		[span(`${leader} ${leader} send a real ${leader}`)],
		[span(`${leader} ${keyOf(keymap, 'next-attention', isAscii)} answer`)],
		[span(`${leader} ${keyOf(keymap, 'zoom', isAscii)} zoom`)],
	];
	return spread([...mode, ...dropRight(parts, room, '   ')], waiting, layout.columns);
};
