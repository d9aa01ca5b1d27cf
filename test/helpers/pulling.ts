import type {TestRoom} from './engine.ts';
import {APPROVES, type EngineOptions, openEngine} from './engine.ts';
import {addForge, type TestForge} from './forge.ts';
import {addRemote, type TestRemote} from './remote.ts';
import type {TestRepository} from './repository.ts';

/** Writes what it was told to, a round at a time. */
export const WRITES_ROUNDS =
	'echo "round $(wc -l <"$D/rounds" 2>/dev/null || echo 0)" >>"$AGENT_ROOM_TASK.txt"; echo x >>"$D/rounds"; cp "$AGENT_ROOM_BRIEF_FILE" "$D/brief"';

/** A room whose tested tasks become pull requests of a stand-in of GitHub. `prepare`: what its repository and remote are given first. */
export const openPulling = async ({
	prepare = () => undefined,
	...options
}: Partial<EngineOptions> & {readonly prepare?: (repository: TestRepository, remote: TestRemote) => void} = {}) => {
	const made: {remote?: TestRemote; forge?: TestForge} = {};
	const room = await openEngine({
		agents: {developer: WRITES_ROUNDS, 'code-sentinel': APPROVES},
		before: repository => {
			made.remote = addRemote(repository);
			made.forge = addForge(made.remote.folder);
			prepare(repository, made.remote);
		},
		...options,
		config: {merge: 'pr', forge: 'github', ...options.config},
	});
	const {remote, forge} = made;
	if (!remote || !forge) throw new Error('there is no forge');
	/** Until it is so, asking the forge as `M` does. */
	const seen = async (what: string, id: string, is: () => boolean): Promise<void> => {
		const asking = setInterval(() => void room.ask({type: 'merge-task', task: id}).catch(() => undefined), 300);
		try {
			await room.when(what, is);
		} finally {
			clearInterval(asking);
		}
	};
	return {room, remote, forge, seen, add: (id: string) => room.must({type: 'add-task', title: `Add ${id}`, id})};
};

export const isPull = (room: TestRoom, id: string): boolean => room.team().tasks.get(id)?.decision === 'pull';
