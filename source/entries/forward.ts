/**
 * Inner end of the proxy in a sandbox without network: forwards a loopback port to the proxy's unix socket. `forward SOCKET PORT` prints
 * `ready` once it listens, and lives as long as the sandbox.
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
	// Signals the end of output to its reader. The descriptor stays occupied, so that no socket gets its number.
	closeSync(1);
	openSync('/dev/null', 'w');
});
