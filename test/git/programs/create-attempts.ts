import {openRepository} from '../../../source/git/repository.ts';
import {createAttempt} from '../../../source/git/worktrees.ts';

/** Creates `count` attempts at one task at the same time and prints them as JSON. */
const [root = '', worktreesFolder = '', task = '', from = '', count = '1'] = process.argv.slice(2);
const repository = await openRepository(root);
const attempts = await Promise.all(
	Array.from({length: Number(count)}, () => createAttempt({repository, worktreesFolder, task, attempt: 1, from})),
);
process.stdout.write(JSON.stringify(attempts));
