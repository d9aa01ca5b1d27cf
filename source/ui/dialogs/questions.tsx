import {Text} from 'ink';
import {agentName} from '../../core/agent/agent.ts';
import type {Action} from '../../core/protocol/action.ts';
import {FINAL_STATES, type TaskState} from '../../core/task/task.ts';
import {parseLeader} from '../../terminal/input/bytes.ts';
import {type Drawing, teamNow} from '../draw/context.ts';
import {answered, closedBecause, type DialogKind} from '../hooks/kinds.ts';
import {keyLabel} from '../keymap/keymap.ts';
import {locks} from '../model/locks.ts';
import {ageOf} from '../model/time.ts';
import {Confirm, type DialogOf, Fact, Gap, Label, Offers, Say, useDialog} from '../parts/dialog.tsx';
import {T} from '../parts/tone.tsx';
import {typeInto} from '../state/focus.ts';
import {and, type Context, say, type Updated, unchanged} from '../state/message.ts';
import type {ViewState} from '../state/state.ts';
import {said} from '../text/text.ts';

/** Another key than the way back was tried: on a keyboard that has no such key, it may be the one to take. */
const otherKey = (key: string, {keymap}: Context): string => {
	const hint = parseLeader(key) ? `; \`keys: {leader: ${key}}\` in your config would make it this one` : '';
	return `That was ${key}. The way back is ${keymap.leader}${hint}.`;
};

const learn = (state: ViewState, agent: string, context: Context): Updated => {
	const {state: next, commands} = typeInto({...state, knowsWayBack: true}, agent, context);
	return and(next, {type: 'hint-seen'}, ...commands);
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

const CancelDialog = () => {
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
		question: `Take back ${id} ${task?.title ?? ''}, landed as ${task?.mergedCommit.slice(0, 9) ?? ''}?`,
		isLow: layout.rows < 20,
	};
};

const RevertDialog = () => {
	const asked = useDialog('revert', revert);
	return (
		asked && (
			<Confirm title="Revert a landing?">
				<Say tone="strong">{asked.question}</Say>
				<Gap />
				<Fact name="what happens">the room commits its revert: it is tested, then lands</Fact>
				{!asked.isLow && <Fact name="a conflict">with what came since goes to an agent, as a task</Fact>}
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

const UnlockDialog = () => {
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
	'stop-when-idle': busy === 0 ? 'at once: nobody is in a turn' : 'nothing new begins, P calls it off',
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

const QuitDialog = () => {
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
	[...snapshot.team.agents.values()].filter(agent => agent.status !== 'stopped' && agent.status !== 'crashed').length;

const KillDialog = () => {
	const agents = useDialog('kill-all', kill);
	return (
		agents !== undefined && (
			<Confirm title="Kill all agents?">
				<T tone="danger">{`  Kill ${agents} agents with everything they started?`}</T>
				<Gap />
				<Label name="kept">worktrees, branches, commits; tasks go back to the queue</Label>
				<Label name="lost">every running turn</Label>
				<Gap />
				<Offers of="kill-all" />
			</Confirm>
		)
	);
};

const hint = ({keymap, isAscii}: Drawing, {agent}: DialogOf<'hint'>) => ({
	name: said(agentName(agent)),
	leader: keyLabel(keymap.leader, isAscii),
	letter: keymap.leader.slice(5),
});

const HintDialog = () => {
	const pane = useDialog('hint', hint);
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

const order = (closed: ViewState, action: Action): Updated => and(closed, {type: 'dispatch', action});

export const UNLOCK: DialogKind<DialogOf<'unlock'>> = {
	mode: 'CONFIRM',
	keys: [
		{
			scope: 'unlock',
			keys: ['esc', 'enter'],
			action: 'close',
			label: 'keep the lock (default)',
			help: 'keep the lock',
			group: '',
			order: 1,
		},
		{scope: 'unlock', keys: ['u'], action: 'unlock', label: 'unlock', help: 'drop the lock', group: '', order: 2, isDanger: true},
	],
	update: answered((closed, {name}, action) => (action === 'unlock' ? order(closed, {type: 'unlock', name}) : undefined)),
	Part: UnlockDialog,
	over: (state, {name}, context) =>
		context.snapshot.team.locks.has(name) ? undefined : closedBecause(state, 'that lock is free already', context),
};

export const QUIT: DialogKind<DialogOf<'quit'>> = {
	mode: 'QUIT',
	title: 'leave the room',
	keys: [
		{
			scope: 'quit',
			keys: ['d', 'enter', 'ctrl+c'],
			action: 'detach',
			label: 'detach, agents go on (default)',
			help: 'detach, agents go on',
			group: '',
			order: 1,
		},
		{
			scope: 'quit',
			keys: ['w'],
			action: 'stop-when-idle',
			label: 'stop when turns end',
			help: 'stop when the turns end',
			group: '',
			order: 2,
		},
		{
			scope: 'quit',
			keys: ['s'],
			action: 'stop',
			label: 'stop now',
			help: 'stop now, work is saved',
			group: '',
			order: 3,
			isDanger: true,
		},
		{scope: 'quit', keys: ['k'], action: 'kill', label: 'kill', help: 'kill agents, then stop', group: '', order: 4, isDanger: true},
		{scope: 'quit', keys: ['esc'], action: 'close', label: 'stay', help: 'stay', group: '', order: 5},
	],
	update: answered((closed, _dialog, action, {now}) => {
		if (action === 'detach') return and(closed, {type: 'detach'});
		if (action === 'stop-when-idle') return order(closed, {type: 'stop-room', how: 'turns'});
		if (action === 'stop')
			return and(say(closed, 'Stopping: agents are asked to end, their work is saved…', now), {type: 'stop', how: 'now'});
		if (action === 'kill') return and(say(closed, 'Killing the agents: what they wrote is saved…', now), {type: 'stop', how: 'kill'});
		return undefined;
	}),
	Part: QuitDialog,
};

export const KILL_ALL: DialogKind<DialogOf<'kill-all'>> = {
	mode: 'CONFIRM',
	keys: [
		{
			scope: 'kill-all',
			keys: ['esc', 'enter'],
			action: 'close',
			label: 'keep them (default)',
			help: 'keep them frozen',
			group: '',
			order: 1,
		},
		{scope: 'kill-all', keys: ['K'], action: 'kill', label: 'kill all', help: 'kill every agent now', group: '', order: 2, isDanger: true},
	],
	update: answered((closed, _dialog, action) => (action === 'kill' ? order(closed, {type: 'kill-all'}) : undefined)),
	Part: KillDialog,
};

const FINISHED: readonly TaskState[] = FINAL_STATES.filter(state => state !== 'failed');

export const CANCEL: DialogKind<DialogOf<'cancel'>> = {
	mode: 'CONFIRM',
	keys: [
		{scope: 'cancel', keys: ['esc', 'enter'], action: 'close', label: 'keep it (default)', help: 'keep the task', group: '', order: 1},
		{scope: 'cancel', keys: ['D'], action: 'cancel', label: 'cancel it', help: 'cancel the task', group: '', order: 2, isDanger: true},
	],
	update: answered((closed, {task}, action) => (action === 'cancel' ? order(closed, {type: 'cancel-task', task}) : undefined)),
	Part: CancelDialog,
	over: (state, {task}, context) =>
		FINISHED.includes(context.snapshot.team.tasks.get(task)?.state ?? 'merged')
			? closedBecause(state, `${task} is over already`, context)
			: undefined,
};

export const REVERT: DialogKind<DialogOf<'revert'>> = {
	mode: 'CONFIRM',
	keys: [
		{scope: 'revert', keys: ['esc', 'enter'], action: 'close', label: 'keep it (default)', help: 'keep it as it is', group: '', order: 1},
		{scope: 'revert', keys: ['H'], action: 'revert', label: 'take it back', help: 'take it back', group: '', order: 2},
	],
	update: answered((closed, {task}, action) => (action === 'revert' ? order(closed, {type: 'revert-task', task}) : undefined)),
	Part: RevertDialog,
};

export const HINT: DialogKind<DialogOf<'hint'>> = {
	mode: 'LESSON',
	keys: [
		{
			scope: 'hint',
			keys: ['ctrl+]'],
			action: 'learn',
			label: 'I know the way back',
			help: 'the way back from a pane',
			group: '',
			order: 1,
		},
		{scope: 'hint', keys: ['esc'], action: 'close', label: 'not now', help: 'not now', group: '', order: 2},
	],
	update: (state, dialog, pressed, context) =>
		pressed.action === ''
			? unchanged(say(state, otherKey(pressed.key, context), context.now, true))
			: hintSeen(state, dialog, pressed, context),
	Part: HintDialog,
};
const hintSeen = answered<DialogOf<'hint'>>((closed, {agent}, action, context) =>
	action === 'learn' ? learn(closed, agent, context) : undefined,
);
