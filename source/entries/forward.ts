/**
 * The inner end of the way out of a sandbox without a network: takes connections on a port of its loopback and hands them to the proxy's unix socket.
 * `forward SOCKET PORT`; says `ready` once it listens, and lives as long as the sandbox.
 */

import {closeSync, openSync, writeSync} from 'node:fs';
import {connect, createServer} from 'node:net';
import {argv, exit} from 'node:process';

const [, , path = '', port = ''] = argv;

const server = createServer({allowHalfOpen: true}, client => {
	const proxy = connect({path, allowHalfOpen: true});
	client.pipe(proxy).on('error', () => client.destroy());
	proxy.pipe(client).on('error', () => proxy.destroy());
});
server.once('error', () => exit(1));
server.listen({host: '127.0.0.1', port: Number(port)}, () => {
	writeSync(1, 'ready\n');
	// Whoever waits for the end of its output waits no more. The number stays taken: a socket must not get it.
	closeSync(1);
	openSync('/dev/null', 'w');
});
