import {git} from '../process/run.ts';
import {asSection} from './settings.ts';

/** Author identity and file format; no key that runs or logs in. */
const KEYS = '^(user\\.(name|email)|core\\.(autocrlf|eol|safecrlf)|init\\.defaultbranch|merge\\.conflictstyle)$';

/** The part of the user's git configuration for a sandboxed agent, as file text. '' if empty. */
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
