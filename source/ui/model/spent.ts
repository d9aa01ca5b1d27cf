import {spentSince} from '../../core/spending.ts';
import type {RoomSnapshot} from '../../store/room.ts';
import {midnight} from './board.ts';

/** What was spent since the last midnight of this machine, millionths of a dollar. */
export const spentToday = ({team, clockOffset}: RoomSnapshot, now: number): number =>
	spentSince(team.spending, midnight(now) + clockOffset);
