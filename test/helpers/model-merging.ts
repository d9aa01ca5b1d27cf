import {expect} from 'vitest';
import {completion} from './coordination.ts';
import {ended, happens, type Model, type Real, type Step, sent} from './model.ts';

/** What waits to land lands, so that there is something to be taken off. */
const isMerging = async (model: Model, real: Real): Promise<void> => {
	const claimed = [...model.current.values()].find(({task}) => task.stage === 'merge');
	if (!claimed) return;
	const fields = {mergedCommit: `l-${claimed.token}`};
	const {code} = await real.team.complete(completion(claimed, {next: 'merged', nextRole: '', fields}));
	if (code === 'ok') ended(model, claimed);
};

/** The base holds a landing no longer; mostly the very one that the task is merged as. */
export const unmerges =
	(index: number, isWrong: boolean, isResent: boolean): Step =>
	async (model, real) => {
		await isMerging(model, real);
		const {team} = await real.team.snapshot();
		const merged = [...team.tasks.values()].filter(({state}) => isWrong || state === 'merged');
		const task = merged[index % Math.max(1, merged.length)];
		if (!task) return;
		const order = {task: task.id, mergedCommit: isWrong ? 'another' : task.mergedCommit, why: 'taken off'};
		const word = await sent(real, isResent, () => real.team.unmerge(order));
		happens(real, `unland ${word}`);
		expect(word).toBe(isWrong ? 'stale' : 'ok');
		const after = await real.team.task(task.id);
		if (!isWrong)
			expect(after).toMatchObject({state: 'blocked', decision: 'unmerged', mergedCommit: '', unmergedCommit: task.mergedCommit, doneAt: 0});
		else expect(after?.state).toBe(task.state);
	};

/** It holds it again, or as another commit. */
export const remerges =
	(index: number, isWrong: boolean, isResent: boolean): Step =>
	async (_model, real) => {
		const {team} = await real.team.snapshot();
		const all = [...team.tasks.values()].filter(
			({decision, mergedCommit, unmergedCommit}) => decision === 'unmerged' || (isWrong && mergedCommit + unmergedCommit !== ''),
		);
		const task = all[index % Math.max(1, all.length)];
		if (!task) return;
		const isKnown = task.decision === 'unmerged' || task.state === 'merged';
		const was = task.decision === 'unmerged' ? task.unmergedCommit : task.mergedCommit;
		const word = await sent(real, isResent, () =>
			real.team.remerge({task: task.id, was, mergedCommit: `${was}-again`, text: 'on main again'}),
		);
		happens(real, `reland ${word}`);
		expect(word).toBe(isKnown ? 'ok' : 'stale');
		if (isKnown) expect(await real.team.task(task.id)).toMatchObject({state: 'merged', decision: '', mergedCommit: `${was}-again`});
	};

/** An agent moves the base, or it is decided; what is not the commit of the alarm decides nothing. */
export const strays =
	(index: number, how: number, isResent: boolean): Step =>
	async (model, real) => {
		const {control} = (await real.team.snapshot()).team;
		const [task = 'none'] = model.accepted;
		if (how > 1) {
			const from = how === 2 && control.stray !== '' ? control.stray : `s${index}`;
			const move = {task, agent: 'agent:dev:001', from, to: `s${index + 1}`, text: 'moved'};
			await sent(real, isResent, async () => real.team.stray(move));
			const after = (await real.team.snapshot()).team.control;
			const before = control.stray === '' || control.stray === move.to ? from : control.stray === from ? control.strayFrom : '';
			expect([after.stray, after.strayFrom]).toEqual([move.to, before]);
			return;
		}
		if (control.stray === '') await real.team.stray({task, agent: '', from: 's', to: 't', text: 'moved'});
		const commit = how === 0 ? control.stray || 't' : 'another';
		const word = await sent(real, isResent, () => real.team.unstray(commit, 'decided'));
		happens(real, `unstray ${word}`);
		expect(word).toBe(how === 0 ? 'ok' : 'stale');
	};
