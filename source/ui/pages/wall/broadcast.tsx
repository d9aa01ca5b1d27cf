import {type Agent, agentName, isAsking} from '../../../core/agent/agent.ts';
import type {Action} from '../../../core/protocol/action.ts';
import {counted} from '../../../core/text/format.ts';
import type {RoomSnapshot} from '../../../store/room.ts';
import type {Drawing} from '../../draw/context.ts';
import type {DialogKind} from '../../hooks/kinds.ts';
import {keyOf} from '../../keymap/keymap.ts';
import {hasProgram} from '../../model/agents.ts';
import {Area, Dialog, type DialogOf, Gap, Paragraph, useDialog} from '../../parts/dialog.tsx';
import {Rows} from '../../parts/row.tsx';
import {markedThings} from '../../state/bulk.ts';
import {type Context, refuse, type Updated, unchanged} from '../../state/message.ts';
import {selectionOf} from '../../state/selection.ts';
import type {ViewState} from '../../state/state.ts';
import {type Editor, edit, emptyEditor, insert} from '../../text/editor.ts';
import {cut, said, span} from '../../text/text.ts';

declare module '../../keymap/row.ts' {
	interface OwnDialogs {
		/** Words for these agents: as a message, or typed into their panes (`isTyped`). */
		broadcast: {readonly agents: readonly string[]; readonly isTyped: boolean};
	}
}
type Broadcast = DialogOf<'broadcast'>;

const WORDS = 'broadcast';
const wordsOf = ({words}: ViewState): Editor => words[WORDS] ?? emptyEditor;

type To = {readonly agent: Agent; readonly why: string};

/** Why nothing is typed to it; '' if it is. Only its own room sees whether somebody types there: that one has the last word. */
const whyNot = (agent: Agent, snapshot: RoomSnapshot): string => {
	const {elsewhere} = snapshot.panes.get(agent.id) ?? {};
	if (elsewhere?.isTypingOff) return 'its machine allows no typing';
	if (elsewhere && !elsewhere.isShown) return 'its pane is not shown';
	return isAsking(agent) ? 'asks' : hasProgram(agent.id, snapshot) ? '' : 'not running';
};

/** Who gets it; `why` not, '' for those that do. A line is an answer where a question is open. */
const receivers = ({agents, isTyped}: Broadcast, {snapshot}: Pick<Context, 'snapshot'>): readonly To[] =>
	agents.flatMap(id => {
		const agent = snapshot.team.agents.get(id);
		if (!agent) return [];
		return [{agent, why: isTyped ? whyNot(agent, snapshot) : ''}];
	});

const named = ({agent, why}: To): string => `${agentName(agent.id)}${why && ` (${why})`}`;

/** The list is looked at once more before anything is sent; the words are kept until then. */
const asked = (state: ViewState, dialog: Broadcast, context: Context): Updated => {
	const text = wordsOf(state).text.trim();
	if (text === '') return refuse(state, 'Write what to send.', context);
	const all = receivers(dialog, context);
	const [to, not] = [all.filter(({why}) => why === ''), all.filter(({why}) => why !== '')];
	if (to.length === 0) return refuse(state, 'None of these agents can take a typed line now.', context);
	const verb = dialog.isTyped ? 'Type this to' : 'Send this to';
	const {[WORDS]: _sent, ...words} = state.words;
	const actions = to.map(({agent}): Action => ({type: dialog.isTyped ? 'type-line' : 'message', agent: agent.id, text}));
	return unchanged({
		...state,
		words,
		dialog: {
			kind: 'confirm',
			title: dialog.isTyped ? 'Type a line' : 'Send a message',
			question: `${verb} ${counted(to.length, 'agent')}?`,
			names: to.map(named),
			facts: [
				['text', said(text)],
				...(not.length > 0 ? [['left out', not.map(named).join(', ')] as const] : []),
				...(dialog.isTyped ? [['skipped', 'whoever asks a question by then, or is being typed to'] as const] : []),
			],
			order: dialog.isTyped ? 'type it' : 'send it',
			word: dialog.isTyped ? 'typed' : 'sent',
			...(dialog.isTyped ? {meanwhile: `sent to ${counted(to.length, 'agent')}`} : {}),
			actions,
		},
	});
};

const update = (state: ViewState, dialog: Broadcast, action: string, key: string, text: string, context: Context): Updated => {
	if (action === 'close') return unchanged({...state, dialog: undefined});
	if (action === 'send') return asked(state, dialog, context);
	if (action === 'switch') return unchanged({...state, dialog: {...dialog, isTyped: !dialog.isTyped}});
	const next = edit(wordsOf(state), key, text);
	return unchanged(next ? {...state, words: {...state.words, [WORDS]: next}} : state);
};

const shown = (drawing: Drawing, dialog: Broadcast) => {
	const {layout, state, keymap, isAscii} = drawing;
	const width = Math.min(84, layout.columns);
	const all = receivers(dialog, drawing);
	const other = `${keyOf(keymap, 'broadcast.switch', isAscii)} ${dialog.isTyped ? 'sends a message' : 'types a line'} instead`;
	return {
		width,
		title: `${dialog.isTyped ? 'Type a line into' : 'Message to'} ${counted(all.length, dialog.isTyped ? 'pane' : 'agent')}`,
		other: layout.columns >= 60 ? [span(other, 'dim')] : [],
		isTall: layout.rows >= 24,
		names: all.map(named).join('  '),
		how: dialog.isTyped
			? 'Typed with Enter. Never into a question, or a pane that somebody types in.'
			: 'Each agent reads it with its next step; one that waits is told at once.',
		words: wordsOf(state),
		most: layout.rows >= 24 ? 4 : 3,
	};
};

const BroadcastDialog = () => {
	const told = useDialog('broadcast', shown);
	return (
		told && (
			<Dialog title={cut(told.title, told.width - 6)} titleRight={told.other} width={told.width}>
				<Paragraph most={told.isTall ? 3 : 2} tone="strong">
					{told.names}
				</Paragraph>
				{told.isTall && <Rows lines={[[span(`  ${cut(told.how, told.width - 6)}`, 'dim')]]} />}
				{told.isTall && <Gap />}
				<Area editor={told.words} most={told.most} />
			</Dialog>
		)
	);
};

/** Words for all marked agents, else for the selected one. */
export const BROADCAST: DialogKind<Broadcast> = {
	mode: 'MESSAGE',
	title: 'message to agents',
	keys: [
		{scope: 'broadcast', keys: ['enter'], action: 'send', label: 'send…', help: 'list, then send', group: '', order: 1},
		{scope: 'broadcast', keys: ['tab'], action: 'switch', label: 'message / line', help: 'message or typed line', group: '', order: 2},
		{scope: 'broadcast', keys: ['esc'], action: 'close', label: 'close (draft kept)', help: 'close (draft kept)', group: '', order: 3},
	],
	opens: {
		key: {
			...{scope: 'room', keys: ['I'], action: 'broadcast', words: ['send', 'tell', 'all agents', 'broadcast']},
			...{label: 'message', help: 'message marked agents…', group: 'AGENT', order: 29, needs: 'agent'},
		},
		first: (state, context) => {
			const marked = markedThings(state, context).agents.map(({id}) => id);
			const {agent} = selectionOf(state, context);
			const agents = marked.length > 0 ? marked : agent ? [agent.id] : [];
			return agents.length > 0 ? {kind: 'broadcast', agents, isTyped: false} : 'No agent is selected or marked.';
		},
	},
	update: (state, dialog, {action, key, text}, context) => update(state, dialog, action, key, text, context),
	paste: (state, _dialog, text) => ({...state, words: {...state.words, [WORDS]: insert(wordsOf(state), text)}}),
	Part: BroadcastDialog,
};
