import {agentName} from '../../core/agent/agent.ts';
import type {Action} from '../../core/protocol/action.ts';
import {dollars} from '../../core/text/format.ts';
import type {Drawing} from '../draw/context.ts';
import {answered, closedBecause, type DialogKind} from '../hooks/kinds.ts';
import {locks} from '../model/locks.ts';
import {Confirm, type DialogOf, Fact, Gap, Label, Offers, Say, Tell, useDialog} from '../parts/dialog.tsx';
import {inPlace} from '../parts/in-place.ts';
import {T} from '../parts/tone.tsx';
import {withoutMarks} from '../state/marks.ts';
import type {Context, Updated} from '../state/message.ts';
import {lookOf, type ViewState} from '../state/state.ts';
import {said} from '../text/text.ts';
import {doAll, Names} from './confirm.tsx';

const WORDS: Readonly<Record<string, string>> = {
	interrupt: 'interrupted',
	stop: 'stopped',
	kill: 'killed',
	release: 'unassigned',
	retire: 'retired',
};

/** Performs an action of the stop dialog on one or all marked agents; undefined for others. */
const stopAll = (closed: ViewState, ids: readonly string[], action: string, {snapshot}: Context): Updated | undefined => {
	const word = WORDS[action];
	const tasks = ids.flatMap(id => snapshot.team.agents.get(id)?.task || []);
	const actions = ids.flatMap((agent): readonly Action[] =>
		action === 'interrupt' || action === 'stop' || action === 'kill' ? [{type: 'stop-agent', agent, how: action}] : [],
	);
	const retired = action === 'retire' ? ids.map((agent): Action => ({type: 'retire-agent', agent})) : [];
	const released = action === 'release' ? tasks.map((task): Action => ({type: 'unassign-task', task})) : [];
	if (word === undefined || actions.length + released.length + retired.length === 0) return undefined;
	return doAll(withoutMarks(closed), [...actions, ...released, ...retired], word);
};

const stop = ({snapshot, state, layout}: Drawing, {agent: id, others}: DialogOf<'stop'>) => {
	const all = [id, ...others];
	const many = all.length > 1;
	const {agents, tasks} = snapshot.team;
	const agent = agents.get(id);
	const task = tasks.get(agent?.task ?? '');
	const name = many ? `${all.length} agents` : said(agentName(id));
	const busy = all.filter(one => agents.get(one)?.task);
	const change = task && !many ? lookOf(state, 'patch', task.id) : undefined;
	const work =
		change?.total === 0
			? 'no changes yet'
			: change
				? `${change.total} changed ${change.total === 1 ? 'file' : 'files'} +${change.added} -${change.removed}`
				: '';
	const spent = busy.reduce((sum, one) => sum + (tasks.get(agents.get(one)?.task ?? '')?.spent ?? 0), 0);
	const into = spent > 0 ? `; ${dollars(spent)} spent on ${busy.length === 1 ? 'the task' : 'these tasks'} so far` : '';
	return {
		name,
		many,
		names: all.map(agentName),
		question: many
			? `Stop ${name} and requeue ${busy.length === 1 ? 'a task' : `${busy.length} tasks`}?`
			: task
				? `Stop ${name} and requeue ${task.id} ${task.title}?`
				: `Stop ${name}? It has no task.`,
		isBusy: busy.length > 0,
		kept: many
			? ['branches, worktrees and commits']
			: task
				? [task.branch ? `${task.branch}${work ? `, ${work}` : ''}` : 'no branch yet', task.worktree].filter(Boolean)
				: [],
		released: locks(snapshot)
			.filter(row => row.kind !== 'task' && all.some(one => row.owner === agentName(one)))
			.map(row => said(row.label)),
		turn: `the running turn${many ? 's' : ''}${into}`,
		words: {
			interrupt: many ? 'agents wait for you' : `${name} waits for you`,
			retire: many ? 'each finishes its task first' : `${name} finishes its task first`,
			kill: 'immediately',
		},
		isLow: layout.rows < 22,
	};
};
type Stop = ReturnType<typeof stop>;

/** A low screen shows the choices first and the facts in the rest. */
const LowStop = ({question, words, kept, released, isBusy, turn}: Stop) => (
	<>
		<Say tone="strong">{question}</Say>
		<Offers of="stop" words={words} />
		{kept[0] && (
			<Label name="kept" columns={5}>
				{kept[0]}
			</Label>
		)}
		{released.length > 0 && (
			<Label name="freed" columns={5}>
				{released.join(', ')}
			</Label>
		)}
		{isBusy && (
			<Label name="lost" columns={5}>
				{turn}
			</Label>
		)}
	</>
);

const TallStop = ({question, name, many, names, words, kept, released, isBusy, turn}: Stop) => (
	<>
		<Tell tone="strong">{question}</Tell>
		<Names all={names} />
		<Gap />
		{isBusy && <Fact name="what happens">{`${name} get${many ? '' : 's'} SIGTERM, then SIGKILL; uncommitted changes are saved`}</Fact>}
		{inPlace(kept, (text, at) => (
			<Fact name={at === 0 ? 'kept' : ''}>{text}</Fact>
		))}
		{released.length > 0 && <Fact name="released">{`${released.length === 1 ? 'lock' : 'locks'} ${released.join(', ')}`}</Fact>}
		{isBusy && <Fact name="lost">{turn}</Fact>}
		{isBusy && <Gap />}
		<Offers of="stop" words={words} />
		<Gap />
		<T tone="dim">{'  Nothing is deleted.'}</T>
	</>
);

const StopDialog = () => {
	const asked = useDialog('stop', stop);
	return asked && <Confirm title={`Stop ${asked.name}?`}>{asked.isLow ? <LowStop {...asked} /> : <TallStop {...asked} />}</Confirm>;
};

export const STOP: DialogKind<DialogOf<'stop'>> = {
	mode: 'CONFIRM',
	hasMarker: true,
	keys: [
		{scope: 'stop', keys: ['esc', 'enter'], action: 'close', label: 'cancel (default)', help: 'cancel', group: '', order: 1},
		{scope: 'stop', keys: ['i'], action: 'interrupt', label: 'interrupt', help: 'interrupt turn', group: '', order: 2},
		{scope: 'stop', keys: ['q'], action: 'stop', label: 'stop, requeue task', help: 'stop, requeue task', group: '', order: 3},
		{scope: 'stop', keys: ['b'], action: 'release', label: 'unassign task', help: 'unassign task', group: '', order: 4},
		{scope: 'stop', keys: ['w'], action: 'retire', label: 'remove', help: 'remove after task', group: '', order: 5},
		{scope: 'stop', keys: ['X'], action: 'kill', label: 'kill', help: 'kill now, requeue task', group: '', order: 6, isDanger: true},
	],
	update: answered((closed, {agent, others}, action, context) => stopAll(closed, [agent, ...others], action, context)),
	Part: StopDialog,
	// Shows an agent's changes before it is stopped.
	lookups: ({agent, others}, {snapshot}) => {
		const task = others.length === 0 ? (snapshot.team.agents.get(agent)?.task ?? '') : '';
		return task ? [{what: 'patch', task}] : [];
	},
	over: (state, {agent}, context) =>
		context.snapshot.team.agents.has(agent) ? undefined : closedBecause(state, 'that agent has left', context),
};
