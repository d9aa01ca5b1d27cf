import {resolve} from 'node:path';
import {type Invocation, textFlag} from './command.ts';
import {wrongUsage} from './command-error.ts';
import {type Located, locateRepository} from './locate-repository.ts';
import {ensureStateFolder, stateFolderFor} from './state-folder.ts';

/** Where a command acts: the repository, the private folder of its room, and the Redis of its team. */
export type Place = {
	readonly repository: Located;
	readonly stateFolder: string;
	readonly namespace: string;
	/** '' means the embedded server. */
	readonly redisUrl: string;
};

/** Key names are built from it, so it is short and has no blanks; a `{tag}` makes all keys one slot of a Cluster. */
const NAMESPACE = /^(?:[A-Za-z0-9_.:-]+|\{[A-Za-z0-9_.:-]+\}[A-Za-z0-9_.:-]*)$/;

const readNamespace = (text: string): string => {
	if (text.length > 64 || !NAMESPACE.test(text)) {
		throw wrongUsage(`The namespace \`${text}\` is not usable.`, 'Letters, digits and `_ . : -`, or one `{tag}` in front.');
	}
	return text;
};

/** Finds the place of a command from its flags and environment, and makes the state folder. Refuses (exit 3) outside a repository. */
export const findPlace = (invocation: Invocation): Place => {
	const repository = locateRepository(resolve(invocation.folder, textFlag(invocation, 'repo') || '.'));
	const stateFolder = stateFolderFor(repository, invocation.environment);
	ensureStateFolder(stateFolder);
	return {
		repository,
		stateFolder,
		namespace: readNamespace(textFlag(invocation, 'namespace') || 'workflow'),
		redisUrl: textFlag(invocation, 'redis') || invocation.environment.AGENT_ROOM_REDIS_URL || '',
	};
};
