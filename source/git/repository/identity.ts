import {git} from '../process/run.ts';
import {asSection} from './settings.ts';

/** What a commit says of its author, and how files are written; nothing that runs something or logs in anywhere. */
const KEYS = '^(user\\.(name|email)|core\\.(autocrlf|eol|safecrlf)|init\\.defaultbranch|merge\\.conflictstyle)$';

/** The user's own configuration of git, as far as an agent in a sandbox gets it: the text of a file for it. '' if there is nothing. */
export const readIdentity = async (root: string): Promise<string> => {
	const {code, stdout} = await git(root, ['config', '--null', '--get-regexp', KEYS], {accept: [1]});
	if (code !== 0) return '';
	return stdout
		.split('\0')
		.filter(Boolean)
		.map(entry => {
			const [key = '', ...value] = entry.split('\n');
			return asSection(key, value.join('\n'));
		})
		.join('');
};
