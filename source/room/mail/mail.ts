import {agentName, parseAgentId} from '../../core/agent/agent.ts';
import type {RoomEvent} from '../../core/event/event.ts';
import type {ActionResult} from '../../core/protocol/action.ts';
import type {Reply} from '../../core/protocol/request.ts';
import {formatMail, type Mail} from '../../core/team/coordination.ts';
import {refusal} from '../../core/text/refusal.ts';
import {cleanText} from '../../terminal/text/clean.ts';
import type {Attempt} from '../parts/attempt.ts';
import type {Room} from '../parts/parts.ts';
import {ok, refuse, STALE} from '../parts/replies.ts';

/** A message is one line of at most this many columns. */
const MAIL_COLUMNS = 2000;

const nobody = (to: string): {readonly message: string; readonly hint: string} => ({
	message: `Unknown agent \`${cleanText(agentName(parseAgentId(to)), 60)}\`.`,
	hint: 'List agents with `agent-room agents`.',
});

const written = async (
	{link, record}: Pick<Room, 'link' | 'record'>,
	from: string,
	token: string,
	to: string,
	text: string,
): Promise<'ok' | 'stale' | 'gone'> => {
	const id = parseAgentId(to);
	// Only a known id may become part of a key.
	if (!record.team().agents.has(id)) return 'gone';
	return link.coordination.sendMail({from, token, to: id, text: cleanText(text, MAIL_COLUMNS)});
};

/** A message from one agent to another: goes into its mail and the record; never typed into its program. */
export const sendMessage = async (room: Pick<Room, 'link' | 'record'>, attempt: Attempt, to: string, text: string): Promise<Reply> => {
	const code = await written(room, attempt.agent.id, attempt.token, to, text);
	if (code === 'stale') return STALE;
	if (code === 'ok') return ok;
	const {message, hint} = nobody(to);
	return refuse(code, message, hint);
};

/** A human's message to an agent. */
export const sendAsPerson = async (room: Pick<Room, 'link' | 'record'>, to: string, text: string): Promise<ActionResult> => {
	if ((await written(room, '', '', to, text)) === 'ok') return {ok: true, text: `message sent to ${agentName(parseAgentId(to))}`};
	const {message, hint} = nobody(to);
	return refusal('gone', message, hint);
};

/** Moves the agent's mark past the mail it was shown. After a failure mail is shown again: better twice than never. */
export const markRead = async (
	{facts, link}: Pick<Room, 'facts' | 'link'>,
	{agent, token}: Pick<Attempt, 'agent' | 'token'>,
	mails: readonly Mail[],
): Promise<void> => {
	const last = mails.at(-1);
	if (!last) return;
	try {
		await link.coordination.readMail({agent: agent.id, token, upTo: last.id});
	} catch (error) {
		facts.log(`cannot mark the messages of ${agent.id} as read: ${String(error)}`);
	}
};

/** An agent's unread mail, for its next brief. A failure does not delay the task. */
export const unreadMail = async ({facts, link}: Pick<Room, 'facts' | 'link'>, agent: string): Promise<readonly Mail[]> => {
	try {
		return await link.coordination.unread(agent);
	} catch (error) {
		facts.log(`cannot read the messages of ${agent}: ${String(error)}`);
		return [];
	}
};

/** Answers `report inbox`: the unread mail as lines and as data; then it counts as read. */
export const readInbox = async (room: Pick<Room, 'facts' | 'link' | 'record'>, attempt: Attempt): Promise<Reply> => {
	const mails = await room.link.coordination.unread(attempt.agent.id);
	await markRead(room, attempt, mails);
	const now = room.record.serverNow();
	const lines = mails.map(mail => cleanText(formatMail(mail, now), MAIL_COLUMNS + 200));
	return {ok: true, code: 'ok', message: lines.join('\n') || 'no new messages', data: {mails}};
};

/** Shows new mail as a line in its recipient's pane, whatever room or human sent it. */
export const showMail = ({slots}: Pick<Room, 'slots'>, event: RoomEvent): void => {
	if (event.type !== 'mail_sent') return;
	const [from = '', ...text] = event.text.split(': ');
	slots.pane(event.agent)?.say(cleanText(`${agentName(from)} says: ${text.join(': ')}`, 400));
};
