import {Text} from 'ink';
import {agentName} from '../../core/agent/agent.ts';
import type {Action} from '../../core/protocol/action.ts';
import {FINAL_STATES, type TaskState} from '../../core/task/task.ts';
import {parseLeader} from '../../terminal/input/bytes.ts';
import {type Drawing, teamNow} from '../draw/context.ts';
import {answered, closedBecause, type DialogKind} from '../hooks/kinds.ts';
import {keyLabel} from '../keymap/keymap.ts';
import {runningAgents} from '../model/agents.ts';
import {locks} from '../model/locks.ts';
import {ageOf} from '../model/time.ts';
import {Confirm, type DialogOf, Fact, Gap, Label, Offers, Say, useDialog} from '../parts/dialog.tsx';
import {T} from '../parts/tone.tsx';
import {typeInto} from '../state/focus.ts';
import {and, type Context, say, type Updated, unchanged} from '../state/message.ts';
import type {ViewState} from '../state/state.ts';
import {said} from '../text/text.ts';

/** Another key tried instead of the leader: it may suit a keyboard that lacks the leader. */
const otherKey = (key: string, {keymap}: Context): string => {
	const own = `The leader key is ${keymap.leader}`;
	return parseLeader(key) ? `${own}. To use ${key}, set \`keys: {leader: ${key}}\`.` : `${own}, not ${key}.`;
};

const learn = (state: ViewState, agent: string, context: Context): Updated => {
	const {state: next, commands} = typeInto({...state, knowsWayBack: true}, agent, context);
	return and(next, {type: 'hint-seen'}, ...commands);
};

const cancel = ({snapshot: {team}}: Drawing, {task: id}: DialogOf<'cancel'>) => {
	const task = team.tasks.get(id);
	return {
		question: `Cancel ${id} ${task?.title ?? ''}?`,
		stops: task?.state === 'leased' ? `${agentName(task.owner)} is stopped` : 'no agent is running it',
		waiting: [...team.tasks.values()].filter(({after, state}) => after.includes(id) && state === 'blocked').map(other => other.id),
		kept: task?.branch ? `the work on branch ${said(task.branch)}` : 'no work yet',
	};
};

const CancelDialog = () => {
	const task = useDialog('cancel', cancel);
	return (
		task && (
			<Confirm title="Cancel task?">
				<Say tone="strong">{task.question}</Say>
				<Gap />
				<Label name="what happens">{task.stops}</Label>
				{task.waiting.length > 0 && <Label name="blocks">{task.waiting.join(', ')}</Label>}
				<Label name="kept">{task.kept}</Label>
				<Label name="lost">the task's place in the queue (cannot be undone)</Label>
				<Gap />
				<Offers of="cancel" />
			</Confirm>
		)
	);
};

const revert = ({snapshot, layout}: Drawing, {task: id}: DialogOf<'revert'>) => {
	const task = snapshot.team.tasks.get(id);
	return {
		question: `Revert ${id} ${task?.title ?? ''}, merged as ${(task?.mergedCommit ?? snapshot.team.control.fullTests.found).slice(0, 9)}?`,
		isLow: layout.rows < 20,
	};
};

const RevertDialog = () => {
	const asked = useDialog('revert', revert);
	return (
		asked && (
			<Confirm title="Revert merge?">
				<Say tone="strong">{asked.question}</Say>
				<Gap />
				<Fact name="what happens">agent-room commits the revert, tests it and merges it</Fact>
				{!asked.isLow && <Fact name="a conflict">with later merges becomes a task for an agent</Fact>}
				<Fact name="kept">the merge, until the revert passes its tests</Fact>
				<Gap />
				<Offers of="revert" />
			</Confirm>
		)
	);
};

const unlock = (drawing: Drawing, {name}: DialogOf<'unlock'>) => {
	const row = locks(drawing.snapshot).find(candidate => candidate.lock.name === name);
	return {
		question: `Force ${row?.owner ?? 'its owner'} to release ${row?.label ?? name}?`,
		held: row ? ageOf(row.lock.takenAt, teamNow(drawing)) : '',
	};
};

const UnlockDialog = () => {
	const lock = useDialog('unlock', unlock);
	return (
		lock && (
			<Confirm title="Force unlock?">
				<Say tone="strong">{lock.question}</Say>
				<Gap />
				<Label name="held for">{lock.held}</Label>
				<Label name="what happens">the owner is notified; the next agent in line gets the lock</Label>
				<Gap />
				<Offers of="unlock" />
			</Confirm>
		)
	);
};

const quitWords = (busy: number): Readonly<Record<string, string>> => ({
	detach: 'reattach with `agent-room`',
	'stop-when-idle': busy === 0 ? 'immediately: no turn is running' : 'no new work starts; P resumes',
	stop: 'interrupts turns, requeues tasks',
	kill: 'immediately; keeps worktrees',
	close: '',
});

const quit = ({snapshot, layout}: Drawing) => {
	const busy = [...snapshot.team.agents.values()].filter(agent => agent.task !== '').length;
	const {terminals} = snapshot.room;
	const others = terminals > 1 ? ` ${terminals - 1} other terminal${terminals > 2 ? 's are' : ' is'} attached.` : '';
	return {
		told: `${busy === 0 ? 'No agents running.' : `${busy} agent${busy === 1 ? '' : 's'} running.`}${others}`,
		words: layout.columns < 60 ? {close: ''} : quitWords(busy),
	};
};

const QuitDialog = () => {
	const room = useDialog('quit', quit);
	return (
		room && (
			<Confirm title="Quit?">
				<T tone="strong">{`  ${room.told}`}</T>
				<Gap />
				<Offers of="quit" words={room.words} />
			</Confirm>
		)
	);
};

const kill = ({snapshot}: Drawing, {stops}: DialogOf<'kill-all'>) => {
	const count = runningAgents(snapshot.team).length;
	const agents =
		count === 0
			? 'all agents (none is running)'
			: count === 1
				? '1 agent and all its processes'
				: `${count} agents and all their processes`;
	return stops
		? {title: 'Kill all agents and stop?', question: `Kill ${agents}, and stop the room?`}
		: {title: 'Kill all agents?', question: `Kill ${agents}?`};
};

const KillDialog = () => {
	const asked = useDialog('kill-all', kill);
	return (
		asked && (
			<Confirm title={asked.title}>
				<T tone="danger">{`  ${asked.question}`}</T>
				<Gap />
				<Label name="kept">worktrees, branches, commits; tasks are requeued</Label>
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
				<T>{'  Every key goes to the agent, including ctrl+c and esc.'}</T>
				<Text>
					<T tone="strong">{`  ${pane.leader} returns to the room.`}</T>
					<T tone="dim">{` (ctrl and ${pane.letter})`}</T>
				</Text>
				<Gap />
				<T>{`  Press ${pane.leader} now to go in, and again to come back.`}</T>
			</Confirm>
		)
	);
};

const order = (closed: ViewState, action: Action): Updated => and(closed, {type: 'dispatch', action});

export const UNLOCK: DialogKind<DialogOf<'unlock'>> = {
	mode: 'CONFIRM',
	hasMarker: true,
	keys: [
		{
			scope: 'unlock',
			keys: ['esc', 'enter'],
			action: 'close',
			label: 'cancel (default)',
			help: 'cancel',
			group: '',
			order: 1,
		},
		{scope: 'unlock', keys: ['u'], action: 'unlock', label: 'unlock', help: 'force unlock', group: '', order: 2, isDanger: true},
	],
	update: answered((closed, {name}, action) => (action === 'unlock' ? order(closed, {type: 'unlock', name}) : undefined)),
	Part: UnlockDialog,
	over: (state, {name}, context) =>
		context.snapshot.team.locks.has(name) ? undefined : closedBecause(state, 'that lock is already released', context),
};

export const QUIT: DialogKind<DialogOf<'quit'>> = {
	mode: 'QUIT',
	hasMarker: true,
	title: 'quit',
	keys: [
		{
			scope: 'quit',
			keys: ['d', 'enter', 'ctrl+c'],
			action: 'detach',
			label: 'detach (agents keep running)',
			help: 'detach (agents keep running)',
			group: '',
			order: 1,
		},
		{
			scope: 'quit',
			keys: ['w'],
			action: 'stop-when-idle',
			label: 'stop after current turns',
			help: 'stop after current turns',
			group: '',
			order: 2,
		},
		{
			scope: 'quit',
			keys: ['s'],
			action: 'stop',
			label: 'stop now',
			help: 'stop now (saves work)',
			group: '',
			order: 3,
			isDanger: true,
		},
		{scope: 'quit', keys: ['K'], action: 'kill', label: 'kill…', help: 'kill agents and stop…', group: '', order: 4, isDanger: true},
		{scope: 'quit', keys: ['esc'], action: 'close', label: 'cancel', help: 'cancel', group: '', order: 5},
	],
	update: answered((closed, _dialog, action, {now}) => {
		if (action === 'detach') return and(closed, {type: 'detach'});
		if (action === 'stop-when-idle') return order(closed, {type: 'stop-room', how: 'turns'});
		if (action === 'stop') return and(say(closed, 'Stopping agents and saving their work…', now), {type: 'stop', how: 'now'});
		// Asked a second time: it ends every turn.
		if (action === 'kill') return unchanged({...closed, dialog: {kind: 'kill-all', stops: true}});
		return undefined;
	}),
	Part: QuitDialog,
};

export const KILL_ALL: DialogKind<DialogOf<'kill-all'>> = {
	mode: 'CONFIRM',
	hasMarker: true,
	keys: [
		{
			scope: 'kill-all',
			keys: ['esc', 'enter'],
			action: 'close',
			label: 'cancel (default)',
			help: 'cancel',
			group: '',
			order: 1,
		},
		{scope: 'kill-all', keys: ['K'], action: 'kill', label: 'kill all', help: 'kill all now', group: '', order: 2, isDanger: true},
	],
	update: answered((closed, {stops}, action, {now}) => {
		if (action !== 'kill') return undefined;
		if (!stops) return order(closed, {type: 'kill-all'});
		return and(say(closed, 'Killing agents; their files are saved…', now), {type: 'stop', how: 'kill'});
	}),
	Part: KillDialog,
};

const FINISHED: readonly TaskState[] = FINAL_STATES.filter(state => state !== 'failed');

export const CANCEL: DialogKind<DialogOf<'cancel'>> = {
	mode: 'CONFIRM',
	hasMarker: true,
	keys: [
		{scope: 'cancel', keys: ['esc', 'enter'], action: 'close', label: 'cancel (default)', help: 'cancel', group: '', order: 1},
		{scope: 'cancel', keys: ['D'], action: 'cancel', label: 'cancel task', help: 'cancel task', group: '', order: 2, isDanger: true},
	],
	update: answered((closed, {task}, action) => (action === 'cancel' ? order(closed, {type: 'cancel-task', task}) : undefined)),
	Part: CancelDialog,
	over: (state, {task}, context) =>
		FINISHED.includes(context.snapshot.team.tasks.get(task)?.state ?? 'merged')
			? closedBecause(state, `${task} has already ended`, context)
			: undefined,
};

export const REVERT: DialogKind<DialogOf<'revert'>> = {
	mode: 'CONFIRM',
	hasMarker: true,
	keys: [
		{scope: 'revert', keys: ['esc', 'enter'], action: 'close', label: 'cancel (default)', help: 'cancel', group: '', order: 1},
		{scope: 'revert', keys: ['H'], action: 'revert', label: 'revert', help: 'revert', group: '', order: 2},
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
			label: 'continue',
			help: 'type into pane',
			group: '',
			order: 1,
		},
		{scope: 'hint', keys: ['esc'], action: 'close', label: 'cancel', help: 'cancel', group: '', order: 2},
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
