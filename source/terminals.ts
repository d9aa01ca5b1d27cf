import {type Attached, attachView} from './attach/attach-view.ts';
import type {Config} from './core/config.ts';
import type {Terminals} from './room/start.ts';

/** Loads what draws: Ink, React and the screens. Ink decides about colour when it is loaded; the compositor decides for each terminal. */
export const loadView = async (): Promise<typeof import('./ui/view.ts')> => {
	process.env.FORCE_COLOR = '3';
	return import('./ui/view.ts');
};

/** The terminals of a room: each gets a view of its own, on the one store. `keys` are the configuration's own keys. */
export const createTerminals = (keys: Config['keys']): Terminals => {
	const attached = new Set<Attached>();
	return {
		count: () => attached.size,
		sendHome: reason => {
			for (const terminal of [...attached]) terminal.end(reason === 'detached' ? {type: 'detach'} : {type: 'stopped', text: reason});
		},
		attach: (connection, request, store, onChange) => {
			void loadView().then(({createView}) => {
				if (connection.destroyed) return;
				const terminal = attachView({
					connection,
					request,
					createView: ({control, ...given}) =>
						createView({
							...given,
							store,
							now: Date.now,
							keys,
							control: message => control(message.type === 'detach' ? message : {type: 'stopped', text: ''}),
						}),
					onClose: () => {
						attached.delete(terminal);
						onChange();
					},
				});
				attached.add(terminal);
				onChange();
			});
		},
	};
};
