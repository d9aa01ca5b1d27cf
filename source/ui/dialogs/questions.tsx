import {Text} from 'ink';
import {agentName} from '../../core/agent/agent.ts';
import type {Action} from '../../core/protocol/action.ts';
import {parseLeader} from '../../terminal/input/bytes.ts';
import {type Drawing, teamNow} from '../draw/context.ts';
import {keyLabel} from '../keymap/keymap.ts';
import {locks} from '../model/locks.ts';
import {ageOf} from '../model/time.ts';
import {Confirm, type DialogOf, Fact, Gap, Label, Offers, Say, useDialog} from '../parts/dialog.tsx';
import {T} from '../parts/tone.tsx';
import {typeInto} from '../state/focus.ts';
import {withoutMarks} from '../state/marks.ts';
import {and, type Context, type Updated, unchanged} from '../state/message.ts';
import {reassignChoices} from '../state/selection.ts';
import type {Dialog, ViewState} from '../state/state.ts';
import {said} from '../text/text.ts';
import {doAll} from './confirm.ts';

export type Choice = Extract<
	Dialog,
	{
		kind:
			| 'stop'
			| 'reassign'
			| 'unlock'
			| 'quit'
			| 'frozen'
			| 'thaw'
			| 'kill-all'
			| 'lesson'
			| 'cancel'
			| 'revert'
			| 'merge'
			| 'confirm'
			| 'copy'
			| 'recruit'
			| 'settings';
	}
>;

/** Another key than the way back was tried: on a keyboard that has no such key, it may be the one to take. */
export const otherKey = (key: string, {keymap}: Context): string => {
	const hint = parseLeader(key) ? `; \`keys: {leader: ${key}}\` in your config would make it this one` : '';
	return `That was ${key}. The way back is ${keymap.leader}${hint}.`;
};

export const learn = (state: ViewState, agent: string, context: Context): Updated => {
	const {state: next, commands} = typeInto({...state, knowsWayBack: true}, agent, context);
	return and(next, {type: 'learned'}, ...commands);
};

const WORDS: Readonly<Record<string, string>> = {
	interrupt: 'interrupted',
	stop: 'stopped',
	kill: 'killed',
	release: 'given back',
	retire: 'retired',
};

/** What `x` does to one agent, or to all that are marked; undefined for no action of its menu. */
export const stop = (closed: ViewState, ids: readonly string[], action: string, {snapshot}: Context): Updated | undefined => {
	const word = WORDS[action];
	const tasks = ids.flatMap(id => snapshot.team.agents.get(id)?.task || []);
	const actions = ids.flatMap((agent): readonly Action[] =>
		action === 'interrupt' || action === 'stop' || action === 'kill' ? [{type: 'stop-agent', agent, how: action}] : [],
	);
	const retired = action === 'retire' ? ids.map((agent): Action => ({type: 'retire-agent', agent})) : [];
	const released = action === 'release' ? tasks.map((task): Action => ({type: 'release-task', task})) : [];
	if (word === undefined || actions.length + released.length + retired.length === 0) return undefined;
	return doAll(withoutMarks(closed), [...actions, ...released, ...retired], word);
};

export const reassign = (state: ViewState, dialog: Extract<Choice, {kind: 'reassign'}>, action: string, {snapshot}: Context): Updated => {
	const tasks = [dialog.task, ...dialog.others];
	const choices = reassignChoices(tasks, snapshot);
	const at = Math.max(
		0,
		choices.findIndex(({agent}) => agent.id === dialog.chosen),
	);
	const closed = {...state, dialog: undefined};
	if (action === 'next' || action === 'previous') {
		const to = choices[Math.min(choices.length - 1, Math.max(0, at + (action === 'next' ? 1 : -1)))];
		return unchanged(to ? {...state, dialog: {...dialog, chosen: to.agent.id}} : state);
	}
	const {agent} = choices[at] ?? {};
	if (action !== 'choose' || !agent) return unchanged(state);
	const actions = tasks.map((task): Action => ({type: 'reassign-task', task, agent: agent.id}));
	return doAll(withoutMarks(closed), actions, `given to ${agentName(agent.id)}`);
};

const cancel = ({snapshot: {team}}: Drawing, {task: id}: DialogOf<'cancel'>) => {
	const task = team.tasks.get(id);
	return {
		question: `Cancel ${id} ${task?.title ?? ''}?`,
		stops: task?.state === 'leased' ? `${agentName(task.owner)} is told to stop` : 'nobody works on it now',
		waiting: [...team.tasks.values()].filter(({after, state}) => after.includes(id) && state === 'blocked').map(other => other.id),
		kept: task?.branch ? `its work so far, on ${said(task.branch)}` : 'nothing was made yet',
	};
};

export const CancelDialog = () => {
	const task = useDialog('cancel', cancel);
	return (
		task && (
			<Confirm title="Cancel a task?">
				<Say tone="strong">{task.question}</Say>
				<Gap />
				<Label name="what happens">{task.stops}</Label>
				{task.waiting.length > 0 && <Label name="left waiting">{task.waiting.join(', ')}</Label>}
				<Label name="kept">{task.kept}</Label>
				<Label name="lost">its place in the queue: it cannot be brought back</Label>
				<Gap />
				<Offers of="cancel" />
			</Confirm>
		)
	);
};

const revert = ({snapshot, layout}: Drawing, {task: id}: DialogOf<'revert'>) => {
	const task = snapshot.team.tasks.get(id);
	return {
		question: `Take back ${id} ${task?.title ?? ''}, landed as ${task?.landed.slice(0, 9) ?? ''}?`,
		isLow: layout.rows < 20,
	};
};

export const RevertDialog = () => {
	const landing = useDialog('revert', revert);
	return (
		landing && (
			<Confirm title="Revert a landing?">
				<Say tone="strong">{landing.question}</Say>
				<Gap />
				<Fact name="what happens">the room commits its revert: it is tested, then lands</Fact>
				{!landing.isLow && <Fact name="a conflict">with what came since goes to an agent, as a task</Fact>}
				<Fact name="kept">the landing, until that has passed</Fact>
				<Gap />
				<Offers of="revert" />
			</Confirm>
		)
	);
};

const unlock = (drawing: Drawing, {name}: DialogOf<'unlock'>) => {
	const row = locks(drawing.snapshot).find(candidate => candidate.lock.name === name);
	return {
		question: `Take ${row?.label ?? name} from ${row?.owner ?? 'its owner'}?`,
		held: row ? ageOf(row.lock.takenAt, teamNow(drawing)) : '',
	};
};

export const UnlockDialog = () => {
	const lock = useDialog('unlock', unlock);
	return (
		lock && (
			<Confirm title="Unlock?">
				<Say tone="strong">{lock.question}</Say>
				<Gap />
				<Label name="held for">{lock.held}</Label>
				<Label name="what happens">its owner is told; who waits is given it next</Label>
				<Gap />
				<Offers of="unlock" />
			</Confirm>
		)
	);
};

const quitWords = (busy: number): Readonly<Record<string, string>> => ({
	detach: '`agent-room` comes back',
	'wind-down': busy === 0 ? 'at once: nobody is in a turn' : 'nothing new begins, P calls it off',
	stop: 'turns are cut, tasks are requeued',
	kill: 'at once, worktrees and commits stay',
	close: '',
});

const quit = ({snapshot, layout}: Drawing) => {
	const busy = [...snapshot.team.agents.values()].filter(agent => agent.task !== '').length;
	const {terminals} = snapshot.room;
	const others = terminals > 1 ? ` ${terminals - 1} other terminal${terminals > 2 ? 's look' : ' looks'} at this room.` : '';
	return {
		told: `${busy === 0 ? 'Nobody is at work.' : `${busy} agent${busy === 1 ? ' is' : 's are'} at work.`}${others}`,
		words: layout.columns < 60 ? {close: ''} : quitWords(busy),
	};
};

export const QuitDialog = () => {
	const room = useDialog('quit', quit);
	return (
		room && (
			<Confirm title="Leave the room?">
				<T tone="strong">{`  ${room.told}`}</T>
				<Gap />
				<Offers of="quit" words={room.words} />
			</Confirm>
		)
	);
};

const kill = ({snapshot}: Drawing) =>
	[...snapshot.team.agents.values()].filter(agent => agent.status !== 'stopped' && agent.status !== 'dead').length;

export const KillDialog = () => {
	const agents = useDialog('kill-all', kill);
	return (
		agents !== undefined && (
			<Confirm title="Kill all agents?">
				<T tone="dead">{`  Kill ${agents} agents with everything they started?`}</T>
				<Gap />
				<Label name="kept">worktrees, branches, commits; tasks go back to the queue</Label>
				<Label name="lost">every running turn</Label>
				<Gap />
				<Offers of="kill-all" />
			</Confirm>
		)
	);
};

const lesson = ({keymap, isAscii}: Drawing, {agent}: DialogOf<'lesson'>) => ({
	name: said(agentName(agent)),
	leader: keyLabel(keymap.leader, isAscii),
	letter: keymap.leader.slice(5),
});

export const LessonDialog = () => {
	const pane = useDialog('lesson', lesson);
	return (
		pane && (
			<Confirm title={`Typing into ${pane.name}`}>
				<T>{'  Every key goes to the agent, ctrl+c and esc included.'}</T>
				<Text>
					<T tone="strong">{`  ${pane.leader} brings you back.`}</T>
					<T tone="dim">{` (ctrl and ${pane.letter})`}</T>
				</Text>
				<Gap />
				<T>{`  Press ${pane.leader} now: it takes you in, and the next one out again.`}</T>
			</Confirm>
		)
	);
};
