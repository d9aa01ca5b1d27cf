import type {Desk} from '../store/desk.ts';
import type {Command, Message} from './state/state.ts';

type DeskCommand = Extract<Command, {type: 'edit' | 'forget' | 'page'}>;

/** Lets the person's own tools do what a view orders, and tells the view what came of it. */
export const atDesk = (command: DeskCommand, desk: Desk | undefined, send: (message: Message) => void): void => {
	const refuse = (message: string): void => send({type: 'not-edited', message});
	const broken = (error: unknown): void => refuse(`That could not be opened: ${error instanceof Error ? error.message : String(error)}`);
	if (command.type === 'forget') desk?.forget(command.name);
	else if (!desk) refuse('This terminal can open no editor.');
	else if (command.type === 'page') void desk.page(command.log).then(message => message && refuse(message), broken);
	else {
		const {name, text} = command;
		void desk
			.edit(name, text)
			.then(edited => (edited.ok ? send({type: 'edited', name, text: edited.text}) : refuse(edited.message)), broken);
	}
};
