import type {Agent} from '../../core/agent/agent.ts';
import type {NewTask} from '../../core/intake/new-task.ts';
import {readSubmission} from '../../core/intake/submission.ts';
import {totalOf} from '../../core/team/window.ts';
import type {RoomSnapshot} from '../../store/room.ts';
import {keyOf} from '../keymap/keymap.ts';
import {namesIn} from '../model/complete.ts';
import {completions, wordToComplete} from '../model/filter.ts';
import {type Draft, emptyDraft, FIELDS, type Field, hasPlanner, hasRole, isEmpty, isMultiLine, isText, PRIORITIES} from '../state/draft.ts';
import {and, type Command, type Context, say, type Updated, unchanged} from '../state/message.ts';
import type {ViewState} from '../state/state.ts';
import {edit, insert} from '../text/editor.ts';

const list = (text: string): readonly string[] => text.split(/[\s,]+/).filter(Boolean);

/** Name of the description in the user's editor. */
export const DRAFT_EDIT = 'new-task';

export const draftAgents = ({team}: RoomSnapshot): readonly Agent[] =>
	[...team.agents.values()]
		.filter(({role, status}) => role === 'developer' && status !== 'stopped')
		.sort((one, other) => one.id.localeCompare(other.id, 'en', {numeric: true}));

/** Whether the draft is a feature, which is planned first. */
export const isFeature = (draft: Draft, snapshot: RoomSnapshot): boolean => draft.kind === 'feature' && hasPlanner(snapshot);

/** Fields that apply in this team, in order. */
export const fieldsOf = (draft: Draft, snapshot: RoomSnapshot): readonly Field[] => {
	const feature = isFeature(draft, snapshot);
	return FIELDS.filter(field => {
		if (field === 'kind') return hasPlanner(snapshot);
		if (field === 'agent') return !feature && draftAgents(snapshot).length > 0;
		if (field === 'model') return !feature;
		if (field === 'audit') return !feature && hasRole(snapshot, 'security-auditor');
		return field !== 'paths' || !feature;
	});
};

export const plannedOf = (draft: Draft) => ({
	needs: list(draft.needs.text),
	after: list(draft.after.text.toLowerCase()),
	paths: list(draft.paths.text),
	agent: draft.agent,
	priority: PRIORITIES[draft.priority] ?? 50,
});

/** The draft as a task; undefined without a title. */
const taskOf = (draft: Draft, snapshot: RoomSnapshot): NewTask | undefined => {
	const title = draft.title.text.trim();
	if (!title) return undefined;
	const shown = fieldsOf(draft, snapshot);
	const {needs, after, paths, agent, priority} = plannedOf(draft);
	const description = draft.what.text.trim();
	const acceptance = draft.done.text
		.split('\n')
		.map(line => line.trim())
		.filter(Boolean);
	return {
		title,
		priority,
		...(isFeature(draft, snapshot) ? {feature: true} : {}),
		...(description ? {description} : {}),
		...(acceptance.length > 0 ? {acceptance} : {}),
		...(shown.includes('agent') && agent ? {assigned: agent} : {}),
		...(shown.includes('paths') && paths.length > 0 ? {paths} : {}),
		...(needs.length > 0 ? {needs} : {}),
		...(after.length > 0 ? {after} : {}),
		...(shown.includes('model') && draft.model.text.trim() ? {model: draft.model.text.trim()} : {}),
		...(shown.includes('audit') && draft.audit ? {audit: true} : {}),
	};
};

/** The first error with its field; undefined if the draft can be queued. Dependencies must exist. */
const faultOf = (draft: Draft, {snapshot}: Context): {readonly field: Field; readonly text: string} | undefined => {
	const task = taskOf(draft, snapshot);
	if (!task) return {field: 'title', text: 'Missing task title.'};
	// The room checks dependencies that are not loaded here.
	const {tasks, counts} = snapshot.team;
	const unknown = tasks.size >= totalOf(counts) ? task.after?.find(id => !tasks.has(id)) : undefined;
	if (unknown) return {field: 'after', text: `Dependency \`${unknown.slice(0, 40)}\` does not exist.`};
	const {title, description, acceptance, paths, needs, after, model} = task;
	const parts: readonly (readonly [Field, Partial<NewTask>])[] = [
		['title', {}],
		['what', description ? {description} : {}],
		['done', acceptance ? {acceptance} : {}],
		['paths', paths ? {paths} : {}],
		['needs', needs ? {needs} : {}],
		['model', model ? {model} : {}],
		['after', after ? {after} : {}],
	];
	for (const [field, part] of parts) {
		const read = readSubmission({title, ...part}, {plan: 'off', attempts: 1});
		if (!read.ok) return {field, text: `${read.message} ${read.hint}`};
	}
	return undefined;
};

/** Files or names that complete the word at the cursor; none if there is nothing to complete. */
export const offered = ({draft, files}: Pick<ViewState, 'draft' | 'files'>, snapshot: RoomSnapshot): readonly string[] => {
	const found = wordOf(draft);
	if (!found) return [];
	const {capabilities, models, openTasks} = namesIn(snapshot);
	const names = {needs: capabilities, model: models, after: openTasks} as const;
	return completions(isOfNames(draft.field) ? names[draft.field] : (files ?? []), found.word);
};

const isOfNames = (field: Field): field is 'needs' | 'model' | 'after' => field === 'needs' || field === 'model' || field === 'after';

/** Letters of a name that is offered without an `@`. */
const LEAST_WORD = 2;

/** The word that is being typed: after `@` in texts, any in fields of names, where only tab takes what is offered. */
const wordOf = (draft: Draft): ReturnType<typeof wordToComplete> => {
	const {field} = draft;
	if (!isText(field) || field === 'title') return undefined;
	const {text, cursor} = draft[field];
	const before = text.slice(0, cursor);
	const marked = field === 'what' || field === 'done' || field === 'paths' ? wordToComplete(before) : undefined;
	if (marked || (field !== 'paths' && !isOfNames(field))) return marked;
	const word = /[^\s,]*$/.exec(before)?.[0] ?? '';
	return word.length >= LEAST_WORD ? {word, start: before.length - word.length} : undefined;
};

const complete = (draft: Draft, file: string): Draft => {
	const found = wordOf(draft);
	if (!found || !isText(draft.field)) return draft;
	const {text, cursor} = draft[draft.field];
	const before = `${text.slice(0, found.start)}${file} `;
	return {...draft, pick: 0, [draft.field]: {text: before + text.slice(cursor), cursor: before.length}};
};

/** Asks for the file names once there is a word to complete. */
const withFiles = (state: ViewState): Updated => {
	const isWanted = state.files === undefined && !isOfNames(state.draft.field) && wordOf(state.draft) !== undefined;
	return isWanted ? and({...state, files: []}, {type: 'files'}) : unchanged(state);
};

export const updateForm = (state: ViewState, action: string, key: string, text: string, context: Context): Updated => {
	const {draft} = state;
	const step = (by: 1 | -1): Updated => unchanged({...state, draft: stepField(draft, by, context)});
	if (action === 'close') {
		const closed = {...state, dialog: undefined};
		const kept = `draft kept: ${keyOf(context.keymap, 'new-task')} reopens it`;
		return and(isEmpty(draft) ? closed : say(closed, kept, context.now), {type: 'keep'});
	}
	if (action === 'queue' || action === 'watch') return queue(state, context, action === 'watch');
	if (action === 'editor') return and(state, {type: 'edit', name: DRAFT_EDIT, text: draft.what.text});
	const choices = offered(state, context.snapshot);
	const chosen = choices[Math.min(draft.pick, choices.length - 1)];
	const isMarked =
		chosen !== undefined &&
		isText(draft.field) &&
		wordToComplete(draft[draft.field].text.slice(0, draft[draft.field].cursor)) !== undefined;
	if (chosen !== undefined && (key === 'tab' || (key === 'enter' && isMarked)))
		return unchanged({...state, draft: complete(draft, chosen)});
	if (chosen !== undefined && (key === 'down' || key === 'up')) {
		const pick = Math.max(0, Math.min(choices.length - 1, draft.pick + (key === 'down' ? 1 : -1)));
		return unchanged({...state, draft: {...draft, pick}});
	}
	if (!isText(draft.field) && (action === 'next-choice' || action === 'previous-choice'))
		return unchanged({...state, draft: {...editField(draft, action === 'next-choice' ? 'right' : 'left', '', context), error: ''}});
	const isMulti = isMultiLine(draft.field);
	if (action === 'next-field' || action === 'previous-field') {
		const isInside = isMulti && (key === 'up' || key === 'down') && movesInside(draft, key);
		if (!isInside) return step(action === 'next-field' ? 1 : -1);
	}
	if (key === 'enter' && !isMulti) return draft.field === fieldsOf(draft, context.snapshot).at(-1) ? queue(state, context, false) : step(1);
	return withFiles({...state, draft: {...editField(draft, key, text, context), error: ''}});
};

const queue = (state: ViewState, context: Context, isWatched: boolean): Updated => {
	const task = taskOf(state.draft, context.snapshot);
	const fault = faultOf(state.draft, context);
	if (fault) return unchanged({...state, draft: {...state.draft, field: fault.field, error: fault.text}});
	if (!task) return unchanged(state);
	const commands: readonly Command[] = [{type: 'dispatch', action: {type: 'add-task', ...task}}, {type: 'keep'}];
	const sent = {...state, dialog: undefined, draft: emptyDraft, sent: {draft: state.draft, isWatched}};
	return and(
		say(sent, `${task.feature ? 'added; the Planner plans it first' : 'added'}: ${task.title.slice(0, 80)}`, context.now),
		...commands,
	);
};

const stepField = (draft: Draft, by: 1 | -1, {snapshot}: Context): Draft => {
	const fields = fieldsOf(draft, snapshot);
	return {...draft, pick: 0, field: fields[(fields.indexOf(draft.field) + by + fields.length) % fields.length] ?? 'title'};
};

/** In a multi-line field the arrows move by line first, and leave it at its ends. */
const movesInside = (draft: Draft, key: 'up' | 'down'): boolean => {
	if (!isMultiLine(draft.field)) return false;
	const {text, cursor} = draft[draft.field];
	return key === 'up' ? text.slice(0, cursor).includes('\n') : text.slice(cursor).includes('\n');
};

const stepOf = (key: string): number => (key === 'left' ? -1 : key === 'right' || key === 'space' ? 1 : 0);

const editField = (draft: Draft, key: string, text: string, {snapshot}: Context): Draft => {
	const {field} = draft;
	const step = stepOf(key);
	if (field === 'priority') {
		const picked = /^[0-3]$/.test(key) ? Number(key) : (draft.priority + step + PRIORITIES.length) % PRIORITIES.length;
		return {...draft, priority: picked};
	}
	if (field === 'kind') return step === 0 ? draft : {...draft, kind: draft.kind === 'task' ? 'feature' : 'task'};
	if (field === 'audit') return step === 0 ? draft : {...draft, audit: !draft.audit};
	if (field === 'agent') {
		const ids = ['', ...draftAgents(snapshot).map(({id}) => id)];
		return {...draft, agent: ids[(Math.max(0, ids.indexOf(draft.agent)) + step + ids.length) % ids.length] ?? ''};
	}
	if (isMultiLine(field) && (key === 'up' || key === 'down')) return {...draft, [field]: moveLine(draft[field], key === 'up' ? -1 : 1)};
	const editor = edit(draft[field], key, text, isMultiLine(field));
	return editor ? {...draft, pick: 0, [field]: editor} : draft;
};

const moveLine = (editor: Draft['what'], by: 1 | -1): Draft['what'] => {
	const lines = editor.text.split('\n');
	const before = editor.text.slice(0, editor.cursor).split('\n');
	const row = before.length - 1 + by;
	const column = Math.min((before.at(-1) ?? '').length, (lines[row] ?? '').length);
	return {text: editor.text, cursor: lines.slice(0, row).reduce((sum, line) => sum + line.length + 1, 0) + column};
};

/** Of several lines the first is the title, and the others belong to the description. */
const pasteTitle = (draft: Draft, text: string): Draft => {
	const [first = '', ...rest] = text.trim().split(/\r\n?|\n/);
	const title = insert(draft.title, first);
	const more = rest.join('\n').trim();
	if (more === '') return {...draft, error: '', title};
	const {text: what} = draft.what;
	const end = {text: what, cursor: what.length};
	return {...draft, error: '', title, what: insert(end, what.trim() === '' ? more : `\n${more}`, true)};
};

export const pasteIntoForm = (draft: Draft, text: string): Draft => {
	if (!isText(draft.field)) return draft;
	if (draft.field === 'title') return pasteTitle(draft, text);
	return {...draft, error: '', [draft.field]: insert(draft[draft.field], text, isMultiLine(draft.field))};
};

export const takeDraft = (state: ViewState, text: string): Updated => {
	const what = insert({text: '', cursor: 0}, text.replace(/\n$/, ''), true);
	return and({...state, draft: {...state.draft, what, field: 'what'}}, {type: 'forget', name: DRAFT_EDIT});
};
