import {agentName} from '../../core/agent.ts';
import type {RoomSnapshot} from '../../store/room.ts';

/** Two branches that would not merge as they are now. `id` is what the selection sticks to. */
export type ConflictRow = {
	readonly id: string;
	/** The second is '' where it is the base. */
	readonly tasks: readonly [string, string];
	readonly label: string;
	/** Who works on them, as people read it. */
	readonly agents: string;
	readonly files: readonly string[];
	/** Server time, epoch ms. */
	readonly since: number;
};

/** Conflicts predicted between branches that are worked on, the oldest first. */
export const conflicts = (snapshot: RoomSnapshot): readonly ConflictRow[] =>
	snapshot.conflicts.map(({tasks, files, since}) => {
		const [one, other] = tasks;
		const authors = tasks.flatMap(id => {
			const task = snapshot.team.tasks.get(id);
			const agent = task?.owner || task?.author || '';
			return agent ? [agentName(agent)] : [];
		});
		return {
			id: `${one} ${other}`,
			tasks,
			label: `${one} and ${other || snapshot.repository.base}`,
			agents: [...new Set(authors)].join(', '),
			files,
			since,
		};
	});
