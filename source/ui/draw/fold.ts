import type {Group} from '../model/status-styles.ts';
import type {AgentRow} from '../state/rows.ts';
import {windowStart} from '../text/box.ts';
import type {Tone} from '../text/text.ts';

/** Rows under a heading, '' for none; `note` stands behind the count where some of the rows are folded away. */
export type Part = {
	readonly title: string;
	readonly tone: Tone;
	readonly count: number;
	readonly note: string;
	readonly members: readonly AgentRow[];
	readonly group?: Group;
};

/** Questions, failures, reviews and merges never fold away. */
const FOLDS: readonly (Group | undefined)[] = ['working', 'idle'];
/** A group that is folded shows at least this many rows, or nothing is folded. */
const LEAST = 3;

const windowOf = (part: Part, share: number, selected: string): Part => {
	if (part.members.length <= share) return part;
	const start = windowStart(
		part.members.length,
		share,
		Math.max(
			0,
			part.members.findIndex(({id}) => id === selected),
		),
	);
	const members = part.members.slice(start, start + share);
	return {...part, members, note: ` ▸ ${start > 0 ? `${start + 1}-${start + share}` : share} shown`};
};

/**
 * Groups so that all of them stand in `height` rows with their headings: those who work, then those who rest, show only as many rows as have
 * place, the selected one among them. Where what never folds leaves no place for that, as they are.
 */
export const foldParts = (parts: readonly Part[], height: number, selected: string): readonly Part[] => {
	const count = (folds: boolean): number =>
		parts.reduce((sum, {group, members}) => sum + (FOLDS.includes(group) === folds ? members.length : 0), 0);
	const left = height - parts.length - count(false);
	const foldable = parts.filter(({group}) => FOLDS.includes(group));
	if (count(true) <= left || foldable.length === 0 || left < LEAST * foldable.length) return parts;
	// Whoever rests is of less interest: a quarter of the place, or what those at work leave.
	const [first, second] = foldable;
	const rest = second ? Math.min(second.members.length, Math.max(LEAST, Math.floor(left / 4), left - (first?.members.length ?? 0))) : 0;
	return parts.map(part =>
		part === first ? windowOf(part, left - rest, selected) : part === second ? windowOf(part, rest, selected) : part,
	);
};
