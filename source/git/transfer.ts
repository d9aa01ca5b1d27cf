import {git} from './run.ts';

/**
 * Copies the objects of `wanted` from one repository into another, by one small pack that is checked object by object as it comes in:
 * its content, its form, and that everything it points to is there. What the revisions `known` reach stays at home: both sides hold them
 * whole. It does in two processes what a fetch does in six.
 * @returns false where one of them refuses (a commit that either side does not have, say): then a fetch may still do, or says why not.
 */
export const sendObjects = async (
	from: string,
	to: string,
	{wanted, known}: {wanted: readonly string[]; known: readonly string[]},
): Promise<boolean> => {
	const revisions = [...wanted, ...known.map(commit => `^${commit}`)];
	const {code} = await git(to, ['unpack-objects', '-q', '--strict'], {packFrom: {folder: from, revisions}, accept: [1]});
	return code === 0;
};
