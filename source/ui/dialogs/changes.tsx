import {type Drawing, teamNow} from '../draw/context.ts';
import type {DialogKind} from '../hooks/kinds.ts';
import {keyOf} from '../keymap/keymap.ts';
import {digest, type News} from '../model/digest.ts';
import {age, clock, serverNow} from '../model/time.ts';
import {Dialog, Gap, useDialog} from '../parts/dialog.tsx';
import {Rows} from '../parts/row.tsx';
import {T} from '../parts/tone.tsx';
import {focusOn} from '../state/focus.ts';
import {and, type Context, say, type Updated, unchanged} from '../state/message.ts';
import {openCost, openMerges, openPeek, openTask, toggleBoard} from '../state/open.ts';
import type {Dialog as AnyDialog, ViewState} from '../state/state.ts';
import {seeAll, seenNow} from '../state/unread.ts';
import {cell, cut, type Line, span, widthOf} from '../text/text.ts';

type Changes = Extract<AnyDialog, {kind: 'changes'}>;

export const openChanges = (state: ViewState, context: Context): Updated =>
	unchanged({...state, dialog: {kind: 'changes', index: 0, seen: seenNow(state, context)}});

const newsOf = (dialog: Changes, {snapshot, now}: Pick<Context, 'snapshot' | 'now'>): readonly News[] =>
	digest(snapshot, dialog.seen, serverNow(snapshot, now));

const goTo = (state: ViewState, {way}: News, context: Context): ViewState => {
	switch (way.to) {
		case 'task':
			return openTask(state, way.id);
		case 'card':
			return openPeek(state, way.id, context);
		case 'row':
			return {...focusOn(state, 1), filters: {...state.filters, 1: ''}, selected: {...state.selected, 1: way.id}};
		case 'merges':
			return openMerges(state);
		case 'board':
			return toggleBoard({...state, pages: []}, way.id, context);
		case 'cost':
			return openCost(state);
	}
};

/** Room keys that work in the digest too, printed next to their target. */
const PASS_THROUGH = ['next-attention', 'cost', 'board'];

/** The room action of a key in the digest; '' for others, and if the digest has its own. */
const passedByChanges = (key: string, {keymap}: Pick<Context, 'keymap'>): string => {
	const action = keymap.findIn(['changes', 'room'], key)?.action ?? '';
	return PASS_THROUGH.includes(action) ? action : '';
};

/** Closing the digest marks everything as seen. */
const leaveChanges = (state: ViewState, context: Context): ViewState => ({...seeAll(state, context), dialog: undefined});

const updateChanges = (state: ViewState, dialog: Changes, action: string, context: Context): Updated => {
	const news = newsOf(dialog, context);
	const left = leaveChanges(state, context);
	if (action === 'close') return and(left, {type: 'keep'});
	if (action === 'next' || action === 'previous') {
		const index = Math.max(0, Math.min(news.length - 1, dialog.index + (action === 'next' ? 1 : -1)));
		return unchanged({...state, dialog: {...dialog, index}});
	}
	if (action === 'seen') {
		const all = seeAll(state, context);
		return and(say({...all, dialog: {...dialog, index: 0, seen: seenNow(all, context)}}, 'all marked as read', context.now), {
			type: 'keep',
		});
	}
	const chosen = news[Math.min(dialog.index, news.length - 1)];
	return action === 'open' && chosen ? and(goTo(left, chosen, context), {type: 'keep'}) : unchanged(state);
};

const KIND = 11;
const COUNT = 4;

const newsLine = ({kind, count, text, note, key, tone}: News, isChosen: boolean, columns: number, {keymap, isAscii}: Drawing): Line => {
	// Names a key only if it does the same here: the digest redefines some.
	const [passedThrough = ''] = keymap.rows.find(({scope, action}) => scope === 'room' && action === key)?.keys ?? [];
	const said = note === '' && key !== undefined && passedByChanges(passedThrough, {keymap}) === key ? keyOf(keymap, key, isAscii) : note;
	const end = said === '' ? '' : ` ${cut(said, 18)}`;
	const left = columns - 2 - KIND - COUNT - widthOf(end) - 1;
	return [
		span(isChosen ? '▸ ' : '  '),
		span(cell(kind, KIND), 'dim'),
		span(cell(count > 0 ? String(count) : '', COUNT), tone === 'badge' ? 'strong' : tone),
		span(cell(text, left), tone === 'badge' ? 'strong' : tone === 'danger' ? 'danger' : 'plain'),
		span(end, 'dim'),
	];
};

const changes = (drawing: Drawing, dialog: Changes) => {
	const {layout, snapshot, keymap, isAscii} = drawing;
	const news = newsOf(dialog, drawing);
	const width = Math.min(88, layout.columns - (layout.columns >= 60 ? 4 : 0));
	const at = Math.min(dialog.index, news.length - 1);
	const since = `since you last looked, ${clock(dialog.seen.at - snapshot.clockOffset)} (${age(teamNow(drawing) - dialog.seen.at)} ago)`;
	const isTall = layout.rows >= 20;
	const most = Math.max(1, layout.rows - (isTall ? 9 : 6));
	const from = Math.max(0, Math.min(news.length - most, at - Math.floor(most / 2)));
	const lines = news.slice(from, from + most).map((one, row) => newsLine(one, from + row === at, width - 2, drawing));
	return {
		width,
		closes: [span(`${keyOf(keymap, 'changes', isAscii)} or ${keyOf(keymap, 'changes.close', isAscii)} closes`, 'dim')],
		footer: news.length > most ? [span(`${from + 1}-${from + lines.length} of ${news.length}`, 'dim')] : [],
		since: `  ${cut(since, width - 6)}`,
		isTall,
		lines,
		boardKey: keyOf(keymap, 'board', isAscii),
	};
};

const ChangesDialog = () => {
	const news = useDialog('changes', changes);
	return (
		news && (
			<Dialog title="What changed" titleRight={news.closes} footer={news.footer} width={news.width}>
				{news.isTall && <Gap />}
				<T tone="dim">{news.since}</T>
				{news.isTall && <Gap />}
				<Rows lines={news.lines} />
				{news.lines.length === 0 && <T tone="dim">{'  No changes.'}</T>}
				{news.lines.length === 0 && <T tone="dim">{`  ${news.boardKey}  board with all tasks`}</T>}
				<Gap />
			</Dialog>
		)
	);
};

export const CHANGES: DialogKind<Changes> = {
	mode: 'CHANGES',
	keys: [
		{scope: 'changes', keys: ['enter', 'space'], action: 'open', label: 'open', help: 'open', group: '', order: 1},
		{scope: 'changes', keys: ['down', 'j'], action: 'next', label: 'choose', help: 'next', group: '', order: 2},
		{scope: 'changes', keys: ['up', 'k'], action: 'previous', label: '', help: 'previous', group: ''},
		{scope: 'changes', keys: ['m'], action: 'seen', label: 'seen', help: 'mark all read', group: '', order: 3},
		{scope: 'changes', keys: ['esc', 'w'], action: 'close', label: 'close', help: 'close', group: '', order: 4},
	],
	update: (state, dialog, {action}, context) => updateChanges(state, dialog, action, context),
	Part: ChangesDialog,
	lends: (_dialog, {action, key}, context) => (action === '' ? passedByChanges(key, context) : ''),
	left: leaveChanges,
};
