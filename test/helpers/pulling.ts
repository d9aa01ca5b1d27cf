import type {TestRoom} from './engine.ts';
import {APPROVES, type EngineOptions, openEngine} from './engine.ts';
import {addForge, type TestForge} from './forge.ts';
import {addRemote, type TestRemote} from './remote.ts';
import type {TestRepository} from './repository.ts';

/** Writes what it was told to, a round at a time. */
export const WRITES_ROUNDS =
	'echo "round $(wc -l <"$D/rounds" 2>/dev/null || echo 0)" >>"$AGENT_ROOM_TASK.txt"; echo x >>"$D/rounds"; cp "$AGENT_ROOM_BRIEF_FILE" "$D/brief"';

/** An ask that was refused, since the task is with an agent, has no answer of the forge, ms. */
const QUIET_MS = 2000;

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
	/**
	 * Until it is so, asking the forge as `M` does: again when the room has had an answer since. More would only be processes that what is waited
	 * for lacks, and each look runs two of Node.
	 */
	const seen = async (what: string, id: string, is: () => boolean): Promise<void> => {
		let [answers, askedAt] = [-1, Number.NEGATIVE_INFINITY];
		const ask = (): void => {
			const had = forge.calls('"graphql"');
			if (had === answers && performance.now() - askedAt < QUIET_MS) return;
			[answers, askedAt] = [had, performance.now()];
			void room.ask({type: 'merge-task', task: id}).catch(() => undefined);
		};
		ask();
		const asking = setInterval(ask, 300);
		try {
			await room.when(what, is);
		} finally {
			clearInterval(asking);
		}
	};
	return {room, remote, forge, seen, add: (id: string) => room.must({type: 'add-task', title: `Add ${id}`, id})};
};

export const isPull = (room: TestRoom, id: string): boolean => room.team().tasks.get(id)?.decision === 'pull';
