import type {Action} from '../../core/action.ts';
import {agentName, isAsking} from '../../core/agent.ts';
import type {WholeTask} from '../../core/task.ts';
import type {RoomSnapshot} from '../../store/room.ts';

/** Where a person is in the menus, and so what a number means. Nothing but an answer and a decision is bound to what was read aloud. */
export type Place =
	| {readonly at: 'menu'}
	| {readonly at: 'needs'; readonly rows: readonly string[]}
	| {readonly at: 'answer'; readonly agent: string; readonly questionId: string}
	| {readonly at: 'decide'; readonly task: string; readonly version: string}
	| {readonly at: 'dead'; readonly task: string}
	| {readonly at: 'words'; readonly task: string; readonly version: string}
	| {readonly at: 'agents'; readonly agents: readonly string[]}
	| {readonly at: 'agent'; readonly agent: string}
	| {readonly at: 'message'; readonly agent: string}
	| {readonly at: 'title'}
	| {readonly at: 'kind'; readonly title: string}
	| {readonly at: 'quit'};

/** What a line of the person leads to. */
export type Step = {
	readonly place: Place;
	readonly lines: readonly string[];
	readonly action?: Action;
	/** A task whose plan is to be read aloud. */
	readonly read?: string;
	readonly leave?: 'detach' | 'stop';
};

export const MENU_WORDS = [
	'who needs me',
	'agents',
	'queue',
	'new task',
	'pause or resume all',
	'freeze or go on',
	'cost',
	'what happened',
	'quit',
] as const;

export const to = (place: Place, ...lines: readonly string[]): Step => ({place, lines});
export const home: Place = {at: 'menu'};

/** The question that an agent asks now, undefined where it asks none that can be answered. */
export const questionOf = (
	snapshot: RoomSnapshot,
	agent: string,
): {readonly id: string; readonly choices: readonly string[]} | undefined => {
	const found = snapshot.team.agents.get(agent);
	return found && isAsking(found) ? {id: found.questionId, choices: found.choices} : undefined;
};

export const nameOf = (id: string): string => agentName(id);

/** What of a task must not have changed between the moment when it was read aloud and the word of the person. */
export const versionOfTask = (task: Pick<WholeTask, 'asks' | 'updatedAt' | 'rounds'> | undefined): string =>
	task ? `${task.asks} ${task.updatedAt} ${task.rounds}` : '';
