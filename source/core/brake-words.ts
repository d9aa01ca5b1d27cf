import {agentName} from './agent.ts';
import {type Brake, brakeOn} from './brake.ts';
import type {Control} from './snapshot.ts';

const clock = (at: number): string => new Date(at).toTimeString().slice(0, 5);

/** How an account waits, in one clause: `work is rate-limited until 14:32 (told by dev-2)`. */
export const tellBrake = ({account, until, by, probe}: Brake): string =>
	probe === ''
		? `${account} is rate-limited until ${clock(until)} (told by ${agentName(by)})`
		: `${account} was rate-limited: ${agentName(probe)} tries again, the others follow`;

/** Why an agent is handed nothing for its account's sake; '' where it is not so. It is not told of the one that tries for the others. */
export const whyBraked = (agent: {readonly id: string; readonly account: string}, {brakes}: Control, now: number): string => {
	const brake = brakeOn(brakes, agent.account, now);
	return brake && brake.probe !== agent.id ? tellBrake(brake) : '';
};
