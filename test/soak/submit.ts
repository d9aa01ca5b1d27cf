import {randomUUID} from 'node:crypto';
import {setTimeout as wait} from 'node:timers/promises';
import type {Coordination} from '../../source/core/team/coordination.ts';
import {writeLine} from './ledger.ts';
import {afterOf, idOf, type Plan} from './plan.ts';
import type {Random} from './random.ts';

/** Tries that a task has against the chaos: each death and each lost lease counts one. A hopeless one has few. */
const ATTEMPTS = 60;
const HOPELESS = 3;
const AT_ONCE = 40;

/**
 * Submits every task of the plan over a connection that chaos works on, too: a third at once, the rest at the plan's rate. A submission that
 * was not acknowledged is made again under the same id. Resolves when all are acknowledged and what was to be cancelled has been.
 */
export const submitAll = async (
	team: Coordination,
	plan: Plan,
	ledger: string,
	random: Random,
	retryUntilWritten: <T>(write: () => Promise<T>) => Promise<T>,
): Promise<void> => {
	const began = performance.now();
	const head = Math.floor(plan.tasks / 3);
	const cancelling: Promise<void>[] = [];
	const cancel = async (id: string): Promise<void> => {
		await wait(random.between(0, 4 * plan.leaseMs));
		await retryUntilWritten(() => team.cancel(id, 'nobody wants it any more'));
	};
	const submit = async (number: number): Promise<void> => {
		const id = idOf(number);
		const write = () =>
			team.submit({
				id,
				title: `Do ${id}`,
				description: randomUUID(),
				stage: 'develop',
				role: 'developer',
				priority: Math.floor(random.between(0, 101)),
				needs: [],
				after: afterOf(number),
				feature: '',
				attempts: id.startsWith('x') ? HOPELESS : ATTEMPTS,
				assigned: '',
			});
		// Submissions overtake one another where answers are lost: what this one comes after may still be on its way.
		while ((await retryUntilWritten(write)).code === 'unknown') await wait(50);
		writeLine(ledger, 'submitted', id);
		if (id.startsWith('c')) cancelling.push(cancel(id));
	};
	for (let number = 0; number < plan.tasks; ) {
		const due = Math.min(plan.tasks, head + Math.floor(((performance.now() - began) / 1000) * plan.submitRate));
		const batch = Array.from({length: Math.min(AT_ONCE, due - number)}, (_, index) => submit(number + index));
		number += batch.length;
		await Promise.all(batch);
		if (batch.length < AT_ONCE) await wait(50);
	}
	await Promise.all(cancelling);
};
