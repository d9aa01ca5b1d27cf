import {type Agent, agentName} from '../../../core/agent.ts';
import {whyBraked} from '../../../core/brake-words.ts';
import type {Task} from '../../../core/task.ts';
import {whatMoves} from '../../../core/what-moves.ts';
import {whyHere} from '../../../core/why-here.ts';
import {endedAfter} from '../../../core/why-waiting.ts';
import {keyLabel} from '../../keymap.ts';
import {lookNow, lookOf} from '../../model/looks.ts';
import type {Dialog} from '../../state/dialogs.ts';
import {type Drawing, teamNow} from '../context.ts';
import {labelled, lastRows} from '../pane.ts';
import {type Line, said, span, wrap} from '../text.ts';
import {causeLines} from './log.ts';

type Peek = Extract<Dialog, {kind: 'peek'}>;

/** It is at work or waits: nothing has failed. */
const isAlive = (agent: Agent | undefined): boolean =>
	agent !== undefined && !['dead', 'stalled', 'logged-out', 'out-of-context'].includes(lookOf(agent));

/** Where its work is: nothing of it is lost. */
const leftOf = ({branch, commit, worktree}: Task): string =>
	[
		branch && `branch ${said(branch)}${commit ? ` at ${said(commit).slice(0, 9)}` : ''}`,
		worktree && `worktree ${said(worktree).split('/').slice(-2).join('/')}`,
	]
		.filter(Boolean)
		.join(', ');

/** By which sign the room knows what an agent does. */
const seenLines = (evidence: string, inner: number): readonly Line[] =>
	wrap(evidence, inner - 14, 3).map((row, index) => labelled(index === 0 ? 'seen' : '', row, 8, inner));

/** Why somebody or something stands, what is left of its work, and the keys that help, the fitting one first. */
export const reasonLines = (drawing: Drawing, dialog: Peek, inner: number): readonly Line[] => {
	const {snapshot, keymap, isAscii} = drawing;
	const agent = snapshot.team.agents.get(dialog.row);
	const task = snapshot.team.tasks.get(agent ? agent.task : dialog.row.replace(/^(?:task|hold):/, ''));
	const braked = agent ? whyBraked(agent, snapshot.team.control, teamNow(drawing)) : '';
	const isHeld = dialog.row.startsWith('hold:');
	const without = task ? endedAfter(task, snapshot.team) : '';
	const held = task && (task.hold || whyHere(task, snapshot.team, teamNow(drawing), snapshot));
	const reason = isHeld ? held : agent?.reason || braked || task?.reason;
	const [first = 'no reason was given', ...rest] = wrap(reason || (agent ? agent.doing || 'nothing is wrong here' : ''), inner - 14, 4);
	const key = (action: string): string =>
		keyLabel(keymap.rows.find(row => row.scope === 'room' && row.action === action)?.keys[0] ?? '', isAscii);
	const offer = (action: string, text: string): Line => [span(`  ${key(action)}  `.padEnd(5), 'strong'), span(text)];
	const printed = agent ? drawing.tail(agent.id, 20).join('\n') : (task?.last ?? '');
	const cause = isHeld || isAlive(agent) ? [] : causeLines(drawing, task?.id ?? '', agent?.id ?? '', printed, inner);
	const lines: Line[] = cause.length > 0 ? [...cause] : [labelled('why', first, 8, inner), ...rest.map(row => labelled('', row, 8, inner))];
	if (agent?.evidence) lines.push(...seenLines(agent.evidence, inner));
	if (task) {
		if (task.attempt > 0)
			lines.push(
				labelled(
					'attempt',
					`${task.attempt} · ${task.failures} of ${task.attempts} failed${task.rounds > 0 && task.home !== 'plan' ? ` · ${task.rounds} review rounds` : ''}`,
					8,
					inner,
				),
			);
		const left = leftOf(task);
		if (left !== '') lines.push(labelled('left', left, 8, inner));
	}
	const last = agent ? drawing.tail(agent.id, 4) : lastRows(task?.last ?? '', 4);
	for (const [index, row] of last.entries()) lines.push(labelled(index === 0 ? 'last' : '', row, 8, inner));
	lines.push([]);
	if (task?.state === 'dead') lines.push(offer('requeue', 'requeue: try again from the start, failures forgotten'));
	else if (agent?.status === 'logged-out') lines.push(offer('pause', 'let it go on, once it is logged in again'));
	else if (agent && lookNow(agent, snapshot.team, teamNow(drawing)) === 'rate-limited')
		lines.push([span(`  agent-room unbrake ${said(agent.account)}`, 'strong'), span('  lets it try at once')]);
	else if (task && isHeld && without !== '')
		lines.push(offer('unlock', `let it go on without ${said(without)}…`), offer('cancel', 'cancel it too…'));
	else if (task && isHeld) {
		const moves = wrap(whatMoves(task, snapshot.team, snapshot), inner - 14, 3);
		for (const [index, row] of moves.entries()) lines.push(labelled(index === 0 ? 'moves it' : '', row, 8, inner));
	} else if (task && task.state !== 'merged') lines.push(offer('reassign', 'give its task to another agent now'));
	if (task) lines.push(offer('log', 'its log'));
	if (agent) lines.push(offer('zoom', 'its screen'), offer('type', `type into ${agentName(agent.id)}`), offer('stop', 'stop…'));
	return [...lines, []];
};
