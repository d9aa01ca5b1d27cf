import {counted} from '../../core/text/format.ts';
import type {Drawing} from '../draw/context.ts';
import {widthIn} from '../draw/dialog-box.ts';
import type {DialogKind} from '../hooks/kinds.ts';
import {keyOf} from '../keymap/keymap.ts';
import {allDone} from '../model/attention.ts';
import {Confirm, type DialogOf, Gap, Tell, useDialog} from '../parts/dialog.tsx';
import {Rows} from '../parts/row.tsx';
import {type Context, unchanged} from '../state/message.ts';
import type {ViewState} from '../state/state.ts';
import {cut, type Line, span} from '../text/text.ts';

declare module '../keymap/row.ts' {
	interface OwnDialogs {
		/** The demo has merged everything: what comes next. */
		'demo-end': object;
	}
}

/** Room keys that work from the card: what it names, and the way out. */
const TRIED = ['wall', 'figures', 'merges'] as const;
const OWN = ['new-task', 'ask'] as const;
const PASSED: readonly string[] = [...TRIED, ...OWN, 'quit'];

const WORDS: Readonly<Record<(typeof TRIED)[number] | (typeof OWN)[number], string>> = {
	wall: 'all panes at once',
	figures: 'lead time, merges and success as charts',
	merges: 'what was tested and merged, and how to take it back',
	'new-task': 'add a task of your own: these scripted agents note it down',
	ask: 'ask the Planner for a feature of your own',
};

const shown = (drawing: Drawing, _dialog: DialogOf<'demo-end'>) => {
	const {snapshot, keymap, isAscii} = drawing;
	const width = widthIn(drawing) - 4;
	const keyed = (action: keyof typeof WORDS): Line => [
		span(`    ${keyOf(keymap, action, isAscii).padEnd(3)}`, 'strong'),
		span(cut(` ${WORDS[action]}`, width - 8)),
	];
	return {
		merged: `${counted(snapshot.team.counts.merged, 'task')} merged: each was written in a worktree of its own, reviewed, tested on the merge, then merged.`,
		tried: TRIED.map(keyed),
		own: OWN.map(keyed),
		isTall: drawing.layout.rows >= 24,
	};
};

const DemoEnd = () => {
	const told = useDialog('demo-end', shown);
	return (
		told && (
			<Confirm title="The demo is done">
				<Tell most={3}>{told.merged}</Tell>
				{told.isTall && (
					<Tell most={3}>
						You saw a question answered, a crash continued, changes requested, a conflict resolved, and failing tests kept off main.
					</Tell>
				)}
				<Gap />
				<Tell tone="strong">Worth a look</Tell>
				<Rows lines={told.tried} />
				{told.isTall && <Gap />}
				<Tell tone="strong">Your turn</Tell>
				<Rows lines={told.own} />
				{told.isTall && <Gap />}
				<Tell tone="strong">Your own repository</Tell>
				<Tell most={2}>{'  agent-room init, then agent-room'}</Tell>
			</Confirm>
		)
	);
};

/** Opens the card once, when the demo is done and nothing else is open. */
export const withDemoEnd = (state: ViewState, {snapshot}: Pick<Context, 'snapshot'>): ViewState =>
	state.isDemo && !state.dialog && !state.typing && allDone(snapshot) ? {...state, isDemo: false, dialog: {kind: 'demo-end'}} : state;

export const DEMO_END: DialogKind<DialogOf<'demo-end'>> = {
	mode: 'DEMO',
	title: 'end of the demo',
	keys: [{scope: 'demo-end', keys: ['esc', 'enter'], action: 'close', label: 'close', help: 'close', group: '', order: 1}],
	update: (state, _dialog, {action}) => unchanged(action === 'close' ? {...state, dialog: undefined} : state),
	lends: (_dialog, {action, key}, {keymap}) => {
		const wanted = action === '' ? (keymap.findIn(['room'], key)?.action ?? '') : '';
		return PASSED.includes(wanted) ? wanted : '';
	},
	Part: DemoEnd,
};
