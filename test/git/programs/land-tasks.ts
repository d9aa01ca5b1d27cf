import {appendFileSync} from 'node:fs';
import {openGuardian} from '../../../source/git/guardian.ts';
import {openRepository} from '../../../source/git/repository.ts';

/** Lands branches in a loop as a room would: build, land, build again when the base has moved. Every answer goes to the ledger. */
const [root = '', folder = '', base = '', ledger = '', ...tasks] = process.argv.slice(2);
const repository = await openRepository(root);
const guardian = await openGuardian({repository, folder, base});

for (const entry of tasks) {
	const [task = '', commit = ''] = entry.split('=');
	for (let isDone = false; !isDone; ) {
		if (await guardian.landedCommit(task)) break;
		const onto = await guardian.baseHead();
		const built = await guardian.buildCandidate({commit, onto, task, title: task, author: 'agent:dev:001'});
		if (built.kind !== 'candidate') throw new Error(`${task}: ${JSON.stringify(built)}`);
		const landing = await guardian.land({candidate: built.commit, expectedBase: onto, task});
		appendFileSync(ledger, `${task} ${landing.kind}${landing.kind === 'held' ? ` ${landing.reason}` : ''}\n`);
		isDone = landing.kind === 'landed' || landing.kind === 'already';
	}
}
