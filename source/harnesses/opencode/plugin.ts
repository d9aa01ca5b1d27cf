/** Set if the session that was to be continued could not be imported: a new one has its prompt. */
export const NEW_SESSION = 'AGENT_ROOM_NEW_SESSION';

/**
 * Plugin that gives opencode hooks, as JavaScript for its Bun. Sends state changes in order and never delays opencode: a failed hook or a
 * missing room costs nothing.
 * Events: `session`, `prompt` (received), `busy`, `retry`, `idle` (last text, failure), `usage` (totals with subagents; headless, the
 * stream reports it), `tool`, and `permission` and `question`, which wait for a human and end when the pane answers. Also sends the prompt
 * of a resumed session, which opencode takes from no argument.
 */
export const pluginText = (
	hook: readonly string[],
	{
		isHeadless,
		resumed,
		title,
	}: {
		readonly isHeadless: boolean;
		readonly resumed?: {readonly session: string; readonly prompt: string} | undefined;
		/** For a new session; '' for none. */
		readonly title: string;
	},
): string => `const HOOK = ${JSON.stringify(hook)};
const IS_HEADLESS = ${isHeadless};
const RESUMED = process.env.${NEW_SESSION} ? null : ${JSON.stringify(resumed ?? null)};
const TITLE = ${JSON.stringify(title)};

const call = async (event, payload, onStart) => {
	try {
		const child = Bun.spawn([...HOOK, event], {stdin: new Blob([JSON.stringify(payload)]), stdout: 'pipe', stderr: 'ignore'});
		onStart?.(child);
		return JSON.parse(await new Response(child.stdout).text());
	} catch {
		return undefined;
	}
};

export const AgentRoom = async ({client}) => {
	const children = new Set();
	const pending = new Map();
	let root = '';
	let state = '';
	let said = '';
	let failed;
	const spent = new Map();
	let last = Promise.resolve();

	let newest = 0;
	// A weak one is not sent once something later is to be told.
	const tell = (event, payload = {}, isWeak = false) => {
		const whole = {event, session: root, ...payload};
		const number = ++newest;
		last = last.then(() => (isWeak && number !== newest ? undefined : call(event, whole))).then(act, () => {});
		return last;
	};
	const prompt = (id, text) => client.session.promptAsync({path: {id}, body: {parts: [{type: 'text', text}]}});
	const act = async answer => {
		if (answer?.abort) await client.session.abort({path: {id: root}});
		else if (answer?.goOn) await prompt(root, answer.goOn);
	};
	const become = (next, payload) => {
		if (state === next) return;
		state = next;
		tell(next, payload);
	};
	const post = (url, body) => client._client.post({url, body, headers: {'content-type': 'application/json'}});
	const ask = async (event, {id, ...asked}, replyTo) => {
		// Without a screen opencode refuses at once by itself.
		if (IS_HEADLESS) return;
		await last;
		const answer = await call(event, {event, session: root, id, ...asked}, child => pending.set(id, child));
		if (!pending.delete(id) || !answer) return;
		if (answer.abort) await act(answer);
		else await replyTo(answer);
	};
	const answeredElsewhere = id => {
		const child = pending.get(id);
		pending.delete(id);
		child?.kill();
	};

	const usageOf = () => ({
		cost: [...spent.values()].reduce((sum, {cost}) => sum + cost, 0),
		input: [...spent.values()].reduce((sum, {tokens}) => sum + tokens.input + tokens.cache.read + tokens.cache.write, 0),
		cached: [...spent.values()].reduce((sum, {tokens}) => sum + tokens.cache.read, 0),
		output: [...spent.values()].reduce((sum, {tokens}) => sum + tokens.output + tokens.reasoning, 0),
		model: spent.get(root)?.model,
	});

	const EVENTS = {
		'session.created': ({info}) => {
			if (info.parentID) children.add(info.id);
			else if (info.id !== root) {
				root = info.id;
				tell('session');
				// The task's own title, at no request to a model.
				if (TITLE) client.session.update({path: {id: root}, body: {title: TITLE}}).catch(() => {});
			}
		},
		'session.updated': ({info}) => {
			if (info.id !== root && !children.has(info.id)) return;
			const isNews = info.cost !== spent.get(info.id)?.cost || info.tokens.input !== spent.get(info.id)?.tokens.input;
			spent.set(info.id, {cost: info.cost, tokens: info.tokens, model: info.model?.id});
			// The last step of a turn is counted when the turn is over.
			if (isNews && state === 'idle' && !IS_HEADLESS) tell('usage', {usage: usageOf()});
		},
		'session.status': ({sessionID, status}) => {
			if (children.has(sessionID)) return;
			if (sessionID !== root) {
				root = sessionID;
				tell('session');
			}
			if (status.type === 'retry') {
				state = '';
				tell('retry', {message: status.message, attempt: status.attempt, waitMs: Math.max(0, status.next - new Date())});
			} else if (status.type === 'busy') become('busy');
			else if (status.type === 'idle') become('idle', {said, failed, ...(IS_HEADLESS ? {} : {usage: usageOf()})});
		},
		'message.part.updated': ({part}) => {
			if (part?.type !== 'text' || part.sessionID !== root || !part.time?.end || part.synthetic) return;
			said = part.text;
			failed = undefined;
		},
		'session.error': ({sessionID, error}) => {
			if (!sessionID || !children.has(sessionID)) failed = {name: error?.name, message: error?.data?.message, status: error?.data?.statusCode};
		},
		'permission.asked': ({id, permission, patterns, metadata, always}) => {
			ask('permission', {id, permission, patterns, metadata, always}, ({reply, message}) => post('/permission/' + id + '/reply', {reply, message}));
		},
		'permission.replied': ({requestID}) => answeredElsewhere(requestID),
		'question.asked': ({id, questions}) => {
			ask('question', {id, questions}, ({answers, reject}) =>
				reject ? post('/question/' + id + '/reject', {}) : post('/question/' + id + '/reply', {answers}),
			);
		},
		'question.replied': ({requestID}) => answeredElsewhere(requestID),
		'question.rejected': ({requestID}) => answeredElsewhere(requestID),
	};

	// Once opencode has all of its plugins.
	if (RESUMED) setTimeout(() => prompt(RESUMED.session, RESUMED.prompt).catch(() => {}), 500);

	return {
		event: async ({event}) => {
			try {
				EVENTS[event.type]?.(event.properties);
			} catch {}
		},
		'chat.message': async ({sessionID}) => {
			if (!children.has(sessionID)) {
				if (sessionID !== root) {
					root = sessionID;
					tell('session');
				}
				state = 'busy';
				said = '';
				failed = undefined;
				tell('prompt');
			}
		},
		'tool.execute.before': async ({tool}, {args}) => {
			tell('tool', {tool, args});
		},
		'tool.execute.after': async () => {
			// An answer to its output is a request of its own: of a turn that is cut off now, nothing says what that costs.
			if (state === 'busy') tell('busy', {}, true);
		},
		dispose: async () => {
			for (const id of [...pending.keys()]) answeredElsewhere(id);
		},
	};
};
`;
