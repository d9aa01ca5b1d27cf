import {brakesNow, lift} from './choices.ts';
import {and, type Context, refuse, say, type Updated, unchanged, type ViewState} from './state.ts';

/** Orders of the room's scope that have no key of their own. */
export const keylessOrders: Readonly<Record<string, (state: ViewState, context: Context) => Updated>> = {
	detach: state => and(state, {type: 'detach'}),
	'detach-all': state => and(state, {type: 'dispatch', action: {type: 'detach-all'}}),
	'stop-room': state => unchanged({...state, dialog: {kind: 'quit'}}),
	'pause-all': state => and(state, {type: 'dispatch', action: {type: 'pause-all'}}),
	'resume-all': state => and(state, {type: 'dispatch', action: {type: 'resume-all'}}),
	thaw: (state, context) =>
		context.snapshot.team.control.frozen
			? and(state, {type: 'dispatch', action: {type: 'freeze', on: false}})
			: refuse(state, 'Nothing is frozen.', context),
	'kill-all': state => unchanged({...state, dialog: {kind: 'kill-all'}}),
	unbrake: (state, context) => {
		const brakes = brakesNow(context.snapshot, context.now);
		return brakes.length > 0
			? and(state, ...brakes.map(({account}) => lift(account)))
			: refuse(state, 'No account waits: all may work.', context);
	},
	reconnect: (state, context) =>
		context.snapshot.redis.isConnected
			? refuse(state, 'Redis is connected.', context)
			: and(state, {type: 'dispatch', action: {type: 'reconnect'}}),
	doctor: (state, {now}) => unchanged(say(state, 'In a shell of this repository: `agent-room doctor` looks at everything.', now)),
};
