import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {describe, expect, onTestFinished, test} from 'vitest';
import {findGroups} from '../../../source/sandbox/limits.ts';
import {APPROVES, openEngine, WRITES} from '../../helpers/engine.ts';
import {node} from '../../helpers/program.ts';

const groups = process.platform === 'linux' ? findGroups() : undefined;
if (!groups?.memory || !groups.processes) process.stderr.write('Left out: limits of memory and processes. No cgroup can be made here.\n');

/** What became of one task, which its only attempt decides. */
const reasonOf = async (developer: string, limits: object): Promise<string> => {
	const room = await openEngine({
		agents: {developer: `${developer}\n${WRITES}`, 'code-sentinel': APPROVES},
		config: {attempts: 1, limits},
	});
	await room.must({type: 'add-task', title: 'one', id: 'one'});
	await room.when('it has ended', () => ['failed', 'merged'].includes(room.task('one').state));
	return room.task('one').reason || room.task('one').state;
};

describe.skipIf(process.platform !== 'linux')('an attempt', () => {
	test.skipIf(!groups?.memory)('that needs more memory than it may ends, and its task says why', async () => {
		const hog = `'${node}' -e 'const all = []; for (;;) all.push(Buffer.alloc(4e6, 1))' || exit 9`;
		expect(await reasonOf(hog, {memory: '150MB'})).toBe('it needed more than its 150MB of memory');
	});

	test.skipIf(!groups?.processes)('that starts more processes than it may gets no more, and its task says why', async () => {
		const bomb = 'i=0; while [ $i -lt 60 ]; do sleep 30 & i=$((i + 1)); done; exit 9';
		expect(await reasonOf(bomb, {processes: 40})).toBe('it started more than its 40 processes');
	});

	test('that holds more on disk than it may is ended; one file never gets larger, in its /tmp neither', async () => {
		const hoard = `(head -c 9000000 /dev/zero >large) 2>/dev/null; (head -c 9000000 /dev/zero >/tmp/large) 2>/dev/null
[ "$(($(wc -c <large) + $(wc -c </tmp/large)))" -le 8000000 ] || exit 8
for n in 1 2 3 4; do head -c 2000000 /dev/zero >"part-$n"; done; sleep 60`;
		expect(await reasonOf(hoard, {disk: '4MB'})).toMatch(/^it holds \d+(\.\d)?MB on disk, more than its limit of 4MB$/);
	});

	test('goes out to the hosts that are listed and to no other; what it asked for is told once', async () => {
		const server = createServer((request, response) => void response.end(`hello from ${request.headers.host}`));
		await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
		onTestFinished(() => void server.close());
		const {port} = server.address() as AddressInfo;
		const get = `const {request} = require('node:http');
const [target, by] = process.argv.slice(1);
const url = new URL(by || target);
request({host: url.hostname, port: url.port, path: by ? target : '/', headers: {host: new URL(target).host}}, response => {
	let text = '';
	response.on('data', chunk => { text += chunk; }).on('end', () => console.log(response.statusCode, text.trim()));
}).on('error', error => console.log(error.code)).end();`;
		const listed = `http://127.0.0.1:${port}/`;
		const developer = `get() { '${node}' -e "$GET" "$@" >>"$D/got"; }
GET=$(cat "$D/get.js")
get ${listed} "$HTTP_PROXY"; get ${listed}; get http://127.0.0.1:1/ "$HTTP_PROXY"; get http://127.0.0.1:1/ "$HTTP_PROXY"
${WRITES}`;
		const room = await openEngine({
			agents: {developer, 'code-sentinel': APPROVES},
			config: {network: 'models', hosts: [`127.0.0.1:${port}`], test: 'true'},
		});
		room.write('get.js', get);
		await room.must({type: 'add-task', title: 'one', id: 'one'});
		await room.when('it is merged', () => room.task('one').state === 'merged');
		const refused = '403 agent-room: 127.0.0.1:1 is not allowed by `network: models` (add it to `hosts:` in agent-room.yaml).';
		expect(room.read('got').split('\n')).toEqual([`200 hello from 127.0.0.1:${port}`, 'ECONNREFUSED', refused, refused]);
		const told = room.events.filter(({type}) => type === 'network_refused');
		expect(told.map(({agent, text}) => `${agent} ${text}`)).toEqual(['agent:dev:001 requested 127.0.0.1:1, blocked by `network: models`']);
	});
});
