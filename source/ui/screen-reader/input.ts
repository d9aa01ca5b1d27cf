import {roleLabel} from '../../core/agent/role-label.ts';
import {strayText} from '../../core/queue/stray.ts';
import {WORDLESS_DECISIONS} from '../../core/task/task.ts';
import type {RoomSnapshot} from '../../store/room.ts';
import {needsYou} from '../model/attention.ts';
import {decisionWords} from '../model/decision-words.ts';
import {serverNow} from '../model/time.ts';
import {graphemes} from '../text/graphemes.ts';
import {
	choiceLine,
	costText,
	eventLines,
	home,
	MENU_WORDS,
	more,
	nameOf,
	needRows,
	type Place,
	questionOf,
	queueLines,
	type Step,
	to,
	versionOfTask,
} from './menus.ts';
import {many, numbered, spoken} from './news.ts';

type At<K extends Place['at']> = Extract<Place, {at: K}>;
type Look = {readonly snapshot: RoomSnapshot; readonly now: number};

const MENU = `menu: ${numbered(MENU_WORDS)}.`;
const LATER = '0 for the menu';

/** What is read aloud when a person comes to a question. */
export const askStep = (agent: string, {snapshot}: Look): Step => {
	const question = questionOf(snapshot, agent);
	const found = snapshot.team.agents.get(agent);
	if (!question || !found) return to(home, `${nameOf(agent)} does not need input now. ${MENU}`);
	const choices =
		question.choices.length > 0
			? `Type ${numbered(question.choices)}; r and words to reply; ${LATER}.`
			: `Type r and words to reply; ${LATER}.`;
	return to(
		{at: 'answer', agent, questionId: question.id},
		`${nameOf(agent)} needs input: ${spoken(found.question) || 'a question on its screen'}.`,
		...(found.detail.trim() ? [`about: ${spoken(found.detail)}`] : []),
		choices,
	);
};

const openNeed = (row: string, look: Look): Step => {
	if (row === 'stray')
		return to(
			{at: 'stray'},
			`${spoken(look.snapshot.repository.base)} ${spoken(strayText(look.snapshot.team.control))}. Type 1 to revert the move, 2 to keep it; ${LATER}.`,
		);
	const task = look.snapshot.team.tasks.get(row.replace(/^(task|hold):/, ''));
	if (row.startsWith('task:') && task?.decision) return {...to({at: 'decide', task: task.id, version: versionOfTask(task)}), read: task.id};
	if (row.startsWith('task:') && task?.state === 'failed')
		return to({at: 'dead', task: task.id}, `${task.id} has failed: ${spoken(task.reason)}. Type 1 to retry it; ${LATER}.`);
	if (questionOf(look.snapshot, row)) return askStep(row, look);
	if (look.snapshot.team.agents.has(row)) return agentStep(row, look);
	return to(home, task ? `${task.id}: ${spoken(task.waitReason || task.reason)}` : 'Fix this outside the room; see its log.');
};

const needsStep = (look: Look): Step => {
	const rows = needRows(look.snapshot, look.now);
	if (rows.length === 0) return to(home, 'Nothing needs you.');
	const count = needsYou(look.snapshot, serverNow(look.snapshot, look.now));
	const lines = rows.map(({text}, index) => `${index + 1} ${text}`);
	return to(
		{at: 'needs', rows: rows.map(({id}) => id)},
		`${many(count, 'item')} for you:`,
		...lines,
		...more(count - rows.length),
		`Type a number, ${LATER}.`,
	);
};

const agentsStep = ({snapshot}: Look): Step => {
	const agents = [...snapshot.team.agents.values()];
	if (agents.length === 0) return to(home, 'There are no agents yet.');
	const lines = agents.map(
		(one, index) =>
			`${index + 1} ${nameOf(one.id)}, ${one.paused ? 'paused' : one.status}${one.task ? `, ${spoken(one.task)}` : ''}${one.doing ? `: ${spoken(one.doing, 100)}` : ''}`,
	);
	return to({at: 'agents', agents: agents.map(({id}) => id)}, `${many(agents.length, 'agent')}:`, ...lines, `Type a number, ${LATER}.`);
};

const agentStep = (agent: string, {snapshot}: Look): Step => {
	const found = snapshot.team.agents.get(agent);
	if (!found) return to(home, `${nameOf(agent)} has left.`);
	const task = snapshot.team.tasks.get(found.task);
	const words = [found.paused ? 'resume' : 'pause', 'interrupt turn', 'stop and requeue task', 'write a message', 'answer its question'];
	return to(
		{at: 'agent', agent},
		`${nameOf(agent)}, ${roleLabel(found.role)}, ${found.paused ? 'paused' : found.status}${task ? `, works on ${spoken(task.id)} ${spoken(task.title)}` : ''}.`,
		`Type ${numbered(words.slice(0, questionOf(snapshot, agent) ? 5 : 4))}; ${LATER}.`,
	);
};

const menuStep = (number: number, look: Look): Step => {
	const {control} = look.snapshot.team;
	switch (number) {
		case 1:
			return needsStep(look);
		case 2:
			return agentsStep(look);
		case 3:
			return to(home, ...queueLines(look.snapshot, look.now));
		case 4:
			return to({at: 'title'}, `What should agents do? Type it in one line; ${LATER}.`);
		case 5:
			return {...to(home), action: {type: control.paused ? 'resume-all' : 'pause-all'}};
		case 6:
			return {...to(home), action: {type: 'freeze', on: !control.frozen}};
		case 7:
			return {...to(home, costText(look.snapshot)), hasFigures: true};
		case 8:
			return to(home, ...eventLines(look.snapshot));
		case 9:
			return to({at: 'quit'}, `Type 1 to detach, agents keep running; 2 to stop the room, which saves work; ${LATER}.`);
		default:
			return to(home, MENU);
	}
};

const answer = (place: At<'answer'>, line: string, look: Look): Step => {
	const question = questionOf(look.snapshot, place.agent);
	// Bound to what was read aloud: another question by now gets no answer that was meant for this one.
	if (question?.id !== place.questionId) {
		const again = askStep(place.agent, look);
		return {...again, lines: ['The question has changed: nothing was sent.', ...again.lines]};
	}
	const given = {type: 'answer', agent: place.agent, questionId: place.questionId} as const;
	const reply = /^r\s+(.+)$/i.exec(line)?.[1]?.trim();
	if (reply) return {...to(home, `Sent to ${nameOf(place.agent)}: ${spoken(reply)}`), action: {...given, text: reply}};
	const choice = question.choices[Number(line) - 1];
	if (!/^\d+$/.test(line) || choice === undefined) return {...askStep(place.agent, look), place};
	return {...to(home, `Answered ${nameOf(place.agent)}: ${line} ${spoken(choice)}`), action: {...given, choice: Number(line)}};
};

const decide = (place: At<'decide' | 'words'>, line: string, {snapshot}: Look): Step => {
	const task = snapshot.team.tasks.get(place.task);
	if (!task?.decision) return to(home, `${place.task} was answered in another terminal.`);
	if (versionOfTask(task) !== place.version)
		return {...to({at: 'decide', task: task.id, version: versionOfTask(task)}, 'It has changed: nothing was sent.'), read: task.id};
	const {sending, ask} = decisionWords(task);
	if (place.at === 'words')
		return {...to(home, `${task.id}: ${sending[1]} ${spoken(line)}`), action: {type: 'request-changes', task: task.id, reason: line}};
	if (line === '1') return {...to(home, `${task.id}: ${sending[0]}`), action: {type: 'approve', task: task.id}};
	if (line === '2' && WORDLESS_DECISIONS.includes(task.decision))
		return {...to(home, `${task.id}: ${sending[1]}`), action: {type: 'request-changes', task: task.id, reason: ''}};
	if (line === '2') return to({...place, at: 'words'}, `${ask} Type it in one line; ${LATER}.`);
	return to(place, `${choiceLine(task)}; ${LATER}.`);
};

const stray = (line: string): Step => {
	if (line === '1') return {...to(home), action: {type: 'undo-base'}};
	if (line === '2') return {...to(home), action: {type: 'keep-base'}};
	return to({at: 'stray'}, `Type 1 to revert the move, 2 to keep it; ${LATER}.`);
};

const ofAgent = ({agent}: At<'agent'>, line: string, look: Look): Step => {
	const found = look.snapshot.team.agents.get(agent);
	if (!found) return to(home, `${nameOf(agent)} has left.`);
	if (line === '1') return {...to(home), action: {type: found.paused ? 'resume-agent' : 'pause-agent', agent}};
	if (line === '2') return {...to(home), action: {type: 'stop-agent', agent, how: 'interrupt'}};
	if (line === '3') return {...to(home), action: {type: 'stop-agent', agent, how: 'stop'}};
	if (line === '4') return to({at: 'message', agent}, `Type your message to ${nameOf(agent)} in one line; ${LATER}.`);
	if (line === '5') return askStep(agent, look);
	return agentStep(agent, look);
};

const hasPlanner = ({team}: RoomSnapshot): boolean => [...team.agents.values()].some(({role}) => role === 'orchestrator');

const newTask = (title: string, isFeature: boolean): Step => ({
	...to(home, `Added: ${spoken(title)}`),
	action: {type: 'add-task', title, ...(isFeature ? {feature: true} : {})},
});

/** Items at a place; words are typed where there are none. */
const itemsAt = (place: Place, {snapshot}: Look): number => {
	if (place.at === 'needs') return place.rows.length;
	if (place.at === 'agents') return place.agents.length;
	if (place.at === 'answer') return questionOf(snapshot, place.agent)?.choices.length ?? 0;
	return ['title', 'message', 'words'].includes(place.at) ? Number.POSITIVE_INFINITY : 0;
};
const QUIT = MENU_WORDS.length;

/** What a whole line of the person does where it stands; 0 and `menu` lead to the menu from everywhere, 9 to quitting where it is no item. */
export const takeLine = (place: Place, typed: string, look: Look): Step => {
	const line = typed.trim();
	if (line === '0' || line.toLowerCase() === 'menu' || line === '?') return to(home, MENU);
	if (line === '') return to(place);
	if (line === String(QUIT) && itemsAt(place, look) < QUIT) return menuStep(QUIT, look);
	const number = /^\d+$/.test(line) ? Number(line) : 0;
	const wrong = to(place, `No item ${spoken(line, 40)}. Type one of the numbers, ${LATER}.`);
	switch (place.at) {
		case 'menu':
			return number > 0 && number <= MENU_WORDS.length ? menuStep(number, look) : to(home, `No item ${spoken(line, 40)}.`, MENU);
		case 'needs': {
			const row = place.rows[number - 1];
			return row === undefined ? wrong : openNeed(row, look);
		}
		case 'agents': {
			const agent = place.agents[number - 1];
			return agent === undefined ? wrong : agentStep(agent, look);
		}
		case 'answer':
			return answer(place, line, look);
		case 'decide':
		case 'words':
			return decide(place, line, look);
		case 'stray':
			return stray(line);
		case 'dead':
			return number === 1 ? {...to(home), action: {type: 'retry-task', task: place.task}} : wrong;
		case 'agent':
			return ofAgent(place, line, look);
		case 'message':
			return {...to(home, `Sent to ${nameOf(place.agent)}.`), action: {type: 'message', agent: place.agent, text: line}};
		case 'title':
			return hasPlanner(look.snapshot)
				? to({at: 'kind', title: line}, `Type 1 for a feature that is planned first, 2 for one task; ${LATER}.`)
				: newTask(line, false);
		case 'kind':
			return number === 1 || number === 2 ? newTask(place.title, number === 1) : wrong;
		case 'quit':
			if (number === 1) return {...to(home), leave: 'detach'};
			return number === 2 ? {...to(home, 'The room stops and saves its work.'), leave: 'stop'} : wrong;
	}
};

/** A line that is being typed: what a key makes of it, and what the terminal is told so that it can be heard. */
export type Typed = {readonly text: string; readonly echo: string};

/** Longer than any answer; further input rings the bell. */
const MOST = 2000;

const lastOf = (text: string): string => [...graphemes.segment(text)].at(-1)?.segment ?? '';

/** `backspace` and `ctrl+u` delete, text is echoed; other keys do nothing. */
export const typeKey = (line: string, key: string, text: string): Typed => {
	if (key === 'backspace') {
		const last = lastOf(line);
		return last ? {text: line.slice(0, line.length - last.length), echo: '\b \b'} : {text: line, echo: ''};
	}
	if (key === 'ctrl+u') return {text: '', echo: line ? '\r\n' : ''};
	if (text === '' || /\p{Cc}/u.test(text)) return {text: line, echo: ''};
	return line.length + text.length > MOST ? {text: line, echo: '\u0007'} : {text: line + text, echo: text};
};

/** Pasted text becomes one line. */
export const typePaste = (line: string, text: string): Typed => typeKey(line, '', text.replaceAll(/\p{Cc}+/gu, ' '));
