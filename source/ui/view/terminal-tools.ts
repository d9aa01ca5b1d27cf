import type {Action, ActionResult} from '../../core/protocol/action.ts';
import {refusal} from '../../core/text/refusal.ts';
import type {TaskInspector} from '../../store/room.ts';
import type {TerminalTools} from '../../store/terminal.ts';
import {clipOf, osc52} from '../../terminal/text/clean.ts';
import type {Command, Message} from '../state/message.ts';

type TerminalCommand = Extract<Command, {type: 'edit' | 'forget' | 'page' | 'copy' | 'browse' | 'work' | 'open-text'}>;

/** The terminal's tools, whether tmux surrounds it, and how to write to it. */
export type Place = {
	readonly terminalTools: TerminalTools | undefined;
	readonly isInTmux: boolean;
	readonly write: (bytes: string) => void;
};

export const withTerminal = (command: TerminalCommand, place: Place, send: (message: Message) => void): void => {
	const {terminalTools} = place;
	const refuse = (message: string): void => send({type: 'not-edited', message});
	const broken = (error: unknown): void => refuse(`Cannot open it: ${error instanceof Error ? error.message : String(error)}`);
	if (command.type === 'copy') void copy(command, place, send).catch(broken);
	else if (command.type === 'browse') void browse(command.url, place, send).catch(broken);
	else if (command.type === 'forget') terminalTools?.forget(command.name);
	else if (!terminalTools) refuse('This terminal cannot open an editor.');
	else if (command.type === 'page') void terminalTools.page(command.log).then(message => message && refuse(message), broken);
	else if (command.type === 'work') void terminalTools.work(command.tool, command.path).then(message => message && refuse(message), broken);
	else if (command.type === 'open-text')
		void terminalTools.show(command.name, command.text).then(message => message && refuse(message), broken);
	else {
		const {name, text} = command;
		void terminalTools
			.edit(name, text)
			.then(edited => (edited.ok ? send({type: 'edited', name, text: edited.text}) : refuse(edited.message)), broken);
	}
};

/** Inside tmux copies to its buffer; elsewhere, or if tmux does not answer, by OSC 52. */
const copy = async (
	{text, what}: {readonly text: string; readonly what: string},
	{terminalTools, isInTmux, write}: Place,
	send: (message: Message) => void,
): Promise<void> => {
	const clip = clipOf(text);
	const isTaken = isInTmux && terminalTools !== undefined && (await terminalTools.copy(clip.text));
	if (!isTaken) write(osc52(clip.text));
	const cut = clip.isCut ? ', its first 75 kB' : '';
	send({type: 'said', text: `copied ${what}${cut} ${isTaken ? 'to the tmux buffer and the clipboard' : 'by OSC 52'}`});
};

/** Copies the address if no browser can be shown. */
const browse = async (url: string, place: Place, send: (message: Message) => void): Promise<void> => {
	if (place.terminalTools && (await place.terminalTools.browse(url))) send({type: 'said', text: `opened ${url}`});
	else await copy({text: url, what: `${url} (no browser here)`}, place, send);
};

/** Looks something up and opens it in a user's tool; says if it does not exist. */
export const lookThen = async (
	{type, task}: Extract<Command, {type: 'web' | 'trial'}>,
	look: TaskInspector,
	perform: (command: Command) => void,
	send: (message: Message) => void,
): Promise<void> => {
	const refuse = (why = `No task \`${task}\`.`): void => send({type: 'not-edited', message: why});
	if (type === 'web') {
		const page = await look('web', task);
		return page?.url ? perform({type: 'browse', url: page.url}) : refuse(page?.why);
	}
	const tree = await look('trial', task);
	return tree?.folder ? perform({type: 'work', tool: 'trial', path: tree.folder}) : refuse(tree?.why);
};

/** The result of many orders in one line: `3 paused, 1 was gone`, or why the others were refused. */
export const tellAll = (results: readonly ActionResult[], word: string): {readonly text: string; readonly isBad: boolean} => {
	const refused = results.flatMap(result => (result.ok ? [] : [result]));
	const gone = refused.filter(({code}) => code === 'gone');
	const unanswered = refused.filter(({code}) => code === 'unanswered');
	const others = refused.filter(({code}) => code !== 'gone' && code !== 'unanswered');
	const done = results.length - refused.length;
	const parts = [
		done > 0 || refused.length === 0 ? `${done} ${word}` : `none ${word}`,
		gone.length > 0 ? `${gone.length} no longer there` : '',
		unanswered.length > 0 ? `${unanswered.length} sent without an answer` : '',
		others.length > 0 ? `${others.length} failed: ${others[0]?.message ?? ''}` : '',
	];
	return {text: parts.filter(Boolean).join(', '), isBad: refused.length > 0};
};

/** Reports an order's result to the view; resolves with whether it succeeded. */
export const tellResult = async (answer: Promise<ActionResult>, send: (message: Message) => void): Promise<boolean> => {
	try {
		const result = await answer;
		if (!result.ok) send({type: 'told', text: [result.message, result.hint].filter(Boolean).join(' '), isBad: true, code: result.code});
		else if (result.text) send({type: 'told', text: result.text, isBad: false, ids: result.ids ?? []});
		return result.ok;
	} catch (error) {
		send({type: 'told', text: `That failed: ${error instanceof Error ? error.message : String(error)}`, isBad: true});
		return false;
	}
};

/** The same for many at once, in one sentence. */
export const tellResults = async (
	{actions, word}: Extract<Command, {type: 'dispatch-all'}>,
	dispatch: (action: Action) => Promise<ActionResult>,
	send: (message: Message) => void,
): Promise<void> => {
	const broken = (error: unknown): ActionResult => refusal('broken', error instanceof Error ? error.message : String(error));
	const results = await Promise.all(actions.map(action => dispatch(action).catch(broken)));
	send({type: 'told', ...tellAll(results, word)});
};
