import * as z from 'zod';
import type {RoomSnapshot} from '../../store/room.ts';
import {type Editor, emptyEditor} from '../text/editor.ts';

export const PRIORITIES = [95, 75, 50, 20] as const;
export const FIELDS = ['title', 'what', 'done', 'kind', 'priority', 'agent', 'paths', 'needs', 'model', 'after', 'audit'] as const;
export type Field = (typeof FIELDS)[number];
const TEXTS = ['title', 'what', 'done', 'paths', 'needs', 'model', 'after'] as const;
export type TextField = (typeof TEXTS)[number];

/** A new task being written; survives closing the form and detaching. */
export type Draft = Readonly<Record<TextField, Editor>> & {
	/** A feature is planned first; only offered with a Planner. A task, which costs less, is what a draft begins as. */
	readonly kind: 'feature' | 'task';
	/** Index into PRIORITIES, P0 first. */
	readonly priority: number;
	/** The only agent that may take it, '' for the first idle one. */
	readonly agent: string;
	readonly audit: boolean;
	readonly field: Field;
	/** Index of the marked completion. */
	readonly pick: number;
	readonly error: string;
};

export const emptyDraft: Draft = {
	title: emptyEditor,
	what: emptyEditor,
	done: emptyEditor,
	paths: emptyEditor,
	needs: emptyEditor,
	model: emptyEditor,
	after: emptyEditor,
	kind: 'task',
	priority: 2,
	agent: '',
	audit: false,
	field: 'title',
	pick: 0,
	error: '',
};

export const isMultiLine = (field: Field): field is 'what' | 'done' => field === 'what' || field === 'done';
export const isText = (field: Field): field is TextField => TEXTS.some(text => text === field);

export const isEmpty = (draft: Draft): boolean => TEXTS.every(field => draft[field].text.trim() === '');

const keptSchema = z.object({
	texts: z.partialRecord(z.enum(TEXTS), z.string().max(20_000)),
	kind: z.enum(['feature', 'task']),
	priority: z
		.int()
		.min(0)
		.max(PRIORITIES.length - 1),
	audit: z.boolean(),
});

/** A draft as saved; '' for an empty one. */
export const keptDraft = (draft: Draft): string => {
	if (isEmpty(draft)) return '';
	const {kind, priority, audit} = draft;
	return JSON.stringify({texts: Object.fromEntries(TEXTS.map(field => [field, draft[field].text])), kind, priority, audit});
};

/** Parses a saved draft; empty if invalid. */
export const recallDraft = (text: string): Draft => {
	try {
		const {texts, ...rest} = keptSchema.parse(JSON.parse(text));
		const editors = Object.fromEntries(TEXTS.map(field => [field, {text: texts[field] ?? '', cursor: (texts[field] ?? '').length}]));
		return {...emptyDraft, ...rest, ...(editors as Readonly<Record<TextField, Editor>>)};
	} catch {
		return emptyDraft;
	}
};

export const hasRole = ({team}: RoomSnapshot, name: string): boolean =>
	[...team.agents.values()].some(({role, status}) => role === name && status !== 'stopped');
export const hasPlanner = (snapshot: RoomSnapshot): boolean => hasRole(snapshot, 'orchestrator');
