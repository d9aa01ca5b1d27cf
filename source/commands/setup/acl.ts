import {createHash} from 'node:crypto';
import {parseRedisUrl} from '../../redis/address.ts';
import {aclLine} from '../../redis/commands-used.ts';
import {ROOM_USER} from '../../redis/server/credentials.ts';
import {readNamespace} from '../config/place.ts';
import {readRedis} from '../config/redis-access.ts';
import {EXIT, type Invocation} from '../parse/command.ts';
import {plainJson} from '../parse/print.ts';

/** `agent-room setup redis --acl`: prints the server's ACL line for the room's user, with a given password as its digest. */
export const printAcl = (invocation: Invocation): number => {
	const {redisUrl, redisAccess} = readRedis(invocation);
	const target = redisUrl ? parseRedisUrl(redisUrl) : undefined;
	const password = redisAccess.password || target?.password;
	const secret = password ? `#${createHash('sha256').update(password).digest('hex')}` : '>PASSWORD';
	const line = aclLine(target?.username || ROOM_USER, secret, readNamespace(invocation), target?.database);
	invocation.print(invocation.flags.json === true ? plainJson({acl: line}) : line);
	if (!password) invocation.note('Replace PASSWORD with a password, then use --redis URL --redis-password-file FILE');
	return EXIT.ok;
};
