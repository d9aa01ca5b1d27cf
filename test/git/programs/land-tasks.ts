import {appendFileSync} from 'node:fs';
import {openGuardian} from '../../../source/git/guardian.ts';
import type {Car} from '../../../source/git/landing.ts';
import {openRepository} from '../../../source/git/repository.ts';

/**
 * Lands branches in trains of `length` cars as a room would: build each candidate on the one before it, land, build again what has not
 * landed. Every answer goes to the ledger.
 */
const [root = '', folder = '', base = '', ledger = '', length = '', ...entries] = process.argv.slice(2);
const repository = await openRepository(root);
const guardian = await openGuardian({repository, folder, base});
const tasks = entries.map(entry => {
	const [task = '', commit = ''] = entry.split('=');
	return {task, commit};
});

for (;;) {
	const landed = await guardian.landedCommits(tasks);
	const waiting = tasks.filter(({task}) => !landed.has(task)).slice(0, Number(length));
	if (waiting.length === 0) break;
	const expectedBase = await guardian.baseHead();
	const cars: Car[] = [];
	for (const {task, commit} of waiting) {
		const onto = cars.at(-1)?.candidate ?? expectedBase;
		const built = await guardian.buildCandidate({commit, onto, task, title: task, author: 'agent:dev:001'});
		if (built.kind !== 'candidate') throw new Error(`${task}: ${JSON.stringify(built)}`);
		cars.push({task, candidate: built.commit});
	}
	const answer = await guardian.land({cars, expectedBase});
	appendFileSync(ledger, `${answer.landed.map(({task}) => task).join(' ')} landed ${JSON.stringify(answer.stopped ?? '')}\n`);
}
