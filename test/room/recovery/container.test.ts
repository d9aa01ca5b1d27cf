import {existsSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {expect, test} from 'vitest';
import {ownIdentity} from '../../../source/os/process-identity.ts';
import {openEngine, WRITES} from '../../helpers/engine.ts';

test('a room that was killed in its container is not held up in the next one by a lock of its own git folder', async () => {
	const first = await openEngine({agents: {developer: WRITES}, config: {review: 'off'}});
	await first.room.stop('the container is killed');
	const stores = ['guardian.git', 'trees.git'].map(name => join(dirname(first.folder), 's', name));
	const holder = {...ownIdentity(), pid: 7, place: 'box pid:[1]', nonce: 'of the last life'};
	for (const store of stores) {
		expect(existsSync(store)).toBe(true);
		writeFileSync(join(store, 'agent-room.lock'), JSON.stringify(holder));
	}
	const again = await openEngine({agents: {developer: WRITES}, config: {review: 'off'}, again: first});
	await again.must({type: 'add-task', title: 'one', id: 'one'});
	await again.when('it is merged', () => again.task('one').state === 'merged');
});
