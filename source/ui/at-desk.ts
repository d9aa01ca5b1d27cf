import type {Desk} from '../store/desk.ts';
import {clipOf, osc52} from '../terminal/clipboard.ts';
import type {Command, Message} from './state/state.ts';

type DeskCommand = Extract<Command, {type: 'edit' | 'forget' | 'page' | 'copy' | 'browse' | 'work' | 'open-text'}>;

/** What a terminal is to those who use it: its desk, whether a tmux holds it, and the way of our own bytes to it. */
export type Place = {readonly desk: Desk | undefined; readonly isInTmux: boolean; readonly write: (bytes: string) => void};

/** Lets the person's own tools do what a view orders, and tells the view what came of it. */
export const atDesk = (command: DeskCommand, place: Place, send: (message: Message) => void): void => {
	const {desk} = place;
	const refuse = (message: string): void => send({type: 'not-edited', message});
	const broken = (error: unknown): void => refuse(`That could not be opened: ${error instanceof Error ? error.message : String(error)}`);
	if (command.type === 'copy') void copy(command, place, send).catch(broken);
	else if (command.type === 'browse') void browse(command.url, place, send).catch(broken);
	else if (command.type === 'forget') desk?.forget(command.name);
	else if (!desk) refuse('This terminal can open no editor.');
	else if (command.type === 'page') void desk.page(command.log).then(message => message && refuse(message), broken);
	else if (command.type === 'work') void desk.work(command.tool, command.path).then(message => message && refuse(message), broken);
	else if (command.type === 'open-text') void desk.show(command.name, command.text).then(message => message && refuse(message), broken);
	else {
		const {name, text} = command;
		void desk
			.edit(name, text)
			.then(edited => (edited.ok ? send({type: 'edited', name, text: edited.text}) : refuse(edited.message)), broken);
	}
};

/** Inside tmux its buffer takes the text and hands it on; elsewhere, or where tmux does not answer, OSC 52 asks the terminal itself. */
const copy = async (
	{text, what}: {readonly text: string; readonly what: string},
	{desk, isInTmux, write}: Place,
	send: (message: Message) => void,
): Promise<void> => {
	const clip = clipOf(text);
	const isTaken = isInTmux && desk !== undefined && (await desk.copy(clip.text));
	if (!isTaken) write(osc52(clip.text));
	const cut = clip.isCut ? ', its first 75 kB' : '';
	send({type: 'said', text: `copied ${what}${cut} ${isTaken ? 'to the tmux buffer and the clipboard' : 'by OSC 52'}`});
};

/** Where nobody can see a browser the address is copied instead. */
const browse = async (url: string, place: Place, send: (message: Message) => void): Promise<void> => {
	if (place.desk && (await place.desk.browse(url))) send({type: 'said', text: `opened ${url}`});
	else await copy({text: url, what: `${url} (no browser here)`}, place, send);
};
