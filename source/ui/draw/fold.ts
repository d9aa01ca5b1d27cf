import type {Group} from '../model/status-styles.ts';
import type {AgentRow} from '../state/rows.ts';
import {windowStart} from '../text/box.ts';
import type {Tone} from '../text/text.ts';

/** Rows under a heading with its count, '' for none; `note` follows it if some are folded. */
export type Part = {
	readonly heading: string;
	readonly tone: Tone;
	readonly note: string;
	readonly members: readonly AgentRow[];
	readonly group?: Group;
};

/** Questions, failures, reviews and merges never fold. */
const FOLDS: readonly (Group | undefined)[] = ['working', 'idle'];
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
 * Folds groups to fit `height` rows with headings: running, then idle agents only show what fits, with the selected one. Unchanged if the
 * others leave no room.
 */
export const foldParts = (parts: readonly Part[], height: number, selected: string): readonly Part[] => {
	const count = (folds: boolean): number =>
		parts.reduce((sum, {group, members}) => sum + (FOLDS.includes(group) === folds ? members.length : 0), 0);
	const left = height - parts.length - count(false);
	const foldable = parts.filter(({group}) => FOLDS.includes(group));
	if (count(true) <= left || foldable.length === 0 || left < LEAST * foldable.length) return parts;
	// Idle agents matter less: they get a quarter, or what running ones leave.
	const [first, second] = foldable;
	const rest = second ? Math.min(second.members.length, Math.max(LEAST, Math.floor(left / 4), left - (first?.members.length ?? 0))) : 0;
	return parts.map(part =>
		part === first ? windowOf(part, left - rest, selected) : part === second ? windowOf(part, rest, selected) : part,
	);
};
