import type {NewTask} from '../../core/action.ts';
import {totalOf} from '../../core/window.ts';
import type {RoomSnapshot} from '../../store/room.ts';
import {edit, insert} from './editor.ts';
import {and, type Context, type Draft, emptyDraft, FIELDS, PRIORITIES, say, type Updated, unchanged, type ViewState} from './state.ts';

const list = (text: string): readonly string[] => text.split(/[\s,]+/).filter(Boolean);

/** Whether somebody in the team makes tasks of a feature. */
export const hasPlanner = ({team}: RoomSnapshot): boolean =>
	[...team.agents.values()].some(({role, status}) => role === 'orchestrator' && status !== 'stopped');

/** The task that a draft says; undefined while it has no title. */
const taskOf = (draft: Draft, isPlanned: boolean): NewTask | undefined => {
	const title = draft.title.text.trim();
	if (!title) return undefined;
	const [needs, after, brief] = [list(draft.needs.text), list(draft.after.text), draft.what.text.trim()];
	return {
		title,
		priority: PRIORITIES[draft.priority] ?? 50,
		...(isPlanned && draft.kind === 'feature' ? {feature: true} : {}),
		...(brief ? {brief} : {}),
		...(needs.length > 0 ? {needs} : {}),
		...(after.length > 0 ? {after} : {}),
	};
};

/** What is wrong with a draft, as a sentence; '' where it can be queued. Dependencies must exist. */
const faultOf = (draft: Draft, {snapshot}: Context): string => {
	if (!draft.title.text.trim()) return 'A task needs a title.';
	// Of a queue that the room does not know by heart the room itself is asked.
	const {tasks, counts} = snapshot.team;
	const unknown = tasks.size >= totalOf(counts) ? list(draft.after.text).find(id => !tasks.has(id)) : undefined;
	if (unknown) return `There is no task \`${unknown.slice(0, 40)}\` to come after.`;
	const odd = list(draft.needs.text).find(word => !/^[a-z0-9-]+$/.test(word));
	return odd ? `\`${odd.slice(0, 40)}\` is no capability: lower-case letters, digits and dashes.` : '';
};

export const updateForm = (state: ViewState, action: string, key: string, text: string, context: Context): Updated => {
	const {draft} = state;
	const isMultiLine = draft.field === 'what';
	if (action === 'close') return unchanged({...state, dialog: undefined});
	if (action === 'queue') return queue(state, context);
	if (
		(action === 'next-field' || action === 'previous-field') &&
		!(isMultiLine && (key === 'up' || key === 'down') && movesInside(draft, key))
	) {
		return unchanged({...state, draft: stepField(draft, action === 'next-field' ? 1 : -1, context)});
	}
	if (key === 'enter' && !isMultiLine)
		return draft.field === 'after' ? queue(state, context) : unchanged({...state, draft: stepField(draft, 1, context)});
	return unchanged({...state, draft: {...editField(draft, key, text), error: ''}});
};

const queue = (state: ViewState, context: Context): Updated => {
	const task = taskOf(state.draft, hasPlanner(context.snapshot));
	const error = faultOf(state.draft, context);
	if (error || !task) return unchanged({...state, draft: {...state.draft, error}});
	return and(
		say(
			{...state, dialog: undefined, draft: emptyDraft, sent: {draft: state.draft}},
			`${task.feature ? 'queued, its plan comes first' : 'queued'}: ${task.title.slice(0, 80)}`,
			context.now,
		),
		{
			type: 'dispatch',
			action: {type: 'add-task', ...task},
		},
	);
};

const stepField = (draft: Draft, by: 1 | -1, {snapshot}: Context): Draft => {
	const fields = FIELDS.filter(field => field !== 'kind' || hasPlanner(snapshot));
	return {...draft, field: fields[(fields.indexOf(draft.field) + by + fields.length) % fields.length] ?? 'title'};
};

/** In the field of several lines the arrows move between lines first, and leave it at its ends. */
const movesInside = (draft: Draft, key: 'up' | 'down'): boolean => {
	const {text, cursor} = draft.what;
	return key === 'up' ? text.slice(0, cursor).includes('\n') : text.slice(cursor).includes('\n');
};

const editField = (draft: Draft, key: string, text: string): Draft => {
	if (draft.field === 'priority') {
		const step = key === 'left' ? -1 : key === 'right' || key === 'space' ? 1 : 0;
		const picked = /^[0-3]$/.test(key) ? Number(key) : (draft.priority + step + PRIORITIES.length) % PRIORITIES.length;
		return {...draft, priority: picked};
	}
	if (draft.field === 'kind') {
		const isStep = key === 'left' || key === 'right' || key === 'space';
		return isStep ? {...draft, kind: draft.kind === 'task' ? 'feature' : 'task'} : draft;
	}
	if (draft.field === 'what' && (key === 'up' || key === 'down')) return {...draft, what: moveLine(draft.what, key === 'up' ? -1 : 1)};
	const editor = edit(draft[draft.field], key, text, draft.field === 'what');
	return editor ? {...draft, [draft.field]: editor} : draft;
};

const moveLine = (editor: Draft['what'], by: 1 | -1): Draft['what'] => {
	const lines = editor.text.split('\n');
	const before = editor.text.slice(0, editor.cursor).split('\n');
	const row = before.length - 1 + by;
	const column = Math.min((before.at(-1) ?? '').length, (lines[row] ?? '').length);
	return {text: editor.text, cursor: lines.slice(0, row).reduce((sum, line) => sum + line.length + 1, 0) + column};
};

export const pasteIntoForm = (draft: Draft, text: string): Draft =>
	draft.field === 'priority' || draft.field === 'kind'
		? draft
		: {...draft, error: '', [draft.field]: insert(draft[draft.field], text, draft.field === 'what')};
