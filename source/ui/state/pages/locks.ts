import type {RoomSnapshot} from '../../../store/room.ts';
import {type LockRow, locksAndLeases} from '../../model/locks.ts';
import type {LocksPage} from '../page.ts';
import {type Behaviour, moved} from './behaviour.ts';

/** The lock that the keys mean: the remembered one while it is held, else the first. */
export const chosenLock = ({selected}: LocksPage, snapshot: RoomSnapshot): LockRow | undefined => {
	const rows = locksAndLeases(snapshot);
	return rows.find(({lock}) => lock.name === selected) ?? rows[0];
};

export const locksBehaviour: Behaviour<LocksPage> = {
	taskOf: (page, {snapshot}) => {
		const row = chosenLock(page, snapshot);
		if (!row) return '';
		return row.kind === 'task' ? row.lock.name.slice(5) : (snapshot.team.agents.get(row.lock.owner.split(' ')[0] ?? '')?.task ?? '');
	},
	move: (page, move, context, state) => {
		if (['left', 'right', 'next-panel', 'previous-panel'].includes(move))
			return {...page, column: move === 'left' ? 0 : move === 'right' ? 1 : page.column === 0 ? 1 : 0};
		if (page.column === 1) {
			const [, end] = context.overflow(state).page;
			return {...page, scroll: moved(move, Math.min(end, page.scroll), end)};
		}
		const names = locksAndLeases(context.snapshot).map(({lock}) => lock.name);
		const at = Math.max(0, names.indexOf(page.selected));
		return {...page, selected: names[moved(move, at, names.length - 1)] ?? ''};
	},
};
