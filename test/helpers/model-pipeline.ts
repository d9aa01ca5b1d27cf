import {expect} from 'vitest';
import type {Submission} from '../../source/core/intake/submission.ts';
import {nextRole, stageRole} from '../../source/core/task/stages.ts';
import {DECISIONS, STAGES, type Stage, type Task} from '../../source/core/task/task.ts';
import type {Claimed, Coordination} from '../../source/core/team/coordination.ts';
import {completion, nextNonce, submission} from './coordination.ts';
import {AGENTS, ended, happens, isCurrent, reconcile, type Step, sent} from './model.ts';

const NEXT: Readonly<Record<Stage, readonly (Stage | 'merged' | 'needs-decision')[]>> = {
	plan: ['needs-decision', 'needs-decision', 'plan', 'develop'],
	develop: ['review', 'test', 'review'],
	document: ['review'],
	review: ['test', 'audit', 'needs-decision', 'develop', 'test'],
	audit: ['test', 'develop', 'needs-decision'],
	test: ['merge', 'develop', 'merge', 'resolve', 'needs-decision'],
	resolve: ['review', 'needs-decision', 'develop'],
	merge: ['merged', 'test', 'merged', 'resolve'],
};
const ASKED: Partial<Record<Stage, string>> = {plan: 'plan', review: 'rounds', audit: 'rounds', resolve: 'dropped', test: 'checks'};

/** A candidate in which nothing was found that holds it. */
const searched = ({token}: Claimed): Record<string, string> => ({
	candidate: `c-${token}`,
	checked: `c-${token}`,
	testedCommit: `c-${token}`,
});

/** The end of a stage: on, back, or a question to a person; sometimes with the agent's next call. */
export const completes = (turn: number) => async (claimed: Claimed, team: Coordination) => {
	const {stage, firstStage} = claimed.task;
	const choices = NEXT[stage];
	const chosen = choices[turn % choices.length] ?? 'test';
	const next = chosen === 'develop' && stage !== 'plan' ? firstStage : chosen;
	const isBack = next === firstStage && stage !== 'plan';
	const counts = isBack ? (stage === 'test' ? 'failures' : 'rounds') : 'none';
	const role = next === 'needs-decision' ? '' : next === 'develop' && stage === 'plan' ? 'developer' : nextRole(next, claimed.task);
	const nextCall = turn % 2 === 0 ? {leaseMs: 60_000, nonce: `after-${claimed.token}`, stages: STAGES} : undefined;
	const fields: Record<string, string> = next === 'merge' ? searched(claimed) : {};
	if (next === 'merged') fields.mergedCommit = `l-${claimed.token}`;
	const decision = stage === 'test' && turn % 2 === 0 ? 'returns' : (ASKED[stage] ?? 'rounds');
	if (next === 'needs-decision')
		Object.assign(fields, {decision, waitReason: 'waits for you', returns: decision === 'returns' ? `r-${claimed.token}` : ''});
	const order = completion(claimed, {next, nextRole: role, counts, delayMs: turn % 3 === 0 ? 1 : 0, nextCall, fields});
	return (await team.complete(order)).code;
};

/** A feature that begins with its plan, or one more plan of a feature that there is. */
export const begins =
	(after: readonly number[], feature: number, isDocument: boolean): Step =>
	async (model, real) => {
		const ids = [...model.accepted];
		const names = ids.length === 0 ? [] : after.map(index => ids[index % ids.length] ?? '');
		const of = feature < 2 ? `f${feature}` : '';
		const stage = isDocument ? 'document' : 'plan';
		const reply = await real.team.submit(submission({stage, role: stageRole(stage), after: names, feature: of, attempts: 2}));
		expect(['ok', 'cycle']).toContain(reply.code);
		if (reply.code === 'ok') model.accepted.add(reply.id);
	};

/** Those of a plan: they wait for one another, for others, and for features; a third of them names what is given up. */
const planned = (feature: string, edges: readonly (readonly [number, number])[], ids: readonly string[]): readonly Submission[] =>
	edges.map(([from, to], index) => {
		const other = ids[to % Math.max(1, ids.length)] ?? '';
		const after = [...(from % 3 === 0 && index > 0 ? [`${feature}-${ids.length}-${index - 1}`] : []), ...(from % 3 === 1 ? [other] : [])];
		return submission({id: `${feature}-${ids.length}-${index}`, after: after.filter(Boolean), feature});
	});

/** A plan is carried out, under its lease or by a person; all of it or nothing. */
export const carriesOut =
	(
		which: number,
		isPerson: boolean,
		isOld: boolean,
		edges: readonly (readonly [number, number])[],
		gives: readonly number[],
		isResent: boolean,
	): Step =>
	async (model, real) => {
		const {team} = await real.team.snapshot();
		const asking = [...team.tasks.values()].filter(({decision}) => decision === 'plan').map(({id}) => ({id, token: '', owner: ''}));
		const leases = [...(isOld ? model.superseded : model.current.values())].filter(({task}) => task.stage === 'plan');
		const held = leases.map(({task: {id, owner}, token}) => ({id, owner, token}));
		const all = isPerson ? asking : held;
		const plan = all[which % Math.max(1, all.length)];
		const task = plan && team.tasks.get(plan.id);
		if (!plan || !task) return;
		const ids = [...model.accepted];
		// Mostly of the same feature; anything else is refused.
		const own = which % 5 === 0 ? ids : ids.filter(id => id !== plan.id && team.tasks.get(id)?.feature === task.feature);
		const cancel = [...new Set(gives.flatMap(index => own[index % Math.max(1, own.length)] ?? []))];
		const order = {task: plan.id, token: plan.token, agent: plan.owner, cancel, tasks: planned(task.feature, edges, ids), text: ''};
		const reply = await sent(real, isResent, () => real.team.plan(order));
		const isHeld = plan.token === '' || task.token === plan.token;
		expect(isHeld ? ['ok', 'unknown', 'cycle', 'merging'] : ['stale', 'gone']).toContain(reply.code);
		happens(real, `plan ${reply.code}`);
		if (reply.code !== 'ok') return;
		for (const id of reply.ids) model.accepted.add(id);
		if (plan.owner !== '') model.waited.delete(plan.owner);
		await reconcile(model, real);
	};

const DECIDED: Readonly<Record<string, readonly (Stage | 'home')[]>> = {
	plan: ['plan', 'develop'],
	rounds: ['test', 'home'],
	dropped: ['review', 'home'],
	checks: ['test', 'home'],
	returns: ['test', 'home'],
	unmerged: ['test', 'test'],
};

/** A person decides; only what a task asks at this moment. */
export const decides =
	(index: number, question: number, turn: number, isResent: boolean): Step =>
	async (model, real) => {
		const {team} = await real.team.snapshot();
		const tasks = [...team.tasks.values()].filter(({decision}) => decision !== '' || turn % 4 === 0);
		const task = tasks[index % Math.max(1, tasks.length)];
		if (!task || !model.accepted.has(task.id)) return;
		const decision = task.decision && question % 5 !== 0 ? task.decision : (DECISIONS[question % DECISIONS.length] ?? 'plan');
		const way = DECIDED[decision]?.[turn % 2] ?? 'home';
		const next = way === 'home' ? task.firstStage : way;
		const order = {task: task.id, decision, next, nextRole: next === 'develop' ? 'developer' : nextRole(next, task), fields: {}, text: ''};
		const word = await sent(real, isResent, () => real.team.decide(order));
		happens(real, `decide ${word}`);
		if (task.decision === decision) expect(word).toBe('ok');
		else expect(['stale', 'gone']).toContain(word);
	};

/** What waits to land boards the landing of another: as far as the candidates are what they are said to be. */
export const boards =
	(index: number, isOld: boolean, wrong: number, isResent: boolean): Step =>
	async (model, real) => {
		const leases = isOld ? model.superseded : [...model.current.values()];
		const merging = leases.filter(({task}) => task.stage === 'merge');
		const claimed = merging[index % Math.max(1, merging.length)];
		if (!claimed) return;
		const {team} = await real.team.snapshot();
		const ready = [...team.tasks.values()]
			.filter(({stage, state}) => stage === 'merge' && state === 'ready')
			.sort((a, b) => a.score - b.score);
		const entries = ready.map(({id, candidate}, at) => ({task: id, candidate: at === wrong ? 'another' : candidate}));
		const head = {agent: claimed.task.owner, task: claimed.task.id, token: claimed.token};
		const reply = await sent(real, isResent, () => real.team.joinMergeGroup({...head, leaseMs: 60_000, entries}));
		if (!isCurrent(model, claimed)) expect(['stale', 'gone']).toContain(reply.code);
		if (reply.code !== 'ok') return;
		if (reply.joined > 0) happens(real, 'joined');
		const mayTake = (task: Task | undefined): boolean => !!task && !task.authors.includes(head.agent) && task.reviewer !== head.agent;
		const first = ready.findIndex((task, at) => at === wrong || !mayTake(task) || (task.assigned !== '' && task.assigned !== head.agent));
		expect(reply.joined).toBe(first < 0 ? ready.length : first);
		for (const {id} of ready.slice(0, reply.joined)) {
			const task = await real.team.task(id);
			if (!task) throw new Error(`there is no task ${id}`);
			model.current.set(id, {code: 'ok', task, token: head.token, leaseUntil: task.leaseUntil});
			model.joined.add(id);
		}
	};

/** What waits to land is tested again, if it is that very candidate. */
export const retests =
	(index: number, isWrong: boolean, isResent: boolean): Step =>
	async (_model, real) => {
		const {team} = await real.team.snapshot();
		const all = [...team.tasks.values()].filter(({candidate}) => candidate !== '');
		const waiting = all.filter(({stage, state}) => stage === 'merge' && state === 'ready');
		const tested = index % 3 > 0 && waiting.length > 0 ? waiting : all;
		const task = tested[index % Math.max(1, tested.length)];
		if (!task) return;
		const order = {task: task.id, candidate: isWrong ? 'another' : task.candidate, reason: 'the base moved'};
		const word = await sent(real, isResent, () => real.team.retest(order));
		const isRetested = !isWrong && (task.stage === 'merge' || task.stage === 'test') && task.state === 'ready';
		happens(real, `recall ${word}`);
		if (isRetested) expect(word).toBe('ok');
		else expect(['stale', 'gone']).toContain(word);
	};

const isQueued = (task: Task | undefined): boolean =>
	task !== undefined && ['ready', 'delayed', 'blocked'].includes(task.state) && task.decision === '';

/** Two tasks change places, or one gets another priority; every other keeps its turn, and so do these where one of them cannot be moved. */
export const turns =
	(one: number, two: number, isResent: boolean): Step =>
	async (model, real) => {
		const ids = [...model.accepted];
		const [id, other] = [ids[one % Math.max(1, ids.length)], ids[two % Math.max(1, ids.length)]];
		if (!id || !other) return;
		const before = (await real.team.snapshot()).team.tasks;
		if ((one + two) % 3 === 0) {
			const word = await sent(real, isResent, () => real.team.setPriority(id, two));
			expect([id, ['ok', 'same'].includes(word)]).toEqual([id, isQueued(before.get(id))]);
			const task = (await real.team.snapshot()).team.tasks.get(id);
			if (word === 'ok') expect([id, task?.priority]).toEqual([id, two]);
			return;
		}
		const {code} = await sent(real, isResent, () => real.team.reorder(id, other));
		happens(real, `move ${code}`);
		const after = (await real.team.snapshot()).team.tasks;
		const canMove = isQueued(before.get(id)) && isQueued(before.get(other));
		expect([id, other, ['ok', 'same'].includes(code)]).toEqual([id, other, canMove]);
		const isFirst = (after.get(id)?.score ?? 0) < (after.get(other)?.score ?? 0);
		if (canMove && id !== other) expect([id, other, isFirst]).toEqual([id, other, true]);
		const isAbout = (name: string): boolean => code === 'ok' && (name === id || name === other);
		for (const [name, task] of after) if (!isAbout(name)) expect([name, task.score]).toEqual([name, before.get(name)?.score]);
	};

/** A claim by name of anything there is, mostly of what is ready and by somebody whose role it is for. */
export const claimsNamed =
	(index: number, who: number, isAnything: boolean): Step =>
	async (model, real) => {
		const {team} = await real.team.snapshot();
		const tasks = [...team.tasks.values()].filter(({state}) => isAnything || state === 'ready');
		const task = tasks[index % Math.max(1, tasks.length)];
		const agents = AGENTS.filter(({role}) => isAnything || role === task?.role);
		const agent = agents[who % Math.max(1, agents.length)]?.id;
		if (!task || !agent) return;
		const isBusy = [...model.current.values()].some(({task: {id, owner}}) => owner === agent && !model.joined.has(id));
		const order = {agent, room: 'r1', leaseMs: 60_000, nonce: nextNonce(), stages: STAGES, wanted: task.id};
		const reply = await real.team.claim(order);
		if (isBusy) expect(reply.code).toBe('busy');
		if (reply.code !== 'ok') return;
		happens(real, 'claimed by name');
		expect([reply.task.id, task.state]).toEqual([task.id, 'ready']);
		model.tokens.add(reply.token);
		model.waited.delete(agent);
		model.current.set(task.id, reply);
	};

/** Some of what is developed, reviewed or tested goes on until it waits to land, by the commands of everybody: a train comes together. */
export const drives =
	(count: number, index: number): Step =>
	async (model, real) => {
		for (let step = 0; step < count * 6; step++) {
			const claimed = [...model.current.values()].find(({task}) => ['develop', 'document', 'review', 'test'].includes(task.stage));
			if (claimed) {
				const next = claimed.task.stage === 'test' ? 'merge' : claimed.task.stage === 'review' ? 'test' : 'review';
				const fields: Record<string, string> = next === 'merge' ? searched(claimed) : {};
				const {code} = await real.team.complete(completion(claimed, {next, nextRole: stageRole(next), fields}));
				expect(code).toBe('ok');
				ended(model, claimed);
			} else await claimsNamed(index + step, step, false)(model, real);
		}
	};

/** A person says something about a task; what must be fixed takes it back from where it was handed in. */
export const comments =
	(index: number, isMustFix: boolean, isResent: boolean): Step =>
	async (model, real) => {
		const ids = [...model.accepted];
		const task = await real.team.task(ids[index % Math.max(1, ids.length)] ?? '');
		if (!task) return;
		const severity = isMustFix ? ('must-fix' as const) : ('nit' as const);
		const comment = {file: 'a.ts', line: 1, severity, text: 'mend', at: 1, commit: ''};
		const order = {task: task.id, comment, role: nextRole(task.firstStage, task), feedback: 'mend', text: 'mend'};
		happens(real, `remark ${await sent(real, isResent, async () => (await real.team.comment(order)).code)}`);
		await reconcile(model, real);
	};

/** A plan whose tasks may wait for one another: in a circle, none of it is accepted. */
export const plans =
	(edges: readonly (readonly [number, number])[], isResent: boolean): Step =>
	async (model, real) => {
		const names = [0, 1, 2].map(index => `p${model.accepted.size}-${index}`);
		const after = names.map((_, index) => edges.filter(([from]) => from % 3 === index).map(([, to]) => names[to % 3] ?? ''));
		const reach = (from: number, seen: readonly number[]): boolean =>
			edges.some(([start, to]) => start % 3 === from && (seen.includes(to % 3) || reach(to % 3, [...seen, to % 3])));
		const isCircle = [0, 1, 2].some(index => reach(index, [index]));
		const tasks = names.map((id, index) => submission({id, after: after[index] ?? [], feature: 'f1'}));
		const reply = await sent(real, isResent, () => real.team.submitAll(tasks));
		expect(reply.code).toBe(isCircle ? 'cycle' : 'ok');
		if (reply.code === 'ok') for (const id of reply.ids) model.accepted.add(id);
	};

export const anyId =
	(index: number, act: (team: Coordination, id: string) => Promise<unknown>, isResent: boolean): Step =>
	async (model, real) => {
		const ids = [...model.accepted];
		const id = ids[index % Math.max(1, ids.length)];
		if (!id) return;
		await sent(real, isResent, () => act(real.team, id));
		await reconcile(model, real);
	};

/** One task takes the place of another: whatever waited for the one waits for the other. */
export const supersedes =
	(index: number, by: number, isResent: boolean): Step =>
	async (model, real) => {
		const ids = [...model.accepted];
		const successor = ids[by % Math.max(1, ids.length)];
		if (successor) await anyId(index, (team, id) => team.cancel(id, 'no', successor), isResent)(model, real);
	};
