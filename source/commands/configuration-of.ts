import {type Invocation, isSet, textFlag} from './command.ts';
import {type Configuration, loadConfiguration} from './load-configuration.ts';
import type {Place} from './place.ts';

/** The configuration that a command's flags and environment mean. */
export const configurationOf = (invocation: Invocation, place: Place): Configuration =>
	loadConfiguration({
		root: place.repository.root,
		stateFolder: place.stateFolder,
		folder: invocation.folder,
		named: textFlag(invocation, 'config'),
		trust: isSet(invocation, 'trust'),
		environment: invocation.environment,
	});
