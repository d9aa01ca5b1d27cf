import {expect, test} from 'vitest';
import {codex} from '../../../source/harnesses/codex/codex.ts';
import {createRequestReader} from '../../../source/harnesses/codex/request-log.ts';
import {launchContext} from '../../helpers/launch.ts';

const AT = Date.parse('2026-12-02T16:01:10.039Z');
const line = (text: string): string => `2026-12-02T16:01:10.039799Z DEBUG codex_http_client::client: Request ${text}`;
const POST = 'method=POST url=https://api.openai.com/v1/responses';

test('a request that failed is told at once, and so is the first that succeeds after it', () => {
	const read = createRequestReader();
	const says = (state: string, reason: string) => [
		{source: 'stream', sign: 'log of requests', state, isRetrying: true, reason: `${reason}, trying again`},
	];
	const works = {at: AT, readings: [{source: 'stream', sign: 'log of requests', state: 'working'}]};
	expect(read(line(`completed ${POST} status=200 OK headers={} version=HTTP/2.0`)).readings).toEqual([]);
	expect(read(line(`completed ${POST} status=529 <unknown status code> headers={} version=HTTP/1.1`))).toEqual({
		at: AT,
		readings: says('rate-limited', 'overloaded: unexpected status 529'),
	});
	expect(read(line(`completed ${POST}/compact status=500 Internal Server Error headers={}`)).readings).toEqual(
		says('retrying', 'unexpected status 500'),
	);
	expect(read(line(`completed ${POST} status=200 OK headers={}`))).toEqual(works);
	expect(read(line(`completed ${POST} status=200 OK headers={}`)).readings).toEqual([]);
	expect(read(line(`failed ${POST} is_timeout=false is_connect=true`)).readings).toEqual(says('retrying', 'no network'));
	expect(read(line(`failed ${POST} is_timeout=true is_connect=false`)).readings).toEqual(says('retrying', 'the connection was lost'));
	expect(read(line(`completed ${POST} status=204 No Content headers={}`))).toEqual(works);
});

test('what is no request to the model, or what Codex says itself at once, tells nothing', () => {
	const read = createRequestReader();
	for (const other of [
		line('failed method=GET url=https://raw.githubusercontent.com/openai/codex/main/tip.toml is_timeout=false is_connect=true'),
		line('failed method=POST url=https://mcp.example/rpc is_timeout=false is_connect=true'),
		line(`completed ${POST} status=429 Too Many Requests headers={}`),
		line(`completed ${POST} status=401 Unauthorized headers={}`),
		`I wrote ${line(`failed ${POST} is_timeout=false is_connect=true`)}`,
		`${'x'.repeat(100_000)}`,
		'',
	])
		expect(read(other).readings).toEqual([]);
});

test('its log is in the folder of the session, its commands do not get the filter, and the user keeps a log of their own', () => {
	const {command, environment, files} = codex.launch(launchContext({program: ['codex'], folder: '/s', mode: 'interactive'}));
	expect(command).toEqual(expect.arrayContaining(['log_dir="/s/codex-log"', 'shell_environment_policy.set.RUST_LOG=""']));
	expect(environment).toEqual({RUST_LOG: expect.stringContaining('codex_http_client')});
	expect(files).toContainEqual({name: codex.logs?.()[0]?.name, text: ''});
	for (const own of [{mode: 'headless'}, {environment: {RUST_LOG: 'debug'}}] as const) {
		const launched = codex.launch(launchContext({program: ['codex'], folder: '/s', mode: 'interactive', ...own}));
		expect(launched.command.join(' ')).not.toMatch(/log_dir|RUST_LOG/);
		expect(launched.environment).toEqual({});
	}
});
