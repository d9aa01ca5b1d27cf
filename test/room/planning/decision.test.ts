import {expect, onTestFinished, test} from 'vitest';
import {configSchema} from '../../../source/core/config/config.ts';
import {readPlan} from '../../../source/core/plan/read.ts';
import type {Coordination} from '../../../source/core/team/coordination.ts';
import type {PlanOrder} from '../../../source/core/team/orders.ts';
import {decidePlan} from '../../../source/room/planning/decision.ts';
import type {PlanRoom} from '../../../source/room/planning/plan.ts';
import {completion, coordinationOn, joins, submission, takes} from '../../helpers/coordination.ts';
import {TWO_TASKS} from '../../helpers/planning.ts';
import {startTestRedis} from '../../helpers/redis.ts';

const PLANNER = 'agent:orc:001';

/** A plan that waits for a person; `before` runs between the room's look at the queue and its first order. */
const waiting = async (before: (team: Coordination) => Promise<unknown>) => {
	const redis = await startTestRedis();
	onTestFinished(() => redis.stop());
	const team = coordinationOn(await redis.connect());
	await joins(team, PLANNER, 'orchestrator');
	await team.submit(submission({id: 'login', title: 'Log in', stage: 'plan', role: 'orchestrator'}));
	const read = readPlan(TWO_TASKS);
	const proposal = read.ok ? JSON.stringify(read.plan) : '';
	const fields = {decision: 'plan', waitReason: 'waits', proposal};
	await team.complete(completion(await takes(team, PLANNER), {next: 'needs-decision', nextRole: '', fields}));
	const orders: PlanOrder[] = [];
	const {team: snapshot} = await team.snapshot();
	const room: PlanRoom = {
		link: {
			coordination: {
				...team,
				plan: async order => {
					if (orders.length === 0) await before(team);
					orders.push(order);
					return team.plan(order);
				},
			},
			retryUntilWritten: write => write(),
		},
		facts: {config: configSchema.parse({}), roomId: 'r1'},
		slots: {team: () => [{role: 'developer', capabilities: []}]},
		record: {team: () => snapshot},
		lifecycle: {requestTick: () => undefined},
	};
	const task = await team.task('login');
	if (!task) throw new Error('No task login.');
	return {team, room, task, orders};
};

test('an id that is taken between the look and the step costs a second look, and nothing is made by halves', async () => {
	const {team, room, task, orders} = await waiting(queue => queue.submit(submission({id: 'form'})));
	expect(await decidePlan(room, task, {type: 'approve', task: 'login'})).toMatchObject({ok: true, ids: ['table', 'login-form']});
	expect(orders.map(order => order.tasks.map(({id}) => id))).toEqual([
		['table', 'form'],
		['table', 'login-form'],
	]);
	expect((await team.tasksOf('login')).map(({id, state}) => [id, state])).toEqual([
		['login', 'planned'],
		['table', 'ready'],
		['login-form', 'blocked'],
	]);
});

test('a plan that another terminal has decided meanwhile is refused, and makes nothing', async () => {
	const other = {task: 'login', decision: 'plan', next: 'plan', nextRole: 'orchestrator', fields: {}, text: 'rejected'} as const;
	const {team, room, task} = await waiting(queue => queue.decide(other));
	expect(await decidePlan(room, task, {type: 'approve', task: 'login'})).toMatchObject({ok: false, code: 'changed'});
	expect(await decidePlan(room, task, {type: 'request-changes', task: 'login', reason: 'late'})).toMatchObject({
		ok: false,
		code: 'changed',
	});
	expect((await team.tasksOf('login')).map(({id}) => id)).toEqual(['login']);
});
