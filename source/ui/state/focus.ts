import {agentName} from '../../core/agent/agent.ts';
import {keyOf} from '../keymap/keymap.ts';
import {hasProgram, isTypingOff} from '../model/agents.ts';
import type {OwnPanels, Panel} from '../text/layout.ts';
import {said} from '../text/text.ts';
import {and, type Context, refuse, type Updated, unchanged} from './message.ts';
import {listOf, type ViewState} from './state.ts';

const isOwn = (panel: Panel): panel is keyof OwnPanels => panel > 5;

/** Focuses a panel: shows its tab, and closes pages over it. */
export const focusOn = (state: ViewState, focus: Panel): ViewState => ({
	...state,
	focus,
	tab: listOf(focus) ?? state.tab,
	side: focus === 3 || isOwn(focus) ? focus : state.side,
	lower: focus > 1 ? (focus as ViewState['lower']) : state.lower,
	pages: [],
	scroll: focus === 0 ? state.scroll : undefined,
});

/** Gives the keys to a pane, where somebody reads them. The first time of a person, the way back is shown and tried out before. */
export const typeInto = (state: ViewState, agent: string, context: Context): Updated => {
	const open = {...state, dialog: undefined, scroll: undefined};
	if (!hasProgram(agent, context.snapshot)) {
		const key = (action: string): string => keyOf(context.keymap, action);
		const text = `${agentName(agent)} has no task, so nothing reads what you type: ${key('new-task')} adds a task, ${key('scroll')} shows its last output.`;
		return refuse(open, text, context);
	}
	if (isTypingOff(agent, context.snapshot)) {
		const {host = ''} = context.snapshot.team.agents.get(agent) ?? {};
		const text = `${said(host, 40)} allows no typing from other machines: \`remoteTyping: off\` is set there.`;
		return refuse(open, text, context);
	}
	return state.knowsWayBack
		? and({...open, typing: agent, lastTyped: agent, focus: 0}, {type: 'type', agent})
		: unchanged({...open, dialog: {kind: 'hint', agent}});
};

/** `dev-1`, or a task's id. */
export const rowName = (row: string): string => (row.startsWith('agent:') ? agentName(row) : row.replace(/^(?:task|hold):/, ''));
