import type {ChangeCount} from '../core/change-count.ts';
import {countBetween, countLanded} from '../git/change-counts.ts';
import type {Engine} from './engine.ts';

/** Where a branch stands, and where it left the base. */
export type Forked = {readonly head: string; readonly fork: string};

/**
 * Keeps in the snapshot what each task changes, as committed now: of branches that are worked on against where they left the base, of landed
 * ones against what they landed on. Every pair of commits is counted once, new ones of one look by one process; nothing is kept of what
 * the room has forgotten. A look that fails says so in the log and shows what was known.
 */
export const createChangeCounts = ({repository, state, log}: Engine): ((live: ReadonlyMap<string, Forked>) => Promise<void>) => {
	let known: ReadonlyMap<string, ChangeCount> = new Map();

	return async live => {
		const between = [...live].map(([task, {head, fork}]) => ({task, key: `${fork} ${head}`, from: fork, to: head}));
		const landed = [...state.team().tasks.values()]
			.filter(({state, landed}) => state === 'merged' && landed !== '')
			.map(({id, landed}) => ({task: id, key: landed, to: landed}));
		const missing = <One extends {readonly key: string}>(all: readonly One[]): readonly One[] => all.filter(({key}) => !known.has(key));
		try {
			const [news, olds] = await Promise.all([
				countBetween(repository.root, missing(between)),
				countLanded(
					repository.root,
					missing(landed).map(({to}) => to),
				),
			]);
			const counted = (key: string, found: ReadonlyMap<string, ChangeCount>, to: string) => known.get(key) ?? found.get(to);
			const all = [
				...between.map(one => ({...one, count: counted(one.key, news, one.to)})),
				...landed.map(one => ({...one, count: counted(one.key, olds, one.to)})),
			];
			known = new Map(all.flatMap(({key, count}) => (count ? [[key, count] as const] : [])));
			state.setChanges(new Map(all.flatMap(({task, count}) => (count ? [[task, count] as const] : []))));
		} catch (error) {
			log(`changes were not counted: ${error instanceof Error ? error.message : String(error)}`);
		}
	};
};
