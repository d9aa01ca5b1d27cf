import type {Page} from '../../state/page.ts';
import {pageOf} from '../../state/state.ts';
import type {Drawing} from '../context.ts';
import {boardPage} from './board.ts';
import {eventsPage} from './events.ts';
import {locksPage} from './locks.ts';
import type {PageContent} from './page.ts';
import {replayPage} from './replay.ts';
import {taskPage} from './task.ts';
import {trainPage} from './train.ts';

type Picture<P extends Page> = {
	/** At the far left of the last row. */
	readonly word: string;
	draw(drawing: Drawing, page: P): PageContent;
};

const PICTURES: {readonly [K in Page['kind']]: Picture<Extract<Page, {kind: K}>>} = {
	task: {word: 'TASK', draw: taskPage},
	board: {word: 'BOARD', draw: boardPage},
	train: {word: 'MERGES', draw: trainPage},
	events: {word: 'EVENTS', draw: eventsPage},
	replay: {word: 'REPLAY', draw: replayPage},
	locks: {word: 'LOCKS', draw: locksPage},
};

const pictureOf = (page: Page): Picture<Page> => PICTURES[page.kind] as Picture<Page>;

export const pageWord = (page: Page): string => pictureOf(page).word;

/** What covers the room now; undefined where nothing does. */
export const pageContent = (drawing: Drawing): PageContent | undefined => {
	const page = pageOf(drawing.state);
	return page && drawing.layout.kind !== 'zoom' ? pictureOf(page).draw(drawing, page) : undefined;
};
