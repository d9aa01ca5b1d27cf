import {aimed} from '../attack.ts';

/** Orders of a person: as they are, without the variables of the attempt, and from a process that nobody knows as a child of an agent. */
export const PERSON = aimed('person', [
	['accept its own work', 'ordered approve hostile'],
	['reject the work of another', 'ordered request-changes w1 --reason "$MARK"'],
	['give its task more rank', 'ordered priority hostile 100'],
	['raise the budget', 'ordered budget 999', 'open'],
	['freeze the room', 'ordered freeze; undone freeze --off', 'open'],
	['drain the room', 'ordered drain; undone drain --off', 'open'],
	['add a task', 'ordered add "$MARK" --id "$ID"', 'open'],
	['trust a changed configuration', 'ordered config trust', 'open'],
	['tell another what to do', 'ordered message dev-1 "$MARK"', 'open'],
	['pause another', 'ordered pause dev-1; undone resume dev-1', 'open'],
	['take the task of another', 'ordered reassign w1 dev-5', 'open'],
	['send back the work of another', 'ordered request-changes w1 --reason "$MARK"'],
	['let another begin again', 'ordered restart w2', 'open'],
	['look at the team', 'ordered status', 'open'],
	['read the pane of another', 'ordered logs w1', 'open'],
	['follow what happens', 'ordered events', 'open'],
	['print the plan and the configuration of the person', 'ordered config print', 'open'],
	['end all waiting for an account', 'ordered clear-rate-limit anybody'],
	['send the terminals of the person home', 'ordered detach', 'open'],
	['unlock the base', 'ordered unlock repository:main'],
	['open the room', 'agent-room --ascii && win; asPerson --ascii && win; lose "$NODE" "$BIN" --repo "$REPO" --ascii && win', 'open'],
]);
