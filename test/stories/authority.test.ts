import {existsSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {standingFor} from '../helpers/cases.ts';
import {node} from '../helpers/program.ts';
import {createStory} from '../helpers/room.ts';
import {until} from '../helpers/wait.ts';

/** Says one line on a socket, proves which process it is where it is asked, and prints the last answer. */
const RAW = `import {openSync} from 'node:fs';
import {connect} from 'node:net';
const [path, line] = process.argv.slice(2);
const socket = connect(path, () => socket.write(line + '\\n'));
let text = '';
socket.on('data', chunk => {
	text += chunk;
	const {code, data} = JSON.parse(text.trim().split('\\n').at(-1));
	if (code === 'prove') socket.write(JSON.stringify({pid: process.pid, fd: openSync(data.file), command: 'approve'}) + '\\n');
});
socket.on('error', error => { text = error.message; });
socket.on('close', () => console.log(text.trim().split('\\n').at(-1)));
setTimeout(() => socket.destroy(), 10_000).unref();
`;

const ORDERS = [
	'approve one',
	'cancel one',
	'budget 999',
	'freeze',
	'drain',
	'add more',
	'config trust',
	'message dev-1 hello',
	'stop',
	'status',
] as const;

/** Tries every way that its shell offers to act as the person: the commands as they are, without its environment, and bytes on both sockets. */
const AGENT = `#!/bin/sh
tries() { name=$1; shift; "$@" >"$STORY/$name" 2>&1; echo "exit $?" >>"$STORY/$name"; }
BIN=$(tail -n 1 "$(command -v agent-room)" | grep -o "/[^' ]*/agent-room\\.js")
person=$(dirname "$AGENT_ROOM_BRIEF_FILE")/../room.sock
bare="env $(env | sed -n 's/^\\(AGENT_ROOM_[A-Z_]*\\)=.*/-u \\1/p' | tr '\\n' ' ')"
${ORDERS.map(order => `tries plain-${order.split(' ')[0]} agent-room ${order}`).join('\n')}
${ORDERS.map(order => `tries bare-${order.split(' ')[0]} $bare "$NODE" "$BIN" ${order} --repo "$REPO"`).join('\n')}
accept='{"op":"dispatch","action":{"type":"approve","task":"one"}}'
attach='{"op":"attach","columns":80,"rows":24,"environment":{}}'
raw() { "$NODE" "$STORY/raw.mjs" "$@"; }
tries own-accept raw "$AGENT_ROOM_SOCKET" "$accept"
tries own-attach raw "$AGENT_ROOM_SOCKET" "$attach"
tries own-forged raw "$AGENT_ROOM_SOCKET" '{"op":"report","agent":"agent:rev:001","task":"one","token":"'"$AGENT_ROOM_TOKEN"'","kind":"done","verdict":"approve"}'
tries own-events raw "$AGENT_ROOM_SOCKET" '{"op":"events","since":"","follow":false}'
tries own-newer raw "$AGENT_ROOM_SOCKET" '{"op":"report","agent":"agent:dev:001","task":"one","token":"'"$AGENT_ROOM_TOKEN"'","kind":"sing"}'
tries person-accept raw "$person" "$accept"
tries person-attach raw "$person" "$attach"
tries person-setsid setsid -w $bare "$NODE" "$STORY/raw.mjs" "$person" '{"op":"dispatch","action":{"type":"drain","on":true}}'
tries person-mute sh -c 'printf "%s\\n" "$1" | "$NODE" -e "
const socket = require(\\"net\\").connect(process.argv[1]);
process.stdin.pipe(socket).pipe(process.stdout);" "$2"' sh '{"op":"dispatch","action":{"type":"freeze","on":true}}' "$person"
for try in 1 2 3 4 5 6 7 8 9; do raw "$AGENT_ROOM_SOCKET" "$accept" >/dev/null; done
touch "$STORY/tried"
while [ ! -e "$STORY/go" ]; do sleep 0.05; done
echo done >done.txt; git add --all
git -c user.name=d -c user.email=d@example.org commit --quiet --message Done
agent-room report done
`;

const title =
	'an agent that acts as the person by every way of its shell is refused, named on the screen and in the record, and changes nothing';

// In the sandbox there is less to reach: what is refused without it is the promise.
test.each(standingFor(['off', 'on'], sandbox => sandbox === 'off'))(`${title} (sandbox: %s)`, async sandbox => {
	const isOpen = sandbox === 'off';
	const story = createStory(`test: "true"
sandbox: ${sandbox}
env: [STORY, NODE, REPO, XDG_STATE_HOME]
review: off
harnesses: {tries: {command: [./tries.sh], finish: report}}
team: [{role: developer, harness: tries}]
`);
	writeFileSync(join(story.repository, 'tries.sh'), AGENT, {mode: 0o755});
	writeFileSync(story.file('raw.mjs'), RAW);
	story.git('add', '--all');
	story.git('commit', '--quiet', '-m', 'Agents');
	Object.assign(story.env, {NODE: node, REPO: story.repository});
	const said = (name: string): string => readFileSync(story.file(name), 'utf8');

	const room = story.open();
	await room.waitFor('dev-1');
	await story.must('add', 'One', '--id', 'one');
	await until(() => existsSync(story.file('tried')), {timeoutMs: 50_000, what: 'all that it tries'});
	await room.waitFor('dev-1 tried to act as you');

	for (const order of ORDERS) {
		const [command] = order.split(' ');
		const refused = new RegExp(`\`agent-room ${command}\` is for humans only; dev-1 is an agent\\.[\\s\\S]*exit 1`);
		expect(said(`plain-${command}`)).toMatch(refused);
		expect(said(`bare-${command}`)).toMatch(refused);
	}
	for (const [name, word] of [
		['own-accept', 'approve'],
		['own-attach', 'attach'],
		['own-events', 'events'],
		...(isOpen
			? ([
					['person-accept', 'approve'],
					['person-attach', 'attach'],
					['person-setsid', 'drain'],
				] as const)
			: []),
	] as const)
		expect(said(name)).toContain(`\`${word}\` is for humans only; dev-1 is an agent.`);
	expect(said('own-forged')).toContain('dev-1 cannot report as another agent.');
	expect(said('own-newer')).toContain('unknown report `sing`; it may come from a newer version.');
	if (isOpen) expect(said('person-mute')).toContain('The room cannot identify the process that requested `freeze`.');
	// In the sandbox there is no such socket.
	else for (const name of ['person-accept', 'person-attach', 'person-setsid', 'person-mute']) expect(said(name)).toContain('ENOENT');

	const events = await story.must('events');
	for (const told of [
		...ORDERS.map(order => `\`agent-room ${order.split(' ')[0]}\` with a command`),
		'`approve` through the socket of its attempt: refused',
		'`attach` through the socket of its attempt: refused',
		...(isOpen ? ['`approve` through your socket, pid ', '`drain` through your socket, pid '] : []),
	])
		expect(events).toContain(`dev-1 tried to act as you: ${told}`);
	expect(events).toContain('dev-1 reported as rev-1: refused');
	if (isOpen) expect(events).toContain('an unidentified process tried to act as you: `freeze` through your socket: refused');
	// Ten of a kind are one line until their minute is over.
	expect(events.match(/`approve` through the socket/g)).toHaveLength(1);

	const status = JSON.parse(await story.must('status', '--json'));
	expect(status).toMatchObject({
		tasks: [{id: 'one', state: 'leased'}],
		control: {paused: false, drained: false, frozen: false, budget: 0},
		room: {terminals: 1},
	});
	writeFileSync(story.file('go'), '');
	await until(async () => (await story.status()).tasks.some(({state}) => state === 'merged'), {timeoutMs: 40_000, what: 'the merge'});

	// What a person decides says by which way.
	await story.must('budget', '5');
	room.press('p');
	await until(async () => /dev-1 paused by you, terminal 1/.test(await story.must('events')), {what: 'the order of the terminal'});
	expect(await story.must('events')).toMatch(/\(by you, `agent-room add`, pid \d+\)[\s\S]*\(by you, `agent-room budget`, pid \d+\)/);
	// What the room and its agents did of themselves is in nobody's name, however it was set going.
	const lines = (await story.must('events', '--json')).split('\n').filter(Boolean);
	const named = lines.map(line => JSON.parse(line)).filter(({by}: {by: string}) => by !== '');
	// The claim is of the same step where an agent waited for it.
	const types = new Set(named.map(({type}: {type: string}) => type).filter((type: string) => type !== 'task_claimed'));
	expect(types).toEqual(new Set(['task_submitted', 'control_changed', 'agent_updated']));
	room.press('q');
	await story.must('stop');
});
